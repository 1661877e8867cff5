"""A post that comes again under another id or date is the one that is known; what only looks like it is another."""

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.model.item import Item, item_id
from newsletter.model.period import Period
from newsletter.store.database import Database
from newsletter.store.items import items_between
from newsletter.store.saving import SaveResult, save_items
from tests.store.samples import AT

NOW = AT + timedelta(days=20)
SLUG = "https://old.example/2011/02/how-to-run-a-{}-cluster"


def post(number: int, **values: object) -> Item:
    key = f"old-{number}"
    made = Item(
        item_id("blog", key),
        "blog",
        "feed",
        "post",
        (key,),
        f"How to run a {number} node cluster",
        url=SLUG.format(number),
        published_at=AT + timedelta(days=number),
        text=f"A cluster of {number} nodes needs some care and a bit of patience.",
    )
    return replace(made, **values)  # type: ignore[arg-type]


def renamed(item: Item, key: str, **values: object) -> Item:
    return replace(item, id=item_id("blog", key), native_keys=(key,), **values)  # type: ignore[arg-type]


def save(database: Database, *found: Item) -> SaveResult:
    with database.transaction() as db:
        return save_items(db, found, now=NOW)


def said(database: Database) -> list[tuple[str, int]]:
    """Every item's title, and after how many days it counts as said."""
    with database.reading() as db:
        found = items_between(db, Period(AT - timedelta(days=4000), AT + timedelta(days=4000)))
    return [(each.item.title, (each.effective_at - AT).days) for each in found]


def test_a_post_that_is_dated_anew_keeps_its_first_date(database: Database) -> None:
    posts = [post(number) for number in range(3)]
    save(database, *posts)
    before = said(database)
    assert save(database, *(replace(each, published_at=NOW) for each in posts)) == SaveResult(same_count=3)
    assert said(database) == before
    corrected = replace(posts[0], title="How to run no cluster", published_at=NOW)
    assert save(database, corrected).changed == (posts[0].id,)
    assert said(database)[0] == ("How to run no cluster", 0)


def test_an_earlier_date_is_a_correction_and_other_forms_move(database: Database) -> None:
    save(database, post(5), post(6, form="page"))
    save(database, post(5, published_at=AT), post(6, form="page", published_at=AT + timedelta(days=9)))
    assert [days for _, days in said(database)] == [0, 9]


@pytest.mark.parametrize("redated", [False, True])
def test_a_feed_with_new_ids_is_known_by_addresses_and_titles(database: Database, redated: bool) -> None:
    posts = [post(number) for number in range(20)]
    save(database, *posts)
    before = said(database)
    again = [renamed(each, f"new-{at}", **({"published_at": NOW} if redated else {})) for at, each in enumerate(posts)]
    assert save(database, *again).new == ()
    assert said(database) == before
    assert save(database, *again).new == ()
    assert save(database, renamed(post(77), "new-77")).new == (item_id("blog", "new-77"),)


def test_a_site_that_moved_with_other_addresses_does_not_flood(database: Database) -> None:
    posts = [post(number) for number in range(20)]
    save(database, *posts)
    moved = [
        renamed(each, f"new-{at}", url=f"https://new.example/blog/{at}/", published_at=NOW)
        for at, each in enumerate(posts)
    ]
    assert save(database, *moved).new == ()
    assert len(said(database)) == 20


def test_a_site_that_moved_and_shows_no_texts_is_known_by_the_ends_of_its_addresses(database: Database) -> None:
    posts = [post(number) for number in range(20)]
    save(database, *posts)
    slugs = [
        renamed(each, f"slug-{at}", url=f"https://x.example/p/how-to-run-a-{at}-cluster/", text="")
        for at, each in enumerate(posts)
    ]
    assert save(database, *slugs).new == ()


def test_one_new_id_is_known_by_its_address(database: Database) -> None:
    save(database, post(1))
    assert save(database, renamed(post(1), "other", published_at=NOW)).new == ()


def test_what_only_looks_alike_is_another(database: Database) -> None:
    weekly = post(1, title="Meeting notes", url="https://wiki.example/Meetings", text="On Monday we spoke of clouds.")
    save(database, weekly)
    later = renamed(weekly, "b", text="On Tuesday we spoke of rain, and of snow.", published_at=NOW)
    assert len(save(database, later).new) == 1, "the page of a weekly meeting"
    wire = post(3, title="Ministers agree on a budget", url="https://one.example/1", text="")
    save(database, wire)
    others = [renamed(wire, f"w{at}", url=f"https://w{at}.example/x", text="") for at in range(3)]
    assert len(save(database, *others).new) == 3, "three papers with one headline"
    assert len(save(database, renamed(post(4), "a"), renamed(post(4), "c")).new) == 2, "twice in one document"


def test_what_stands_in_the_document_by_its_own_key_is_no_other_one(database: Database) -> None:
    save(database, post(1))
    assert len(save(database, post(1), renamed(post(1), "copy")).new) == 1


def test_other_sources_and_mails_are_left_alone(database: Database) -> None:
    save(database, post(1))
    other = replace(post(1), id=item_id("other", "x"), source_id="other", native_keys=("x",))
    assert len(save(database, other).new) == 1
    mail = post(2, form="mail")
    save(database, mail)
    assert len(save(database, renamed(mail, "again")).new) == 1
