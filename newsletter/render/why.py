"""The page that says of every entry of an issue why it is there, a sentence each."""

from newsletter.model.issue import Entry, Issue
from newsletter.render import words
from newsletter.render.entries import EntryViews
from newsletter.render.press import Press
from newsletter.render.why_contexts import ReasonView, WhyContext
from newsletter.text import one_line

PAGE = "why.html"
"""The name of the page, beside that of the issue."""
_ISSUE = "index.html"


def why_context(press: Press, issue: Issue) -> WhyContext:
    """What the page shows. Of the score the sum only: its parts may name people."""
    views = EntryViews(press, issue)
    return WhyContext(
        title=f"Why it is in issue {issue.number}",
        period=words.period_words(issue.period, words.zone_of(issue.zone)),
        issue=_ISSUE,
        reasons=tuple(
            _reason(views, entry, one_line(section.title)) for section in issue.sections for entry in section.entries
        ),
    )


def _reason(views: EntryViews, entry: Entry, section: str) -> ReasonView:
    view = views.entry(entry)
    return ReasonView(
        id=view.id,
        title=view.title,
        url=f"{_ISSUE}#{view.id}",
        section=section,
        sentence=view.why or "No reason is kept.",
        decided="An editor decided that it stands here." if entry.is_kept else "",
        score=words.counted(entry.score, "point"),
        language=view.language,
        direction=view.direction,
    )
