"""The week of a service whose machine sleeps, whose file changes, and whose clocks are set forward and back."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from structlog.testing import capture_logs

from newsletter.jobs.queue import InlineQueue
from newsletter.jobs.schedule import Runner
from newsletter.jobs.service import make_queue
from newsletter.pipeline.approval import approve
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.due_jobs import next_due_at
from newsletter.pipeline.send_acts import send_now
from newsletter.store import issues
from newsletter.store.mailings import known_mailing
from newsletter.store.queue import open_jobs
from newsletter.store.sources import load_states
from tests.loopback import atom
from tests.mailed import add_readers
from tests.pipeline.conftest import Home
from tests.pipeline.conftest import any_home as any_home
from tests.pipeline.conftest import home as home

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n    check every: 3 hours\n"
REMINDED = "schedule:\n  remind reviewer: Thursday 21:00\n"
READERS = tuple(f"r{number}@readers.example" for number in range(3))
THURSDAY = datetime(2026, 10, 15, 17, 0, tzinfo=UTC)


class Service:
    """A running service whose looks a test makes; ``events`` are what it logged, with the time by the test's clock."""

    def __init__(self, home: Home, runner: Runner, queue: InlineQueue, logged: list[Mapping[str, Any]]) -> None:
        self.home, self.runner, self.queue, self._logged = home, runner, queue, logged
        self.made: list[tuple[str, datetime]] = []

    def look(self, times: int = 1) -> None:
        """What the two clocks of the scheduler do, and then the queue; more often than needed does no harm."""
        for _ in range(times):
            before = len(self._logged)
            self.runner.look()
            self.runner.look_at_mails()
            self.queue.drain()
            self.made += [(each["event"], self.home.clock()) for each in self._logged[before:]]

    def step(self, *, until: datetime, minutes: int = 10) -> None:
        while self.home.clock() < until:
            self.look()
            self.home.clock.move(minutes=minutes)

    def when(self, event: str) -> list[datetime]:
        return [at for name, at in self.made if name == event]

    def told(self) -> Counter[str]:
        """The mails of all sorts by whom they are for and what they are about."""
        found: Counter[str] = Counter()
        for path in (self.home.folder / "data" / "outbox").glob("*.eml"):
            mail = message_from_bytes(path.read_bytes(), policy=default)
            found[f"{mail['To']}: {mail['Subject']}"] += 1
        return found


@contextmanager
def service(home: Home, settings: str = "", *, at: datetime = THURSDAY) -> Iterator[Service]:
    home.clock.now = at
    home.write(settings + PLANET)
    home.web["/planet.xml"] = atom(
        ("one", "The bridge opens", f"{at - timedelta(days=1):%Y-%m-%d}T09:00:00Z", "Hello.")
    )
    shop, queue, asked = make_queue(Surroundings(home.folder, home.environ, home.clock, {}))
    with shop.opened(), capture_logs() as logged:
        yield Service(home, Runner(shop.current, asked), queue, logged)  # type: ignore[arg-type]


def approved(found: Service) -> None:
    with found.home.opened() as app:
        add_readers(app.database, READERS)
        approve(app, 1, editor="Ines")


def mailing_state(home: Home) -> str:
    with home.opened() as app, app.database.reading() as db:
        return known_mailing(db, 1).state


def to_readers(found: Service) -> int:
    return sum(count for line, count in found.told().items() if "@readers.example" in line)


def test_three_days_asleep_read_draft_and_remind_once(any_home: Home) -> None:
    with service(any_home, REMINDED) as found:
        found.look()
        assert any_home.web.asked == [("/planet.xml", 200)]
        any_home.clock.move(days=3)
        found.look(times=4)
        assert any_home.web.asked == [("/planet.xml", 200), ("/planet.xml", 304)], (
            "one reading for all that were missed"
        )
        assert found.when("draft_ready") == [any_home.clock()]
        assert len(found.told()) == 1, "of draft, reminder and hour only what holds now is told"
        assert "test@example.org" in next(iter(found.told()))
        any_home.clock.move(minutes=5)
        found.look(times=2)
        assert (len(found.when("draft_ready")), found.told().total()) == (1, 1)
        with any_home.opened() as app, app.database.reading() as db:
            assert issues.numbers(db) == [1]
            assert open_jobs(db, ["read source", "make draft", "remind", "send"]) == []


def test_an_issue_whose_hour_was_slept_through_asks_and_goes_once(any_home: Home) -> None:
    with service(any_home) as found:
        found.look()
        any_home.clock.move(hours=2)
        found.look()
        approved(found)
        any_home.clock.move(days=3)
        found.look(times=3)
        any_home.clock.move(minutes=40)
        found.look(times=2)
        assert mailing_state(any_home) == "asking"
        assert to_readers(found) == 0
        assert sum("test@example.org" in line for line in found.told()) == 2, "that it is ready, and the question: once"
        with any_home.opened() as app:
            send_now(app, 1, by="Ines")
        found.look(times=3)
        assert mailing_state(any_home) == "done"
        assert to_readers(found) == len(READERS)
        assert len(found.when("mails sent")) == 1


def test_a_short_nap_over_the_hour_sends_once_when_it_ends(any_home: Home) -> None:
    with service(any_home) as found:
        found.look()
        any_home.clock.move(hours=2)
        found.look()
        approved(found)
        any_home.clock.now = datetime(2026, 10, 16, 15, 30, tzinfo=UTC)
        found.look(times=3)
        assert (mailing_state(any_home), to_readers(found)) == ("done", len(READERS))
        any_home.clock.move(minutes=1)
        found.look(times=2)
        assert len(found.when("mails sent")) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("saturday", "at"),
    [
        (datetime(2026, 10, 24, 17, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 3, 28, 18, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
    ids=["an hour that comes twice", "an hour that is left out"],
)
def test_what_is_sent_in_the_night_of_the_clock_change_goes_once(home: Home, saturday: datetime, at: datetime) -> None:
    hours = "collect until: Saturday 20:00\n  draft ready: Saturday 20:30\n  send: Sunday 02:30\n"
    with service(home, f"schedule:\n  timezone: Europe/Berlin\n  {hours}", at=saturday) as found:
        found.step(until=saturday + timedelta(hours=3))
        approved(found)
        found.step(until=saturday + timedelta(hours=15))
        assert found.when("mails sent") == [at]
        assert to_readers(found) == len(READERS)


@pytest.mark.slow
def test_a_day_to_skip_makes_no_issue_and_its_week_belongs_to_the_next(home: Home) -> None:
    with service(home, "schedule:\n  skip: [2026-10-23]\n") as found:
        for _ in range(3 * 7 * 4):
            found.look()
            home.clock.move(hours=6)
        with home.opened() as app, app.database.reading() as db:
            made = [
                (each.start, each.end)
                for number in issues.numbers(db)
                for each in [issues.issue(db, number).issue.period]
            ]
            assert open_jobs(db, ["make draft"]) == []
    first, after = datetime(2026, 10, 15, 18, tzinfo=UTC), datetime(2026, 10, 29, 18, tzinfo=UTC)
    assert made == [(first - timedelta(days=7), first), (first, after)]


def changed(home: Home, settings: str) -> None:
    home.write(settings + PLANET)


def test_another_hour_and_another_zone_hold_without_a_restart(home: Home) -> None:
    with service(home, "schedule:\n  draft ready: Thursday 18:30\n") as found:
        found.look()
        changed(home, "schedule:\n  draft ready: Thursday 20:00\n")
        home.clock.now = datetime(2026, 10, 15, 19, 59, tzinfo=UTC)
        found.look()
        assert found.when("draft_ready") == []
        assert next_due_at(found.queue.shop.app) == datetime(2026, 10, 15, 20, 0, tzinfo=UTC)
        changed(home, "schedule:\n  timezone: America/Chicago\n  draft ready: Thursday 20:00\n")
        home.clock.now = datetime(2026, 10, 15, 20, 1, tzinfo=UTC)
        found.look()
        assert found.when("draft_ready") == [], "it is three in the afternoon there"
        home.clock.now = datetime(2026, 10, 16, 1, 0, tzinfo=UTC)
        found.look(times=2)
        assert found.when("draft_ready") == [home.clock()]


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "headers", "body", "least", "most"),
    [
        (200, {"Cache-Control": "max-age=18000"}, atom(), 5 * HOUR, 5.5 * HOUR),
        (200, {}, "<rss version='2.0'><channel><title>P</title><ttl>360</ttl></channel></rss>", 6 * HOUR, 6.6 * HOUR),
        (200, {"Cache-Control": "no-store, max-age=18000"}, atom(), 3 * HOUR, 3.3 * HOUR),
        (200, {"Cache-Control": "max-age=99999999"}, atom(), 12 * HOUR, 13.2 * HOUR),
        (503, {"Retry-After": "7200"}, "", 2 * HOUR, 2 * HOUR + timedelta(minutes=1)),
        (429, {"Retry-After": "Thu, 15 Oct 2026 23:00:00 GMT"}, "", 6 * HOUR, 6 * HOUR + timedelta(minutes=1)),
        (429, {"Retry-After": "0"}, "", 0.22 * HOUR, 0.28 * HOUR),
        (503, {"Retry-After": "Thu, 15 Oct 2026 11:00:00 GMT"}, "", 0.22 * HOUR, 0.28 * HOUR),
    ],
    ids=["max-age", "ttl", "no-store", "not for ever", "Retry-After in seconds", "as a date", "at once", "long ago"],
)
def test_what_a_server_says_moves_the_next_reading(
    home: Home, status: int, headers: dict[str, str], body: str, least: timedelta, most: timedelta
) -> None:
    def answer(path: str, conditions: str | None) -> tuple[int, dict[str, str], bytes]:
        return status, {"Content-Type": "application/xml", **headers}, body.encode()

    at = THURSDAY + timedelta(hours=2)  # the draft's hour is far
    home.web.answer = answer  # type: ignore[method-assign]
    with service(home, at=at if status == 200 else THURSDAY) as found:
        began = home.clock()
        found.look()
        with home.opened() as app, app.database.reading() as db:
            next_at = load_states(db)["planet"].next_at
        assert next_at is not None
        assert least <= next_at - began <= most
        home.clock.now = next_at - timedelta(seconds=1)
        asked = len(home.web.asked)
        found.look(times=2)
        assert len(home.web.asked) == asked, "not a second before"
        home.clock.now = next_at + timedelta(minutes=2)
        found.look(times=2)
        assert len(home.web.asked) == asked + 1


def test_the_moments_differ_from_source_to_source_and_not_from_start_to_start(home: Home) -> None:
    sources = "".join(f"  - name: S{at}\n    kind: feed\n    url: {{web}}/{at}.xml\n" for at in range(12))
    for at in range(12):
        home.web[f"/{at}.xml"] = atom((f"{at}", "Words", "2026-10-14T09:00:00Z", "Hello."))

    def moments(read: Callable[[], object]) -> dict[str, timedelta]:
        home.clock.now = THURSDAY - timedelta(days=2)
        read()
        with home.opened() as app, app.database.reading() as db:
            known = load_states(db)
            return {each.id: known[each.id].next_at - home.clock() for each in app.config.sources}  # type: ignore[operator]

    def by_the_service() -> None:
        with service(home, at=home.clock()) as found:
            home.write("sources:\n" + sources)
            found.look()

    first = moments(by_the_service)
    home.write("sources:\n" + sources)
    names = [f"S{at}" for at in range(12)]
    assert moments(lambda: home.gather(*names)).keys() == first.keys()
    assert all(2 * HOUR <= wait <= 2.2 * HOUR for wait in first.values())
    assert len(set(first.values())) == len(first)
    (home.folder / "data" / "newsletter.db").unlink()
    assert moments(by_the_service) == first
