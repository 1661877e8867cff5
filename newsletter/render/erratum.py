"""The erratum: a short mail to those who got an issue, saying what was wrong in it and what is right."""

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.model.issue import Entry, Issue
from newsletter.render import plain, words
from newsletter.render.email import EmailParts, inlined
from newsletter.render.erratum_contexts import ErratumContext, WrongView
from newsletter.render.press import Press, safe_url
from newsletter.render.reader_links import ReaderLinks, links_of_nobody
from newsletter.text import one_line, shorten

_SUBJECT = 70


@dataclass(frozen=True, slots=True)
class Wrong:
    """An entry as it was mailed and as it is right, with a sentence about it."""

    before: Entry
    after: Entry
    note: str = ""


def render_erratum(
    press: Press,
    issue: Issue,
    wrongs: Sequence[Wrong],
    *,
    links: ReaderLinks | None = None,
    reason: str | None = None,
) -> EmailParts:
    """The mail about ``wrongs`` in ``issue``; its recipients are those who got the issue."""
    context = erratum_context(press, issue, wrongs, links=links, reason=reason)
    html = inlined(press.templates.render("email/erratum.html", erratum=context))
    text = press.templates.render("email/erratum.txt", erratum=context)
    return EmailParts(
        subject=context.subject,
        html=html,
        text=plain.fixed(text),
        flowed=plain.flowed(plain.squeezed(text)),
        full_size=len(html.encode()),
    )


def erratum_context(
    press: Press,
    issue: Issue,
    wrongs: Sequence[Wrong],
    *,
    links: ReaderLinks | None = None,
    reason: str | None = None,
) -> ErratumContext:
    """What the templates of the erratum may show."""
    accent, accent_dark = press.accents
    links = links or links_of_nobody(press)
    about = wrongs[0].after.title if wrongs else press.name
    return ErratumContext(
        name=press.name,
        language=press.language,
        number=issue.number,
        date=f"{words.weekday_date(issue.publish_on)} {issue.publish_on.year}",
        subject=shorten(f"Correction to issue {issue.number}: {one_line(about)}", _SUBJECT),
        wrongs=tuple(map(_wrong, wrongs)),
        web_url=press.issue_url(issue.number),
        reason=one_line(reason) or f"You get this mail because you got issue {issue.number} of {press.name}.",
        unsubscribe_url=links.unsubscribe_url,
        preferences_url=links.preferences_url,
        postal_address=one_line(press.newsletter.postal_address),
        accent=accent,
        accent_dark=accent_dark,
    )


def _when(entry: Entry) -> str:
    """The day, and the hours or the days of something longer; empty without a date."""
    if entry.event is None:
        return ""
    day = words.event_day(entry.event.starts_at, entry.event)
    return words.sentence([f"{words.weekday_date(day)} {day.year}", words.event_when(entry.event, year_of=day)])


def _where(entry: Entry) -> str:
    return one_line(entry.event.place) if entry.event else ""


def _wrong(wrong: Wrong) -> WrongView:
    before, after = wrong.before, wrong.after
    compared = (
        ("title", one_line(before.title), one_line(after.title)),
        ("text", one_line(before.summary), one_line(after.summary)),
        ("address", safe_url(before.url) or "", safe_url(after.url) or ""),
        ("date", _when(before), _when(after)),
        ("place", _where(before), _where(after)),
    )
    return WrongView(
        title=one_line(after.title) or "Without a title",
        url=safe_url(after.url),
        note=one_line(wrong.note),
        changes=tuple(each for each in compared if each[1] != each[2]),
    )
