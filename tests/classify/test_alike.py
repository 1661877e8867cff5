from datetime import UTC, date, datetime, timedelta

from newsletter.classify.alike import alike_items
from newsletter.model.item import Event, Item, Person, item_id

TEXT = (
    "The harbour office opens the old bridge on Monday after eleven months of repairs, and whoever lives on the "
    "eastern bank may walk across without the ferry for the first time since winter."
)
AT = datetime(2026, 10, 13, 9, 0, tzinfo=UTC)


def item(key: str, title: str, text: str = "", **values: object) -> Item:
    given = {"author": Person(f"Author of {key}"), "published_at": AT, "url": f"https://{key}.example/{key}", **values}
    return Item(item_id(key, key), key, "feed", "post", (key,), title, text=text, **given)  # type: ignore[arg-type]


def others(count: int) -> list[Item]:
    """Items that are about something else each."""
    return [
        item(f"x{number}", f"Thing {number * 7919} appears", f"It is about topic{number}.") for number in range(count)
    ]


def test_a_copied_text_under_another_title_is_alike() -> None:
    pair = [item("a", "The bridge opens", TEXT), item("b", "Walking again", f"Somebody wrote that {TEXT}")]
    (found,) = alike_items([*pair, *others(20)])
    assert (found.first, found.second) == (0, 1)
    assert found.percent >= 90
    assert found.because == ("31 words in a row",) or "words in a row" in found.because[0]


def test_the_same_author_and_a_link_are_said() -> None:
    first = item("a", "Login for all services", TEXT, author=Person("Ola"))
    second = item("b", "Login for all services, explained", TEXT[:120], author=Person("Ola"), links=(first.url,))
    (found,) = alike_items([first, second, *others(10)])
    assert found.because[:2] == ("the same author", "one links to the other")


def test_two_versions_two_dates_and_two_topics_are_not_asked_about() -> None:
    versions = [item("a", "Heron 3.0 is out", TEXT), item("b", "Heron 3.1 is out", TEXT)]
    assert alike_items([*versions, *others(10)]) == ()
    days = [
        item(key, "Sprint", TEXT, event=Event(date(2026, 4, 14) + timedelta(days=at)))
        for at, key in enumerate(("a", "b"))
    ]
    assert alike_items([*days, *others(10)]) == ()
    assert alike_items(others(30)) == ()
    assert alike_items([]) == ()


def test_a_quoted_text_is_not_its_own() -> None:
    quoted = "\n".join(f"> {line}" for line in TEXT.split(","))
    pair = [item("a", "The bridge opens", TEXT), item("b", "Something else here", f"I do not agree.\n{quoted}")]
    assert alike_items([*pair, *others(10)]) == ()
