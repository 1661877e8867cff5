"""How long a search takes in the archive of ten years: 500 issues with 50 entries each.

    python bench/archive.py [ISSUES]

Limits, in seconds of the processor so that a busy machine does not count: a search under 0.2, near words under 1;
the first search after an upgrade, which reads every issue, under 60. Issues are made up here, of 3,000 different
words. Prints one JSON document.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from newsletter.model.issue import Entry, Issue, Section
from newsletter.model.period import Period
from newsletter.model.settings import DEFAULT_SECTIONS
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.archive import Query, refresh_archive, search_archive
from newsletter.store import issues

START = datetime(2017, 1, 5, 18, tzinfo=UTC)
WEEK = timedelta(days=7)
SYLLABLES = "ba de fi go lu ma ne po ri sa tu vo ke li mo".split()


def vocabulary(rng: random.Random) -> list[str]:
    words = {"".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(9_000)}
    return sorted(words)[:3_000]


def made(number: int, rng: random.Random, words: list[str]) -> Issue:
    period = Period(START + number * WEEK, START + (number + 1) * WEEK)

    def entry(place: int) -> Entry:
        title, text = (" ".join(rng.choices(words, k=count)).capitalize() for count in (7, 30))
        name = f"{number}-{place}"
        author = f"{rng.choice(words)} {rng.choice(words)}".title()
        return Entry(name, f"story-{name}", title, f"https://a.example/{name}", summary=text, author=author)

    sections = tuple(
        Section(each.id, each.title, period, tuple(entry(10 * at + place) for place in range(10)), settings=each)
        for at, each in enumerate(DEFAULT_SECTIONS[:5])
    )
    return Issue(number, f"Issue {number}", period, date(2017, 1, 6) + number * WEEK, sections=sections)


def timed(act: Callable[[], Any], times: int = 1) -> tuple[float, Any]:
    """The longest of ``times`` runs in seconds of the processor, and what the last one gave."""
    longest, result = 0.0, None
    for _ in range(times):
        start = time.process_time()
        result = act()
        longest = max(longest, time.process_time() - start)
    return longest, result


def main(count: int) -> int:
    rng = random.Random(7)
    words = vocabulary(rng)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "feeds.yaml").write_text("newsletter:\n  name: Bench\n  from: Bench <bench@example.org>\n")
        with open_newsletter(home, environ={}) as app:
            with app.database.transaction() as db:
                for number in range(1, count + 1):
                    issues.save_draft(db, made(number, rng, words), now=START)
                    issues.step(db, number, "approved", now=START)
            first, read = timed(lambda: refresh_archive(app))
            one, found = timed(lambda: search_archive(app, Query(words[5])), 5)
            several, few = timed(lambda: search_archive(app, Query(f"{words[5]} {words[900]}", year=2019)), 5)
            near, none = timed(lambda: search_archive(app, Query(words[5][:-1] + "xq")), 3)
            size = sum(path.stat().st_size for path in (home / "data").glob("newsletter.db*"))
    result = {
        **{"issues": read, "entries": read * 50, "first_seconds": round(first, 1), "database_bytes": size},
        **{"one_word_ms": round(one * 1000), "hits": found.count},
        **{"two_words_and_year_ms": round(several * 1000), "few_hits": few.count},
        **{"near_words_ms": round(near * 1000), "near": list(none.near)},
    }
    print(json.dumps(result))
    return 0 if one < 0.2 and several < 0.2 and near < 1 and first < 60 else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
