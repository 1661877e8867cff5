"""How long trying another feeds.yaml on the last issues takes, as a whole process.

    python bench/try_issues.py [ISSUES [CANDIDATES]]

Limit: 8 issues of 200 candidates under 10 s. The issues are drafted by the program itself from made-up items:
20 sources, half of them mails in threads, 100 to 400 words each.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from build import prose

END = datetime(2026, 10, 15, 18, tzinfo=UTC)
LIMIT_SECONDS = 10.0
RULES = """rules:
  - name: Water is for developers
    match:
      title: [bridge, river, harbour]
    section: developer
    boost: 10
  - name: No songs
    match:
      text: [picture, "/colou?r/"]
      not:
        source: Source 3
    {does}
"""


def feeds(does: str) -> str:
    sources = "\n".join(
        f"  - name: Source {number}\n    kind: feed\n    url: https://s{number}.example.org/feed.xml"
        for number in range(20)
    )
    head = "newsletter:\n  name: Bench weekly\n  from: Bench <bench@example.org>\n"
    return f"{head}sources:\n{sources}\n{RULES.replace('{does}', does)}"


def fill(home: Path, weeks: int, count: int) -> int:
    """The issues, made the real way; how many candidates each has on average."""
    from newsletter.model.item import Item, Person, Thread, item_id
    from newsletter.pipeline.app import open_newsletter
    from newsletter.pipeline.draft import SNAPSHOT, make_draft
    from newsletter.pipeline.snapshot import read_snapshot
    from newsletter.pipeline.times import newest_period
    from newsletter.store.items import save_items

    rng = random.Random(8)
    found = []
    candidates = 0
    for week in range(weeks):
        roots: list[tuple[str, str]] = []
        # An issue reaches ten days back: seven tenths of its candidates are of its own week.
        for number in range(count * 7 // 10):
            source, key = f"source-{number % 20}", f"<{week}.{number}@bench.example>"
            at = END - timedelta(weeks=week, minutes=rng.randint(1, 7 * 1440 - 1))
            thread = None
            if number % 2:
                roots += [(key, source)] if not roots or rng.random() < 0.3 else []
                root, source = rng.choice(roots)
                thread = Thread(root)
            text = prose(rng, rng.randint(100, 400))
            found.append(
                Item(
                    item_id(source, key), source, "feed", "mail" if thread else "post", (key,), prose(rng, 7)[:-1],
                    url=f"https://{source}.example.org/{week}/{number}", author=Person(f"Person {number % 90}"),
                    published_at=at, text=text, html=f"<p>{text}</p>", thread=thread,
                    in_reply_to=(thread.root_id,) if thread and thread.root_id != key else (),
                )
            )  # fmt: skip
    with open_newsletter(home, now=lambda: END + timedelta(minutes=30)) as app:
        with app.database.transaction() as db:
            save_items(db, found, now=END)
        period = newest_period(app.config.schedule, app.now())
        periods = [period]
        for _ in range(weeks - 1):
            periods.append(periods[-1].before())
        for period in reversed(periods):
            issue = make_draft(app, period)
            candidates += len(read_snapshot(app.issue_folder(issue.number) / SNAPSHOT).draft_input.candidates)
    return candidates // weeks


def main() -> None:
    weeks = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "feeds.yaml").write_text(feeds("boost: 5"))
        each = fill(home, weeks, count)
        other = home / "other.yaml"
        other.write_text(feeds("drop: yes"))
        command = [sys.executable, "-m", "newsletter", "try", "--feeds", str(other), "--last", str(weeks)]
        environ = {name: value for name, value in os.environ.items() if name != "NEWSLETTER_DATABASE_URL"}
        began = time.perf_counter()
        run = subprocess.run([*command, "--home", folder], capture_output=True, text=True, check=False, env=environ)
        seconds = time.perf_counter() - began
    if run.returncode:
        sys.exit(run.stdout + run.stderr)
    print(run.stdout.strip().splitlines()[-2])
    print(f"{weeks} issues of {each} candidates: {seconds:.1f} s (limit {LIMIT_SECONDS:.0f} s for 8 of 200)")
    sys.exit(seconds > LIMIT_SECONDS)


if __name__ == "__main__":
    main()
