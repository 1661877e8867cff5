import threading
from datetime import timedelta

from newsletter.store.database import Database
from newsletter.store.jobs import claim, done, done_slots, is_done, release
from tests.store.samples import AT

MINUTE = timedelta(minutes=1)


def test_a_job_is_claimed_once_for_each_slot(database: Database) -> None:
    with database.transaction() as db:
        assert claim(db, "draft", "2026-W10", worker="a", now=AT)
        assert not claim(db, "draft", "2026-W10", worker="b", now=AT)
        assert claim(db, "draft", "2026-W11", worker="b", now=AT)
        assert claim(db, "gather", "2026-W10", worker="b", now=AT)


def test_a_lease_that_ran_out_may_be_taken_by_another(database: Database) -> None:
    with database.transaction() as db:
        assert claim(db, "draft", "s", worker="a", now=AT, lease=5 * MINUTE)
        assert not claim(db, "draft", "s", worker="b", now=AT + 4 * MINUTE)
        assert claim(db, "draft", "s", worker="b", now=AT + 5 * MINUTE)


def test_a_done_job_is_never_claimed_again(database: Database) -> None:
    with database.transaction() as db:
        assert claim(db, "draft", "s", worker="a", now=AT)
        assert not is_done(db, "draft", "s")
        done(db, "draft", "s", now=AT)
        assert is_done(db, "draft", "s")
        assert not claim(db, "draft", "s", worker="b", now=AT + timedelta(days=9))
        release(db, "draft", "s", worker="a", again_at=AT)
        assert not claim(db, "draft", "s", worker="b", now=AT + timedelta(days=9))


def test_a_job_may_be_done_without_a_claim(database: Database) -> None:
    with database.transaction() as db:
        done(db, "draft", "by hand", now=AT)
        assert not claim(db, "draft", "by hand", worker="a", now=AT)
        assert done_slots(db, "draft", ["by hand", "other"]) == {"by hand"}


def test_a_released_job_waits_until_its_time(database: Database) -> None:
    with database.transaction() as db:
        assert claim(db, "draft", "s", worker="a", now=AT)
        release(db, "draft", "s", worker="a", again_at=AT + 3 * MINUTE)
        assert not claim(db, "draft", "s", worker="a", now=AT + 2 * MINUTE)
        assert claim(db, "draft", "s", worker="a", now=AT + 3 * MINUTE)


def test_of_many_that_claim_at_once_one_gets_the_job(database: Database, database_url: str) -> None:
    claimed: list[str] = []

    def work(name: str) -> None:
        own = Database(database_url)
        for slot in range(8):
            with own.transaction() as db:
                if claim(db, "draft", str(slot), worker=name, now=AT):
                    claimed.append(str(slot))
        own.close()

    workers = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(claimed) == list("01234567")
