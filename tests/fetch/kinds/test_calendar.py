import itertools
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from newsletter.errors import BadStatus, NotReadable, Unreachable
from newsletter.fetch.find import find_kind, find_reader
from newsletter.fetch.http import Reply
from newsletter.fetch.ical_lines import read_components
from newsletter.fetch.ical_records import read_record
from newsletter.fetch.ical_series import Budget, Series
from newsletter.fetch.ical_times import Zones, in_utc
from newsletter.fetch.kinds import Batch
from newsletter.fetch.kinds.calendar import Calendar
from newsletter.fetch.workers import worker_pool
from newsletter.model.codec import time_text
from newsletter.model.item import Item
from newsletter.model.source import FetchState, Source
from tests.corpus import CORPUS, expected, needs_corpus
from tests.fakes import FakeHttp

DATA = Path(__file__).parents[2] / "data/calendar/google.ics"
URL = "https://kiln.example/all.ics"
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
EVER = datetime(1, 1, 2, tzinfo=UTC)
SKIPPED = tomllib.loads(Path(__file__).with_name("skipped_calendar.toml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def document(*events: str) -> bytes:
    blocks = "".join(f"BEGIN:VEVENT\n{each.replace('|', chr(10))}\nEND:VEVENT\n" for each in events)
    return f"BEGIN:VCALENDAR\n{blocks}END:VCALENDAR\n".encode()


async def fetched(http: FakeHttp, cursor: Any = None, *, since: datetime | None = None, **keys: Any) -> list[Batch]:
    kind = Calendar(**(keys or {"url": URL}))
    return [batch async for batch in kind.fetch(http, FetchState("kiln", cursor=cursor or {}, since=since))]


def titles(batches: list[Batch]) -> list[str]:
    return [item.title for batch in batches for item in batch.items]


TALK = "UID:talk|DTSTART:20261210T180000Z|SUMMARY:Talk|LOCATION:Hall"
FIRE = "UID:fire|DTSTART:20261211T180000Z|SUMMARY:Firing"


async def test_dates_by_their_start() -> None:
    [batch] = await fetched(FakeHttp({URL: DATA}))
    assert titles([batch]) == ["Winter firing", "Wheel evening with Nives", "Clay camp"]
    assert not batch.is_unchanged


async def test_the_second_time_only_what_changed_is_read(clock: time_machine.Traveller) -> None:
    http = FakeHttp({URL: [document(TALK), document(TALK), document(TALK, FIRE)]})
    first = await fetched(http)
    same = await fetched(http, first[-1].cursor)
    more = await fetched(http, same[-1].cursor)
    assert [titles(each) for each in (first, same, more)] == [["Talk"], [], ["Talk", "Firing"]]
    assert [each[-1].is_unchanged for each in (first, same, more)] == [False, True, False]
    assert [request.known is not None for request in http.requests] == [False, True, True]


async def test_time_alone_brings_dates_into_sight(clock: time_machine.Traveller) -> None:
    http = FakeHttp({URL: document("UID:far|DTSTART:20270201T180000Z|SUMMARY:Far")})
    first = await fetched(http)
    clock.move_to(datetime(2026, 12, 20, tzinfo=UTC))
    still = await fetched(http, first[-1].cursor)
    clock.move_to(datetime(2026, 12, 22, tzinfo=UTC))
    there = await fetched(http, still[-1].cursor)
    again = await fetched(http, there[-1].cursor)
    assert [titles(each) for each in (first, still, there, again)] == [[], [], ["Far"], []]
    assert [request.known is None for request in http.requests] == [True, False, True, False]


async def test_a_date_that_moves_is_told_again_and_stays_told(clock: time_machine.Traveller) -> None:
    moved = TALK.replace("1210T18", "1212T19")
    http = FakeHttp({URL: [document(TALK), document(moved), document(moved, FIRE)]})
    [first] = await fetched(http)
    clock.shift(timedelta(days=1))
    [second] = await fetched(http, first.cursor)
    clock.shift(timedelta(days=1))
    [third] = await fetched(http, second.cursor)
    assert second.items[0].id == first.items[0].id
    assert second.items[0].labels == ("moved",)
    assert second.items[0].published_at == NOW + timedelta(days=1)
    assert second.items[0].text == "Moved: it was to be on 2026-12-10 at 18:00 UTC, Hall."
    assert third.items[1] == second.items[0]


async def test_a_date_that_is_called_off_is_told_once_announced(clock: time_machine.Traveller) -> None:
    off, late = f"{TALK}|STATUS:CANCELLED", f"{FIRE}|STATUS:CANCELLED"
    http = FakeHttp(
        {URL: [document(TALK), document(off, late), document(off, late, "UID:3|DTSTART:20261212|SUMMARY:x")]}
    )
    [first] = await fetched(http)
    clock.shift(timedelta(days=1))
    [second] = await fetched(http, first.cursor)
    clock.shift(timedelta(days=1))
    [third] = await fetched(http, second.cursor)
    assert [(item.id, item.title, item.labels) for item in second.items] == [
        (first.items[0].id, "Cancelled: Talk", ("cancelled",))
    ]
    assert second.items[0].published_at == NOW + timedelta(days=1)
    assert third.items[0] == second.items[0]


async def test_a_date_that_is_gone_is_marked_once() -> None:
    http = FakeHttp({URL: [document(TALK, FIRE), document(FIRE), document(FIRE, "UID:3|DTSTART:20261212|SUMMARY:x")]})
    [first] = await fetched(http)
    [second] = await fetched(http, first.cursor)
    [third] = await fetched(http, second.cursor)
    assert titles([second]) == ["Firing", "Cancelled: Talk"]
    assert second.items[1].id == first.items[0].id
    assert second.items[1].warnings == ("no longer in its calendar",)
    assert titles([third]) == ["Firing", "x"]


async def test_an_empty_calendar_withdraws_nothing_and_an_unreadable_event_neither() -> None:
    http = FakeHttp({URL: [document(TALK), document(), document(TALK.replace("DTSTART:2026", "DTSTART:xx"), FIRE)]})
    [first] = await fetched(http)
    [empty] = await fetched(http, first.cursor)
    [broken] = await fetched(http, empty.cursor)
    assert (titles([empty]), empty.warnings) == (
        [],
        ("the calendar is empty; what it announced before was left as it is",),
    )
    assert titles([broken]) == ["Firing"]
    assert [(each.address, each.reason[:19]) for each in broken.aside] == [(URL, "its start is no tim")]


async def test_a_week_that_is_taken_out_of_a_series_is_called_off() -> None:
    weekly = "UID:w|DTSTART:20261102T090000Z|RRULE:FREQ=WEEKLY|SUMMARY:Wheel"
    http = FakeHttp({URL: [document(weekly), document(f"{weekly}|EXDATE:20261207T090000Z")]})
    [first] = await fetched(http)
    [second] = await fetched(http, first.cursor)
    assert [(item.title, item.native_keys[0]) for item in second.items] == [
        ("Wheel", "w/2026-W51"),
        ("Cancelled: Wheel", "w/2026-W50"),
    ]


async def test_broken_events_are_set_aside_once() -> None:
    broken = "UID:b|SUMMARY:No start"
    http = FakeHttp({URL: [document(broken, TALK), document(broken, FIRE)]})
    [first] = await fetched(http)
    [second] = await fetched(http, first.cursor)
    assert [len(each.aside) for each in (first, second)] == [1, 0]
    assert first.aside[0].reason == "an event without a start"


async def test_many_dates_come_in_parts_and_a_killed_run_begins_again() -> None:
    events = [f"UID:{n}|DTSTART:202612{10 + n % 20}T180000Z|SUMMARY:Event {n}" for n in range(1_200)]
    http = FakeHttp({URL: document(*events)})
    batches = await fetched(http)
    assert [len(batch.items) for batch in batches] == [500, 500, 200]
    assert batches[0].cursor == {}
    assert len({item.id for batch in batches for item in batch.items}) == 1_200
    again = await fetched(http, batches[1].cursor)
    assert sum(len(batch.items) for batch in again) == 1_200
    assert (await fetched(http, batches[2].cursor))[0].is_unchanged


async def test_a_first_reading_may_reach_back() -> None:
    old = "UID:old|DTSTART:20261101T180000Z|CREATED:20261001T000000Z|SUMMARY:Old"
    http = FakeHttp({URL: document(old, TALK)})
    [first] = await fetched(http, since=datetime(2026, 10, 30, tzinfo=UTC))
    [same] = await fetched(http, first.cursor, since=datetime(2026, 10, 30, tzinfo=UTC))
    [further] = await fetched(http, same.cursor, since=datetime(2026, 10, 1, tzinfo=UTC))
    assert titles([first]) == ["Old", "Talk"]
    assert first.items[0].published_at == datetime(2026, 10, 1, tzinfo=UTC)
    assert (same.is_unchanged, titles([further])) == (True, ["Old", "Talk"])


async def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "all.ics"
    path.write_bytes(document(TALK))
    [first] = await fetched(FakeHttp(), file=str(path))
    [same] = await fetched(FakeHttp(), first.cursor, file=str(path))
    assert (titles([first]), same.is_unchanged) == (["Talk"], True)
    with pytest.raises(NotReadable):
        await fetched(FakeHttp(), file=str(tmp_path / "none.ics"))
    with pytest.raises(NotReadable):
        await fetched(FakeHttp(), url="")


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("webcal://kiln.example/all.ics", "https://kiln.example/all.ics"),
        (
            "https://calendar.google.com/calendar/embed?src=abc%40group.calendar.google.com&ctz=UTC",
            "https://calendar.google.com/calendar/ical/abc%40group.calendar.google.com/public/basic.ics",
        ),
        (
            "https://calendar.google.com/calendar/u/0?cid=YWJjQGdyb3VwLmNhbGVuZGFyLmdvb2dsZS5jb20",
            "https://calendar.google.com/calendar/ical/abc%40group.calendar.google.com/public/basic.ics",
        ),
        (
            "https://calendar.google.com/calendar/ical/x/public/basic.ics",
            "https://calendar.google.com/calendar/ical/x/public/basic.ics",
        ),
    ],
)
async def test_addresses(url: str, asked: str) -> None:
    http = FakeHttp({asked: document(TALK)})
    assert titles(await fetched(http, url=url)) == ["Talk"]
    assert http.urls == [asked]
    assert (await find_kind(url, FakeHttp())).info.reader == "calendar"


async def test_webcal_without_tls() -> None:
    http = FakeHttp({"https://k.example/a": Unreachable("refused"), "http://k.example/a": document(TALK)})
    assert titles(await fetched(http, url="webcal://k.example/a")) == ["Talk"]
    with pytest.raises(BadStatus):
        await fetched(FakeHttp(), url="webcal://k.example/a")


async def test_a_calendar_is_known_by_looking() -> None:
    assert (
        await find_kind("https://kiln.example/feed", FakeHttp({"https://kiln.example/feed": DATA}))
    ).info.reader == "calendar"
    reply = Reply("https://x.example/", 200, b"", {"Content-Type": "text/calendar; charset=utf-8"})
    assert Calendar.recognises(reply)
    source = Source("kiln", "Kiln", "calendar", {"file": "dates.dat", "look_ahead": timedelta(weeks=1)})
    assert (await find_reader(source, FakeHttp())).info.reader == "calendar"


async def test_a_rule_that_is_a_bomb_is_answered_in_a_worker() -> None:
    bomb = "UID:bomb|DTSTART:20240101T000000Z|DTEND:20240101T000001Z|RRULE:FREQ=SECONDLY|SUMMARY:Every second"
    async with worker_pool(1, seconds=60):
        [batch] = await fetched(FakeHttp({URL: document(bomb, TALK)}))
    assert titles([batch]) == ["Talk"]
    assert batch.warnings == (
        "“Every second” repeats more often than anybody can attend; only its first date was read",
    )


RECORDED = expected("calendar")


async def recorded(path: str) -> tuple[Batch, ...]:
    file = str(CORPUS / "calendar" / path)
    return tuple(await fetched(FakeHttp(), since=EVER, file=file, look_ahead=timedelta(days=36_500)))


def of_event(items: tuple[Item, ...], event: dict[str, Any]) -> list[Item]:
    uid = event["uid"] or "nameless-"
    return [item for item in items if item.native_keys[0].startswith(uid)]


@needs_corpus
@pytest.mark.parametrize("path", RECORDED)
async def test_recorded_calendars(path: str) -> None:
    want = RECORDED[path]["expect"]
    if path in SKIPPED["documents"]:
        with pytest.raises(NotReadable):
            await recorded(path)
        return
    [batch] = await recorded(path)
    held = 0
    for event in want["events"]:
        if event["dtstart"] is None or f"{path} {event['uid']}" in SKIPPED["events"]:
            continue
        found = of_event(batch.items, event)
        assert found, (path, event)
        held += 1
        if event["summary"]:
            assert " ".join(event["summary"].split()) in [item.title for item in found]
        if event["status"] == "CANCELLED":
            assert all("cancelled" in item.labels for item in found)
        if f"{path} {event['uid']} start" not in SKIPPED["events"]:
            assert event["dtstart_utc"] in (None, *(time_text(item.event.starts_at) for item in found if item.event))
            if event["dtstart_utc"] is None and event["tzid"] is None:
                plain = [
                    str(time_text(item.event.starts_at)).replace("-", "").replace(":", "")
                    for item in found
                    if item.event
                ]
                assert event["dtstart"] in plain
    undated = sum(event["dtstart"] is None for event in want["events"])
    assert len(batch.aside) >= min(undated, 1) or path in SKIPPED["asides"]
    assert (held > 0) == bool(batch.items)
    assert len({item.id for item in batch.items}) == len(batch.items)


@needs_corpus
@pytest.mark.parametrize(
    "path", [path for path, each in RECORDED.items() if "count" in each["expect"].get("occurrences_370_days", {})]
)
def test_recorded_repetitions(path: str) -> None:
    want = RECORDED[path]["expect"]["occurrences_370_days"]
    if path in SKIPPED["occurrences"]:
        return
    root = read_components((CORPUS / "calendar" / path).read_bytes())
    zones = Zones.of(root)
    groups: dict[str, list[Any]] = defaultdict(list)
    for component in root.walk("VEVENT"):
        if component.first("DTSTART"):
            groups[component.text("UID")].append(read_record(component, zones))
    begin, end = (datetime.combine(date.fromisoformat(want[name]), datetime.min.time(), UTC) for name in ("from", "to"))
    dates = itertools.chain.from_iterable(
        Series.of(records, zones).between(begin, end, Budget()) for records in groups.values()
    )
    found = sorted(dates, key=lambda each: each.starts_at)
    assert len(found) == want["count"]
    assert [time_text(in_utc(each.start)) for each in found[:20]] == [at for _, _, at in want["first_20"]]
    assert [each.record.component.text("SUMMARY") for each in found[:20]] == [
        title.strip() for _, title, _ in want["first_20"]
    ]


@needs_corpus
def test_what_is_skipped_is_there() -> None:
    assert set(SKIPPED["documents"]) | set(SKIPPED["occurrences"]) <= set(RECORDED)
    known = {f"{path} {event['uid']}" for path, each in RECORDED.items() for event in each["expect"]["events"]}
    assert {name.removesuffix(" start") for name in SKIPPED["events"]} <= known
