from datetime import timedelta

import pytest

from newsletter.errors import NotFound, UsageError
from newsletter.model.item import Item
from newsletter.model.period import Period
from newsletter.store.database import Database
from newsletter.store.items import (
    count_by_source,
    earlier_contributors,
    item,
    items_at,
    items_between,
    openings,
    save_items,
)
from tests.store.samples import AT, mail, post, review

WEEK = Period(AT, AT + timedelta(days=7))


def saved(database: Database, *found: Item) -> None:
    with database.transaction() as db:
        save_items(db, found, now=AT)


def test_a_period_holds_its_start_and_not_its_end(database: Database) -> None:
    inside = [post("a", published_at=WEEK.start), post("b", published_at=WEEK.end - timedelta(microseconds=1))]
    outside = [post("c", published_at=WEEK.end), post("d", published_at=WEEK.start - timedelta(microseconds=1))]
    saved(database, *outside, *reversed(inside))
    with database.reading() as db:
        assert [each.item for each in items_between(db, WEEK)] == inside


def test_items_of_one_form_only(database: Database) -> None:
    saved(database, post("a"), mail("m"))
    with database.reading() as db:
        assert [each.item.form for each in items_between(db, WEEK, form="mail")] == ["mail"]


def test_items_of_one_time_come_in_a_fixed_order(database: Database) -> None:
    found = [post(str(number)) for number in range(30)]
    saved(database, *found)
    with database.reading() as db:
        assert [each.item.id for each in items_between(db, WEEK)] == sorted(each.id for each in found)


def test_an_item_by_the_beginning_of_its_id(database: Database) -> None:
    found = [post(str(number)) for number in range(40)]
    saved(database, *found)
    with database.reading() as db:
        assert item(db, found[7].id[:12]).item == found[7]
        with pytest.raises(UsageError, match="begins the ids of several items"):
            item(db, next(each.id[0] for each in found if sum(other.id[0] == each.id[0] for other in found) > 1))
        for name in ("", "zzz", "%"):
            with pytest.raises(NotFound):
                item(db, name)


def test_items_that_show_the_same_page(database: Database) -> None:
    original = post("1", source="blog", url="https://blog.example.org/one/", published_at=AT)
    copy = post("1", source="planet", url="http://www.blog.example.org/one?utm_source=planet", published_at=WEEK.end)
    saved(database, copy, original, post("2"))
    with database.reading() as db:
        asked = "https://blog.example.org/one#top"
        assert items_at(db, [asked, "https://elsewhere.example.org/"]) == {asked: (original.id, copy.id)}


def test_items_are_counted_by_source(database: Database) -> None:
    saved(database, post("1", source="blog"), post("2", source="blog"), mail("m"))
    with database.reading() as db:
        assert count_by_source(db) == {"blog": 2, "list": 1}


def test_contributors_are_those_with_an_earlier_merged_change(database: Database) -> None:
    saved(
        database,
        review(1, "Ada", AT - timedelta(days=400), project="other"),
        review(2, "Ada", AT + timedelta(days=1)),
        review(3, "Bo", AT + timedelta(days=1)),
        review(4, "Cy", None),
        mail("m", by="Dee", published_at=AT - timedelta(days=1)),
    )
    people = [f"{name}@review.example.org" for name in ("ada", "bo", "cy")] + ["dee@example.org"]
    with database.reading() as db:
        assert earlier_contributors(db, people, AT) == {"ada@review.example.org"}
        assert earlier_contributors(db, people, WEEK.end) == {"ada@review.example.org", "bo@review.example.org"}
        assert earlier_contributors(db, [], AT) == frozenset()


def test_a_period_counts_threads_as_they_stood_when_it_ended(database: Database) -> None:
    day = timedelta(days=1)
    opening = mail("<a@example.org>", published_at=AT - day)
    answer = mail("<b@example.org>", "<a@example.org>", by="Bo", published_at=AT + day)
    late = mail("<c@example.org>", "<a@example.org>", by="Cy", published_at=WEEK.end + day)
    saved(database, opening, answer, late)
    with database.reading() as db:
        (found,) = items_between(db, WEEK)
        assert found.item.thread
        assert (found.item.thread.reply_count, found.item.thread.people_count) == (1, 2)
        assert found.item.thread.last_at == AT + day
        (opened,) = openings(db, [("list", found.item.thread.root_id), ("list", "never seen")], before=WEEK.end)
        assert opened.item.native_keys == ("<a@example.org>",)
        assert opened.item.thread == found.item.thread
        assert openings(db, [("list", found.item.thread.root_id)], before=opened.effective_at) == []
        assert openings(db, [("other", found.item.thread.root_id)], before=WEEK.end) == []
