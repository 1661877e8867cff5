from datetime import UTC, datetime, timedelta

from newsletter.store.database import Database
from newsletter.store.proposals import answer_to, answers, asked_in, is_asked_key, mark_asked, save_answer

NOW = datetime(2026, 10, 15, 19, tzinfo=UTC)


def test_the_last_answer_counts_and_long_keys_are_kept(database: Database) -> None:
    long = "source=" + "x" * 5_000
    with database.transaction() as db:
        save_answer(db, long, "later", editor="ada", now=NOW)
        save_answer(db, long, "never", editor="bo", now=NOW + timedelta(hours=1))
        known = answers(db)
    found = answer_to(known, long)
    assert found is not None
    assert (found.answer, found.editor, found.answered_at) == ("never", "bo", NOW + timedelta(hours=1))
    assert answer_to(known, "other") is None


def test_a_session_is_asked_one_thing_and_old_sessions_are_forgotten(database: Database) -> None:
    with database.transaction() as db:
        assert asked_in(db, "ada 1") is None
        mark_asked(db, "ada 1", "one", now=NOW)
        mark_asked(db, "ada 1", "two", now=NOW)
        assert is_asked_key(asked_in(db, "ada 1") or "", "one")
        mark_asked(db, "bo 1", "two", now=NOW + timedelta(days=91))
        assert asked_in(db, "ada 1") is None
