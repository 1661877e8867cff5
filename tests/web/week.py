"""The sample week: 150 candidates and what an editor decides about each (tests/data/week/candidates.txt)."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from newsletter.model.item import Event, Form, Item, Person, Thread, item_id
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.times import week_period
from newsletter.store import items
from tests.fakes import FixedClock
from tests.web.desk import FEEDS

NOW = datetime(2026, 10, 15, 18, 35, tzinfo=UTC)
WEEK = "2026-W42"
PUBLISHING = ("keep", "pin", "date", "to", "title", "restore")
"""The decisions after which an item stands in the issue."""
_FILE = Path(__file__).parents[1] / "data" / "week" / "candidates.txt"
_FORMS: dict[str, Form] = {"planet": "post", "meetings": "event", "press": "page", "chat": "chat"}
_FEEDS = """\
sections:
  - id: highlights
    title: Highlights
    at most: 4
    pick: best of everything
  - id: events
    title: Events
    order: by date
    hide after: the event
  - id: developer
    title: Developer Community
    at most: 22
    group by: project
  - id: general
    title: General Community
    at most: 16
  - id: statistics
    title: Statistics
    show: [events ahead, list messages]
  - id: news
    title: In the News
    at most: 8
rules:
  - name: Robots, adverts and digests
    match:
      title: [nightly, bump, hiring, sponsored, digest, unsubscribe, out of office]
    drop: yes
sources:
"""
_SECTIONS = {"planet": "general", "chat": "general", "meetings": "events", "press": "news"}
_WORDS = ("late in the month", "the week after next")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One item of the week and the decision about it: a word, and what it names."""

    source: str
    title: str
    text: str
    decision: str
    named: str

    @property
    def is_published(self) -> bool:
        """Whether readers get it under a title of its own."""
        return self.decision in PUBLISHING

    @property
    def printed(self) -> str:
        """The title that readers see."""
        return self.named if self.decision == "title" else self.title


def candidates() -> tuple[Candidate, ...]:
    """The table."""
    rows = [line.split("|") for line in _FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found = []
    for row in rows:
        source, title, text, decision = map(str.strip, row)
        word, _, named = decision.partition(" ")
        found.append(Candidate(source, title, text, word, named))
    return tuple(found)


def build_week(folder: Path) -> Path:
    """A home with the draft of the week."""
    (folder / "feeds.yaml").write_text(FEEDS + _FEEDS + "".join(map(_source, _sources())), encoding="utf-8")
    with open_newsletter(folder, environ={}, now=FixedClock(NOW)) as app:
        with app.database.transaction() as db:
            made = [_item(place, each) for place, each in enumerate(candidates())]
            items.save_items(db, made, now=NOW)
        make_draft(app, week_period(app.config.schedule, WEEK))
    return folder


def _sources() -> list[str]:
    return sorted({each.source for each in candidates()})


def _source(name: str) -> str:
    section = _SECTIONS.get(name, "developer")
    return (
        f"  - name: {name.title()}\n    kind: feed\n    url: https://{name}.example/feed.xml\n    section: {section}\n"
    )


def _item(place: int, row: Candidate) -> Item:
    key = f"week-{place}"
    form = _FORMS.get(row.source, "mail")
    made = Item(
        item_id(row.source, key),
        row.source,
        "feed",
        form,
        (key,),
        row.title,
        url=f"https://{row.source}.example/{key}",
        author=Person(("Kim Berg", "Aino Tamm", "Olof Lind", "Mare Saar", "Jens Holm")[place % 5]),
        published_at=datetime(2026, 10, 9, 9, tzinfo=UTC) + timedelta(hours=place),
        text=row.text,
        project=row.source if form == "mail" else None,
    )
    if form == "event":
        day = date(2026, 10, 20) + timedelta(days=place % 17)
        is_guess = row.decision == "date"
        return replace(
            made, event=Event(day, place="Pärnu", is_guess=is_guess, words=_WORDS[place % 2] if is_guess else None)
        )
    if form == "mail" and row.text:
        return replace(made, thread=Thread(key, reply_count=place * 7 % 23, people_count=place % 6 + 2))
    return made
