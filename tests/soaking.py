"""A soak: the service of a home lives through simulated weeks back to back, in one process, amid faults.

All of the service is the real one (:mod:`newsletter.jobs.service`: its workshop, its queue with its threads, its Runner
that looks what is due) but for one piece: what says when to look. In its place time is set forward to the next moment
at which something is due, as soon as nothing runs. Nobody sleeps; what would rest while mails are sent moves the clock.
An editor approves each draft when it is there.
"""

import gc
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select

from newsletter.fetch.web_settings import WebSettings
from newsletter.jobs.queue import InlineQueue
from newsletter.jobs.schedule import Runner
from newsletter.jobs.service import make_queue
from newsletter.jobs.work import Workshop
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import approve
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.due import next_draft
from newsletter.pipeline.going_public import going_public
from newsletter.pipeline.job_aside import all_jobs_aside
from newsletter.pipeline.read_source import LEASE
from newsletter.pipeline.times import send_time
from newsletter.store import issues
from newsletter.store.items import count_by_source
from newsletter.store.mail_tables import deliveries, mailings, subscribers
from newsletter.store.mailings import mailings_in
from newsletter.store.queue import keep_claims, next_ready_at
from newsletter.store.tables import item_keys
from tests.mailed import add_readers
from tests.soak_outside import Outside, Place

BEGIN = datetime(2025, 10, 6, 8, 0, tzinfo=UTC)
"""A Monday."""
WEEK, STEP, SENDING_STEP = timedelta(weeks=1), timedelta(hours=6), timedelta(minutes=5)
READERS = [f"r{n}@example.org" for n in range(9)] + ["gone@example.net", "r9@example.com"]
WEB = WebSettings(
    allow_networks=(ip_network("127.0.0.0/8"),), total_seconds=4, read_seconds=1, connect_seconds=1, max_bytes=1 << 20
)


@dataclass
class Time:
    """The clock of the service and of the world outside."""

    now: datetime
    outside: Outside

    def __call__(self) -> datetime:
        return self.now

    def set(self, at: datetime) -> None:
        """Set it forward."""
        self.now = max(self.now, at)
        self.outside.clock.value = self.now.timestamp()


class Over(threading.Event):
    """Says that the process ends. Who waits for it with a limit, to rest, only moves the clock."""

    def __init__(self, clock: Time, keep: Callable[[datetime], None]) -> None:
        super().__init__()
        self._clock, self._keep = clock, keep

    def wait(self, timeout: float | None = None) -> bool:
        """As of any event, but that the time passes at once."""
        if timeout is None:
            return super().wait()
        at = self._clock() + timedelta(seconds=timeout)
        self._keep(at + LEASE)
        self._clock.set(at)
        return self.is_set()


@dataclass
class Soak:
    """What is run, and what was measured of it: resident MiB and CPU seconds after each week."""

    home: Path
    outside: Outside
    memory: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    looks: int = 0

    def run(self, weeks: int, *, told: Callable[[str], None] = lambda text: None) -> None:
        """Live through ``weeks`` weeks, and on until their last issue is with its readers."""
        write_home(self.home, self.outside)
        clock = Time(BEGIN, self.outside)
        shop, queue, asked = make_queue(Surroundings(self.home, {}, clock, {"web": WEB}))
        shop.is_over = Over(clock, lambda until: keep(shop, until))
        with shop.opened():
            add_readers(shop.app.database, READERS)
            runner = Runner(shop.current, asked)
            queue.start()
            for week in range(1, weeks + 1):
                self._live(shop, queue, runner, BEGIN + week * WEEK)
                gc.collect()
                self.memory.append(psutil.Process().memory_info().rss / (1 << 20))
                self.cpu.append(time.process_time())
                objects = len(gc.get_objects())
                told(f"week {week}: {self.memory[-1]:.1f} MiB, {objects:,} objects, {self.cpu[-1]:.0f} s of CPU")
            assert queue.stop()

    def _live(self, shop: Workshop, queue: InlineQueue, runner: Runner, until: datetime) -> None:
        clock = shop.current._around.now
        assert isinstance(clock, Time)
        while clock() < until:
            self.looks += 1
            runner.look()
            runner.look_at_mails()
            settle(shop, queue)
            approve_drafts(shop.app)
            clock.set(min(until, next_moment(shop.app, queue)))


def keep(shop: Workshop, until: datetime) -> None:
    """What this process holds stays its own."""
    with shop.app.database.transaction() as db:
        keep_claims(db, shop.worker, until=until)


def settle(shop: Workshop, queue: InlineQueue) -> None:
    """Wait until nothing runs, and nothing can be begun at this time."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with shop.app.database.reading() as db:
            at = next_ready_at(db, queue.names)
        if not queue._running and (at is None or at > shop.app.now()):
            return
        queue._wake.set()
        time.sleep(0.01)
    raise AssertionError(f"still running: {[each.name for each in queue._running]}")


def next_moment(app: Newsletter, queue: InlineQueue) -> datetime:
    """When something is due next, as far as that is worth a look."""
    now = app.now()
    with app.database.reading() as db:
        found = [next_ready_at(db, queue.names), *(each.at for each in going_public(app, db))]
        found += [each.send_at for each in mailings_in(db, "scheduled")]
        is_sending = bool(mailings_in(db, "sending"))
    found += [next_draft(app), now + (SENDING_STEP if is_sending else STEP)]
    return min(each for each in found if each is not None and each > now)


def approve_drafts(app: Newsletter) -> None:
    """What the editor does."""
    with app.database.reading() as db:
        drafts = [number for number, state in issues.states(db).items() if state == "draft"]
        hours = {each: send_time(app.config.schedule, issues.issue(db, each).issue) for each in drafts}
    for number, at in hours.items():
        if at > app.now():
            approve(app, number, editor="Ines")


def write_home(home: Path, outside: Outside) -> None:
    """A feeds.yaml with all sources, mailing through the sink."""
    lines = "".join(
        f"  - {{name: {each.name}, kind: feed, url: 'http://{each.host}:{outside.web_port}/feed.xml'}}\n"
        for each in outside.places
    )
    home.mkdir(exist_ok=True)
    (home / "feeds.yaml").write_text(
        "newsletter:\n  name: Soak weekly\n  from: Soak <soak@example.org>\n"
        f"delivery:\n  server: 127.0.0.1\n  port: {outside.mail_port}\n  at most per minute: 100000\nsources:\n{lines}"
    )


@dataclass(frozen=True)
class Verdict:
    """What was found wrong; ``counts`` are for people."""

    wrong: list[str]
    counts: dict[str, Any]


def check(app: Newsletter, places: list[Place], witness: dict[str, Any], *, issues_count: int) -> Verdict:
    """Nothing lost or doubled, by the word of the world outside."""
    wrong: list[str] = []
    with app.database.reading() as db:
        rows = list(db.execute(select(item_keys.c.source_id, item_keys.c.key, item_keys.c.item_id)))
        numbers = issues.states(db)
        told = count_by_source(db)
        sent = db.execute(
            select(mailings.c.issue_number, mailings.c.state, deliveries.c.state.label("became"), subscribers.c.address)
            .join_from(deliveries, mailings, mailings.c.id == deliveries.c.mailing_id)
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        ).all()
    stored = {(row.source_id, row.key): row.item_id for row in rows}
    for place in (each for each in places if each.is_good):
        served = witness["served"][place.name]
        missing = [key for key in served if (place.name, key) not in stored]
        wrong += [f"{place.name}: lost {len(missing)} of {len(served)}, first {missing[0]}"] if missing else []
        if told.get(place.name, 0) != len(served):
            wrong.append(f"{place.name}: {told.get(place.name, 0)} items of {len(served)} entries")
    aside = all_jobs_aside(app)
    wrong += [f"set aside: {each}" for each in aside]
    if list(numbers) != list(range(1, issues_count + 1)):
        wrong.append(f"issues: {list(numbers)}")
    pages = [number for number in numbers if not (app.site / "issues" / str(number) / "index.html").is_file()]
    wrong += [f"not published: {pages}"] if pages else []
    became = Counter(row.became for row in sent)
    wrong += _wrong_mails([(row.address, row.became) for row in sent], witness["mails"])
    per_reader = Counter((row.issue_number, row.address) for row in sent)
    wrong += [f"twice to send: {each}" for each, count in per_reader.items() if count > 1]
    counts = {
        **{"items": sum(told.values()), "issues": Counter(numbers.values()), "deliveries": became},
        **{"requests": sum(witness["asked"].values()), "mails at the sink": len(witness["mails"])},
    }
    return Verdict(wrong, counts)


def _wrong_mails(sent: list[tuple[str, str]], mails: list[dict[str, Any]]) -> list[str]:
    """By reader: as many mails acknowledged as are written down as accepted, each in one copy."""
    wrong = []
    copies = Counter((mail["rcpt"][0], mail["message_id"]) for mail in mails)
    wrong += [f"{count} copies: {each}" for each, count in copies.items() if count > 1]
    taken = Counter(mail["rcpt"][0] for mail in mails if mail["acknowledged"])
    unsure = Counter(mail["rcpt"][0] for mail in mails if not mail["acknowledged"])
    accepted = Counter(address for address, became in sent if became == "accepted")
    unknown = Counter(address for address, became in sent if became == "unknown")
    for address in {address for address, _ in sent}:
        if taken[address] != accepted[address]:
            wrong.append(f"{address}: {accepted[address]} accepted, the server took {taken[address]}")
        if unsure[address] > unknown[address]:
            wrong.append(f"{address}: {unsure[address]} without an answer, {unknown[address]} named uncertain")
    open_ones = Counter(became for _, became in sent if became in ("queued", "sending", "deferred"))
    return [*wrong, *(f"still {name}: {count}" for name, count in open_ones.items())]
