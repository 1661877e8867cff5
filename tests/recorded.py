"""A home whose feeds.yaml names every area of the recorded web, and that web in a process of its own.

The one place where these sources are listed; tests/test_politeness.py and bench/gather.py gather them,
tests/test_real_weeks.py some of them. A test that asks for single documents: tests/replaying.py.
"""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsletter.config.kind_keys import kind_keys
from newsletter.fetch.kinds import find_kinds
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
    *("soon.test", "never.test", "later.test", "gone.test", "moved.test"),
)
"""The names under which the web answers; those of the last line misbehave."""
NOT_YET: frozenset[str] = frozenset()
"""Sources whose kind this version cannot read: the only ones that may say so, or be missing from feeds.yaml."""
SOURCES = """
  - {name: Reviews, kind: gerrit, url: "http://gerrit.test", take: [merged, open, abandoned]}
  - {name: GitHub changes, kind: github, url: "http://api.github.test", repositories: [zhquan_example/repo],
     take: [merged, issues with 1 comments]}
  - {name: GitLab changes, kind: gitlab, url: "http://gitlab.test", repositories: [group/project],
     take: [merged, issues with 1 comments]}
  - {name: Launchpad bugs, kind: launchpad, url: "http://api.launchpad.test", projects: [mydummyproject],
     take: [bug summary]}
  - {name: Forum, kind: discourse, url: "http://discourse.test/latest"}
  - {name: List on Mailman 2, kind: mailing list, url: "http://lists.test/twisted-web/"}
  - {name: List on Mailman 3, kind: hyperkitty, url: "http://hyperkitty.test/list/ksummit@lists.example/"}
  - {name: Packed mails, kind: mbox, url: "http://feeds.test/mail/mbox/ksummit.mbox.gz"}
  - {name: Calendar, kind: calendar, url: "http://feeds.test/calendar/icalendar/alarm_etar_future.ics"}
  - {name: Meeting log, kind: chat log, url: "http://feeds.test/irc/meetbot/test-script-1.log.txt"}
  - {name: Folder of logs, kind: chat log, url: "http://feeds.test/irc/supybot/"}
  - {name: Page without a feed, kind: web page, url: "http://feeds.test/html/pages/", watch: "a"}
  - {name: Living in Atom, kind: feed, url: "http://living.test/feed.atom"}
  - {name: Living in RSS, kind: feed, url: "http://living.test/feed.rss"}
  - {name: Living in JSON, kind: feed, url: "http://living.test/feed.json"}
  - {name: Busy for two seconds, kind: feed, url: "http://soon.test/hostile/429-then-ok"}
  - {name: Busy for a day, kind: feed, url: "http://never.test/hostile/429-forever"}
  - {name: In maintenance, kind: feed, url: "http://later.test/hostile/503-maintenance"}
  - {name: Gone, kind: feed, url: "http://gone.test/hostile/gone"}
  - {name: Moved, kind: feed, url: "http://moved.test/hostile/moved/301"}
"""
HEAD = "newsletter: {name: Recorded weekly, from: Recorded <recorded@example.org>}\nsources:"


def feeds_yaml() -> str:
    """All sources, and each recorded feed with entries; without those whose kind or keys are not even known."""
    lines = SOURCES.strip("\n").replace("\n     ", " ").splitlines()
    known = [line for line in lines if _is_known(line)]
    missing = {_value(line, "name") for line in lines} - {_value(line, "name") for line in known}
    assert missing <= NOT_YET, missing
    return "\n".join((HEAD, *known, *recorded_feeds())) + "\n"


def _value(line: str, key: str) -> str:
    return line.partition(f"{key}: ")[2].partition(",")[0]


def _is_known(line: str) -> bool:
    """Whether there is such a kind, and it can have such keys."""
    word = _value(line, "kind")
    kinds = {name for info in find_kinds().values() for name in (info.word, info.reader)}
    keys = set(re.findall(r"[{,] *([a-z ]+):", line)) - {"name", "kind"}
    return word in kinds and keys <= set(kind_keys(word).keys)


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
    settings = replace(LOOPBACK, hosts=dict.fromkeys(NAMES, ("127.0.0.1", web.port)))
    with open_newsletter(folder, environ={}, now=now, web=settings) as app:
        assert app.problems == ()
        yield app


def gather(app: Newsletter) -> dict[str, SourceReport]:
    """Read what is due; the reports by the names of the sources."""
    jobs: list[tuple[Source, FetchState]] = due_sources(app)
    return {report.source.name: report for report in gather_sources(app, jobs, since=SINCE)}
