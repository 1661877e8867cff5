"""Who gets an issue, as far as this newsletter knows its readers."""

from dataclasses import dataclass

from newsletter.pipeline.app import Newsletter


@dataclass(frozen=True, slots=True)
class Readers:
    """How many get the issue, and where its mail goes."""

    count: int
    where: str
    """What happens to the mail, in a sentence."""


def readers_of(app: Newsletter, number: int) -> Readers:
    """The readers of issue ``number``. Nobody can subscribe yet: the mail stays a file, ready to be sent."""
    folder = app.issue_folder(number)
    shown = folder.relative_to(app.home) if folder.is_relative_to(app.home) else folder
    return Readers(0, f"Nobody has subscribed yet, so nothing is mailed: the mail stays in {shown}/issue.eml.")
