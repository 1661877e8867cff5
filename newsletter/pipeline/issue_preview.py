"""An issue as its mail will be, for everybody or for one kind of reader: the very bytes, and what they weigh."""

from dataclasses import dataclass, replace
from typing import Any

from newsletter.edit.changes import fold
from newsletter.edit.check import Check
from newsletter.edit.readers_issue import issue_for
from newsletter.edit.short import short_issue
from newsletter.model.issue import Issue
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.checking import check_issue
from newsletter.pipeline.draft import SNAPSHOT
from newsletter.pipeline.pinned import approved_files
from newsletter.pipeline.publish import config_of, press_of
from newsletter.pipeline.snapshot import read_feeds
from newsletter.render.email import SIZE_LIMIT, EmailParts, message, render_email
from newsletter.render.entries import EntryViews
from newsletter.render.press import Press
from newsletter.render.views import issue_context
from newsletter.store import issues, links
from newsletter.store.approvals import pinned_files
from newsletter.text import one_line


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom the mail is for: who gets everything, who chose some ``sections``, or who wants the highlights only."""

    sections: tuple[str, ...] | None = None
    is_short: bool = False

    @property
    def is_everyone(self) -> bool:
        """Whether it gets the whole issue."""
        return self.sections is None and not self.is_short


EVERYONE = Reader()
_HOLDS_SECONDS = 600
"""How long a check that counts the minutes may be shown."""


@dataclass(frozen=True, slots=True)
class MailPreview:
    """The mail of an issue for one reader; ``whole`` is the issue that everybody gets."""

    whole: Issue
    issue: Issue
    parts: EmailParts
    eml: bytes
    preheader: str
    minutes: int
    size_limit: int
    titles: tuple[tuple[str, str], ...]
    """Id and title as shown of every entry, in reading order."""
    remarks: tuple[str, ...]
    """Faults in the newsletter's own templates; the built-in design was taken for those."""
    checks: tuple[Check, ...] = ()


def preview_key(app: Newsletter, number: int, reader: Reader) -> tuple[Any, ...]:
    """What a preview depends on: while this is the same, so is the preview. Raises NotFound."""
    with app.database.reading() as db:
        stamp, looked_at = issues.stamp(db, number), links.newest_look(db)
    hashes = tuple(app.templates.hashes().items())
    while_it_holds = int(app.now().timestamp() // _HOLDS_SECONDS)
    return (str(app.home), number, reader, *stamp, looked_at, while_it_holds, app.config.file_hash, hashes)


def preview_mail(app: Newsletter, number: int, reader: Reader = EVERYONE) -> MailPreview:
    """The mail of issue ``number`` for ``reader``, with the checks of the whole issue. Raises NotFound."""
    with app.database.reading() as db:
        stored, changes = issues.issue(db, number), issues.changes(db, number)
        is_pinned = bool(pinned_files(db, number))
    whole = fold(stored.issue, changes)
    templates = app.templates.forgiving()
    press = press_of(templates, config_of(read_feeds(app.issue_folder(number) / SNAPSHOT)))
    shown = issue_of(whole, reader)
    parts = render_email(press, shown, reason=reason_of(press, whole, reader))
    context = issue_context(press, shown)
    approved = approved_files(app, number) if is_pinned and reader.is_everyone else {}
    if approved:
        html, text = approved["email.html"].decode(), approved["email.txt"].decode()
        parts = replace(parts, html=html, text=text)
    views = EntryViews(press, shown)
    return MailPreview(
        whole=whole,
        issue=shown,
        parts=parts,
        eml=approved.get("issue.eml") or message(press, shown, parts),
        preheader=context.preview,
        minutes=context.minutes,
        size_limit=SIZE_LIMIT,
        titles=tuple((each.id, views.entry(each).title) for each in shown.entries),
        remarks=(*templates.misspelt(), *(templates.remarks or ())),
        checks=check_issue(app, number),
    )


def issue_of(whole: Issue, reader: Reader) -> Issue:
    """What ``reader`` gets of an issue."""
    return issue_for(short_issue(whole) if reader.is_short else whole, reader.sections)


def reason_of(press: Press, whole: Issue, reader: Reader) -> str | None:
    """Why the mail comes, for a reader who does not get everything."""
    if reader.is_short:
        return f"You get this mail because you wished for the highlights of {press.name} only."
    if reader.sections is None:
        return None
    names = [one_line(each.title) for each in whole.sections if each.id in reader.sections]
    return f"You get this mail because you chose these sections of {press.name}: {', '.join(names)}."
