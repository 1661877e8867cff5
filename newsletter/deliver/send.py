"""send_all: every mail that is due goes out over a few connections, and each step is in the ledger before the next.

One thread watches all connections (a thread for each was a tenth slower with 4 of them and a third with 10). A mail is
``sending`` in the ledger before DATA is said, and its result stands there in the same commit that begins the next one:
whatever happens, at most one mail a connection is uncertain.
"""

import selectors
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from newsletter.deliver.answers import Answer, Phase, judge, wait_named
from newsletter.deliver.books import Books, NoLedger
from newsletter.deliver.opening import Opening
from newsletter.deliver.outcome import lost, outcome, released
from newsletter.deliver.patience import Brake
from newsletter.deliver.setup import End, Report, Setup
from newsletter.deliver.slot import Parcel, Slot
from newsletter.deliver.smtp_lane import Broken, Lane, check_envelope
from newsletter.deliver.stock import Stock
from newsletter.deliver.work import Done
from newsletter.errors import MailFault

LOOK_SECONDS = 0.25
LINGER = timedelta(seconds=90)
"""So long is waited for the next mail; for more, whoever called comes again."""
GRACE_SECONDS = 60
"""So long a server may still answer for what left before sending was stopped."""
_STALLED = timedelta(minutes=5)
_NAMES: Mapping[Phase | None, str] = {
    "rset": "RSET",
    "mail": "MAIL",
    "rcpt": "RCPT",
    "data": "DATA",
    "dot": "the end of the mail",
}


def send_all(setup: Setup) -> Report:
    """Send what is due until nothing is, or the ledger says to stop."""
    return _Sending(setup).run()


class _Sending:
    def __init__(self, setup: Setup) -> None:
        self._setup, self._paces = setup, setup.paces
        self._books = Books(setup.ledger, now=setup.now, rest=setup.rest)
        self._slots = [Slot() for _ in range(setup.connections)]
        self._stock = Stock(self._books, setup.paces, self._held)
        self._brake = Brake()
        self._report = Report("done")
        self._end: End | None = None
        self._over_at = self._looked_at = 0.0
        self._idle_until: datetime | None = None

    def run(self) -> Report:
        """Until the end."""
        self._opening = Opening(self._setup.dial)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._opening.waker, selectors.EVENT_READ)
        try:
            while self._goes_on():
                self._turn()
        except NoLedger as fault:
            self._finish("no ledger", str(fault))
            self._report.not_written = fault.numbers
        finally:
            for slot in self._slots:
                self._leave(slot, politely=slot.at is None)
            self._selector.close()
            self._opening.close()
        self._report.end = self._end or "done"
        return self._report

    def _held(self) -> list[int]:
        return [number for slot in self._slots for number in slot.numbers]

    def _goes_on(self) -> bool:
        """Begin what can begin; whether there is anything to wait for."""
        self._look()
        if self._end is None:
            self._begin_mails()
        if any(slot.at for slot in self._slots):
            return True
        if self._end is None and not any(slot.is_opening for slot in self._slots):
            self._wait_for_work()
        return self._end is None

    def _look(self, *, at_once: bool = False) -> None:
        """Ask the ledger whether to go on, a few times a second."""
        at = time.monotonic()
        if at - self._looked_at < LOOK_SECONDS and not at_once:
            return
        self._looked_at = at
        order = self._books.order()
        if order != "go on":
            self._finish(order)

    def _finish(self, end: End, reason: str = "") -> None:
        if self._end is None:
            self._end, self._report.reason, self._over_at = end, reason, time.monotonic() + GRACE_SECONDS

    def _wait_for_work(self) -> None:
        """Nothing is at work: rest until something can be, end when that is long, or never."""
        now = self._setup.now()
        moment, reason = self._next_moment(now)
        if moment is None:
            self._finish("done")
        elif moment - now > LINGER:
            if not any(slot.lane for slot in self._slots) and reason:
                self._paces.rest_relay(moment, reason)
            self._books.write([], [], self._paces.changed())
            self._report.next_at = moment
            self._finish("waiting", reason)
        elif moment > now:
            seconds = min((moment - now).total_seconds(), LOOK_SECONDS)
            self._setup.rest(seconds)
            self._look(at_once=seconds == LOOK_SECONDS)

    def _next_moment(self, now: datetime) -> tuple[datetime | None, str]:
        """When the next mail can go, and what it waits for; None when there is none."""
        if self._stock.count(now):
            relay = self._paces[self._paces.relay]
            free_at = self._paces.relay_free_at(now)
            if free_at > now or any(slot.lane for slot in self._slots):
                return free_at, relay.reason
            first = min(self._slots, key=lambda slot: slot.rest_until or now)
            return max(first.rest_until or now, now), first.reason
        if self._idle_until is None or self._idle_until <= now:
            outlook = self._books.outlook()
            if not outlook.open_count:
                return None, ""
            moments = [*self._paces.slow_domains(now).values(), outlook.next_at]
            moment = min(filter(None, moments), default=now)
            soon = now + timedelta(seconds=LOOK_SECONDS)
            if moment - now > LINGER:
                return moment, ""
            self._idle_until = max(moment, soon)
        return self._idle_until, ""

    # Beginning mails.

    def _begin_mails(self) -> None:
        now = self._setup.now()
        free_at = self._paces.relay_free_at(now)
        if free_at > now:
            return
        for slot in self._slots:
            if slot.is_idle:
                self._advance(slot, [])
        opening = sum(slot.is_opening for slot in self._slots)
        for slot in self._slots:
            if slot.may_open(now) and self._stock.count(now) > opening:
                self._opening.begin(slot)
                opening += 1

    def _pick(self) -> Parcel | None:
        """The next mail that may go now."""
        while self._end is None:
            now = self._setup.now()
            work = self._stock.take(now) if self._paces.relay_free_at(now) <= now else None
            if work is None:
                return None
            try:
                parcel = Parcel(work, self._setup.compose(work))
                check_envelope(parcel.letter)
            except MailFault as fault:
                self._not_a_mail(work.subscriber_id, str(fault))
                continue
            self._paces.use(work.domain, now)
            return parcel
        return None

    def _not_a_mail(self, number: int, words: str) -> None:
        """There can be no mail for that reader."""
        if number in self._write([], [number]):
            self._write([Done(number, "failed", None, words)])
        else:
            self._books.skip(number)

    def _advance(self, slot: Slot, done: Sequence[Done]) -> None:
        """Write down what is done, and in the same commit that the next mail begins on this lane."""
        asked, slot.following = slot.following, None
        if asked is not None and self._end is not None:
            self._stock.put_back(asked.work)
        parcel = None if self._end is not None else asked or self._pick()
        parcel = self._first_that_begins(done, parcel)
        if asked is not None and parcel is not asked:
            slot.stale, slot.unheard = True, 2
        slot.at, slot.stage = parcel, "asked"
        if parcel is not None and parcel is not asked and slot.lane is not None:
            slot.lane.ask(parcel.letter, reset=slot.stale)
            slot.stale = False

    def _first_that_begins(self, done: Sequence[Done], parcel: Parcel | None) -> Parcel | None:
        while parcel is not None:
            number = parcel.work.subscriber_id
            if number in self._write(done, [number]):
                return parcel
            done = ()
            if not self._books.skip(number):
                # Somebody stopped it, or took the right to send away.
                self._look(at_once=True)
            parcel = self._pick()
        self._write(done)
        return None

    # What servers say.

    def _turn(self) -> None:
        """Wait until something happens, and act on it."""
        for slot in self._slots:
            self._watch(slot)
        for key, events in self._selector.select(self._patience()):
            if key.data is None:
                self._take_opened()
            elif key.data.lane is not None:
                self._on_event(key.data, events)
        at = time.monotonic()
        for slot in self._slots:
            if slot.lane is None or slot.at is None:
                continue
            if slot.lane.deadline < at or (self._end is not None and self._over_at < at):
                self._lost(slot, f"no answer to {_NAMES.get(slot.lane.waits_for, 'what was said')} in time")

    def _patience(self) -> float:
        if not any(slot.at or slot.is_opening for slot in self._slots):
            return 0.0
        now, wait = self._setup.now(), LOOK_SECONDS
        if any(slot.is_idle for slot in self._slots) and self._end is None:
            ahead = (self._paces.relay_free_at(now) - now).total_seconds()
            wait = min(wait, ahead) if ahead > 0 else wait
        return wait

    def _watch(self, slot: Slot) -> None:
        if slot.lane is None:
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if slot.lane.wants_write else 0)
        if events != slot.events:
            (self._selector.modify if slot.events else self._selector.register)(slot.lane.socket, events, slot)
            slot.events = events

    def _take_opened(self) -> None:
        for slot, lane in self._opening.opened():
            slot.is_opening = False
            if isinstance(lane, Lane):
                slot.lane = lane
                continue
            slot.rest(self._setup.now(), str(lane))
            if lane.is_final:
                self._finish("paused", str(lane))

    def _on_event(self, slot: Slot, events: int) -> None:
        lane = slot.lane
        assert lane is not None
        if events & selectors.EVENT_WRITE:
            lane.flush()
        if events & selectors.EVENT_READ:
            lane.receive()
        try:
            while slot.lane is lane and (found := lane.answer()) is not None:
                self._answered(slot, lane, *found)
        except Broken as fault:
            self._lost(slot, str(fault))

    def _answered(self, slot: Slot, lane: Lane, phase: Phase, answer: Answer) -> None:
        if slot.unheard and phase in ("mail", "rcpt"):
            slot.unheard -= 1
            if judge(phase, answer) == "busy":
                raise Broken(f"the server said: {answer}")
            return
        verdict = judge(phase, answer)
        if phase == "rset" or slot.at is None:
            if verdict != "ok":
                raise Broken(f"the server said: {answer}")
        elif phase == "mail":
            if verdict != "ok":
                self._sender_refused(slot, answer, is_final=verdict == "not us")
        elif phase == "dot" or verdict != "ok":
            self._settled(slot, phase, answer)
        elif phase == "rcpt":
            self._may_send(slot, lane)
        else:
            self._send_body(slot, lane, slot.at)

    def _may_send(self, slot: Slot, lane: Lane) -> None:
        """The envelope is taken: now, or when somebody stopped it in the meantime, never."""
        if self._end is None:
            slot.stage = "data"
            lane.ask_data()
            return
        assert slot.at is not None
        slot.stale = True
        self._advance(slot, [released(slot.at.work)])

    def _send_body(self, slot: Slot, lane: Lane, parcel: Parcel) -> None:
        slot.stage = "body"
        slot.following = self._pick() if lane.has_pipelining else None
        lane.send_body(parcel.letter.pieces, slot.following.letter if slot.following else None)

    def _settled(self, slot: Slot, phase: Phase, answer: Answer) -> None:
        """A mail has its result."""
        assert slot.at is not None
        now, work, verdict = self._setup.now(), slot.at.work, judge(phase, answer)
        done = outcome(work, verdict, answer, now)
        if verdict == "too many":
            self._paces.slow_domain(work.domain, now, seconds=wait_named(answer), reason=str(answer))
        if verdict == "busy":
            self._close(slot, [done], str(answer))
            return
        if verdict == "ok":
            slot.failures = 0
            slot.taken_count += 1
        slot.stale = slot.stale or phase != "dot"
        self._advance(slot, [done])

    def _sender_refused(self, slot: Slot, answer: Answer, *, is_final: bool) -> None:
        assert slot.at is not None
        if is_final:
            self._finish("paused", f"the mail server does not take our sender: {answer}")
        self._close(slot, [released(slot.at.work)], str(answer))

    def _lost(self, slot: Slot, words: str) -> None:
        """The connection is of no more use."""
        parcel, lane = slot.at, slot.lane
        assert lane is not None
        if parcel is None:
            # A server may close what is idle; one that was never of use rests.
            is_usual = slot.taken_count > 0
            self._leave(slot)
            if not is_usual:
                slot.rest(self._setup.now(), words)
            return
        if slot.stage == "asked" and lane.waits_for in (None, "rset", "mail"):
            done = released(parcel.work)
        else:
            again = self._setup.sends_again
            done = lost(parcel.work, words, self._setup.now(), may_have_it=lane.may_have_it_all, send_again=again)
        self._close(slot, [done], words)

    def _close(self, slot: Slot, done: Sequence[Done], words: str) -> None:
        """Write down the result, close the lane, and let its place rest."""
        if slot.following is not None:
            self._stock.put_back(slot.following.work)
        self._leave(slot)
        slot.rest(self._setup.now(), words)
        self._write(done)

    def _leave(self, slot: Slot, *, politely: bool = False) -> None:
        if slot.lane is None:
            return
        if slot.events:
            self._selector.unregister(slot.lane.socket)
        if politely:
            slot.lane.quit()
        slot.empty()

    def _write(self, done: Sequence[Done], begins: Sequence[int] = ()) -> Collection[int]:
        """Write into the ledger; the readers whose mails may begin."""
        if not (done or begins):
            return ()
        began = self._books.write(done, begins, self._paces.changed())
        for each in done:
            self._report.counts["released" if each.released else each.state] += 1
            if trouble := self._brake.note(each):
                self._finish("paused", trouble)
        if self._brake.is_stalled:
            self._stall(done[-1].answer if done else "")
        return began

    def _stall(self, said: str) -> None:
        """The server puts everything off: it is left alone for a while."""
        until = self._setup.now() + _STALLED
        self._paces.rest_relay(until, said)
        self._brake.put_off_in_a_row = 0
        self._report.next_at = until
        self._finish("waiting", said)
