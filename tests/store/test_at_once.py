"""Two processes with four threads each at the same rows: every one of them goes to one, and no table is locked."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from newsletter.model.subscriber import Choice
from newsletter.store import imported, outbox, queue
from newsletter.store.database import Database, Db
from newsletter.store.holds import take_place
from newsletter.store.issues import draft_number, save_draft
from newsletter.store.jobs import claim, done
from newsletter.store.mailings import Made, add_audience, add_mailing, step_mailing
from newsletter.store.rights import take_right
from tests.mailed import NOW, add_issue, add_readers
from tests.stand_in.stand_in import table_locks
from tests.store.samples import AT
from tests.store.test_issues import draft, period

PROCESSES, THREADS = 2, 4
Work = Callable[[Database, str], list[str]]


def at_once(url: str, folder: Path, work: Work) -> list[str]:
    """What ``work`` took in all threads of all processes; each thread has a database of its own."""
    children = [_process(url, folder / f"took-{number}", work) for number in range(PROCESSES)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in children]
    assert codes == [0] * PROCESSES
    return [line for path in sorted(folder.glob("took-*")) for line in path.read_text().split("\n") if line]


def _process(url: str, into: Path, work: Work) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        took: list[list[str]] = []
        names = [f"{into.name}-{at}" for at in range(THREADS)]
        threads = [threading.Thread(target=_thread, args=(url, name, work, took)) for name in names]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        into.write_text("\n".join(line for lines in took for line in lines))
        code = 0 if len(took) == THREADS else 2
    finally:
        os._exit(code)


def _thread(url: str, name: str, work: Work, took: list[list[str]]) -> None:
    own = Database(url)
    try:
        took.append(work(own, name))
    finally:
        own.close()


def job(number: int) -> queue.Job:
    return queue.Job("read source", f"{number:03}", {"id": str(number)})


@pytest.mark.slow
def test_a_job_of_the_queue_is_one_workers(database: Database, database_url: str, tmp_path: Path) -> None:
    with database.transaction() as db:
        for number in range(120):
            queue.put(db, job(number), now=AT)

    def work(own: Database, name: str) -> list[str]:
        took: list[str] = []
        while True:
            with own.transaction() as db:
                found = queue.claim_ready(db, ["read source"], worker=name, now=AT, limit=3)
            with own.reading() as db:
                left = queue.next_ready_at(db, ["read source"])
            took += [each.slot for each in found]
            if not found and (left is None or left > AT):
                return took

    took = at_once(database_url, tmp_path, work)
    assert sorted(took) == [f"{number:03}" for number in range(120)]


@pytest.mark.slow
def test_a_slot_is_claimed_once(database: Database, database_url: str, tmp_path: Path) -> None:
    def work(own: Database, name: str) -> list[str]:
        took: list[str] = []
        for slot in map(str, range(30)):
            with own.transaction() as db:
                if claim(db, "draft", slot, worker=name, now=AT):
                    done(db, "draft", slot, now=AT)
                    took.append(slot)
        return took

    took = at_once(database_url, tmp_path, work)
    assert sorted(took, key=int) == [str(number) for number in range(30)]


@pytest.mark.slow
def test_of_the_places_at_a_host_no_more_are_taken_than_there_are(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    def work(own: Database, name: str) -> list[str]:
        took: list[str] = []
        for number in range(20):
            with own.transaction() as db:
                if take_place(db, f"host {number}", holder=name, now=AT, until=AT + timedelta(hours=1), places=2):
                    took.append(str(number))
        return took

    counts = Counter(at_once(database_url, tmp_path, work))
    assert set(counts) == {str(number) for number in range(20)}
    assert set(counts.values()) == {2}


@pytest.mark.slow
def test_each_new_issue_has_a_number_of_its_own(database: Database, database_url: str, tmp_path: Path) -> None:
    weeks = iter(range(1000))

    def work(own: Database, name: str) -> list[str]:
        took: list[str] = []
        base = 100 * int(name.split("-")[1])
        for _ in range(5):
            week = base + next(weeks)
            with own.transaction() as db:
                number = draft_number(db, period(week))
                save_draft(db, draft(number, week), now=AT)
            took.append(str(number))
        return took

    took = at_once(database_url, tmp_path, work)
    assert sorted(map(int, took)) == list(range(1, 5 * PROCESSES * THREADS + 1))


def begun(database: Database, readers: int) -> tuple[outbox.Writer, list[int]]:
    """A mailing to so many readers that goes out; who may write into its ledger, and the numbers of the readers."""
    add_readers(database, [f"r{number}@example.org" for number in range(readers)])
    add_issue(database)
    with database.transaction() as db:
        mailing = add_mailing(db, 1, "issue", send_at=NOW, now=NOW)
        add_audience(db, mailing.id, {Choice(): Made("whole", "0" * 64, 1)}, on=NOW.date(), with_monthly=False, now=NOW)
        step_mailing(db, mailing.id, "sending", started_at=NOW)
        right = take_right(db, "here", "host", now=NOW)
        assert right is not None
        writer = outbox.Writer(mailing.id, right.turn)
        return writer, [each.subscriber_id for each in outbox.due(db, mailing.id, now=NOW, after=0, count=readers)]


@pytest.mark.slow
def test_the_mail_to_a_reader_begins_once(database: Database, database_url: str, tmp_path: Path) -> None:
    writer, readers = begun(database, 40)

    def work(own: Database, name: str) -> list[str]:
        took: list[str] = []
        for number in readers if name.endswith(("0", "2")) else reversed(readers):
            with own.transaction() as db:
                took += map(str, outbox.write_down(db, writer, [], [number], NOW))
        return took

    took = at_once(database_url, tmp_path, work)
    assert sorted(map(int, took)) == sorted(readers)


@pytest.mark.slow
def test_what_is_uncertain_is_settled_by_one_and_a_dead_process_is_told_once(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    writer, readers = begun(database, 20)
    with database.transaction() as db:
        outbox.write_down(db, writer, [], readers, NOW)

    def work(own: Database, name: str) -> list[str]:
        took: list[str] = []
        with own.transaction() as db:
            count = outbox.orphans_to(db, writer.mailing_id, "unknown", but="", now=NOW, said="died")
            took += ["orphan"] * count
        with own.transaction() as db:
            took += ["settled"] * outbox.resolve(db, writer.mailing_id, again=False, said_by=name, now=NOW)
        return took

    assert Counter(at_once(database_url, tmp_path, work)) == {"orphan": 20, "settled": 20}


@pytest.mark.slow
def test_readers_who_were_brought_in_agree_once(database: Database, database_url: str, tmp_path: Path) -> None:
    new = [imported.NewReader(f"r{number}@example.org", Choice(), None) for number in range(60)]

    def work(own: Database, name: str) -> list[str]:
        files = new if name.endswith(("0", "2")) else new[::-1]
        with own.transaction() as db:
            imported.add_imported(db, files, source="a list", wording="", at=AT)
        with own.reading() as db:
            waiting = imported.waiting_from(db, "a list")
        with own.transaction() as db:
            return ["agreed"] * imported.agree(db, waiting, wording="They said so on paper.", at=AT)

    assert Counter(at_once(database_url, tmp_path, work)) == {"agreed": 60}


@contextmanager
def impatient(database: Database) -> Iterator[Db]:
    """A writer who gives up at once where it would have to wait for another one."""
    with database.transaction() as db:
        db.execute(text("SET LOCAL lock_timeout = '200ms'"))
        yield db


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_who_claims_waits_for_nobody_who_is_just_claiming(new_postgres: Callable[[], str]) -> None:
    database = Database(new_postgres())
    database.migrate()
    with database.transaction() as db:
        for number in range(4):
            queue.put(db, job(number), now=AT)
        take_place(db, "host", holder="x", now=AT, until=AT, places=2)
    later = AT + timedelta(seconds=1)
    with database.transaction() as first, impatient(database) as second:
        took = [queue.claim_ready(each, ["read source"], worker="w", now=AT, limit=2) for each in (first, second)]
        places = [take_place(each, "host", holder="w", now=later, until=later, places=2) for each in (first, second)]
    assert [[each.slot for each in found] for found in took] == [["000", "001"], ["002", "003"]]
    assert places == [True, True]
    database.close()


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_no_table_is_locked_where_rows_are_claimed_and_written(new_postgres: Callable[[], str]) -> None:
    database = Database(new_postgres())
    database.migrate()
    writer, readers = begun(database, 3)
    seen: list[list[tuple[str, str]]] = []
    with database.transaction() as db:
        queue.put(db, job(1), now=AT)
        assert queue.claim_ready(db, ["read source"], worker="w", now=AT, limit=2)
        assert take_place(db, "source s", holder="w", now=AT, until=AT)
        assert claim(db, "draft", "s", worker="w", now=AT)
        assert outbox.write_down(db, writer, [], readers, AT) == frozenset(readers)
        number = draft_number(db, period(9))
        save_draft(db, draft(number, 9), now=AT)
        seen.append(table_locks(db.connection))
        db.execute(text("LOCK TABLE jobs IN SHARE ROW EXCLUSIVE MODE"))
        seen.append(table_locks(db.connection))
    assert seen == [[], [("jobs", "ShareRowExclusiveLock")]]
    database.close()
