"""What erasing a person costs in a home of many years, and what gathering costs once somebody is erased.

    python bench/erase.py [--items 260000] [--issues 52] [--readers 50000] [--home FOLDER] [--only-gather]

The home is made by the program's own functions (`year_home.py` says how: items, drafts, renderings; then readers, and
a mailing of each issue to all of them); with ``--home`` it is kept there, and used again. Then, in a process of its own
each: the look that changes nothing, the erasure, and a look afterwards, which must find nothing. The person wrote a
900th of all items, and the pieces of the name stand in nearly every text: few names are harder to tell from others.
At the end, what 1,000 saved items cost with nobody and with five people erased before.
Limits, for the sizes above: 30 s of the processor for look and erasure together, 300 MiB.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.year_home import FIRST, WEEK, Maker, make_week, store_week, write_feeds
from newsletter.model.subscriber import Choice
from newsletter.pipeline.app import Newsletter, open_newsletter
from newsletter.pipeline.erase import erase_person, look_for_person
from newsletter.store import mailings
from newsletter.store.erasures import add_erasure
from newsletter.store.imported import NewReader, add_imported
from newsletter.store.items import save_items

SECONDS, MIB = 30, 300
WHO = ("Person 7", "p7@example.org")
DRAFTED = 500
AT_ONCE = 5_000


def make_home(home: Path, *, items: int, issues: int, readers: int) -> None:
    """Make the home: each week some items are stored, an issue is made, and the others are stored."""
    home.mkdir(parents=True, exist_ok=True)
    write_feeds(home)
    maker, clock, a_week = Maker(), [FIRST], max(DRAFTED, items // issues)
    with open_newsletter(home, environ={}, now=lambda: clock[0]) as app:
        add_readers(app, readers)
        for week in range(1, issues + 1):
            found = maker.week(FIRST + (week - 1) * WEEK, a_week)
            late = found[DRAFTED:]
            store_week(app, clock, found[:DRAFTED])
            clock[0] = FIRST + (week - 1) * WEEK + timedelta(minutes=30)
            make_week(app, clock, week)
            store_week(app, clock, late)
            mail(app, week)
            print(f"week {week} of {issues}", end="\r", flush=True)
    (home / "whole").touch()


def add_readers(app: Newsletter, count: int) -> None:
    """Readers of some hundred domains."""
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(count, start + AT_ONCE))
        new = [NewReader(f"p{number}@host{number % 300}.example", Choice()) for number in numbers]
        with app.database.transaction() as db:
            add_imported(db, new, source="bench", wording="by a form", at=app.now())


def mail(app: Newsletter, number: int) -> None:
    """The mailing of an issue, to everybody."""
    made = {Choice(): mailings.Made("all", "0" * 64, 1)}
    with app.database.transaction() as db:
        found = mailings.add_mailing(db, number, mailings.ISSUE, send_at=app.now(), now=app.now())
        mailings.add_audience(db, found.id, made, on=app.now().date(), with_monthly=True, now=app.now())


def measured(home: Path, do: str) -> dict[str, Any]:
    """One look or erasure, with what it took."""
    with open_newsletter(home, environ={}) as app:
        began, wall = time.process_time(), time.perf_counter()
        found = erase_person(app, WHO, by="bench") if do == "erase" else look_for_person(app, WHO)
        return {
            "cpu": round(time.process_time() - began, 1),
            "seconds": round(time.perf_counter() - wall, 1),
            "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "places": dict(found.places),
        }


def gather_cost(erased: int) -> float:
    """CPU seconds for 1,000 items saved, of 5,000, with so many people erased before."""
    found = Maker().week(FIRST, 5_000)
    with tempfile.TemporaryDirectory() as folder:
        write_feeds(Path(folder))
        with open_newsletter(Path(folder), environ={}) as app:
            for each in range(erased):
                with app.database.transaction() as db:
                    texts = [f"Ada Erased{each}", f"ada{each}@erased.example", f"adaerased{each}"]
                    add_erasure(db, texts, by="bench", at=app.now())
            began = time.process_time()
            for start in range(0, len(found), 1_000):
                with app.database.transaction() as db:
                    save_items(db, found[start : start + 1_000], now=app.now())
            return (time.process_time() - began) / len(found) * 1_000


def run(home: Path, do: str) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--home", str(home), "--measure", do]
    made = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure, print, and end with 1 when a limit is not held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=260_000)
    parser.add_argument("--issues", type=int, default=52)
    parser.add_argument("--readers", type=int, default=50_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--only-gather", action="store_true")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measured(asked.home, asked.measure)))
        return
    is_good = True
    if not asked.only_gather:
        with tempfile.TemporaryDirectory() as folder:
            home = asked.home or Path(folder) / "home"
            if not (home / "whole").exists():
                make_home(home, items=asked.items, issues=asked.issues, readers=asked.readers)
            size = sum(each.stat().st_size for each in home.rglob("*") if each.is_file()) >> 20
            print(f"{size:,} MiB")
            found = {name: run(home, name.split()[0]) for name in ("look", "erase", "look again")}
        for name, each in found.items():
            print(f"{name:12}", each, flush=True)
        spent = found["look"]["cpu"] + found["erase"]["cpu"]
        most = max(each["mib"] for each in found.values())
        is_good = spent <= SECONDS and most <= MIB and not found["look again"]["places"]
        print(f"{spent:.1f} s of the processor (limit {SECONDS}), {most} MiB (limit {MIB})")
    for count in (0, 5):
        print(f"{count} erased: {gather_cost(count):.2f} s for 1,000 items saved", flush=True)
    sys.exit(not is_good)


if __name__ == "__main__":
    main()
