"""correct_entry: an issue that is out is set right on the web, and the mail that says so is made ready."""

from dataclasses import dataclass, replace

from newsletter.edit.changes import fold
from newsletter.edit.corrections import Corrected, check_correction, correct, corrected_entries, find_entry
from newsletter.errors import NotFound, UsageError, WrongState
from newsletter.model.correction import Correction
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.pinned import put_in_place, stage, unstage
from newsletter.pipeline.publish import Rendering, publish_site, render_files
from newsletter.render.email import message
from newsletter.render.erratum import Wrong, render_erratum
from newsletter.store import corrections, issues
from newsletter.store.approvals import lock_issue, pin_files, pinned_files
from newsletter.text import one_line

ON_THE_WEB = ("issue.html", "issue.json", "events.ics")
"""The files of an issue that a correction changes; what was mailed is never among them."""


@dataclass(frozen=True, slots=True)
class Erratum:
    """A correction that was made, with the names of the files of its mail beside the issue."""

    correction: Correction
    files: tuple[str, ...]


def correct_entry(app: Newsletter, number: int, *, entry: str, correction: Correction) -> Erratum:
    """Correct the entry named ``entry`` of an issue that is approved or out, as ``correction`` says.

    Its number, its entry and its time are given here. The web page, issue.json and the site show it dated at the
    entry; email.html, email.txt and issue.eml stay as they were sent. Beside them the erratum is put, whose
    recipients are those who got the issue. Raises NotFound, WrongState, UsageError.
    """
    if not one_line(correction.editor):
        raise UsageError("Somebody corrects an issue. Write who.")
    with app.database.transaction() as db:
        state, _ = lock_issue(db, number)
        if state == "draft":
            raise WrongState(f"Issue {number} is a draft: change it. Corrections are for what is approved or out.")
        stored = issues.issue(db, number)
        issue = correct(fold(stored.issue, issues.changes(db, number)), corrections.corrections_of(db, number))
        found = find_entry(issue, entry)
        check_correction(found, correction)
        made = corrections.add_correction(db, number, replace(correction, entry=found.id, made_at=app.now()))
    files = bring_up_to_date(app, number, made)
    publish_site(app)
    return Erratum(made, files)


def bring_up_to_date(app: Newsletter, number: int, correction: Correction) -> tuple[str, ...]:
    """Write what the web shows of a corrected issue, and the erratum; the names of the erratum's files."""
    made = render_files(app, number, state="approved")
    erratum = _erratum(app, made, correction)
    shown = {name: made.files[name] for name in ON_THE_WEB}
    staged = stage(app, number, {**shown, **erratum})
    try:
        with app.database.transaction() as db:
            pinned = pinned_files(db, number)
            pin_files(db, number, {name: content for name, content in shown.items() if name in pinned})
    except BaseException:
        unstage(staged)
        raise
    put_in_place(app, number, staged)
    return tuple(erratum)


def corrections_of(app: Newsletter, number: int) -> tuple[Corrected, ...]:
    """What was corrected in issue ``number``, each with the entry before and after. Raises NotFound."""
    with app.database.reading() as db:
        stored, every = issues.issue(db, number), corrections.corrections_of(db, number)
        return corrected_entries(fold(stored.issue, issues.changes(db, number)), every)


def _erratum(app: Newsletter, made: Rendering, correction: Correction) -> dict[str, bytes]:
    with app.database.reading() as db:
        every = corrections.corrections_of(db, made.stored.number)
    found = [each for each in corrected_entries(made.issue, every) if each.correction.number == correction.number]
    if not found:
        raise NotFound(f"Issue {made.stored.number} has no correction {correction.number}.")
    wrongs = [Wrong(each.before, each.after, each.correction.note) for each in found]
    parts = render_erratum(made.press, made.issue, wrongs)
    name = f"erratum-{correction.number}"
    mail = message(made.press, made.issue, parts, name=name, at=correction.made_at)
    return {f"{name}.html": parts.html.encode(), f"{name}.txt": parts.text.encode(), f"{name}.eml": mail}
