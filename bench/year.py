"""A year of history: what the week's issue and the desk cost after 1, 4 and 12 months.

    python bench/year.py [--months 1,4,12] [--statements] [--no-paint]

300 sources, 5,000 items a week (`year_home.py` makes the homes once and keeps them under ~/.cache: some ten minutes of
the processor and 3 GB). Measured are, each in a process of its own on a copy of the home: the build of the newest week
(draft, render, site) with its seconds, memory, bytes read and the work of SQLite (thousands of steps of its machine:
what grows with the rows that are looked at); and the desk's pages, asked of the real server. The site of the weeks
before lies there already.
Limits: 10 s and 400 MiB for a build, 300 ms for a page and for the first paint of the review page (Chromium).
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.year_home import home_of, make_homes, newest_of
from newsletter.pipeline.app import Newsletter, open_newsletter

SECONDS, MIB, PAGE_MS = 10, 400, 300
TIMES = 9
STEPS = 1_000
PAGES = {
    "review": "desk/issues/{number}/",
    "sources": "desk/sources",
    "source": "desk/sources/source-7",
    "archive": "desk/archive",
    "archive search": "desk/archive?q={word}",
    "items": "desk/issues/{number}/search?q={word}",
    "items, none": "desk/issues/{number}/search?q=nowhere",
    "approve": "desk/issues/{number}/approve",
    "health": "desk/health",
    "readers' search": "archive/search?q={word}",
}
"""By what they are called here: addresses of pages, with the number of the newest issue and a word of it."""


class Meter:
    """Counts the steps of SQLite's machine, a thousand at a time, by the statement that was asked last."""

    def __init__(self) -> None:
        self.by_statement: Counter[str] = Counter()
        self._now = ""

    def watch(self) -> None:
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        event.listen(Engine, "connect", self._connected)
        event.listen(Engine, "before_cursor_execute", self._asked)

    def _connected(self, connection: Any, record: Any) -> None:
        connection.set_progress_handler(self._step, STEPS)

    def _asked(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        self._now = " ".join(statement.split()).replace(", ?", "")

    def _step(self) -> int:
        self.by_statement[self._now] += 1
        return 0


def bytes_read() -> int:
    """What this process has read so far, from the disk or the system's memory of it."""
    return int(Path("/proc/self/io").read_text().split()[1])


def opened(home: Path, work: Path) -> Any:
    """The newsletter of a copy at ``work`` of the cached home, at the hour of its draft."""
    _, now = newest_of(home)
    return open_newsletter(work, environ={}, now=lambda: now)


def publish(home: Path, work: Path) -> None:
    """Write the site and the archive as they were before the newest week."""
    from newsletter.pipeline.archive import refresh_archive
    from newsletter.pipeline.publish import publish_site

    with opened(home, work) as app:
        publish_site(app)
        refresh_archive(app)


def build(home: Path, work: Path) -> dict[str, Any]:
    """Draft, render and publish the newest week; what each took."""
    import newsletter.classify.learned
    import newsletter.cli.issues  # noqa: F401  imports are not what is measured
    from newsletter.pipeline.draft import make_draft
    from newsletter.pipeline.publish import publish_site, render_issue

    meter = Meter()
    meter.watch()
    with opened(home, work) as app:
        warm(app)
        read, before = bytes_read(), meter.by_statement.total()
        began, moments = time.perf_counter(), [time.process_time()]
        issue = make_draft(app, newest_of(home)[0])
        moments.append(time.process_time())
        render_issue(app, issue.number)
        moments.append(time.process_time())
        publish_site(app)
        moments.append(time.process_time())
        draft, render, site = (round(later - earlier, 2) for earlier, later in pairwise(moments))
        return {
            "seconds": round(time.perf_counter() - began, 1),
            "cpu": round(moments[-1] - moments[0], 1),
            **{"draft": draft, "render": render, "site": site},
            "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "read_mb": round((bytes_read() - read) / 1e6),
            "kilosteps": meter.by_statement.total() - before,
            "entries": len(issue.entries),
            "statements": meter.by_statement.most_common(12),
        }


def warm(app: Newsletter) -> None:
    """Open the database and compile nothing: what any process does once."""
    with app.database.reading() as db:
        db.connection.exec_driver_sql("SELECT 1")


def desk(home: Path, work: Path, *, paint: bool) -> dict[str, float]:
    """Milliseconds of the desk's pages, of a server in a process of its own; the median of nine."""
    from bench.desk import served
    from newsletter.pipeline.editors import add_editor
    from newsletter.pipeline.logins import begin_login
    from newsletter.store.issues import newest

    with open_newsletter(work, environ={}) as app:
        add_editor(app, "Ines", role="manager")
        token = begin_login(app, "Ines", agent="bench")
        with app.database.reading() as db:
            found = newest(db)
        number = found[0] if found else 0
    word = some_word(work)
    running, url = served(work)
    cookie = f"session-{url.rstrip('/').rpartition(':')[2]}={token}"
    took: dict[str, float] = {}
    try:
        for name, path in PAGES.items():
            path = path.format(number=number, word=word)
            first = asked(url + path, cookie)
            took[name] = statistics.median(asked(url + path, cookie) for _ in range(TIMES))
            took[f"{name}, first"] = first
        if paint:
            from playwright.sync_api import sync_playwright

            chromium = shutil.which("chromium") or shutil.which("chromium-browser")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
                took["first paint"] = statistics.median(paints(browser, f"{url}desk/issues/{number}/", cookie))
    finally:
        running.terminate()
        running.wait(timeout=20)
    return {name: round(each) for name, each in took.items()}


def paints(browser: Any, address: str, cookie: str) -> list[float]:
    """Milliseconds to the first paint, each with an empty cache; the first page is not counted."""
    found = []
    name, _, value = cookie.partition("=")
    for _ in range(7):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
        found.append(page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        context.close()
    return found[1:]


def asked(address: str, cookie: str) -> float:
    """Milliseconds until a page was read whole."""
    began = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Cookie": cookie}), timeout=120) as answer:
        answer.read()
        assert "sign-in" not in answer.url, answer.url
    return (time.perf_counter() - began) * 1000


def some_word(work: Path) -> str:
    """A word of the newest issue's first title."""
    with open_newsletter(work, environ={}) as app, app.database.reading() as db:
        from newsletter.store.issues import issue, newest

        found = newest(db)
        assert found is not None
        return issue(db, found[0]).issue.entries[0].title.split()[0].lower()


def measure(months: int, *, paint: bool) -> dict[str, Any]:
    """All figures of one home."""
    with tempfile.TemporaryDirectory(dir=home_of(months).parent) as folder:
        work = Path(folder) / "home"
        shutil.copytree(home_of(months), work)
        command = [sys.executable, __file__, "--publish", str(home_of(months)), str(work)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        command[2] = "--build"
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return {**json.loads(run.stdout.splitlines()[-1]), **desk(home_of(months), work, paint=paint)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--months", default="1,4,12")
    parser.add_argument("--statements", action="store_true", help="show what SQLite was busiest with")
    parser.add_argument("--no-paint", action="store_true", help="without Chromium")
    parser.add_argument("--publish", nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--build", nargs=2, type=Path, help=argparse.SUPPRESS)
    asked_for = parser.parse_args()
    if asked_for.publish:
        publish(*asked_for.publish)
        return
    if asked_for.build:
        print(json.dumps(build(*asked_for.build)))
        return
    months = [int(each) for each in asked_for.months.split(",")]
    for week, cpu in make_homes(months):
        print(f"week {week}: {cpu:.1f} s to make its issue", flush=True)
    found = {each: measure(each, paint=not asked_for.no_paint) for each in months}
    print(f"{'months':24}" + "".join(f"{each:>10}" for each in months) + f"   load {os.getloadavg()[0]:.1f}")
    statements = {each: found[each].pop("statements") for each in months}
    for name in found[months[0]]:
        print(f"{name:24}" + "".join(f"{found[each][name]:>10}" for each in months))
    if asked_for.statements:
        for each in months:
            print(f"\nafter {each} months, thousands of steps:")
            for text, count in statements[each]:
                print(f"{count:8}  {text[:230]}")
    pages = [value for each in found.values() for name, value in each.items() if is_page(name)]
    is_good = all(each["seconds"] <= SECONDS and each["mib"] <= MIB for each in found.values())
    sys.exit(not (is_good and max(pages) <= PAGE_MS))


def is_page(name: str) -> bool:
    """Whether a figure is the time of a page that was asked before."""
    return name in (*PAGES, "first paint")


if __name__ == "__main__":
    main()
