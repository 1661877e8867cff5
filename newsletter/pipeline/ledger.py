"""The ledger that sending writes into: the store's rows, each call one transaction."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from newsletter.deliver.work import Done, Order, Outlook, Pace, Work
from newsletter.store import outbox
from newsletter.store.database import Database
from newsletter.store.lanes import LaneRow, save_lanes
from newsletter.store.mailings import state_of_mailing
from newsletter.store.outbox import Writer
from newsletter.store.pen import Pen
from newsletter.store.rights import renew_right, right
from newsletter.store.runs import see_run

SEEN_EVERY = timedelta(seconds=5)


@dataclass(slots=True)
class MailLedger:
    """The rows of one mailing, for one run; ``is_over`` says that this process has to end."""

    database: Database
    writer: Writer
    run_id: int
    now: Callable[[], datetime]
    is_over: Callable[[], bool] = field(default=lambda: False)
    _seen_at: datetime | None = None
    _pen: Pen = field(init=False)

    def __post_init__(self) -> None:
        self._pen = Pen(self.database)

    def due(self, after: int, count: int, but: Collection[str]) -> Sequence[Work]:
        """See ``deliver.work.Ledger``."""
        with self.database.reading() as db:
            return outbox.due(db, self.writer.mailing_id, now=self.now(), after=after, count=count, but=but)

    def write(self, done: Sequence[Done], begins: Sequence[int], paces: Sequence[Pace]) -> Collection[int]:
        """See ``deliver.work.Ledger``."""
        if not paces:
            with self._pen.transaction() as pen:
                return outbox.write_down(pen, self.writer, done, begins, self.now())
        with self.database.transaction() as db:
            save_lanes(db, [_row(each) for each in paces])
            return outbox.write_down(db, self.writer, done, begins, self.now())

    def close(self) -> None:
        """Give its connection up."""
        self._pen.close()

    def skip(self, subscriber_id: int) -> bool:
        """See ``deliver.work.Ledger``."""
        with self.database.transaction() as db:
            return outbox.skip_left(db, self.writer.mailing_id, subscriber_id, now=self.now())

    def outlook(self) -> Outlook:
        """See ``deliver.work.Ledger``."""
        with self.database.reading() as db:
            return Outlook(*outbox.open_counts(db, self.writer.mailing_id, now=self.now()))

    def order(self) -> Order:
        """See ``deliver.work.Ledger``."""
        if self.is_over():
            return "interrupted"
        now = self.now()
        if self._seen_at is None or now - self._seen_at >= SEEN_EVERY:
            with self.database.transaction() as db:
                renew_right(db, self.writer.turn, now=now)
                see_run(db, self.run_id, now=now)
            self._seen_at = now
        with self.database.reading() as db:
            holds = right(db)
            if holds is None or holds.turn != self.writer.turn:
                return "lost"
            state = state_of_mailing(db, self.writer.mailing_id)
        return "go on" if state == "sending" else "paused" if state == "paused" else "stopped"


def _row(pace: Pace) -> LaneRow:
    return LaneRow(pace.name, pace.not_before, pace.per_minute, pace.free_at, pace.reason)
