"""approve and take_back: from draft to approved in one step, with the very bytes that will be mailed."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from newsletter.edit.checks import Act, Check, stopping, summary_of
from newsletter.edit.placed_entries import find
from newsletter.edit.said import ago, said_of
from newsletter.errors import ChangedMeanwhile, NewsletterError, UsageError, WrongState
from newsletter.model.issue import Change, Issue
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.audience import freeze, freeze_campaigns, thaw
from newsletter.pipeline.campaign_acts import withdrawn
from newsletter.pipeline.checking import check_issue
from newsletter.pipeline.corrections import corrections_as_changes
from newsletter.pipeline.editions import FOLDER, edition_files, pin_editions
from newsletter.pipeline.months import is_month_end
from newsletter.pipeline.pinned import put_in_place, repair_issue, stage, unstage
from newsletter.pipeline.publish import Rendering, publish_site, render_files, render_issue
from newsletter.pipeline.targets import forget_stale
from newsletter.pipeline.times import send_time
from newsletter.store import issues, stories
from newsletter.store.approvals import (
    Approval,
    approvals_of,
    forget_approvals,
    lock_issue,
    pin_files,
    save_approval,
)
from newsletter.store.corrections import forget_corrections
from newsletter.store.database import Db
from newsletter.text import one_line, shorten

__all__ = [
    "Act",
    "Approved",
    "Check",
    "approve",
    "check_issue",
    "stopping",
    "summary_of",
    "take_back",
    "who_approved",
]

TWO = "two people"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Approved:
    """What came of approving: the issue is approved, or it waits for ``missing_count`` more people."""

    number: int
    is_approved: bool
    by: tuple[str, ...]
    missing_count: int
    send_at: datetime


def approve(app: Newsletter, number: int, *, editor: str, seen: int | None = None, is_now: bool = False) -> Approved:
    """Approve draft ``number`` as ``editor`` saw it: with its changes up to number ``seen`` (None: as it is now).

    ``is_now`` is the word that mail goes out though its hour passed, however long ago.
    All of it happens or nothing. Where two people have to approve, the first one's word is kept for exactly this
    draft. Raises NotFound, WrongState, UsageError, and ChangedMeanwhile when the draft is another one by now.
    """
    who = one_line(editor)
    if not who:
        raise UsageError("Somebody approves an issue. Write who.")
    repair_issue(app, number)
    made = render_files(app, number, state="approved", with_items=True)
    if made.stored.state != "draft":
        raise WrongState(f"Issue {number} is {made.stored.state} already.")
    _refuse_if_changed(made, made.snapshot.changes, seen, now=app.now())
    mails = edition_files(app, made)
    staged = stage(app, number, {**made.files, **mails}, made.snapshot)

    def pin(db: Db) -> None:
        pin_files(db, number, mails)

        def editions() -> None:
            mails.update(pin_editions(app, db, made, mails, staged=staged))

        _freeze(app, db, made, pin=editions, is_now=is_now)

    try:
        with app.database.transaction() as db:
            result = _decide(app, db, made, who, pin=pin)
    except BaseException:
        unstage(staged)
        raise
    if not result.is_approved:
        unstage(staged)
        return result
    put_in_place(app, number, staged)
    forget_stale(app.issue_folder(number), made.config, made.further)
    _afterwards(app, number)
    return result


def _decide(app: Newsletter, db: Db, made: Rendering, who: str, *, pin: Callable[[Db], None]) -> Approved:
    """The word of ``who`` about exactly what was rendered; the step to approved when nobody else has to agree."""
    number, now = made.stored.number, app.now()
    state, drafted_at = lock_issue(db, number)
    if state != "draft":
        raise WrongState(f"Issue {number} is {state} already.")
    changes = issues.changes(db, number)
    if drafted_at != made.stored.drafted_at:
        text = f"The draft of issue {number} was made anew {ago(drafted_at, now)}. Look at it again, then approve."
        raise ChangedMeanwhile(text, editor="the program", made_at=drafted_at, number=_last(changes))
    seen = _last(made.snapshot.changes)
    _refuse_if_changed(made, changes, seen, now=now)
    save_approval(db, number, Approval(who, seen, drafted_at, now))
    by = _agreeing(db, number, seen, drafted_at)
    missing = max(0, (2 if app.config.schedule.approval == TWO else 1) - len(by))
    if not missing:
        issues.step(db, number, "approved", now=now)
        pin_files(db, number, made.files)
        pin(db)
        stories.mark_told(db, made.issue)
    return Approved(number, not missing, by, missing, send_time(app.config.schedule, made.issue))


def _freeze(app: Newsletter, db: Db, made: Rendering, *, pin: Callable[[], None], is_now: bool) -> None:
    """Fix who gets the issue, and when mail goes out."""
    schedule = app.config.schedule
    number, now, service = made.stored.number, app.now(), app.config.delivery.campaigns
    send_at, with_monthly = send_time(schedule, made.issue), is_month_end(schedule, made.issue)
    send_at = max(send_at, now) if is_now else send_at
    if service is None:
        freeze(db, number, pin=pin, send_at=send_at, now=now, with_monthly=with_monthly)
        return
    pin()
    goes = tuple(each for each in service.segments if with_monthly or each.choice.rhythm != "monthly")
    name = app.config.newsletter.name
    freeze_campaigns(db, number, replace(service, segments=goes), name=name, send_at=send_at, now=now)


def who_approved(app: Newsletter, number: int) -> tuple[str, ...]:
    """Who approved issue ``number`` as it is now, the first one first; one word is not enough where two are asked."""
    with app.database.reading() as db:
        stored, changes = issues.issue(db, number), issues.changes(db, number)
        return _agreeing(db, number, _last(changes), stored.drafted_at)


def take_back(app: Newsletter, number: int, *, editor: str) -> None:
    """An approved issue is a draft again, until it is being sent; what was corrected in it is changed in the draft.

    Raises NotFound, WrongState, ServiceFault where a service cannot be told to let it be.
    """
    with withdrawn(app, number), app.database.transaction() as db:
        state, _ = lock_issue(db, number)
        if state != "approved":
            raise WrongState(f"Issue {number} is {state}; only an approved issue can be taken back.")
        thaw(db, number)
        changed = corrections_as_changes(app, db, number)
        issues.step(db, number, "draft", now=app.now())
        issues.add_changes(db, number, changed)
        forget_corrections(db, number)
        forget_approvals(db, number)
    log.info("issue taken back", issue=number, editor=one_line(editor))
    render_issue(app, number)
    for erratum in app.issue_folder(number).glob("erratum-*"):
        erratum.unlink()
    shutil.rmtree(app.issue_folder(number) / FOLDER, ignore_errors=True)
    publish_site(app)


def _agreeing(db: Db, number: int, seen: int, drafted_at: datetime) -> tuple[str, ...]:
    """Those whose word is about this draft, each once."""
    valid = [each for each in approvals_of(db, number) if (each.seen, each.drafted_at) == (seen, drafted_at)]
    names: dict[str, str] = {}
    for each in valid:
        names.setdefault(each.editor.casefold(), each.editor)
    return tuple(names.values())


def _refuse_if_changed(made: Rendering, changes: tuple[Change, ...], seen: int | None, *, now: datetime) -> None:
    if seen is None or _last(changes) == seen:
        return
    number = made.stored.number
    if not changes or seen > changes[-1].number:
        raise UsageError(f"Issue {number} has no change {seen}. Open its page again.")
    last = changes[-1]
    what = f"{ago(last.made_at, now)}: {_told(made.issue, last)}"
    text = f"{last.editor} changed issue {number} after you looked at it ({what}). Look again, then approve."
    raise ChangedMeanwhile(text, editor=last.editor, made_at=last.made_at, number=last.number)


def _told(issue: Issue, change: Change) -> str:
    """What was done: dropped “The bridge opens”."""
    found = find(issue, change.target)
    what = "the issue" if change.target == "issue" else "something that is gone"
    return f"{said_of(change)} {f'“{shorten(found[1].title, 60)}”' if found else what}"


def _last(changes: tuple[Change, ...]) -> int:
    return changes[-1].number if changes else 0


def _afterwards(app: Newsletter, number: int) -> None:
    """What follows from an approval and never takes it back: the site is written, the model learns."""
    # Whoever shows the approve page, or waits for the hour, has no numpy in memory.
    from newsletter.pipeline.learn import learn_issue

    try:
        publish_site(app)
    except (NewsletterError, OSError) as fault:
        log.error("site not written", issue=number, trouble=str(fault))
    try:
        learn_issue(app, number)
    except Exception:
        log.exception("issue not learned", issue=number)
