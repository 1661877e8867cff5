"""The target "gemini": an issue as a page for Gemini (gemtext)."""

from collections.abc import Iterator

from newsletter.model.settings import NewsletterSettings
from newsletter.render.contexts import EntryView, IssueContext


class Gemini:
    """One heading a section, one link an entry, and its summary."""

    file_name = "page.gmi"

    def render(self, issue: IssueContext, settings: NewsletterSettings) -> bytes:
        """The page; the same issue gives the same bytes."""
        return "".join(f"{line}\n" for line in page(issue, settings)).encode()


def page(issue: IssueContext, settings: NewsletterSettings) -> Iterator[str]:
    """Its lines."""
    yield f"# {issue.name}: {issue.title}"
    yield f"{issue.label}, {issue.date}, for {issue.period}"
    for paragraph in issue.note:
        yield ""
        yield plain("".join(span.text for span in paragraph))
    for section in issue.sections:
        yield ""
        yield f"## {section.title}"
        for group in section.groups:
            for entry in group.entries:
                yield from lines(entry)
        for figure in section.statistics:
            yield f"* {figure.name}: {figure.value}"
    yield ""
    yield f"{settings.name} is made by {settings.sender}"


def lines(entry: EntryView) -> Iterator[str]:
    """A link, or the headline where there is none, and the summary."""
    yield f"=> {entry.url} {entry.title}" if entry.url else f"* {entry.title}"
    if entry.summary:
        yield plain(entry.summary)


def plain(text: str) -> str:
    """One line that means nothing but its words."""
    line = " ".join(text.split())
    return f" {line}" if line.startswith(("#", "=>", "*", ">", "```")) else line
