"""Rows of a source's page."""

from datetime import UTC, date, datetime

from newsletter.model.item import Event, Item, item_id
from newsletter.pipeline.source_outcomes import Outcome
from newsletter.web.source_views import outcome_rows

NOW = datetime(2026, 10, 15, 18, tzinfo=UTC)


def test_no_day_is_made_up_for_what_names_none() -> None:
    plain = Item(item_id("planet", "a"), "planet", "feed", "post", ("a",), "A lamp")
    dated = Item(item_id("planet", "b"), "planet", "feed", "post", ("b",), "A keel", published_at=NOW)
    event = Item(item_id("dates", "c"), "dates", "calendar", "event", ("c",), "A day", event=Event(date(2026, 11, 2)))
    rows = outcome_rows([Outcome(each, NOW, "seen") for each in (plain, dated, event)], UTC, NOW)
    assert [row.day for row in rows] == ["no date", "15 October", "15 October"]
