import multiprocessing
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from newsletter.model.item import Event, Item, Person, Review, item_id
from newsletter.model.period import Period
from newsletter.store.database import Database
from newsletter.store.items import item, items_between, revisions
from newsletter.store.saving import SaveResult, save_items
from newsletter.store.tables import item_keys, item_revisions, items
from tests.store.samples import AT, post

LATER = AT + timedelta(hours=2)


def save(database: Database, *found: Item) -> SaveResult:
    with database.transaction() as db:
        return save_items(db, found, now=LATER)


def stored(database: Database, item_id: str) -> Item:
    with database.reading() as db:
        return item(db, item_id).item


def count(database: Database, *tables: object) -> list[int]:
    with database.reading() as db:
        return [db.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]  # type: ignore[arg-type]


def test_a_new_item_is_stored_whole(database: Database) -> None:
    whole = post(
        "1",
        keys=("1", "https://blog.example.org/?p=1"),
        author=Person("Ada", "ada@example.org"),
        updated_at=AT + timedelta(minutes=1, microseconds=5),
        text="Text",
        html="<p>Text</p>",
        links=("https://example.org/",),
        review=Review("merged", "core", 7, AT, AT, 1, 2, 3, True),
        event=Event(AT.date(), AT.replace(tzinfo=None), place="Here"),
        project="core",
        language="en",
        labels=("a", "b"),
        warnings=("a list was lost",),
    )
    assert save(database, whole) == SaveResult(new=(whole.id,))
    assert stored(database, whole.id) == whole


def test_the_same_again_writes_nothing(database: Database) -> None:
    save(database, post("1"), post("2"))
    touched = post("1", updated_at=LATER)
    assert save(database, touched, post("2")) == SaveResult(same_count=2)
    assert count(database, items, item_revisions) == [2, 2]


def test_a_changed_item_gets_a_revision_and_the_old_one_stays(database: Database) -> None:
    first, second = post("1", "Before"), post("1", "After", published_at=AT - timedelta(days=1))
    save(database, first)
    assert save(database, second) == SaveResult(changed=(first.id,))
    with database.reading() as db:
        now_stored = item(db, first.id)
        assert now_stored.revision_id == f"{first.id}.2"
        assert now_stored.effective_at == AT - timedelta(days=1)
        old = revisions(db, [f"{first.id}.1", f"{first.id}.2", f"{first.id}.3", "nonsense"])
    assert {name: each.title for name, each in old.items()} == {f"{first.id}.1": "Before", f"{first.id}.2": "After"}


def test_one_known_key_of_several_is_enough(database: Database) -> None:
    first = post("guid-1", keys=("guid-1", "https://blog.example.org/1"))
    save(database, first)
    moved = post("guid-new", keys=("guid-new", "https://blog.example.org/1"))
    assert save(database, moved).new == ()
    again = post("guid-new", "Another title")
    assert save(database, again) == SaveResult(changed=(first.id,))
    assert stored(database, first.id).title == "Another title"
    assert count(database, items, item_keys) == [1, 3]


def test_the_same_key_in_another_source_is_another_item(database: Database) -> None:
    one, other = post("1", source="planet"), post("1", source="blog")
    assert set(save(database, one, other).new) == {one.id, other.id}


def test_of_two_with_one_key_in_a_batch_the_last_holds(database: Database) -> None:
    first, last = post("1", "First"), post("1", "Last")
    assert save(database, first, last) == SaveResult(new=(first.id,), same_count=1)
    assert stored(database, first.id).title == "Last"
    assert save(database, first, last) == SaveResult(same_count=2)


def test_two_of_a_batch_may_share_only_a_later_key(database: Database) -> None:
    first = post("1", "First", keys=("1", "shared"))
    last = post("2", "Last", keys=("2", "shared"))
    assert save(database, first, last) == SaveResult(new=(first.id,), same_count=1)
    assert stored(database, first.id).title == "Last"


def test_an_item_without_a_date_counts_from_when_it_was_seen(database: Database) -> None:
    undated = post("1", published_at=None)
    save(database, undated)
    with database.reading() as db:
        assert item(db, undated.id).effective_at == LATER
        assert item(db, undated.id).item.published_at is None
    with database.transaction() as db:
        save_items(db, [replace(undated, title="Changed")], now=LATER + timedelta(days=3))
        assert item(db, undated.id).effective_at == LATER


@pytest.mark.parametrize(
    "text", ["", "\0", "nul \0 inside", "\ud800 half", "😀" * 500, "x" * 5000, "\x01\x7f\u2028", "' OR 1=1; --", "%_\\"]
)
def test_whatever_a_source_says_is_stored_and_known_again(database: Database, text: str) -> None:
    odd = Item(
        item_id("planet", text),
        "planet",
        "feed",
        "post",
        (text,),
        text,
        url="https://example.org/" + text,
        author=Person(text, text),
        text=text,
        html=text,
        labels=(text,),
    )
    assert save(database, odd).new == (odd.id,)
    assert save(database, odd).same_count == 1
    assert stored(database, odd.id) == odd


def test_a_large_batch_is_saved_and_known_again(database: Database) -> None:
    many = [post(str(number), keys=(str(number), f"https://blog.example.org/{number}")) for number in range(1000)]
    assert len(save(database, *many).new) == 1000
    assert save(database, *many).same_count == 1000
    with database.reading() as db:
        assert len(items_between(db, Period(AT, LATER))) == 1000


def _save_in_a_process(url: str, numbers: Iterable[int], title: str) -> None:
    database = Database(url)
    for number in numbers:
        with database.transaction() as db:
            save_items(db, [post(str(each), title) for each in range(number, number + 20)], now=LATER)
    database.close()


@pytest.mark.slow
def test_two_processes_save_the_same_items_and_none_is_double(database: Database, database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    orders = (range(0, 200, 20), range(180, -1, -20))
    programs = [context.Process(target=_save_in_a_process, args=(database_url, order, "Same")) for order in orders]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
        assert program.exitcode == 0
    assert count(database, items, item_keys, item_revisions) == [200, 200, 200]


KEYS = st.sampled_from("abcdefg")
BATCHES = st.lists(
    st.lists(st.tuples(st.lists(KEYS, min_size=1, max_size=3, unique=True), st.sampled_from(["x", "y"])), max_size=6),
    min_size=1,
    max_size=4,
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(batches=BATCHES)
def test_every_key_names_one_item_and_nothing_is_counted_twice(
    batches: list[list[tuple[list[str], str]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("upsert")
    database = Database(f"sqlite:///{folder / 'a.db'}")
    database.migrate()
    for batch in batches:
        found = [post(keys[0], title, keys=tuple(keys)) for keys, title in batch]
        result = save(database, *found)
        assert len(result.new) + len(result.changed) + result.same_count == len(found)
        assert save(database, *found) == SaveResult(same_count=len(found))
    with database.reading() as db:
        used = {key for batch in batches for keys, _ in batch for key in keys}
        rows = db.execute(select(item_keys.c.key, item_keys.c.item_id)).all()
        assert {row.key for row in rows} == used
        assert {row.item_id for row in rows} == set(db.execute(select(items.c.id)).scalars())
        numbers = db.execute(select(item_revisions.c.item_id, func.count()).group_by(item_revisions.c.item_id)).all()
        assert dict(map(tuple, numbers)) == dict(map(tuple, db.execute(select(items.c.id, items.c.revision)).all()))
    database.close()
