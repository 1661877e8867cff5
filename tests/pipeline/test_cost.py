"""What the week costs does not grow with the years: no question of a build reads a whole table that grows."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from newsletter.model.item import Item, Person, Review, Thread, item_id
from newsletter.model.period import Period
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import approve
from newsletter.pipeline.archive import Query, search_archive
from newsletter.pipeline.draft import SNAPSHOT, make_draft
from newsletter.pipeline.due_jobs import jobs_due, next_due_at
from newsletter.pipeline.proofs import PAGE
from newsletter.pipeline.publish import publish_site, render_issue
from newsletter.pipeline.review import act
from newsletter.pipeline.times import newest_period
from newsletter.store.archive import stale
from newsletter.store.issues import outlines
from newsletter.store.items import save_items
from newsletter.store.source_value import posts_value, source_value
from tests.pipeline.conftest import Home

GROWING = frozenset(
    ("items", "item_keys", "item_revisions", "mail_ids", "topics", "stories", "story_items", "told", "changes", "aside")
)
"""Tables of which the past is kept for good."""
COUNTED = frozenset(("changes", "corrections"))
"""The archive counts the changes of every issue, out of an index: some dozens an issue."""
WEEK = timedelta(days=7)
SOURCES = "".join(f"  - {{name: S{at}, kind: feed, url: 'https://s{at}.example/feed.xml'}}\n" for at in range(3))


def said(end: Any, week: int, *, count: int = 12) -> list[Item]:
    """Posts, merged and open changes, mails in threads."""
    found = []
    for number in range(count):
        source, key, at = f"s{number % 3}", f"<{week}-{number}@bench.example>", end - timedelta(hours=5 + 9 * number)
        made = Item(
            item_id(source, key), source, "feed", "post", (key,), f"Gauge {week} of ferry {number}",
            url=f"https://{source}.example/{week}/{number}", author=Person(f"P{number}", f"p{number}@example.org"),
            published_at=at, text=f"The ferry number {number} has a gauge of week {week}. It is read every day.",
        )  # fmt: skip
        if number % 4 == 1:
            state = "open" if number == 1 else "merged"
            review = Review(state, "core", 100 * week + number, at, at if state == "merged" else None, 1, 1, 1)
            made = replace(made, form="review", review=review, project="core")
        elif number % 4 == 2:
            made = replace(made, form="mail", thread=Thread(key))
        found.append(made)
    return found


def store(app: Newsletter, end: Any, week: int) -> None:
    with app.database.transaction() as db:
        save_items(db, said(end, week), now=end)


@contextmanager
def listening(app: Newsletter, hear: Callable[[Connection, str, Any], None]) -> Iterator[None]:
    """``hear`` of every statement, before it is asked."""

    def asked(connection: Any, cursor: Any, statement: str, values: Any, context: Any, is_many: bool) -> None:
        hear(connection, statement, values[0] if is_many else values)

    event.listen(app.database._engine, "before_cursor_execute", asked)
    try:
        yield
    finally:
        event.remove(app.database._engine, "before_cursor_execute", asked)


def whole_reads(plan: Sequence[str]) -> list[str]:
    """The steps of a plan that go through one of the tables that grow from its beginning to its end."""
    return [step for step in plan if step.startswith("SCAN ") and step.split()[1] in GROWING]


def is_first(statement: str) -> bool:
    """Whether the question is if editors changed anything at all: the first row that is read says it."""
    return statement.startswith("SELECT changes.number") and "LIMIT" in statement


@contextmanager
def plans(app: Newsletter) -> Iterator[dict[str, list[str]]]:
    """By statement: what SQLite would read from its beginning to its end."""
    found: dict[str, list[str]] = {}

    def hear(connection: Connection, statement: str, values: Any) -> None:
        if statement.split()[0] in ("SELECT", "UPDATE", "DELETE", "WITH") and statement not in found:
            plain: Any = connection.connection.dbapi_connection
            rows = plain.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
            found[statement] = whole_reads([row[3] for row in rows])

    with listening(app, hear):
        yield found


@contextmanager
def steps(app: Newsletter) -> Iterator[list[int]]:
    """How many hundreds of steps SQLite's machine takes."""
    count = [0]

    def step() -> int:
        count[0] += 1
        return 0

    with listening(
        app,
        lambda connection, *_: connection.connection.dbapi_connection.set_progress_handler(step, 100),  # type: ignore[union-attr]
    ):
        yield count


@pytest.fixture
def app(home: Home) -> Iterator[Newsletter]:
    home.write(f"sources:\n{SOURCES}")
    with home.opened() as found:
        yield found


def issue_of(app: Newsletter, period: Period) -> int:
    """The issue about the week that is stored, made as the program makes it."""
    issue = make_draft(app, period)
    render_issue(app, issue.number)
    publish_site(app)
    return issue.number


@pytest.mark.sqlite_only("its query plans and steps")
def test_a_question_that_reads_all_is_seen(app: Newsletter) -> None:
    with plans(app) as found, app.database.reading() as db:
        db.connection.exec_driver_sql("SELECT count(*) FROM items WHERE form = 'post'")
        db.connection.exec_driver_sql("SELECT id FROM items WHERE id = 'x'")
    (whole,), some = found.values()
    assert whole.startswith("SCAN items")
    assert some == []


@pytest.mark.sqlite_only("its query plans and steps")
def test_no_question_of_a_week_reads_a_whole_table(app: Newsletter, home: Home) -> None:
    period = newest_period(app.config.schedule, app.now())
    with plans(app) as found:
        for week, each in enumerate((period.before().before(), period.before(), period)):
            store(app, each.end, week)
            home.clock.now = each.end + timedelta(minutes=30)
            number = issue_of(app, each)
            entry = make_draft(app, each).entries[0]
            act(app, number, [("drop", entry.id, "Not for us")], editor="Ines")
            render_issue(app, number)
            approve(app, number, editor="Ines")
        jobs_due(app), next_due_at(app)
    assert len(found) > 60
    assert {statement: read for statement, read in found.items() if read and not is_first(statement)} == {}


@pytest.mark.sqlite_only("its query plans and steps")
def test_the_archive_reads_no_item(app: Newsletter) -> None:
    period = newest_period(app.config.schedule, app.now())
    store(app, period.end, 1)
    issue_of(app, period)
    with plans(app) as found:
        assert search_archive(app, Query("gauge", with_drafts=True)).count
    read = {step.split()[1] for steps_read in found.values() for step in steps_read}
    assert read <= COUNTED


@pytest.mark.sqlite_only("its query plans and steps")
def test_what_is_asked_of_every_issue_stands_in_an_index(app: Newsletter) -> None:
    """When it was drafted stands behind the draft in its row: whoever goes through the table reads megabytes."""
    asked: list[list[str]] = []

    def hear(connection: Connection, statement: str, values: Any) -> None:
        if "issues.drafted_at" in statement and "WHERE issues." not in statement:
            plain: Any = connection.connection.dbapi_connection
            asked.append([row[3] for row in plain.execute(f"EXPLAIN QUERY PLAN {statement}", values)])

    with app.database.reading() as db, listening(app, hear):
        outlines(db), stale(db)
    assert [[step for step in plan if step.startswith("SCAN issues")] for plan in asked] == [
        ["SCAN issues USING COVERING INDEX ix_issues_state_state_at_drafted_at"]
    ] * 2


@pytest.mark.sqlite_only("its query plans and steps")
def test_ten_times_the_past_is_no_more_work(app: Newsletter, home: Home) -> None:
    """Items older than what a draft looks back at cost nothing: the same week, with 30 and with 300 of them."""
    period = newest_period(app.config.schedule, app.now())
    store(app, period.end, 0)
    issue_of(app, period)
    took = []
    for weeks in (range(30, 33), range(33, 60)):
        for week in weeks:
            store(app, period.end - week * WEEK, week)
        with steps(app) as count:
            issue_of(app, period)
        took.append(count[0])
    assert took[1] <= took[0] * 1.1, took


def test_rendering_leaves_the_items_of_a_snapshot_alone(app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are thousands, and nothing but a draft changes them; without figures they are read."""
    period = newest_period(app.config.schedule, app.now())
    store(app, period.end, 1)
    number = make_draft(app, period).number
    render_issue(app, number)
    folder = app.issue_folder(number) / SNAPSHOT
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    monkeypatch.setattr("newsletter.pipeline.snapshot._candidate", lambda row: pytest.fail("an item was read"))
    render_issue(app, number)
    after = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    assert {name: data for name, (_, data) in after.items()} == {name: data for name, (_, data) in before.items()}
    kept = [name for name in before if after[name][0] == before[name][0]]
    assert sorted(kept) == ["evidence.json.gz", "feeds.yaml", "input.json", "items.jsonl.gz"]
    monkeypatch.undo()
    page = (app.issue_folder(number) / PAGE).read_bytes()
    (folder / "evidence.json.gz").unlink()
    render_issue(app, number)
    assert (app.issue_folder(number) / PAGE).read_bytes() == page


def test_floods_are_found_by_the_same_counts_as_the_value_of_sources(app: Newsletter, home: Home) -> None:
    period = newest_period(app.config.schedule, app.now())
    for week, each in enumerate((period.before().before(), period.before(), period)):
        store(app, each.end, week)
        home.clock.now = each.end + timedelta(minutes=30)
        issue_of(app, each)
    with app.database.reading() as db:
        for until in (period.start, period.end, period.end + 20 * WEEK):
            whole, posts = source_value(db, until), posts_value(db, until)
            assert posts.issues_count == whole.issues_count
            counted = {name: each.posts for name, each in whole.by_source.items() if any(each.posts)}
            assert {name: each.posts for name, each in posts.by_source.items()} == counted
            assert counted or until > period.end
