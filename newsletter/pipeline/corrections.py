"""correct_entry: an issue that is out is set right on the web, and the mail that says so is made ready."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from newsletter.deliver.edition_file import Bodies, placeholders_for, write_edition
from newsletter.edit.changes import fold
from newsletter.edit.corrections import (
    Corrected,
    check_correction,
    correct,
    corrected_entries,
    corrected_entry,
    find_entry,
)
from newsletter.edit.said import ago
from newsletter.errors import ChangedMeanwhile, UsageError, WrongState
from newsletter.model.correction import Correction
from newsletter.model.issue import Change, Entry, Issue
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.editions import FOLDER, edition_name
from newsletter.pipeline.letterhead import heading_of, links_at_service, links_of
from newsletter.pipeline.pinned import put_in_place, repair_issue, stage, unstage
from newsletter.pipeline.publish import Rendering, publish_site, render_files
from newsletter.pipeline.times import send_time
from newsletter.render.email import message
from newsletter.render.erratum import Wrong, render_erratum
from newsletter.store import corrections, issues
from newsletter.store.approvals import lock_issue, pin_files, pinned_files
from newsletter.store.database import Db
from newsletter.text import one_line

ON_THE_WEB = ("issue.html", "issue.json", "events.ics")
"""The files of an issue that a correction changes; what was mailed is never among them."""


@dataclass(frozen=True, slots=True)
class Erratum:
    """A correction that was made, with the names of the files of its mail beside the issue."""

    correction: Correction
    files: tuple[str, ...]


def correct_entry(app: Newsletter, number: int, *, entry: str, correction: Correction) -> Erratum:
    """Correct the entry named ``entry`` of an issue that is out, as ``correction`` says.

    Its number, its entry and its time are given here. The web page, issue.json and the site show it dated at the
    entry; email.html, email.txt and issue.eml stay as they were sent. Beside them the erratum is put, whose
    recipients are those who got the issue. All of it happens or nothing; the same twice is one correction. Raises
    NotFound, WrongState, UsageError, and ChangedMeanwhile when another correction came first.
    """
    if not one_line(correction.editor):
        raise UsageError("Somebody corrects an issue. Write who.")
    known, issue = _as_corrected(app, number)
    found = find_entry(issue, entry)
    check_correction(found, correction)
    if (last := _made_already(known, found, correction)) is not None:
        return Erratum(last, ())
    wanted = replace(correction, number=_last(known) + 1, entry=found.id, made_at=app.now())
    made = render_files(app, number, state="approved", more=[wanted])
    shown = {name: made.files[name] for name in (*ON_THE_WEB, *made.further)}
    erratum = _erratum(made, [*known, wanted], is_handed_over=app.config.delivery.campaigns is not None)
    staged = stage(app, number, {**shown, **erratum})
    try:
        with app.database.transaction() as db:
            _store(db, number, wanted, shown, erratum)
    except BaseException:
        unstage(staged)
        raise
    put_in_place(app, number, staged)
    publish_site(app)
    return Erratum(wanted, tuple(name for name in erratum if not name.startswith(FOLDER)))


def _made_already(known: Sequence[Correction], entry: Entry, wanted: Correction) -> Correction | None:
    """The last correction of the entry, when it said all of this: the form came twice."""
    last = next((each for each in reversed(known) if each.entry == entry.id), None)
    if last is None or (last.note, last.editor) != (wanted.note, wanted.editor):
        return None
    now = corrected_entry(entry, replace(wanted, summary=wanted.summary or entry.summary))
    return last if replace(now, corrections=entry.corrections) == entry else None


def check_out(app: Newsletter, issue: Issue) -> None:
    """Refuse what is simply changed: a draft, and an approved issue before its hour (WrongState)."""
    if issue.state == "draft":
        raise WrongState(f"Issue {issue.number} is a draft: change it. Corrections are for what is out.")
    if issue.state == "approved" and app.now() < send_time(app.config.schedule, issue):
        text = f"Issue {issue.number} is not out yet and its mail would keep the mistake: take it back and change it."
        raise WrongState(text)


def _as_corrected(app: Newsletter, number: int) -> tuple[tuple[Correction, ...], Issue]:
    """What was corrected in an issue so far, and the issue with it. Raises NotFound, WrongState."""
    repair_issue(app, number)
    with app.database.reading() as db:
        stored, changes = issues.issue(db, number), issues.changes(db, number)
        known = corrections.corrections_of(db, number)
    issue = fold(stored.issue, changes)
    check_out(app, issue)
    return known, correct(issue, known)


def _store(db: Db, number: int, wanted: Correction, shown: Mapping[str, bytes], mails: Mapping[str, bytes]) -> None:
    """The correction and the bytes that show it and tell it, unless another one came first."""
    lock_issue(db, number)
    known = corrections.corrections_of(db, number)
    if _last(known) != wanted.number - 1:
        newest = known[-1]
        now = wanted.made_at
        text = (
            f"{newest.editor} corrected issue {number} {ago(newest.made_at, now)}. Look at its page, then correct it."
        )
        raise ChangedMeanwhile(text, editor=newest.editor, made_at=newest.made_at, number=newest.number)
    corrections.add_correction(db, number, wanted)
    pinned = pinned_files(db, number)
    out = {name: content for name, content in shown.items() if name in pinned}
    pin_files(db, number, {**out, **{name: content for name, content in mails.items() if name.startswith(FOLDER)}})


def _last(known: Sequence[Correction]) -> int:
    return known[-1].number if known else 0


def corrections_of(app: Newsletter, number: int) -> tuple[Corrected, ...]:
    """What was corrected in issue ``number``, each with the entry before and after. Raises NotFound."""
    with app.database.reading() as db:
        stored, every = issues.issue(db, number), corrections.corrections_of(db, number)
        return corrected_entries(fold(stored.issue, issues.changes(db, number)), every)


def corrections_as_changes(app: Newsletter, db: Db, number: int) -> tuple[Change, ...]:
    """What was corrected, as changes to the draft that the issue is again."""
    issue = fold(issues.issue(db, number).issue, issues.changes(db, number))
    found: list[Change] = []
    for each in corrections.corrections_of(db, number):
        entry = find_entry(issue, each.entry)
        wishes: tuple[tuple[str, str | None, Any], ...] = (
            ("title", entry.id, each.title),
            ("summary", entry.id, each.summary),
            ("link", entry.url, each.url),
            ("event", entry.id, each.event),
        )
        found += [
            Change(0, each.editor, app.now(), action, target, value, entry.revisions)
            for action, target, value in wishes
            if target and value
        ]
    return tuple(found)


def _erratum(made: Rendering, every: Sequence[Correction], *, is_handed_over: bool) -> dict[str, bytes]:
    """The mail about the last of ``every``."""
    last = corrected_entries(made.issue, every)[-1]
    parts = render_erratum(made.press, made.issue, [Wrong(last.before, last.after, last.correction.note)])
    name = f"erratum-{last.correction.number}"
    mail = message(made.press, made.issue, parts, name=name, at=last.correction.made_at)
    return {
        f"{name}.html": parts.html.encode(),
        f"{name}.txt": parts.text.encode(),
        f"{name}.eml": mail,
        edition_name(name): _edition(made, last, is_handed_over=is_handed_over),
    }


def _edition(made: Rendering, told: Corrected, *, is_handed_over: bool) -> bytes:
    """The erratum for readers, of whatever choice: the edition of the mailing of the same name."""
    press, issue = made.press, made.issue
    placeholders = placeholders_for(repr((told, issue)))
    links = links_at_service(placeholders) if is_handed_over else links_of(press, placeholders)
    parts = render_erratum(press, issue, [Wrong(told.before, told.after, told.correction.note)], links=links)
    back = made.config.delivery.bounces.read_at
    heading = heading_of(press, issue, parts.subject, links, farewells=back, at=told.correction.made_at)
    return write_edition(heading, Bodies(parts.flowed, parts.html), placeholders)
