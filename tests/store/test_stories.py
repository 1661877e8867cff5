from datetime import date

from newsletter.model.issue import Entry, Issue, Section
from newsletter.model.item import Item
from newsletter.model.period import Period
from newsletter.model.story import Story
from newsletter.store.database import Database
from newsletter.store.issues import draft_number, save_draft
from newsletter.store.items import save_items
from newsletter.store.stories import (
    Decisions,
    add_decision,
    decisions,
    known_story_ids,
    mark_told,
    save_stories,
    told_items,
    told_stories,
)
from tests.store.samples import AT, post


def story(name: str, *items: Item) -> Story:
    return Story(name, items, items[0].title, items[0].url)


def issue(number: int, *entries: Entry) -> Issue:
    period = Period(AT.replace(day=number), AT.replace(day=number + 1))
    return Issue(number, "Title", period, date(2026, 3, 6), sections=(Section("general", "General", period, entries),))


def publish(database: Database, *issues: Issue) -> None:
    with database.transaction() as db:
        for each in issues:
            if draft_number(db, each.period) == each.number:
                save_draft(db, each, now=AT)
            mark_told(db, each)


def test_items_remember_their_story(database: Database) -> None:
    one, two, three = post("1"), post("2"), post("3")
    with database.transaction() as db:
        save_items(db, [one, two, three], now=AT)
        save_stories(db, [story("s", one, two)])
        assert known_story_ids(db, [one.id, two.id, three.id]) == {one.id: "s", two.id: "s"}


def test_regrouping_moves_items_and_keeps_the_id(database: Database) -> None:
    one, two = post("1"), post("2")
    with database.transaction() as db:
        save_stories(db, [story("s", one), story("t", two)])
        save_stories(db, [story("s", two, one)])
        assert known_story_ids(db, [one.id, two.id]) == {one.id: "s", two.id: "s"}
        save_stories(db, [])


def test_the_last_decision_on_a_pair_holds(database: Database) -> None:
    with database.transaction() as db:
        assert decisions(db) == Decisions()
        add_decision(db, "merge", ("b", "a"), editor="Ada", now=AT)
        add_decision(db, "merge", ("c", "d"), editor="Ada", now=AT)
        add_decision(db, "apart", ("a", "b"), editor="Bo", now=AT)
        assert decisions(db) == Decisions(merge=(("c", "d"),), apart=(("a", "b"),))


def test_what_was_told_is_known_by_story_and_by_item(database: Database) -> None:
    entry = Entry("e", "s", "Title", None, revisions=("item-1.2", "item-2.1"))
    publish(database, issue(1, entry), issue(2, entry))
    with database.reading() as db:
        assert told_stories(db, ["s", "t"]) == {"s": 2}
        assert told_stories(db, ["s"], before=2) == {"s": 1}
        assert told_stories(db, ["s"], before=1) == {}
        assert told_items(db, ["item-1", "item-2", "item-3"]) == {"item-1": 2, "item-2": 2}


def test_an_entry_without_revisions_tells_all_items_of_its_story(database: Database) -> None:
    one = post("1")
    with database.transaction() as db:
        save_stories(db, [story("s", one)])
    publish(database, issue(1, Entry("e", "s", "Title", None), Entry("f", "unknown", "Title", None)))
    with database.reading() as db:
        assert told_items(db, [one.id]) == {one.id: 1}
        assert told_stories(db, ["s", "unknown"]) == {"s": 1, "unknown": 1}


def test_marking_again_forgets_what_the_issue_does_not_tell_any_more(database: Database) -> None:
    publish(database, issue(1, Entry("e", "s", "Title", None)))
    publish(database, issue(1, Entry("f", "t", "Title", None), Entry("f-date", "t", "Title", None)))
    with database.reading() as db:
        assert told_stories(db, ["s", "t"]) == {"t": 1}
