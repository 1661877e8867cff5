import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.errors import NotFound, UsageError
from newsletter.model.aside import Aside
from newsletter.store import aside as module
from newsletter.store.aside import (
    BEGINNING,
    KEPT_FOR,
    LARGEST,
    drop_aside,
    failed_again,
    find_aside,
    keep_aside,
    list_aside,
    load_aside,
    replayed,
)
from newsletter.store.database import Database, Db
from newsletter.store.tables import aside as table

NOW = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
HOURS = timedelta(hours=2)
FEED = Aside("https://a.example/feed", "it is torn", b"<rss>\x00\xff", "text/xml", "feed", is_document=True)
MAIL = Aside("https://a.example/m.mbox", "it is empty", b"From x\n\n", reader="mbox")


def keep(db: Db, *found: Aside, at: datetime = NOW, source: str = "planet") -> None:
    keep_aside(db, source, found, now=at)


def test_where_a_document_stood_comes_back_with_its_type_and_without(database: Database) -> None:
    moved = replace(FEED, final_url="https://b.example/feed")
    bare = replace(MAIL, final_url="https://b.example/m.mbox")
    with database.transaction() as db:
        keep(db, moved, bare, MAIL, replace(FEED, data=b"other"))
    with database.reading() as db:
        found = [load_aside(db, each.id) for each in list_aside(db)]
    kept = [each.aside for each in found if each]
    assert moved in kept
    assert replace(FEED, data=b"other") in kept
    # The same bytes from the same address are one.
    assert (bare in kept, MAIL in kept) in ((True, False), (False, True))


def test_bytes_come_back_as_they_were(database: Database) -> None:
    with database.transaction() as db:
        keep(db, FEED, MAIL)
        keep(db)
    with database.reading() as db:
        first, second = list_aside(db)
        assert {first.aside.reason, second.aside.reason} == {FEED.reason, MAIL.reason}
        assert first.aside.data == b""
        found = [load_aside(db, each.id) for each in (first, second)]
    assert {each.aside for each in found if each} == {FEED, MAIL}
    assert all(each and each.size == len(each.aside.data) and (each.tries, each.note) == (0, "") for each in found)


def test_the_same_bytes_are_one_row_with_a_count(database: Database) -> None:
    for turn in range(12):
        with database.transaction() as db:
            keep(db, replace(FEED, reason=f"reason {turn}"), at=NOW + turn * HOURS)
    with database.reading() as db:
        [found] = list_aside(db)
    assert (found.seen_count, found.set_aside_at, found.seen_at) == (12, NOW, NOW + 11 * HOURS)
    assert found.aside.reason == "reason 11"
    with database.transaction() as db:
        keep(db, replace(FEED, data=b"other"), replace(FEED, address="https://a.example/2"))
        keep(db, FEED, source="blog")
    with database.reading() as db:
        assert len(list_aside(db)) == 4
        assert len(list_aside(db, "blog")) == 1


def test_what_is_too_large_keeps_its_beginning_and_says_so(database: Database) -> None:
    with database.transaction() as db:
        keep(db, replace(FEED, data=b"x" * (LARGEST + 1)), replace(FEED, data=b"y" * LARGEST))
        found = [load_aside(db, each.id) for each in list_aside(db)]
    sizes = {each.size: (len(each.aside.data), each.note) for each in found if each}
    assert sizes == {
        LARGEST: (LARGEST, ""),
        LARGEST + 1: (BEGINNING, "only the first 64 KiB of 8.0 MiB are kept"),
    }


def test_what_failed_again_counts_its_tries_and_what_was_read_is_forgotten(database: Database) -> None:
    with database.transaction() as db:
        keep(db, FEED, MAIL)
        one, two = (each.id for each in list_aside(db))
        failed_again(db, one, "still torn")
        failed_again(db, one, "torn " * 200)
        replayed(db, two)
    with database.reading() as db:
        [found] = list_aside(db)
        assert load_aside(db, two) is None
    assert (found.id, found.tries, found.state, len(found.aside.reason)) == (one, 2, "failed", 500)


def test_what_was_dropped_does_not_come_back_with_the_next_gather(database: Database) -> None:
    with database.transaction() as db:
        keep(db, FEED, MAIL)
        ids = [each.id for each in list_aside(db)]
        assert drop_aside(db, ids) == 2
        assert drop_aside(db, ids) == 0
        keep(db, FEED, at=NOW + HOURS)
        assert list_aside(db) == []
        assert load_aside(db, ids[0]) is None
        assert db.execute(table.select()).first().kept_size == 0  # type: ignore[union-attr]


def test_names_are_the_beginnings_of_ids(database: Database) -> None:
    with database.transaction() as db:
        keep(db, *(replace(FEED, data=bytes([number])) for number in range(40)))
        ids = [each.id for each in list_aside(db)]
        assert find_aside(db, [ids[0], ids[1].upper(), ids[0][:11]]) == ids[:2]
        with pytest.raises(NotFound, match="has the id “zz”"):
            find_aside(db, ["zz"])
        with pytest.raises(NotFound):
            find_aside(db, ["%"])
        letter = next(one for one in "0123456789abcdef" if sum(each.startswith(one) for each in ids) > 1)
        with pytest.raises(UsageError, match="begins several ids"):
            find_aside(db, [letter])


def test_old_rows_and_the_oldest_of_too_many_go(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OF_A_SOURCE", (5, 100_000))
    monkeypatch.setattr(module, "MOST_IN_ALL", (7, 150_000))
    rng = random.Random(1)
    with database.transaction() as db:
        for number in range(9):
            keep(db, replace(FEED, data=bytes([number])), at=NOW + number * HOURS)
        assert [each.set_aside_at for each in list_aside(db)] == [NOW + number * HOURS for number in range(4, 9)]
        large = [replace(FEED, data=rng.randbytes(45_000)) for _ in range(3)]
        for number, each in enumerate(large):
            keep(db, each, at=NOW + (10 + number) * HOURS)
        assert [each.size for each in list_aside(db)] == [45_000, 45_000]
        keep(db, *large, at=NOW + 20 * HOURS, source="blog")
        assert sum(each.size for each in list_aside(db)) == 3 * 45_000
        keep(db, MAIL, at=NOW + 20 * HOURS + KEPT_FOR + HOURS)
        assert [each.aside.reason for each in list_aside(db)] == [MAIL.reason]
