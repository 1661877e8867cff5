"""Items page by page, on both databases."""

import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.store import listing
from newsletter.store.database import Database, Db
from newsletter.store.items import StoredItem, save_items, stored_items
from newsletter.store.listing import ItemPage, Wanted, find_listed, list_items
from newsletter.store.tables import issues, told
from newsletter.text import search_words
from tests.store.samples import AT, post

TEXT = "Café, Straße, gru\u0308n, ﬁne, ｏｋ"


def titles(page: ItemPage) -> list[str]:
    return [each.item.title for each in page.found]


def fill(database: Database, count: int = 9) -> None:
    """Three items at each of so many moments: only their ids tell them apart."""
    made = [
        post(
            f"k{at}",
            f"Item {at}",
            published_at=AT + timedelta(hours=at // 3),
            text=TEXT,
        )
        for at in range(count)
    ]
    with database.transaction() as db:
        save_items(db, made, now=AT)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 9, 10])
def test_every_item_comes_once_in_one_order(database: Database, limit: int) -> None:
    fill(database)
    with database.reading() as db:
        whole = titles(list_items(db, Wanted(), limit=100))
        page, seen = list_items(db, Wanted(), limit=limit), []
        seen += titles(page)
        while page.next:
            page = list_items(db, Wanted(before=page.next), limit=limit)
            seen += titles(page)
    assert seen == whole
    assert {each[5:] for each in seen[:3]} == {"6", "7", "8"}


@pytest.mark.parametrize("wanted", [Wanted(words="nowhere"), Wanted(kind="mail"), Wanted()])
def test_pages_end_where_the_last_part_was_full(
    database: Database, monkeypatch: pytest.MonkeyPatch, wanted: Wanted
) -> None:
    monkeypatch.setattr(listing, "_PAGE", 3)
    monkeypatch.setattr(listing, "_MOST_READ", 3)
    fill(database)
    with database.reading() as db:
        page, count = list_items(db, wanted, limit=3), 0
        while page.next and count < 9:
            page, count = list_items(db, replace(wanted, before=page.next), limit=3), count + 1
        assert (page, count) == (ItemPage(), 3)


def test_no_more_is_read_than_a_page_needs(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counted(db: Db, ids: Iterable[str]) -> Iterable[StoredItem]:
        read.append(len(found := list(ids)))
        return stored_items(db, found)

    monkeypatch.setattr(listing, "stored_items", counted)
    fill(database, 60)
    with database.reading() as db:
        assert len(list_items(db, Wanted(), limit=5).found) == 5
        assert len(list_items(db, Wanted(words="item"), limit=5).found) == 5
        page, seen = list_items(db, Wanted(), limit=5), 5
        while page.next:
            page = list_items(db, Wanted(before=page.next), limit=5)
            seen += len(page.found)
    assert read[:2] == [25, 60]
    assert seen == 60


def test_what_comes_meanwhile_moves_no_page(database: Database) -> None:
    fill(database)
    with database.reading() as db:
        whole = titles(list_items(db, Wanted(), limit=100))
        first = list_items(db, Wanted(), limit=4)
    with database.transaction() as db:
        save_items(db, [post("new", "New", published_at=AT + timedelta(days=1))], now=AT)
        second = list_items(db, Wanted(before=first.next), limit=100)
    assert titles(first) + titles(second) == whole
    assert second.next is None


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(source_ids=frozenset({"planet"})), 9),
        (Wanted(source_ids=frozenset({"pla\0net"})), 0),
        (Wanted(source_ids=frozenset()), 0),
        (Wanted(kind="feed"), 9),
        (Wanted(kind='fe"ed'), 0),
        (Wanted(kind="fe%"), 0),
        (Wanted(kind="\0\ud800"), 0),
        (Wanted(section="news\0"), 0),
        (Wanted(since=AT + timedelta(hours=1)), 6),
        (Wanted(until=AT + timedelta(hours=1)), 3),
        (Wanted(words="item 3"), 1),
        (Wanted(words="ITEM CAFÉ"), 9),
        (Wanted(words="item cafe"), 9),
        (Wanted(words="cafe strasse grun fine ok"), 9),
        (Wanted(words="it_m"), 0),
        (Wanted(words="% ' \\"), 0),
        (Wanted(words="item", kind="feed", since=AT + timedelta(hours=2)), 3),
    ],
)
def test_what_fits_is_found(database: Database, wanted: Wanted, count: int) -> None:
    fill(database)
    with database.reading() as db:
        assert len(list_items(db, wanted, limit=100).found) == count


def test_by_the_section_of_the_issues_that_count(database: Database) -> None:
    fill(database)
    with database.transaction() as db:
        made = post("k0")
        row = {"number": 1, "period_start": AT, "period_end": AT, "publish_on": AT.date(), "title": "", "state": "sent"}
        db.execute(issues.insert(), [row | {"draft": {}, "created_at": AT, "drafted_at": AT, "state_at": AT}])
        db.execute(told.insert(), [{"issue_number": 1, "story_id": "s", "item_id": made.id, "section": "news"}])
        assert titles(list_items(db, Wanted(section="news"), limit=9)) == ["Item 0"]
        assert titles(list_items(db, Wanted(section="news", told_in=frozenset({1})), limit=9)) == ["Item 0"]
        assert titles(list_items(db, Wanted(section="news", told_in=frozenset()), limit=9)) == []


def test_whatever_is_read_as_plain_letters_is_looked_at() -> None:
    letters = filter(str.isprintable, map(chr, range(0x80, sys.maxunicode + 1)))
    read_so = [each for each in letters if re.search("[a-z0-9]", "".join(search_words(each)))]
    assert len(read_so) > 1_000
    assert [each for each in read_so if not re.search(listing.SPELT_OTHERWISE, each)] == []


@pytest.mark.parametrize("kind", ["inbox", "late item"])
def test_what_was_sent_to_editors_is_never_listed(database: Database, kind: str) -> None:
    sent = replace(post("sent"), kind=kind)
    with database.transaction() as db:
        save_items(db, [sent], now=AT)
        assert list_items(db, Wanted(), limit=9) == ItemPage()
        assert find_listed(db, sent.id) is None
        assert find_listed(db, "0" * 20) is None
