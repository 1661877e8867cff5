from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.model.item import Item, Thread, item_id
from newsletter.model.period import Period
from newsletter.store.database import Database
from newsletter.store.items import items_between, save_items, thread_items, threads
from tests.store.samples import AT, mail

ALWAYS = Period(AT - timedelta(days=900), AT + timedelta(days=900))


def save_each(database: Database, *mails: Item) -> None:
    """One transaction for each mail, as if each came in a document of its own."""
    for each in mails:
        with database.transaction() as db:
            save_items(db, [each], now=AT)


def groups(database: Database) -> set[frozenset[str]]:
    """The stored mails by the thread they stand in."""
    by_root: dict[str, set[str]] = {}
    with database.reading() as db:
        for each in items_between(db, ALWAYS):
            assert each.item.thread
            by_root.setdefault(each.item.thread.root_id, set()).add(each.item.native_keys[0])
    return {frozenset(keys) for keys in by_root.values()}


def test_a_thread_is_counted_over_all_that_is_stored(database: Database) -> None:
    hour = timedelta(hours=1)
    save_each(
        database,
        mail("a", by="Ada"),
        mail("b", "a", by="Bo", published_at=AT + hour),
        mail("c", "b", "a", by="Ada", published_at=AT + 2 * hour),
        mail("other", by="Cy"),
    )
    with database.reading() as db:
        expected = Thread("a", reply_count=2, people_count=2, first_at=AT, last_at=AT + 2 * hour)
        assert threads(db, ["a", "missing"]) == {"a": expected}
        assert [each.item.native_keys[0] for each in thread_items(db, "list", "a")] == ["a", "b", "c"]
        assert [each.item.thread for each in thread_items(db, "list", "a")] == [expected] * 3


@pytest.mark.parametrize("order", list(permutations("abc")), ids="".join)
def test_answers_find_their_thread_in_whatever_order_they_come(database: Database, order: tuple[str, ...]) -> None:
    """Each mail names only the one it answers, so nobody but the middle one knows that all belong together."""
    mails = {"a": mail("a"), "b": mail("b", "a"), "c": mail("c", "b")}
    save_each(database, *(mails[name] for name in order))
    with database.reading() as db:
        assert threads(db, ["a"])["a"].reply_count == 2
    assert groups(database) == {frozenset("abc")}


def test_mails_that_refer_to_the_same_lost_mail_belong_together(database: Database) -> None:
    save_each(database, mail("c", "lost", "first"), mail("d", "lost"))
    assert groups(database) == {frozenset("cd")}
    with database.reading() as db:
        assert threads(db, ["first"])["first"].reply_count == 1


def test_two_threads_are_joined_when_the_mail_between_them_arrives(database: Database) -> None:
    save_each(database, mail("a"), mail("b", "a"), mail("m"), mail("n", "m"))
    assert groups(database) == {frozenset("ab"), frozenset("mn")}
    save_each(database, mail("m", "b", "a", text="now with its header"))
    assert groups(database) == {frozenset("abmn")}


def test_mails_that_answer_each_other_in_a_circle_are_one_thread(database: Database) -> None:
    save_each(database, mail("a", "c"), mail("b", "a"), mail("c", "b"), mail("self", "self"))
    assert groups(database) == {frozenset("abc"), frozenset({"self"})}


def test_angle_brackets_do_not_tell_ids_apart(database: Database) -> None:
    save_each(database, mail("<a@example.org>"), mail("b@example.org", "a@example.org"))
    assert len(groups(database)) == 1


def test_threads_of_two_sources_are_counted_apart(database: Database) -> None:
    save_each(database, mail("a"), mail("b", "a"), mail("a", source="other"))
    with database.reading() as db:
        assert len(thread_items(db, "list", "a")) == 2
        assert len(thread_items(db, "other", "a")) == 1
        assert threads(db, ["a"])["a"].reply_count == 1


def test_ids_of_any_length_and_number_are_taken(database: Database) -> None:
    long = "x" * 4000
    endless = tuple(f"{number}-{'y' * 500}" for number in range(2000))
    save_each(database, mail(long), mail("b", long), mail("c", *endless))
    assert {len(group) for group in groups(database)} == {1, 2}


NAMES = "abcdefgh"


def whole_threads(parents: dict[str, list[str]]) -> set[frozenset[str]]:
    """The groups of mails that are joined by naming each other, also through mails never seen."""
    groups = {name: {name} for name in NAMES}
    for name, named in parents.items():
        for other in named:
            joined = groups[name] | groups[other]
            for each in joined:
                groups[each] = joined
    seen = {frozenset(group & parents.keys()) for group in groups.values()}
    return {group for group in seen if group}


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    parents=st.dictionaries(
        st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3, unique=True), min_size=1
    ),
    order=st.randoms(use_true_random=False),
    cut=st.integers(1, 4),
)
def test_threads_do_not_depend_on_order_or_batches(
    parents: dict[str, list[str]], order: object, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("threads")
    database = Database(f"sqlite:///{folder / 'a.db'}")
    database.migrate()
    mails = [mail(name, *named) for name, named in parents.items()]
    order.shuffle(mails)  # type: ignore[attr-defined]
    for at in range(0, len(mails), cut):
        with database.transaction() as db:
            save_items(db, mails[at : at + cut], now=AT)
    assert groups(database) == whole_threads(parents)
    with database.reading() as db:
        for each in items_between(db, ALWAYS):
            assert each.item.thread
            assert each.item.id == item_id("list", each.item.native_keys[0])
            mates = thread_items(db, "list", each.item.thread.root_id)
            assert each.item.thread.reply_count == len(mates) - 1
    database.close()


def test_a_topic_counts_its_answers_itself_and_its_growth_is_a_change(database: Database) -> None:
    def topic(replies: int) -> Item:
        thread = Thread("forum.example/t/5", replies, 2, AT, AT + timedelta(hours=replies))
        made = item_id("forum", "topic/5")
        return Item(made, "forum", "discourse", "post", ("topic/5",), "A topic", published_at=AT, thread=thread)

    with database.transaction() as db:
        assert len(save_items(db, [topic(1)], now=AT).new) == 1
        assert save_items(db, [topic(1)], now=AT).same_count == 1
        assert len(save_items(db, [topic(30)], now=AT).changed) == 1
        (found,) = items_between(db, ALWAYS)
        assert found.item.thread == topic(30).thread
        assert threads(db, ["forum.example/t/5"]) == {}
