"""How fast the review page is with 200 items on the desk and 1,000 dropped ones.

    python bench/desk.py [--decisions 200]

The real server runs in a process of its own, Chromium (the distribution's) presses the keys. Limits: first paint
300 ms, a decision 100 ms (from the request to the first byte of the answer, 95 of 100), 150 KB for the page with its
style and scripts, nothing of it packed; the script for dragging, which comes when the mouse enters the list, is counted.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, Page, sync_playwright

from newsletter.model.issue import Dropped, Entry, Issue, Section, SectionSettings
from newsletter.model.item import Event, Item, Person, item_id
from newsletter.model.story import Place, ScorePart
from newsletter.pipeline.app import Newsletter, open_newsletter
from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.logins import begin_login
from newsletter.pipeline.times import newest_period
from newsletter.store import issues, items
from newsletter.store.content import revision_id

PAINT_MS, DECISION_MS, PAGE_BYTES = 300, 100, 150_000
SECTIONS = (("highlights", "Highlights", 5), ("events", "Events", None), ("developer", "Developer Community", 12))
SECTIONS += (("general", "General Community", 10), ("news", "In the News", 8))  # type: ignore[assignment]
ITEMS, DROPPED = 200, 1_000
WORDS = "packets radio parser gauge bridge river ferry sensor archive council vote drift clock model garden".split()
FEEDS = """\
newsletter:
  name: Bench weekly
  from: Bench <bench@example.org>
sources:
  - name: Dev list
    kind: feed
    url: https://lists.example.org/feed.xml
"""


def text(number: int, count: int) -> str:
    return " ".join(WORDS[(number * 7 + at * at) % len(WORDS)] for at in range(count)).capitalize()


def item(number: int, now: datetime) -> Item:
    key = f"<{number}@lists.example.org>"
    return Item(
        id=item_id("dev-list", key),
        source_id="dev-list",
        kind="feed",
        form="mail",
        native_keys=(key,),
        title=f"{text(number, 8)} {number}",
        url=f"https://lists.example.org/dev/{number:06d}.html",
        author=Person(f"Person {number % 40}"),
        published_at=now - timedelta(hours=number % 150),
        text=f"{text(number, 120)}.\n\n{text(number + 3, 160)}.",
    )


def entry(number: int, made: Item, now: datetime) -> Entry:
    is_event = number % ITEMS // 40 == 1
    return Entry(
        id=f"{number:012x}",
        story_id=f"{number:032x}",
        title=made.title,
        url=made.url,
        summary=f"{text(number, 30)}.",
        places=(Place("thread", made.url or ""), Place("review", f"https://review.example.org/{number}")),
        author=f"Person {number % 40}",
        source="Dev list",
        form="mail",
        reply_count=number % 23,
        people_count=number % 9 + 1,
        since=made.published_at,
        project=("estuary", "sluice", "gauge", "heron")[number % 4],
        event=Event(date.fromordinal(now.toordinal() + number % 30), is_guess=number % 10 == 0) if is_event else None,
        score=number * 37 % 100,
        parts=(ScorePart("11 replies", 26), ScorePart("thread with a blueprint", 30)),
        why="A long debate with a blueprint.",
        revisions=(revision_id(made.id, 1),),
    )


def build(home: Path) -> tuple[str, int]:
    """A home with one draft, made without gathering; the token of a signed-in editor, and the number."""
    (home / "feeds.yaml").write_text(FEEDS, encoding="utf-8")
    with open_newsletter(home) as app:
        now = app.now()
        made = [item(number, now) for number in range(ITEMS)]
        draft = draft_of(app, made, now)
        with app.database.transaction() as db:
            items.save_items(db, made, now=now)
            issues.save_draft(db, draft, now=now)
        add_editor(app, "Ines", role="manager")
        return begin_login(app, "Ines", agent="bench"), draft.number


def draft_of(app: Newsletter, made: list[Item], now: datetime) -> Issue:
    period = newest_period(app.config.schedule, now)
    each, sections = ITEMS // len(SECTIONS), []
    for place, (name, title, most) in enumerate(SECTIONS):
        found = tuple(entry(number, made[number], now) for number in range(place * each, (place + 1) * each))
        group = "project" if name == "developer" else None
        settings = SectionSettings(name, title, at_most=most, group_by=group, pick="best" if place == 0 else None)
        cut = len(found) if most is None else most
        sections.append(Section(name, title, period, found[:cut], found[cut:], (), settings))
    gone = [Dropped(f"{9000 + at:032x}", text(at, 7), "https://x.example/", f"rule {at % 9}") for at in range(DROPPED)]
    issue = Issue(1, "Bench", period, now.date(), sections=tuple(sections), dropped=tuple(gone))
    return replace(issue, zone="UTC")


def served(home: Path) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "newsletter", "serve", "--home", str(home), "--port", "0"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert running.stdout is not None
    for line in running.stdout:
        if found := re.search(r"http://[\d.]+:\d+/", line):
            return running, found[0]
    sys.exit("the server did not start")


def page_of(browser: Browser, url: str, token: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    port = url.rstrip("/").rpartition(":")[2]
    context.add_cookies([{"name": f"session-{port}", "value": token, "url": url}])
    return context.new_page()


def first_paint(browser: Browser, url: str, token: str) -> tuple[list[float], dict[str, int]]:
    """Milliseconds to the first contentful paint with an empty cache, and the bytes of what was loaded."""
    paints: list[float] = []
    sizes: dict[str, int] = {}
    for _ in range(11):
        page = page_of(browser, url, token)
        page.goto(f"{url}desk/issues/1/")
        page.locator("main li.item").first.hover()
        page.wait_for_function("() => window.Sortable")
        paint = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
        paints.append(page.evaluate(paint))
        sizes = page.evaluate(
            "() => Object.fromEntries([...performance.getEntriesByType('navigation'), "
            "...performance.getEntriesByType('resource')].filter((each) => !/hold|size|favicon/.test(each.name))"
            ".map((each) => [each.name.replace(/^.*\\//, '') || 'page', each.decodedBodySize]))"
        )
        page.context.close()
    return paints[1:], sizes


def decide(browser: Browser, url: str, token: str, count: int) -> list[float]:
    """Press “a” and “x” in turn; milliseconds from each request to the first byte of its answer."""
    page = page_of(browser, url, token)
    page.goto(f"{url}desk/issues/1/")
    taken: list[float] = []
    for at in range(count):
        page.keyboard.press("a" if at % 2 else "x")
        page.wait_for_function(
            "() => !Object.keys(localStorage).some((each) => each.startsWith('desk-queue'))"
            " && !document.querySelector('[aria-busy]')"
        )
        if page.locator("#card.enough").count():
            # Nothing is open any more: go on with what lies below the line.
            page.locator("li.item").first.locator("a").first.focus()
        timing = (
            "() => { const all = performance.getEntriesByType('resource').filter((each) => each.name.endsWith('/act'));"
            " performance.clearResourceTimings(); return all.map((each) => each.responseStart - each.requestStart); }"
        )
        taken += page.evaluate(timing)
    page.context.close()
    return taken


def memory_of(pid: int) -> dict[str, float]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return {name: round(int(re.findall(rf"{name}:\s+(\d+)", lines)[0]) / 1024, 1) for name in ("VmRSS", "VmHWM")}


def report(paints: list[float], sizes: dict[str, int], taken: list[float], memory: dict[str, Any]) -> bool:
    paint, total = statistics.median(paints), sum(sizes.values())
    p95 = statistics.quantiles(taken, n=20)[-1]
    print(f"first paint  median {paint:.0f} ms, worst {max(paints):.0f} ms of {len(paints)} (limit {PAINT_MS})")
    print(
        f"decisions    {len(taken)}: median {statistics.median(taken):.0f} ms, 95 of 100 within {p95:.0f} ms, "
        f"worst {max(taken):.0f} ms (limit {DECISION_MS})"
    )
    print(f"page         {total / 1000:.1f} KB (limit {PAGE_BYTES // 1000}): {sizes}")
    print(f"memory       {memory['VmRSS']} MiB, most {memory['VmHWM']} MiB; load {os.getloadavg()[0]:.1f}")
    return paint <= PAINT_MS and p95 <= DECISION_MS and total <= PAGE_BYTES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=200, help="how many decisions are made")
    count = parser.parse_args().decisions
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("Chromium is not installed")
    print(f"{ITEMS} items, {DROPPED} dropped, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        token, _ = build(Path(folder))
        running, url = served(Path(folder))
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            paints, sizes = first_paint(browser, url, token)
            taken = decide(browser, url, token, count)
            memory = memory_of(running.pid)
        finally:
            running.terminate()
            running.wait(timeout=20)
    sys.exit(0 if report(paints, sizes, taken, memory) else 1)


if __name__ == "__main__":
    main()
