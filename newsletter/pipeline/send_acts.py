"""What people say about a mailing: send it now, stop it, go on, at another hour, and what is uncertain."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from newsletter.errors import NotFound, UsageError, WrongState
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.audience import freeze_erratum
from newsletter.pipeline.campaign_acts import hold_campaigns, let_go_again
from newsletter.pipeline.editions import edition_name
from newsletter.pipeline.send_notices import name_of
from newsletter.pipeline.send_right import take_from_copy
from newsletter.pipeline.sending import begin
from newsletter.store import issues, outbox
from newsletter.store.approvals import hash_of
from newsletter.store.mailings import (
    ISSUE,
    Made,
    Mailing,
    known_mailing,
    mailing,
    schedule_mailing,
    step_mailing,
)
from newsletter.text import one_line

log = structlog.get_logger()

FURTHEST = timedelta(days=90)
"""So far ahead an issue may be put off: what is new by then is not in it."""
_WHY_NOT: Mapping[str, str] = {
    "done": "has been sent already",
    "sending": "is being sent",
    "stopped": "is stopped already",
}


@dataclass(frozen=True, slots=True)
class Which:
    """Which uncertain mails are meant: that of one reader, or all; of all, how many they were when it was decided."""

    reader: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What came of the uncertain ones."""

    count: int
    is_again: bool


def send_now(app: Newsletter, number: int, *, by: str, kind: str = ISSUE) -> Mailing:
    """Let a mailing go out from now on: before its hour, after it passed, or again after it was paused or stopped.

    Said twice is said once; in a copy that was put back it is the word that mail may go out here. Raises NotFound,
    WrongState when it has been sent.
    """
    with app.database.reading() as db:
        found = known_mailing(db, number, kind)
    if found.state == "done":
        raise WrongState(f"{name_of(found).capitalize()} {_WHY_NOT['done']}.")
    take_from_copy(app)
    with app.database.transaction() as db:
        let_go_again(db, number, kind)
    if begin(app, found, said_by=one_line(by)):
        log.info("mailing begun", issue=number, kind=kind, by=one_line(by))
    return _now(app, number, kind)


def hand_over(app: Newsletter, number: int) -> None:
    """Have a service asked about an issue again that waits for its hour. Raises NotFound."""
    with app.database.transaction() as db:
        let_go_again(db, known_mailing(db, number).issue_number, ISSUE)


def stop(app: Newsletter, number: int, *, by: str, kind: str = ISSUE) -> Mailing:
    """Begin no mail of it any more, whichever process sends.

    Raises NotFound, WrongState, and ServiceFault when it is stopped here but a service could not be told.
    """
    return _hold(app, number, "stopped", by=by, kind=kind)


def pause(app: Newsletter, number: int, *, by: str, kind: str = ISSUE) -> Mailing:
    """Begin no mail of it until somebody says so. Raises NotFound, WrongState."""
    return _hold(app, number, "paused", by=by, kind=kind)


def send_at(app: Newsletter, number: int, at: datetime, *, by: str, kind: str = ISSUE) -> Mailing:
    """Another hour for a mailing that did not begin. Raises NotFound, UsageError, WrongState."""
    if at <= app.now():
        raise UsageError("That hour has passed. Choose a later one.")
    if at - app.now() > FURTHEST:
        raise UsageError(f"That is more than {FURTHEST.days} days away. Choose an hour before.")
    take_from_copy(app)
    with app.database.transaction() as db:
        found = known_mailing(db, number, kind)
        if not schedule_mailing(db, found.id, at, said_by=one_line(by)):
            raise WrongState(f"{name_of(found).capitalize()} began to go out; its hour stays.")
    return _now(app, number, kind)


def send_erratum(app: Newsletter, number: int, which: int, *, by: str) -> Mailing:
    """Send the mail about a correction to those who got the issue. Raises NotFound, WrongState."""
    kind = f"erratum-{which}"
    path = app.issue_folder(number) / edition_name(kind)
    with app.database.transaction() as db:
        if mailing(db, number, kind) is None:
            if not path.is_file():
                raise NotFound(f"There is no erratum {which} of issue {number}. “newsletter correct” makes one.")
            data = path.read_bytes()
            made, name = Made(kind, hash_of(data), len(data)), app.config.newsletter.name
            freeze_erratum(db, number, kind, edition=made, name=name, now=app.now())
    return send_now(app, number, by=by, kind=kind)


def resolve_unknown(
    app: Newsletter,
    number: int,
    *,
    again: bool,
    by: str,
    kind: str = ISSUE,
    which: Which = Which(),
) -> Resolved:
    """Decide about mails of which nobody knows whether they were taken: send them again, or leave them.

    Sent again they are the same mails, with the same Message-ID; who got one may get it twice. When there are none any
    more, somebody decided already. Raises NotFound, WrongState when they are not as many as ``which`` says.
    """
    who = one_line(by)
    with app.database.transaction() as db:
        found = known_mailing(db, number, kind)
        count = outbox.resolve(db, found.id, again=again, said_by=who, now=app.now(), reader=which.reader)
        if which.count is not None and count not in (0, which.count):
            raise WrongState(f"{count:,} are uncertain by now, not {which.count:,}. Look at them again, then decide.")
        if again and count and found.state == "done":
            step_mailing(db, found.id, "sending", finished_at=None, said_by=who)
    log.info("uncertain mails decided", issue=number, count=count, again=again, by=who)
    return Resolved(count, again)


def _hold(app: Newsletter, number: int, to: str, *, by: str, kind: str) -> Mailing:
    now = app.now()
    with app.database.transaction() as db:
        found = known_mailing(db, number, kind)
        is_stop = to == "stopped"
        is_done = step_mailing(db, found.id, "stopped" if is_stop else "paused", reason="", said_by=one_line(by))
        if not is_done:
            why = _WHY_NOT.get(found.state, f"is {found.state}")
            raise WrongState(f"{name_of(found).capitalize()} {why}.")
        if is_stop and kind == ISSUE and issues.issue(db, number).state == "sending":
            issues.step(db, number, "stopped", now=now)
    log.info("mailing held", issue=number, kind=kind, state=to, by=one_line(by))
    held = _now(app, number, kind)
    hold_campaigns(app, held)
    return held


def _now(app: Newsletter, number: int, kind: str) -> Mailing:
    with app.database.reading() as db:
        return known_mailing(db, number, kind)
