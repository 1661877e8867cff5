"""A home whose feeds.yaml names every area of the recorded web, and that web in a process of its own.

The one place where these sources are listed; tests/test_politeness.py and bench/gather.py gather them,
tests/test_real_weeks.py some of them. A test that asks for single documents: tests/replaying.py.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsletter.config.kind_keys import ALLOW_FOLDERS
from newsletter.model.source import FetchState, Source
from newsletter.pipeline.app import Newsletter, open_newsletter
from newsletter.pipeline.gather import SourceReport, due_sources, gather_sources
from tests.corpus import CORPUS, SHARED, expected
from tests.replaying import LOOPBACK

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SINCE = NOW - timedelta(days=365 * 30)
NAMES = (
    *("gerrit.test", "api.github.test", "gitlab.test", "api.launchpad.test", "discourse.test", "lists.test"),
    *("hyperkitty.test", "feeds.test", "living.test"),
    *("listed.test", "walled.test"),
    *("soon.test", "never.test", "sister.never.test", "later.test", "gone.test", "moved.test"),
)
"""The names under which the web answers; those of the last line misbehave."""
SOURCES = """
  - {name: Reviews, kind: gerrit, url: "http://gerrit.test", take: [merged, open, abandoned]}
  - {name: GitHub changes, kind: github, url: "http://api.github.test", repositories: [zhquan_example/repo],
     take: [merged, issues with 1 comments]}
  - {name: GitLab changes, kind: gitlab, url: "http://gitlab.test", repositories: [project],
     take: [merged, issues with 1 comments]}
  - {name: Launchpad bugs, kind: launchpad, url: "http://api.launchpad.test", projects: [mydummyproject],
     take: [bug summary, bugs with 1 comments]}
  - {name: Forum, kind: discourse, url: "http://discourse.test/latest"}
  - {name: List on Mailman 2, kind: mailing list, url: "http://lists.test/twisted-web/"}
  - {name: List on Mailman 3, kind: hyperkitty, url: "http://hyperkitty.test/list/ksummit@lists.example/"}
  - {name: Packed mails, kind: mbox, url: "http://feeds.test/mail/mbox/ksummit.mbox.gz"}
  - {name: Events of Meetup, kind: meetup, url: "http://feeds.test/meetup/perceval/meetup_events.json"}
  - {name: Meeting log, kind: chat log, url: "http://feeds.test/irc/meetbot/test-script-1.log.txt"}
  - {name: Folder of logs, kind: chat log, url: "http://feeds.test/irc/supybot/"}
  - {name: Folder of chats, kind: chat log, url: "http://feeds.test/irc/qtox/"}
  - {name: Page without a feed, kind: web page, url: "http://feeds.test/html/pages/", watch: "a"}
  - {name: Page behind a wall, kind: web page, url: "http://walled.test/hostile/soft-404"}
  - {name: Feed behind the wall, kind: feed, url: "http://walled.test/hostile/utf8-bom"}
  - {name: List of feeds, kind: opml, file: listed.opml}
  - {name: Living in Atom, kind: feed, url: "http://living.test/feed.atom"}
  - {name: Living in RSS, kind: feed, url: "http://living.test/feed.rss"}
  - {name: Living in JSON, kind: feed, url: "http://living.test/feed.json"}
  - {name: Busy for two seconds, kind: feed, url: "http://soon.test/hostile/429-then-ok"}
  - {name: Busy for a day, kind: feed, url: "http://never.test/hostile/429-forever"}
  - {name: Sister of a busy one, kind: feed, url: "http://sister.never.test/living/feed.atom"}
  - {name: In maintenance, kind: feed, url: "http://later.test/hostile/503-maintenance"}
  - {name: Gone, kind: feed, url: "http://gone.test/hostile/gone"}
  - {name: Moved, kind: feed, url: "http://moved.test/hostile/moved/301"}
"""
HEAD = "newsletter: {name: Recorded weekly, from: Recorded <recorded@example.org>}\nsources:"


def feeds_yaml() -> str:
    """All sources, and each recorded feed with entries, and each recorded calendar with dates."""
    return "\n".join((HEAD, SOURCES.strip("\n"), *recorded_feeds(), *recorded_calendars())) + "\n"


def opml() -> str:
    """A list of three recorded feeds, under a name by which nobody else reads them."""
    names = list(expected("feeds/recorded"))[:3]
    rows = (f'<outline text="{name}" xmlUrl="http://listed.test/files/feeds/recorded/{name}"/>' for name in names)
    return f'<opml version="2.0"><body>{"".join(rows)}</body></opml>'


def recorded_calendars() -> list[str]:
    """A line of feeds.yaml for each recorded calendar with events that say when they are."""
    found = []
    for path, document in sorted(expected("calendar").items()):
        if any(event["dtstart"] for event in document["expect"]["events"]):
            url = f"http://feeds.test/calendar/{path}"
            found.append(f"  - {{name: {json.dumps(path)}, kind: calendar, url: {json.dumps(url)}}}")
    return found


def recorded_feeds() -> list[str]:
    """A line of feeds.yaml for each recorded document with entries, whatever its form."""
    found = []
    for path, document in sorted(expected("feeds/recorded").items()):
        expect: dict[str, Any] = document["expect"]
        if expect.get("item_count", 0) or expect.get("item_tags_seen", 0) or expect.get("items"):
            url = f"http://feeds.test/feeds/recorded/{path}"
            found.append(f"  - {{name: {json.dumps(path)}, kind: feed, url: {json.dumps(url)}}}")
    return found


@dataclass(frozen=True)
class RecordedWeb:
    """The recorded web: where it answers, what was asked of it, and how polite that was."""

    port: int

    def rows(self) -> list[dict[str, Any]]:
        """One row for each request since it was forgotten last."""
        return list(self._control("log"))

    def report(self) -> dict[str, dict[str, Any]]:
        """The politeness of the client by host."""
        return dict(self._control("stats"))

    def forget(self) -> None:
        """Begin a new log."""
        self._control("reset")

    def _control(self, word: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/control/{word}") as reply:
            return json.load(reply)


@contextmanager
def recorded_web() -> Iterator[RecordedWeb]:
    """The web, while it is entered."""
    words = [sys.executable, str(SHARED / "tools" / "replay_web.py"), str(CORPUS), "--github-limit", "5000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as web:
        assert web.stdout is not None
        try:
            yield RecordedWeb(int(json.loads(web.stdout.readline())["port"]))
        finally:
            web.terminate()


@contextmanager
def recorded_home(
    folder: Path, web: RecordedWeb, now: Callable[[], datetime], *, feeds: str = ""
) -> Iterator[Newsletter]:
    """A home in ``folder`` that reads all of ``web``, or what ``feeds`` (a feeds.yaml) names of it."""
    (folder / "feeds.yaml").write_text(feeds or feeds_yaml(), encoding="utf-8")
    (folder / "listed.opml").write_text(opml(), encoding="utf-8")
    settings = replace(LOOPBACK, hosts=dict.fromkeys(NAMES, ("127.0.0.1", web.port)))
    with open_newsletter(folder, environ={ALLOW_FOLDERS: str(CORPUS)}, now=now, web=settings) as app:
        assert app.problems == ()
        yield app


def gather(app: Newsletter) -> dict[str, SourceReport]:
    """Read what is due; the reports by the names of the sources."""
    jobs: list[tuple[Source, FetchState]] = due_sources(app)
    return {report.source.name: report for report in gather_sources(app, jobs, since=SINCE)}
