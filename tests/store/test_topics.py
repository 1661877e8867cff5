from dataclasses import replace
from datetime import timedelta

from newsletter.model.item import Item, Thread
from newsletter.model.period import Period
from newsletter.store.database import Database
from newsletter.store.items import grown_items, items_between, save_items
from tests.store.samples import AT, mail, post

HOUR = timedelta(hours=1)
ALWAYS = Period(AT - timedelta(days=900), AT + timedelta(days=900))


def topic(replies: int, people: int, last_after: timedelta) -> Item:
    return replace(post("7", thread=Thread("topic-7", replies, people, AT, AT + last_after)), form="ticket")


def saved(database: Database, *found: Item) -> tuple[int, int]:
    with database.transaction() as db:
        result = save_items(db, found, now=AT)
    return len(result.new), len(result.changed)


def threads(database: Database) -> list[Thread | None]:
    with database.reading() as db:
        return [each.item.thread for each in items_between(db, ALWAYS)]


def test_a_topic_grows_without_a_new_revision(database: Database) -> None:
    assert saved(database, topic(3, 2, HOUR)) == (1, 0)
    assert saved(database, topic(23, 9, 30 * HOUR)) == (0, 0)
    assert threads(database) == [Thread("topic-7", 23, 9, AT, AT + 30 * HOUR)]


def test_what_was_begun_earlier_and_went_on_is_found(database: Database) -> None:
    saved(database, topic(3, 2, 50 * HOUR), mail("a"))
    later = Period(AT + 48 * HOUR, AT + 72 * HOUR)
    with database.reading() as db:
        assert [each.item.native_keys for each in grown_items(db, later)] == [("7",)]
        assert grown_items(db, Period(AT + 72 * HOUR, AT + 96 * HOUR)) == []
        assert grown_items(db, Period(AT, AT + 72 * HOUR)) == []


def test_mails_are_counted_over_the_store_as_before(database: Database) -> None:
    saved(database, mail("a", by="Ada"), mail("b", "a", by="Bo", published_at=AT + HOUR))
    assert [thread and (thread.reply_count, thread.people_count) for thread in threads(database)] == [(1, 2), (1, 2)]
