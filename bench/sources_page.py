"""How long the desk's pages about sources take with 300 sources and 40,000 items of eight weeks.

    python bench/sources_page.py [--sources 300]

Limit: 200 ms of the server's time for the list (the median of 15). No network and no browser is in it.
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

LIMIT_MS, ITEMS, TIMES = 200, 133, 15


def main() -> None:
    """Measure, print a table, and end with 1 when the limit is not held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", type=int, default=300)
    count = parser.parse_args().sources
    with tempfile.TemporaryDirectory() as folder:
        found = _measure(Path(folder) / "home", count)
    for path, took in found.items():
        print(f"{path:32}{statistics.median(took):8.0f} ms, at most {max(took):.0f} ms")
    sys.exit(statistics.median(found["/desk/sources"]) > LIMIT_MS)


def _measure(home: Path, count: int) -> dict[str, list[float]]:
    from newsletter.pipeline.draft import make_draft
    from newsletter.pipeline.times import week_period
    from tests.web.sources import FEEDS, home_of_sources

    lines = "".join(f"  - {{name: Source {at}, kind: feed, url: 'https://s{at}.example/'}}\n" for at in range(count))
    with home_of_sources(home, f"{FEEDS.partition('sources:')[0]}sources:\n{lines}") as found:
        app = found.desk.app
        _write(app, count)
        for week in range(38, 43):
            make_draft(app, week_period(app.config.schedule, f"2026-W{week}"))
        ines = found.desk.signed_in()
        took: dict[str, list[float]] = {}
        for path in ("/desk/sources", "/desk/sources?q=source", "/desk/sources/source-7") * TIMES:
            began = time.perf_counter()
            assert ines.get(path).status_code == 200
            took.setdefault(path, []).append((time.perf_counter() - began) * 1000)
    return took


def _write(app: "object", count: int) -> None:
    from newsletter.model.item import Item, item_id
    from newsletter.store import items
    from tests.web.sources import NOW

    with app.database.transaction() as db:  # type: ignore[attr-defined]
        for source in (f"source-{at}" for at in range(count)):
            found = []
            for number in range(ITEMS):
                key, at = f"{source}-{number}", NOW - timedelta(hours=10 * number)
                text = f"What happened on day {number} of {source}, in a sentence of its own."
                url = f"https://{source}.example/{number}"
                found.append(
                    Item(item_id(source, key), source, "feed", "post", (key,), key, url=url, published_at=at, text=text)
                )
            items.save_items(db, found, now=NOW)


if __name__ == "__main__":
    main()
