"""A desk with a draft of items that were written for it; no source is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from newsletter.edit.desk import Card
from newsletter.edit.desk import Desk as Drafted
from newsletter.model.item import Event, Form, Item, Person, item_id
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.review import open_desk
from newsletter.pipeline.times import week_period
from newsletter.store import items
from tests.web.desk import FEEDS, Desk, running_desk

SOURCES = """\
sources:
  - name: Planet
    kind: feed
    url: https://planet.example/feed.xml
    section: general
  - name: Dev list
    kind: feed
    url: https://lists.example/dev.xml
    section: developer
  - name: Meetings
    kind: feed
    url: https://meetings.example/feed.xml
    section: events
rules:
  - name: Big things stay
    match:
      title: bridge
    keep: yes
  - name: No adverts
    match:
      title: [hiring, sunny]
    drop: yes
"""
WEEK = "2026-W42"
NOW = datetime(2026, 10, 15, 18, 35, tzinfo=UTC)
WORDS = (
    "The harbour office will open the old bridge over the river on Monday, after eleven months of slow repairs, and "
    "everybody who lives on the eastern bank may walk across without the ferry for the first time since winter."
)


def item_of(source: str, key: str, title: str, **values: object) -> Item:
    """An item of the week."""
    given: dict[str, object] = {
        "form": "post",
        "url": f"https://{source}.example/{key}",
        "author": Person("Kim Berg"),
        "published_at": datetime(2026, 10, 13, 9, 0, tzinfo=UTC),
        "text": f"A text about {title} that is long enough to be told in a sentence of its own.",
    }
    form: Form = "post"
    made = Item(item_id(source, key), source, "feed", form, (key,), title)
    return replace(made, **{**given, **values})  # type: ignore[arg-type]


BRIDGE = item_of("planet", "bridge", "The sunny bridge opens", text=WORDS)
GAUGE = item_of("planet", "gauge", "A new gauge", text="The gauge counts drops.\nIt was built in a week by two people.")
ADVERT = item_of("planet", "advert", "We are hiring")
THREAD = item_of("dev-list", "thread", "Walking over the river again", text=f"Somebody wrote: {WORDS}")
ROBOT = item_of("dev-list", "robot", "Nightly build failed", author=Person("kiln-bot"), warnings=("link lost",))
SPRINT = item_of(
    "meetings",
    "sprint",
    "Contributor sprint in Tallinn",
    form="event",
    event=Event(
        date(2026, 10, 27),
        date(2026, 10, 29),
        place="Tallinn",
        is_guess=True,
        words="later this month, Tuesday to Thursday",
        deadline_at=date(2026, 10, 20),
    ),
)
ITEMS = (BRIDGE, GAUGE, ADVERT, THREAD, ROBOT, SPRINT)


@contextmanager
def drafted_desk(home: Path, *found: Item) -> Iterator[Desk]:
    """The desk with issue 1 drafted from ``found``, or from the items above."""
    with running_desk(home, FEEDS + SOURCES) as desk:
        desk.clock.now = NOW
        save(desk, *(found or ITEMS))
        yield desk


def save(desk: Desk, *found: Item) -> None:
    """Store items, and make the draft anew."""
    app = desk.app
    with app.database.transaction() as db:
        items.save_items(db, found, now=app.now())
    make_draft(app, week_period(app.config.schedule, WEEK))


def cards(app: Newsletter) -> dict[str, Card]:
    """The cards of issue 1 by their titles."""
    return {card.entry.title: card for card in drafted(app).cards()}


def drafted(app: Newsletter) -> Drafted:
    """The desk of issue 1."""
    return open_desk(app, 1)
