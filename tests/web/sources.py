"""A home whose sources are in every state, on a small web of their own; and items with a past."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsletter.model.item import Item, item_id
from newsletter.model.source import FetchState, LastAnswer
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.times import week_period
from newsletter.store import items
from newsletter.store.sources import load_states, save_state
from tests.loopback import Web, atom, serving
from tests.web.desk import Desk, running_desk

NOW = datetime(2026, 10, 15, 18, 35, tzinfo=UTC)
ENTRIES = [(f"p{n}", f"Post {n}", f"2026-10-{n:02}T09:00:00Z", f"Text of the post number {n}.") for n in range(1, 15)]
FEEDS = """\
newsletter:
  name: Test weekly
  from: Test <test@example.org>
schedule: {timezone: Europe/Oslo}
sections:
  - {id: general, title: General, at most: 2}
  - {id: events, title: Events}

sources:
  - name: Planet  # ours, since 2019
    kind: feed
    url: "{web}/planet.xml"
    section: general

  - name: Elections page
    kind: web page
    url: https://wiki.saltmarsh.example/Elections
    watch: "#content h2"
    weight: 20
  - name: Gauge reviews
    kind: feed
    url: https://review.saltmarsh.example/all.xml
  - name: Vendor news
    kind: feed
    url: https://vendor.saltmarsh.example/news.xml
    weight: -10
  - name: Old blog
    kind: feed
    url: https://old.saltmarsh.example/feed
  - name: Try   # an id that is the name of a page
    kind: feed
    url: https://try.saltmarsh.example/feed
    paused: yes

rules:
  - name: No adverts
    match: {title: hiring, source: Planet}
    drop: yes
"""


@dataclass
class Sources:
    """The desk, and the web that its first source lies on."""

    desk: Desk
    web: Web

    @property
    def file(self) -> Path:
        """feeds.yaml."""
        return self.desk.app.home / "feeds.yaml"

    def text(self) -> str:
        """What the file says, with {web} for the address of the web."""
        return self.file.read_text(encoding="utf-8").replace(self.web.base, "{web}")


@contextmanager
def home_of_sources(home: Path, feeds: str = FEEDS) -> Iterator[Sources]:
    """The home, running; one source is well, one broken, one slow, one idle, one moved, one paused."""
    with serving() as web:
        web["/planet.xml"] = atom(*ENTRIES)
        with running_desk(
            home, feeds.replace("{web}", web.base), environ={"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"}
        ) as desk:
            desk.clock.now = NOW
            yield Sources(desk, web)


def read_them(app: Newsletter) -> None:
    """Leave the sources as readings would have left them."""
    now = app.now()
    answers = {
        "elections-page": LastAnswer(now - timedelta(hours=1), 200, 41_000, 0.31),
        "gauge-reviews": LastAnswer(now - timedelta(minutes=20), 503, 800, 1.2, "Service <down> for “upgrade”"),
    }
    changes: dict[str, dict[str, object]] = {
        "planet": {"state": "ok", "last_new_at": now - timedelta(hours=2), "next_at": now + timedelta(hours=1)},
        "elections-page": {
            "state": "failing",
            "state_reason": "No match for “#content h2”: the page changed",
            "failures": 9,
            "failing_since": now - timedelta(days=9),
        },
        "gauge-reviews": {
            "state": "failing",
            "state_reason": "503 Service Unavailable. The server is in trouble; it is asked again later",
            "failures": 6,
            "failing_since": now - timedelta(hours=6),
            "next_at": now + timedelta(hours=2),
        },
        "vendor-news": {"state": "unchanged", "last_new_at": now - timedelta(hours=1), "next_at": now},
        "old-blog": {"state": "moved", "moved_to": "https://new.example/feed", "state_reason": "moved to new"},
    }
    with app.database.transaction() as db:
        for source_id, values in changes.items():
            answer = answers.get(source_id)
            state = replace(
                load_states(db).get(source_id, FetchState(source_id)),
                checked_at=now - timedelta(minutes=30),
                answer=answer.as_json() if answer else {},
                **values,  # type: ignore[arg-type]
            )
            save_state(db, state)


def write_items(app: Newsletter) -> None:
    """Four issues of which none wants what the vendor says, and a draft."""
    said: list[Item] = []
    for week in range(5):
        at = datetime(2026, 10, 13, 9, tzinfo=UTC) - timedelta(weeks=4 - week)
        for source, count in (("planet", 4), ("vendor-news", 5)):
            for number in range(count):
                key = f"{source}{week}{number}"
                title = (
                    "We are hiring" if source == "vendor-news" or number == 3 else f"Story {week}.{number} of the river"
                )
                said.append(
                    Item(
                        item_id(source, key),
                        source,
                        "feed",
                        "post",
                        (key,),
                        f"{title} {key}",
                        url=f"https://{source}.example/{key}",
                        published_at=at + timedelta(hours=number),
                        text=f"About {key}, in a sentence that is long enough to be told.",
                    )
                )
    with app.database.transaction() as db:
        items.save_items(db, said, now=app.now())
    for week in range(38, 43):
        make_draft(app, week_period(app.config.schedule, f"2026-W{week}"))
