"""How long a week of 5,000 items takes from store to rendered issue, and how much memory.

    python bench/build.py [ITEMS]

Limits: under 5 s and under 300 MiB. The items are made up here: 40 sources, 60 % mails in
threads, the rest posts and reviews with 100 to 400 words each.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

END = datetime(2026, 10, 15, 18, tzinfo=UTC)
WORDS = """
release network driver queue change proposal meeting week patch review test server client library broken fixed
faster slower memory upgrade guide question answer user group council vote deadline talk travel figure reading
station bridge harbour window paper table lamp garden river mountain signal cable packet frame storage backup
copy key lock door path image sound colour number letter phrase story people friend reader writer editor
builder tester
""".split()


def prose(rng: random.Random, words: int) -> str:
    sentences = []
    while words > 0:
        count = min(words, rng.randint(6, 18))
        sentences.append(" ".join(rng.choices(WORDS, k=count)).capitalize() + ".")
        words -= count
    return " ".join(sentences)


def make_home(home: Path) -> None:
    sources = "\n".join(
        f"  - name: Source {number}\n    kind: feed\n    url: https://s{number}.example.org/feed.xml\n"
        f"    at most per week: 200"
        for number in range(40)
    )
    (home / "feeds.yaml").write_text(
        f"newsletter:\n  name: Bench weekly\n  from: Bench <bench@example.org>\nsources:\n{sources}\n"
    )


def fill(home: Path, count: int) -> None:
    from newsletter.model.item import Item, Person, Review, Thread, item_id
    from newsletter.pipeline.app import open_newsletter
    from newsletter.store.items import save_items

    rng = random.Random(5000)
    found, roots = [], []
    for number in range(count):
        source = f"source-{number % 40}"
        key = f"<{number}@bench.example>"
        at = END - timedelta(minutes=rng.randint(1, 7 * 1440 - 1))
        text = prose(rng, rng.randint(100, 400))
        author = Person(f"Person {rng.randint(1, 600)}", f"p{rng.randint(1, 600)}@example.org")
        kind = number % 10
        thread = review = None
        if kind < 6:
            if not roots or rng.random() < 0.15:
                roots.append((key, source))
            root, source = rng.choice(roots[-120:]) if rng.random() < 0.9 else (key, source)
            thread = Thread(root if source else key)
        elif kind == 6:
            review = Review(
                "merged", "core", number, at, at, rng.randint(1, 900), rng.randint(1, 900), rng.randint(1, 40)
            )
        found.append(
            Item(
                item_id(source, key), source, "feed", "mail" if thread else "review" if review else "post", (key,),
                prose(rng, 7)[:-1], url=f"https://{source}.example.org/{number}", author=author, published_at=at,
                text=text, html=f"<p>{text}</p>", links=(f"https://code.example.org/c/{number // 3}",),
                thread=thread, review=review, project="core" if review else None,
                in_reply_to=(thread.root_id,) if thread and thread.root_id != key else (),
            )
        )  # fmt: skip
    with open_newsletter(home) as app, app.database.transaction() as db:
        save_items(db, found, now=END)


def build(home: Path) -> None:
    import newsletter.cli.issues  # noqa: F401  imports are not what is measured
    from newsletter.pipeline.app import open_newsletter
    from newsletter.pipeline.draft import make_draft
    from newsletter.pipeline.publish import render_issue
    from newsletter.pipeline.times import newest_period

    began, cpu = time.perf_counter(), time.process_time()
    with open_newsletter(home, now=lambda: END + timedelta(minutes=30)) as app:
        issue = make_draft(app, newest_period(app.config.schedule, app.now()))
        render_issue(app, issue.number)
    print(
        json.dumps(
            {
                "seconds": round(time.perf_counter() - began, 2),
                "cpu_seconds": round(time.process_time() - cpu, 2),
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "entries": len(issue.entries),
            }
        )
    )


def main() -> None:
    if sys.argv[1:2] == ["--build"]:
        build(Path(sys.argv[2]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_home(home)
        fill(home, count)
        run = subprocess.run([sys.executable, __file__, "--build", folder], check=True, capture_output=True, text=True)
    figures = json.loads(run.stdout)
    print(f"{count} items: {figures}")
    ok = figures["seconds"] < 5 and figures["peak_mib"] < 300
    print("within 5 s and 300 MiB" if ok else "OVER the limit of 5 s or 300 MiB")
    sys.exit(not ok)


if __name__ == "__main__":
    main()
