"""Jobs that were set aside and workers that are missing are told by doctor."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.pipeline.doctor import quick_looks
from newsletter.pipeline.doctor_jobs import PATIENCE, jobs_check, workers_check
from newsletter.pipeline.in_force import QUEUE_VARIABLE
from newsletter.store.database import Database
from newsletter.store.queue import Job, claim_ready, put, set_aside

NOW = datetime.now(UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(f"sqlite:///{tmp_path / 'x.db'}")
    made.migrate()
    return made


def test_jobs_set_aside_are_named_with_their_reason(database: Database) -> None:
    assert jobs_check(lambda: nullcontext(database)).standing == "ok"
    made = [Job("make draft", f"2026-10-{day}", {}) for day in range(10, 15)]
    with database.transaction() as db:
        for job in made[:1]:
            put(db, job, now=NOW)
        for job in claim_ready(db, ["make draft"], worker="w", now=NOW, limit=9):
            set_aside(db, job, worker="w", reason="the disk\nis full.", now=NOW)
    found = jobs_check(lambda: nullcontext(database))
    assert found.standing == "fault"
    assert found.text == (
        "1 job is set aside. “make draft” failed: the disk is full. "
        f"Mend it, then: newsletter aside replay {made[0].id}."
    )
    with database.transaction() as db:
        for job in made[1:]:
            put(db, job, now=NOW)
        for job in claim_ready(db, ["make draft"], worker="w", now=NOW, limit=9):
            set_aside(db, job, worker="w", reason="again", now=NOW + timedelta(minutes=1))
    text = jobs_check(lambda: nullcontext(database)).text
    assert text.startswith("5 jobs are set aside. ")
    assert text.endswith("“newsletter aside” lists all 5.")


@pytest.mark.parametrize(
    ("name", "who"),
    [("read source", "newsletter worker"), ("check links", "newsletter worker"), ("send", "newsletter run")],
)
def test_jobs_that_nobody_takes_are_told(database: Database, name: str, who: str) -> None:
    assert workers_check(lambda: nullcontext(database)).standing == "ok"
    with database.transaction() as db:
        put(db, Job(name, "a", {}), now=NOW - PATIENCE - timedelta(minutes=1))
        put(db, Job(name, "b", {}), now=NOW)
    found = workers_check(lambda: nullcontext(database))
    assert found.standing == "fault"
    assert "2 jobs are waiting. Start" in found.text
    assert found.text.endswith(f": {who}")
    with database.transaction() as db:
        claim_ready(db, [name], worker="w", now=datetime.now(UTC), limit=1)
    assert workers_check(lambda: nullcontext(database)).standing == "ok", "somebody is at one"


def test_a_mailing_under_way_hides_no_missing_workers(database: Database) -> None:
    with database.transaction() as db:
        put(db, Job("send", "a", {}), now=NOW)
        assert claim_ready(db, ["send"], worker="home", now=datetime.now(UTC), limit=1)
        put(db, Job("read source", "a", {}), now=NOW - PATIENCE - timedelta(minutes=1))
    found = workers_check(lambda: nullcontext(database))
    assert (found.standing, "1 job is waiting. Start one: newsletter worker" in found.text) == ("fault", True)


def test_workers_are_looked_for_where_there_is_a_queue(database: Database, tmp_path: Path) -> None:
    here = [name for name, _ in quick_looks(tmp_path, {}, database=database)]
    assert "jobs" in here
    assert "workers" not in here
    assert "workers" in [name for name, _ in quick_looks(tmp_path, {QUEUE_VARIABLE: "amqp://x"}, database=database)]
