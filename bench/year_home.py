"""A home with a past: 300 sources, 5,000 items a week, and each week's issue drafted, changed, approved and learned.

Everything is written by the program's own functions, week by week, by a clock that stands in each week in turn. The
last week is stored and not drafted: its build is what `year.py` measures. To be done sooner, the issues after the 17th
week and before the last eight are drafted from a tenth of their items; the rest is stored when no draft looks at it.
Homes of the asked months are kept in ``~/.cache/newsletter-bench/year-VERSION``; a longer one goes on from the longest
that is there.
"""

import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsletter.errors import NewsletterError
from newsletter.model.correction import Correction
from newsletter.model.issue import Issue
from newsletter.model.item import Event, Item, Person, Review, Thread, item_id
from newsletter.model.period import Period
from newsletter.model.source import FetchState
from newsletter.pipeline.app import Newsletter, open_newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.learn import learn_issue
from newsletter.pipeline.publish import render_issue
from newsletter.pipeline.review import act
from newsletter.pipeline.same_story import keep_apart, merge
from newsletter.pipeline.times import newest_period
from newsletter.store import corrections, issues
from newsletter.store.items import save_items
from newsletter.store.sources import save_state

VERSION = 1
CACHE = Path.home() / ".cache" / "newsletter-bench"
FIRST = datetime(2025, 10, 9, 18, tzinfo=UTC)
"""The end of the first week; weeks end on Thursdays at 18:00."""
WEEK = timedelta(days=7)
SOURCES, LISTS, A_WEEK, AT_ONCE = 300, 40, 5_000, 1_000
SYLLABLES = "ba de fi go lu ma ne po ri sa tu vo ke li mo".split()


@dataclass
class Maker:
    """Makes items of one week after the other; threads go on from week to week."""

    rng: random.Random = field(default_factory=lambda: random.Random(5000))
    number: int = 0
    roots: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        made = {"".join(self.rng.choices(SYLLABLES, k=self.rng.randint(2, 4))) for _ in range(9_000)}
        self.words = sorted(made)[:4_000]

    def prose(self, count: int) -> str:
        sentences = []
        while count > 0:
            part = min(count, self.rng.randint(6, 18))
            sentences.append(" ".join(self.rng.choices(self.words, k=part)).capitalize() + ".")
            count -= part
        return " ".join(sentences)

    def week(self, end: datetime, count: int) -> list[Item]:
        """What was said in the week that ends at ``end``, oldest first."""
        moments = sorted(end - timedelta(minutes=self.rng.randint(1, 7 * 1440 - 1)) for _ in range(count))
        return [self._item(at) for at in moments]

    def _item(self, at: datetime) -> Item:
        rng, number = self.rng, self.number
        self.number += 1
        key, source, kind = f"<{number}@bench.example>", f"source-{number % SOURCES}", number % 20
        text, person = self.prose(rng.randint(50, 220)), rng.randint(1, 900)
        made = Item(
            item_id(source, key), source, "feed", "post", (key,), self.prose(7)[:-1],
            url=f"https://{source}.example.org/{number}", author=Person(f"Person {person}", f"p{person}@example.org"),
            published_at=at, text=text, html=f"<p>{text}</p>", links=(f"https://code.example.org/c/{number // 3}",),
        )  # fmt: skip
        if kind < 12:
            return self._mail(made, key)
        if kind < 14:
            sizes = (rng.randint(1, 900), rng.randint(1, 900), rng.randint(1, 40))
            state = "open" if kind == 13 and number % 40 < 20 else "merged"
            review = Review(state, f"core-{number % 12}", number, at, at if state == "merged" else None, *sizes)
            return replace(made, form="review", review=review, project=f"core-{number % 12}")
        if kind == 14:
            starts = (at + timedelta(days=rng.randint(2, 60))).date()
            return replace(made, form="event", event=Event(starts, place="Town hall"))
        return made

    def _mail(self, made: Item, key: str) -> Item:
        rng = self.rng
        source = f"source-{self.number % LISTS}"
        root = key
        if self.roots and rng.random() < 0.85:
            root, source = self.roots[-1 - min(int(rng.expovariate(1 / 60)), len(self.roots) - 1)]
        else:
            self.roots = [*self.roots[-400:], (key, source)]
        return replace(
            made,
            id=item_id(source, key),
            source_id=source,
            form="mail",
            thread=Thread(root),
            in_reply_to=(root,) if root != key else (),
        )


def home_of(months: int) -> Path:
    """Where the home with so many months lies."""
    return CACHE / f"year-{VERSION}" / f"{months:02d}"


def weeks_of(months: int) -> int:
    """How many weeks, the last one included."""
    return round(months * 52 / 12)


def make_homes(months: list[int], *, a_week: int = A_WEEK) -> Iterator[tuple[int, float]]:
    """Make the homes that are not there yet; yields each week and the CPU seconds that making its issue took."""
    missing = [each for each in months if not (home_of(each) / "whole").exists()]
    if not missing:
        return
    work, maker, clock, last = home_of(0), Maker(), [FIRST], weeks_of(max(months))
    known, waiting = _begin(work, min(missing)), []
    with open_newsletter(work, environ={}, now=lambda: clock[0]) as app:
        for week in range(1, last + 1):
            end = FIRST + (week - 1) * WEEK
            found = maker.week(end, a_week)
            if week < known:
                continue
            late = a_week * 9 // 10 if 17 < week <= last - 8 else 0
            if week > known:
                store_week(app, clock, found[late:] if late else [*waiting, *found])
            clock[0] = end + timedelta(minutes=30)
            for each in missing:
                if weeks_of(each) == week:
                    _keep(app, each)
            if week < last:
                yield week, make_week(app, clock, week)
                if late:
                    store_week(app, clock, waiting)
                waiting = found[:late]


def _begin(work: Path, months: int) -> int:
    """Put the longest shorter home in place, else a new one; the week that it holds undrafted, 0 for none."""
    shutil.rmtree(work, ignore_errors=True)
    for shorter in range(months - 1, 0, -1):
        if (home_of(shorter) / "whole").exists():
            shutil.copytree(home_of(shorter), work)
            return weeks_of(shorter)
    work.mkdir(parents=True)
    write_feeds(work)
    return 0


def write_feeds(home: Path) -> None:
    """A feeds.yaml of 300 sources."""
    lines = "".join(
        f"  - {{name: Source {number}, kind: feed, url: 'https://s{number}.example.org/feed.xml'}}\n"
        for number in range(SOURCES)
    )
    head = "newsletter:\n  name: Bench weekly\n  from: Bench <bench@example.org>\n"
    (home / "feeds.yaml").write_text(f"{head}sources:\n{lines}")


def store_week(app: Newsletter, clock: list[datetime], found: list[Item]) -> None:
    """Store the items of a week as gathering would: in batches, each at the time of its newest item."""
    if not found:
        return
    for start in range(0, len(found), AT_ONCE):
        part = found[start : start + AT_ONCE]
        clock[0] = part[-1].published_at or clock[0]
        with app.database.transaction() as db:
            save_items(db, part, now=clock[0])
    with app.database.transaction() as db:
        for source in app.config.sources:
            state = FetchState(source.id, state="ok", checked_at=clock[0], last_new_at=clock[0], items_count=17)
            save_state(db, replace(state, next_at=clock[0] + timedelta(hours=1)))


def make_week(app: Newsletter, clock: list[datetime], week: int) -> float:
    """Draft the week's issue, change, render, approve, learn and correct it; CPU seconds of draft and render alone."""
    period = newest_period(app.config.schedule, app.now())
    began = time.process_time()
    issue = make_draft(app, period)
    spent = time.process_time() - began
    clock[0] += timedelta(hours=1)
    _edit(app, issue)
    began = time.process_time()
    render_issue(app, issue.number)
    spent += time.process_time() - began
    with app.database.transaction() as db:
        issues.step(db, issue.number, "approved", now=app.now())
    learn_issue(app, issue.number)
    clock[0] += timedelta(hours=15)
    if week % 3 == 0:
        wrong = issue.entries[0]
        with app.database.transaction() as db:
            made = Correction(0, wrong.id, app.now(), "Ines", note="The title was wrong.", title=f"{wrong.title} again")
            corrections.add_correction(db, issue.number, made)
    return spent


def _edit(app: Newsletter, issue: Issue) -> None:
    """What an editor does in a usual week: drops, moves, joins, keeps apart."""
    entries, sections = issue.entries, [each.id for each in issue.sections]
    for entry in entries[3:40:6]:
        act(app, issue.number, [("drop", entry.id, "Not for us")], editor="Ines")
    for entry in entries[5:40:9]:
        act(app, issue.number, [("move", entry.id, sections[-1])], editor="Ines")
    for join in (merge, keep_apart):
        try:
            join(app, issue.number, entry=entries[1].id, other=entries[2 if join is merge else 4].id, editor="Ines")
        except (NewsletterError, IndexError) as fault:
            print(f"issue {issue.number}: {fault}")


def _keep(app: Newsletter, months: int) -> None:
    """Copy the home as it is before this week's issue is drafted."""
    target = home_of(months)
    shutil.rmtree(target, ignore_errors=True)
    app.database.close()  # its log is brought into its file; the next question opens it again
    shutil.copytree(app.home, target)
    (target / "whole").touch()


def newest_of(home: Path) -> tuple[Period, datetime]:
    """The period whose issue is not made yet, and the moment at which it is due."""
    months = int(home.name)
    end = FIRST + (weeks_of(months) - 1) * WEEK
    return Period(end - WEEK, end), end + timedelta(minutes=30)
