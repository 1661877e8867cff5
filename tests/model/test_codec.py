from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from newsletter.model.codec import from_json, to_json
from newsletter.model.issue import Issue, Section
from newsletter.model.item import Event, Item, Person, Review, Thread, item_id
from newsletter.model.period import Period, WeekTime

AT = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)


def test_an_item_survives_json() -> None:
    item = Item(
        id=item_id("planet", "key"),
        source_id="planet",
        kind="feed",
        form="post",
        native_keys=("key", "other"),
        title="Title",
        author=Person("Ada", "ada@example.org"),
        published_at=AT,
        thread=Thread("root", 3, 2, AT, None),
        review=Review("merged", "core", 7, files_count=0),
        event=Event(date(2026, 4, 1), datetime(2026, 4, 2, 9, 0), is_guess=True),
        labels=("a",),
    )
    assert from_json(Item, to_json(item)) == item


def test_times_keep_what_is_known() -> None:
    event = Event(datetime(2026, 4, 2, 9, 0), AT, timezone=None)
    written = to_json(event)
    assert written == {"starts_at": "2026-04-02T09:00:00", "ends_at": "2026-03-06T18:00:00Z"}
    assert from_json(Event, written) == event


def test_an_issue_survives_json() -> None:
    period = Period(AT, AT.replace(day=13))
    issue = Issue(3, "T", period, date(2026, 3, 13), sections=(Section("general", "General", period),))
    assert from_json(Issue, to_json(issue)) == issue


def test_week_time_and_zone_survive_json() -> None:
    assert from_json(WeekTime, to_json(WeekTime(3, time(18, 30)))) == WeekTime(3, time(18, 30))
    assert from_json(ZoneInfo, to_json(ZoneInfo("Europe/Berlin"))) == ZoneInfo("Europe/Berlin")
