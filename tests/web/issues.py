"""Issues at a desk for tests: drafted from one feed over a small real web."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from starlette.testclient import TestClient

from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.gather import due_sources, gather_sources
from newsletter.pipeline.publish import publish_site, render_issue
from newsletter.pipeline.times import week_period
from newsletter.web.app import make_web
from tests.fakes import FixedClock
from tests.loopback import Web, atom, serving
from tests.web.desk import BASE, Desk

NOW = datetime(2026, 10, 15, 18, 35, tzinfo=UTC)
FEEDS = """\
newsletter:
  name: Test weekly
  from: Test <test@example.org>
  site: https://weekly.example.org
schedule:
  timezone: Europe/Oslo
sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    section: general
rules:
  - name: Dates
    match:
      title: workshop
    section: events
"""
BRIDGE = ("first", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")
GAUGE = ("second", "A new gauge", "2026-10-13T09:00:00Z", "The gauge counts drops and people who pass by.")
LAMP = ("third", "Lamps for the quay", "2026-10-14T09:00:00Z", "Twelve lamps stand along the quay since Tuesday.")


def draft(desk: Desk, week: str = "2026-W42") -> int:
    """Gather, draft and render a week, in a thread: a browser holds a loop in ours. The number of the issue."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_draft, desk, week).result()


def _draft(desk: Desk, week: str) -> int:
    gather_sources(desk.app, due_sources(desk.app, ("Planet",)))
    issue = make_draft(desk.app, week_period(desk.app.config.schedule, week))
    render_issue(desk.app, issue.number)
    publish_site(desk.app)
    return issue.number


@contextmanager
def drafted_desk(home: Path, *entries: tuple[str, str, str, str], feeds: str = FEEDS) -> Iterator[tuple[Desk, Web]]:
    """The desk of a home with issue 1, a draft, made of ``entries`` of a feed; and the web they came from."""
    home.mkdir(exist_ok=True)
    with serving() as web:
        web["/planet.xml"] = atom(*(entries or (BRIDGE, GAUGE, LAMP)))
        (home / "feeds.yaml").write_text(feeds.replace("{web}", web.base), encoding="utf-8")
        clock = FixedClock(NOW)
        made = make_web(home, environ={"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"}, now=clock)
        with TestClient(made, base_url=BASE, client=("127.0.0.1", 50000), follow_redirects=False) as client:
            desk = Desk(made, clock, client)
            assert draft(desk) == 1
            yield desk, web
