from dataclasses import replace
from datetime import UTC, datetime

from newsletter.model.item import Item
from newsletter.render.river import PAGE_ITEMS, RiverItem, planet_pages
from newsletter.render.river_contexts import RiverView
from tests.render import samples


def views(items: list[RiverItem]) -> list[RiverView]:
    return [view for page in planet_pages(samples.press(), items) for day in page.days for view in day.items]


def test_days_are_those_of_the_newsletters_zone_newest_first() -> None:
    item = samples.river(1)[0]
    late = replace(item, at=datetime(2027, 4, 14, 22, 30, tzinfo=UTC), item=replace(item.item, id="late"))
    (page,) = planet_pages(samples.press(), [late, item])
    assert [day.date for day in page.days] == ["Thursday 15 April 2027"]
    assert [view.time for view in page.days[0].items] == ["17:00", "00:30"]
    assert page.days[0].id == "day-2027-04-15"


def test_mails_of_a_thread_on_one_day_share_a_view_and_every_mail_is_linked() -> None:
    found = views(samples.river(6))
    assert [view.author for view in found] == ["Person 0", "4 mails", "Person 3"]
    together = found[1]
    assert together.title == "Lamps on shelf 0"
    assert [(mail.label, mail.url) for mail in together.mails] == [
        ("Person 0", f"{samples.LISTS}/5"),
        ("Person 4", f"{samples.LISTS}/4"),
        ("Person 2", f"{samples.LISTS}/2"),
        ("Person 1", f"{samples.LISTS}/1"),
    ]
    assert together.time == "16:19"


def test_counts_are_of_items() -> None:
    (page,) = planet_pages(samples.press(), samples.river(6))
    assert [day.count for day in page.days] == ["6 items"]
    assert page.sources == "1 source"


def test_quoted_words_and_signatures_are_left_out() -> None:
    assert views(samples.river(1))[0].text == "My own words about lamps."
    item = samples.river(1)[0]
    answer = replace(item.item, text="On 3 April Ada wrote:\n> old\n\nNew words.")
    assert views([replace(item, item=answer)])[0].text == "New words."


def test_long_rivers_have_pages_that_lead_to_each_other() -> None:
    items = [
        replace(each, item=replace(each.item, thread=None, id=f"{number:04d}"))
        for number, each in enumerate(samples.river(2 * PAGE_ITEMS + 1))
    ]
    pages = planet_pages(samples.press(), items)
    assert [(page.newer, page.older) for page in pages] == [
        (None, "2.html"),
        ("index.html", "3.html"),
        ("2.html", None),
    ]
    assert sum(len(day.items) for page in pages for day in page.days) == 2 * PAGE_ITEMS + 1


def test_an_item_with_nothing_but_a_source() -> None:
    bare = Item("i", "s", "feed", "post", ("k",), "", language="fa", url="javascript:x")
    (view,) = views([RiverItem(bare, "blog", datetime(2027, 4, 15, tzinfo=UTC))])
    assert (view.title, view.url, view.author, view.direction) == ("Without a title", None, "", "rtl")
    assert (view.time, view.time_iso) == ("no date", ""), "when it was seen is not when it was published"


def test_nothing_read_is_one_empty_page() -> None:
    (page,) = planet_pages(samples.press(), [])
    assert page.days == ()
