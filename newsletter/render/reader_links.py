"""The links of a mail that are one reader's own, and those by which readers say whether it was useful."""

from dataclasses import dataclass
from urllib.parse import quote

from newsletter.render.address import parse_address
from newsletter.render.press import Press

_SAMPLE = "-" * 32
"""As long as a token."""


@dataclass(frozen=True, slots=True)
class ReaderLinks:
    """Where a reader leaves and changes what comes, and where the answers are counted; None without a site."""

    unsubscribe_url: str
    preferences_url: str | None = None
    useful_url: str | None = None
    useless_url: str | None = None

    @property
    def pause_url(self) -> str | None:
        """Where the newsletter is paused."""
        return f"{self.preferences_url}#pause" if self.preferences_url else None


def reader_links(press: Press, *, unsubscribe: str, preferences: str, useful: int | None = None) -> ReaderLinks:
    """The links with these tokens; ``useful`` is the number of the issue that readers are asked about.

    Without a site one leaves by a mail that holds the token.
    """
    leave = press.web_url(f"u/{unsubscribe}")
    if leave is None:
        return ReaderLinks(f"{leave_by_mail(press)}%20{unsubscribe}")
    asked = useful is not None
    return ReaderLinks(
        unsubscribe_url=leave,
        preferences_url=press.web_url(f"r/{preferences}"),
        useful_url=press.web_url(f"useful/{useful}/yes") if asked else None,
        useless_url=press.web_url(f"useful/{useful}/no") if asked else None,
    )


def links_of_nobody(press: Press) -> ReaderLinks:
    """The links of a mail that is not for anybody in particular: one leaves by writing to those who send it."""
    return ReaderLinks(leave_by_mail(press))


def sample_links(press: Press, number: int) -> ReaderLinks:
    """Links as long as those of a reader, to measure with."""
    return reader_links(press, unsubscribe=_SAMPLE, preferences=_SAMPLE, useful=number)


def leave_by_mail(press: Press) -> str:
    """Leaving works without a page for it: a mail to those who send the newsletter."""
    answers = parse_address(press.newsletter.reply_to)
    return f"mailto:{quote(answers[1] if answers else press.sender[1], safe='@+')}?subject=unsubscribe"
