from datetime import UTC, date, datetime

from newsletter.edit.draft import draft_issue
from newsletter.model.item import Event, Item, Person, Review, Thread
from newsletter.model.source import FetchState, Source
from newsletter.model.story import ScorePart
from newsletter.render.records import issue_record, item_record, source_record
from tests.edit.samples import judged, plan

AT = datetime(2026, 10, 10, 9, 30, tzinfo=UTC)
KEYS = [
    "id", "source", "kind", "url", "title", "author", "published_at", "updated_at",
    "text", "html", "links", "thread", "review", "event", "warnings",
]  # fmt: skip


def test_an_item_has_the_fields_of_the_contract_and_null_for_the_unknown() -> None:
    record = item_record(Item("id", "s", "feed", "post", ("k",), "T"), source_name="Planet")
    assert list(record) == KEYS
    assert record["source"] == "Planet"
    assert [record[key] for key in ("url", "author", "published_at", "thread", "review", "event")] == [None] * 6


def test_times_are_utc_and_local_times_stay_local() -> None:
    item = Item(
        "id", "s", "gerrit", "review", ("k",), "T",
        author=Person("Ada"), published_at=AT,
        thread=Thread("r", 2, 2, AT, AT),
        review=Review("merged", "core", 7, merged_at=AT),
        event=Event(datetime(2026, 11, 1, 19, 0), date(2026, 11, 2)),
    )  # fmt: skip
    record = item_record(item, source_name="Reviews")
    assert record["published_at"] == "2026-10-10T09:30:00Z"
    assert record["thread"]["last_at"] == "2026-10-10T09:30:00Z"
    assert record["review"]["merged_at"] == "2026-10-10T09:30:00Z"
    assert record["event"]["starts_at"] == "2026-11-01T19:00:00"
    assert record["event"]["timezone"] is None
    assert record["event"]["ends_at"] == "2026-11-02"


def test_an_issue_tells_entries_with_parts_that_add_up() -> None:
    story = judged("one", score=65, parts=(ScorePart("start", 50), ScorePart("rule", 15, 12)), why="A rule.")
    record = issue_record(draft_issue([story], plan()))
    entry = record["sections"][0]["entries"][0]
    assert sum(part["points"] for part in entry["parts"]) == entry["score"] == 65
    assert entry["parts"][1]["line"] == 12
    assert entry["why"].startswith("A rule.")
    assert record["period"] == {"start": "2026-10-08T18:00:00Z", "end": "2026-10-15T18:00:00Z"}


def test_a_source_tells_its_health() -> None:
    source = Source("planet", "Planet")
    assert source_record(source, None)["state"] == "ok"
    assert source_record(source, None)["state_reason"] == "not read yet"
    state = FetchState("planet", state="throttled", state_reason="429", reader="feed", checked_at=AT, items_count=3)
    assert source_record(source, state) == {
        "name": "Planet", "kind": "feed", "reader": "feed", "state": "throttled", "state_reason": "429",
        "items_count": 3, "last_new_at": None, "checked_at": "2026-10-10T09:30:00Z", "next_at": None,
    }  # fmt: skip
    assert source_record(Source("p", "P", paused=True), state)["state"] == "paused"
