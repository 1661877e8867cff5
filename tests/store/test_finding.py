from datetime import UTC, datetime, timedelta

from newsletter.model.item import Item, item_id
from newsletter.model.story import Story
from newsletter.store.database import Database
from newsletter.store.finding import decisions_about, items_by_id, items_by_story, items_by_title
from newsletter.store.items import save_items
from newsletter.store.stories import add_decision, save_stories

NOW = datetime(2026, 10, 15, 19, tzinfo=UTC)


def item(title: str, days: int = 0, text: str = "") -> Item:
    at = NOW - timedelta(days=days)
    return Item(item_id("planet", title), "planet", "feed", "post", (title,), title, text=text, published_at=at)


CAFE, OLD, NEW = item("The Café opens"), item("River news", 9), item("More river news, 100%", 1, text="café opens")


def filled(database: Database) -> None:
    with database.transaction() as db:
        save_items(db, [CAFE, OLD, NEW], now=NOW)
        save_stories(db, [Story("ab" * 20, (NEW, OLD), "River", None)])


def titles(database: Database, words: str) -> list[str]:
    with database.reading() as db:
        return [each.item.title for each in items_by_title(db, words, most=5)]


def test_words_of_the_title_in_any_order_the_newest_first(database: Database) -> None:
    filled(database)
    assert titles(database, "NEWS river") == [NEW.title, OLD.title]
    assert titles(database, "cafe opens") == [CAFE.title]
    assert titles(database, "café") == [CAFE.title]
    assert titles(database, "100%") == [NEW.title]
    assert titles(database, "%") == titles(database, "") == titles(database, "nowhere") == []


def test_ids_and_stories_by_how_they_begin(database: Database) -> None:
    filled(database)
    with database.reading() as db:
        assert [each.item.id for each in items_by_id(db, OLD.id[:9])] == [OLD.id]
        assert items_by_id(db, "zz") == []
        assert items_by_story(db, "abab") == [(NEW.id, OLD.id)]
        assert items_by_story(db, "cd") == []


def test_everything_decided_about_a_pair(database: Database) -> None:
    filled(database)
    with database.transaction() as db:
        add_decision(db, "merge", (OLD.id, NEW.id), editor="ada", now=NOW)
        add_decision(db, "open", (OLD.id, NEW.id), editor="bo", now=NOW)
        found = decisions_about(db, [OLD.id, CAFE.id])
    assert [(each.decision, each.editor) for each in found] == [("merge", "ada"), ("open", "bo")]
    assert set(found[0].pair) == {OLD.id, NEW.id}
