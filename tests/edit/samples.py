"""Judged stories for the tests of edit."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from newsletter.edit.draft import DraftPlan
from newsletter.edit.placing import Judged
from newsletter.model.item import Event, Item, item_id
from newsletter.model.period import Period
from newsletter.model.settings import DEFAULT_SECTIONS
from newsletter.model.source import Source
from newsletter.model.story import Story, Verdict

PERIOD = Period(datetime(2026, 10, 8, 18, tzinfo=UTC), datetime(2026, 10, 15, 18, tzinfo=UTC))
PUBLISH = datetime(2026, 10, 16, 10, tzinfo=UTC)
DEV = Source("dev-list", "dev list", "mailing list")


def judged(
    name: str,
    section: str | None = "general",
    score: int = 50,
    *,
    project: str | None = None,
    event: Event | None = None,
    due_on: date | None = None,
    source: str = "dev-list",
    item_labels: tuple[str, ...] = (),
    **verdict: object,
) -> Judged:
    item = Item(item_id(source, name), source, "feed", "post", (name,), name, url=f"https://a.example/{name}")
    item = replace(item, labels=item_labels)
    story = Story(item_id("story", name), (item,), name, item.url, project=project, event=event, last_at=PERIOD.start)
    return Judged(story, Verdict(section, score, **verdict), due_on)  # type: ignore[arg-type]


def plan(**values: object) -> DraftPlan:
    given: dict[str, object] = {
        "number": 7,
        "period": PERIOD,
        "publish_at": PUBLISH,
        "zone": ZoneInfo("UTC"),
        "name": "Weekly",
        "sections": DEFAULT_SECTIONS,
        "sources": {"dev-list": DEV},
    }
    return DraftPlan(**(given | values))  # type: ignore[arg-type]
