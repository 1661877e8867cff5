"""send_by_way: each mail is handed to a way of delivery of another package; the ledger is the same as for a server."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from newsletter.deliver.books import Books, NoLedger
from newsletter.deliver.folder import plain_bytes
from newsletter.deliver.outcome import lost
from newsletter.deliver.patience import Brake
from newsletter.deliver.send import LOOK_SECONDS
from newsletter.deliver.setup import Report
from newsletter.deliver.transport import message_id_in
from newsletter.deliver.ways import Mail, Way
from newsletter.deliver.work import Compose, Done, Letter, Work
from newsletter.errors import MailFault, ServiceFault
from newsletter.plugins import fit_to_tell, said_by

_AT_ONCE = 100
_LONGEST_ANSWER = 1_000


@dataclass(slots=True, kw_only=True)
class WayRun:
    """How to send by a way: ``repeats`` says that a mail may be handed over again, ``per_minute`` how many at most."""

    books: Books
    compose: Compose
    way: Way
    name: str
    settings: Mapping[str, Any] = field(repr=False)
    """Those of the way: its secrets are not written down."""
    repeats: bool
    per_minute: int
    now: Callable[[], datetime]
    rest: Callable[[float], None]
    brake: Brake = field(default_factory=Brake)
    free_at: float = 0.0
    """When the next mail may go, by the clock that never goes back."""


def send_by_way(run: WayRun) -> Report:
    """Hand over what is due, until nothing is or the ledger says to stop.

    A mail is ``sending`` in the ledger before it is handed over. What the way raises that is no MailFault pauses the
    mailing: nobody knows then what became of that one mail, unless it repeats safely.
    """
    report = Report("done")
    try:
        for work in run.books.each_due(_AT_ONCE):
            if not _goes_on(run, report):
                break
            if work.subscriber_id not in run.books.write([], [work.subscriber_id], []):
                run.books.skip(work.subscriber_id)
                continue
            done, fault = _handed_over(run, work)
            run.books.write([done], [], [])
            report.counts[done.state] += 1
            if reason := fault or _too_much(run, done):
                report.end, report.reason = "paused", reason
                break
        else:
            _what_is_left(run, report)
    except NoLedger as fault:
        report.end, report.reason, report.not_written = "no ledger", str(fault), fault.numbers
    return report


def _goes_on(run: WayRun, report: Report) -> bool:
    """Wait for this mail's turn; false when the ledger says to stop."""
    seconds = run.free_at - time.monotonic()
    while True:
        order = run.books.order()
        if order != "go on":
            report.end = order
            return False
        if seconds <= 0:
            run.free_at = time.monotonic() + 60 / run.per_minute
            return True
        run.rest(min(seconds, LOOK_SECONDS))
        seconds -= LOOK_SECONDS


def _handed_over(run: WayRun, work: Work) -> tuple[Done, str]:
    """What came of a mail, and why the mailing has to pause, if it has to."""
    try:
        letter = run.compose(work)
    except MailFault as fault:
        return Done(work.subscriber_id, "failed", None, str(fault)), ""
    try:
        answer = run.way.deliver(_mail(letter))
    except MailFault as fault:
        return _refused(run, work, fault), ""
    except Exception as fault:
        said = f"the delivery “{run.name}” failed ({said_by(fault, run.settings)})"
        done = lost(work, said, run.now(), may_have_it=True, send_again=run.repeats)
        return done, f"{said[0].upper()}{said[1:]}. Tell who makes it, or name another way under “delivery:”."
    return Done(work.subscriber_id, "accepted", None, _words(run, answer or "")), ""


def _refused(run: WayRun, work: Work, fault: MailFault) -> Done:
    said = _words(run, fault)
    if fault.is_final:
        return Done(work.subscriber_id, "failed", None, said)
    may_have_it = isinstance(fault, ServiceFault) and fault.may_be_done
    return lost(work, said, run.now(), may_have_it=may_have_it, send_again=run.repeats)


def _words(run: WayRun, said: object) -> str:
    return fit_to_tell(said, run.settings, longest=_LONGEST_ANSWER)


def _mail(letter: Letter) -> Mail:
    data = plain_bytes(letter)
    return Mail(letter.mail_from, letter.rcpt_to, data, letter.message_id or message_id_in(data))


def _too_much(run: WayRun, done: Done) -> str | None:
    """Why so much trouble pauses the mailing."""
    if reason := run.brake.note(done):
        return reason
    return f"Everything is put off. The last answer: {done.answer}" if run.brake.is_stalled else None


def _what_is_left(run: WayRun, report: Report) -> None:
    outlook = run.books.outlook()
    if outlook.open_count:
        report.end, report.next_at = "waiting", outlook.next_at or run.now()
