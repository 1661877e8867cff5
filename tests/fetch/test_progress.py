from datetime import UTC, datetime, timedelta

import pytest

from newsletter.fetch.progress import Progress

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def test_what_changed_at_the_last_time_is_not_new_again() -> None:
    progress = Progress()
    assert progress.is_new("a", NOON)
    progress.advance([("a", NOON), ("b", NOON), ("c", NOON - timedelta(1)), ("d", None)], LATER)
    assert [progress.is_new(key, NOON) for key in "abcd"] == [False, False, True, True]
    assert progress.is_new("a", LATER)
    assert progress.is_new("a", None)
    assert not progress.is_new("a", NOON - timedelta(1))


def test_it_is_stored_and_read_back() -> None:
    progress = Progress()
    assert (progress.as_json(), progress.seconds) == ({}, None)
    progress.advance([("a", NOON)], NOON)
    progress.advance([("b", NOON)], NOON)
    again = Progress.read(progress.as_json(), since=LATER)
    assert (again.at, again.keys) == (NOON, {"a", "b"})
    assert again.seconds == 1_772_452_800
    again.advance([("c", NOON - timedelta(1))], NOON)
    assert again.at == NOON


@pytest.mark.parametrize("stored", [None, {}, {"at": 3}, "x"])
def test_without_anything_stored_it_begins_where_the_fetch_should(stored: object) -> None:
    assert Progress.read(stored, since=NOON) == Progress(NOON)


def test_a_time_ahead_would_hide_all_that_follows() -> None:
    progress = Progress()
    progress.advance([("a", NOON + timedelta(days=9)), ("b", NOON)], NOON)
    assert (progress.at, progress.keys) == (NOON, {"b"})
