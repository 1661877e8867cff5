from datetime import UTC, datetime

import pytest

from newsletter.fetch.wiki import (
    Edit,
    PageEdits,
    add_edits,
    new_pages_first,
    page_item,
    shown_name,
    span_of,
)
from newsletter.model.item import Person, item_id

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
URL = "https://wiki.lantern.example/Oils"


def edit(hour: int = 0, person: str = "Mira", **values: object) -> Edit:
    return Edit(f"{hour} {person}", "Oils", MONDAY.replace(hour=hour), person, **values)  # type: ignore[arg-type]


def told(*edits: Edit) -> PageEdits:
    (found,) = add_edits({}, edits, "week").values()
    return found


def test_a_page_and_its_week_are_one_item() -> None:
    edits = told(
        edit(1, size=1200, comment="whales", revision=11, before=9),
        edit(2, "Tove", size=40, revision=14, before=12),
        edit(3, size=None, comment="less <b>", revision=15, before=14),
    )
    item = page_item(edits, "wiki", url=URL, diff=f"{URL}?diff=15&oldid=9", project=None)
    assert item.id == item_id("wiki", "2026-03-02 Oils")
    assert (item.kind, item.form, item.title) == ("wiki", "page", "Oils: 3 edits by 2 people")
    assert item.text == "3 edits by Mira and Tove; 1,240 bytes more.\n\n- Mira: whales\n- Mira: less <b>"
    assert "<li>Mira: less &lt;b&gt;</li>" in item.html
    assert item.links == (f"{URL}?diff=15&oldid=9",)
    assert (edits.revision, edits.before) == (15, 9)
    assert (item.author, item.thread, item.labels) == (None, None, ())
    assert item.published_at == MONDAY.replace(hour=1)
    assert item.updated_at == MONDAY.replace(hour=3)
    assert PageEdits.from_json(edits.as_json()) == edits


def test_a_new_page_says_so() -> None:
    item = page_item(told(edit(is_new=True, size=-3)), "wiki", url=URL, diff="javascript:alert(1)")
    assert (item.title, item.labels) == ("New page: Oils", ("new page",))
    assert item.text == "Begun by Mira; 3 bytes less."
    assert (item.author, item.links) == (Person("Mira", "mira@wiki.lantern.example"), ())
    grown = page_item(told(edit(is_new=True), edit(2, "Tove")), "wiki", url=URL, diff="")
    assert grown.text == "Begun, then 2 edits by Mira and Tove."


def test_many_people_and_nobody() -> None:
    many = told(*(edit(hour, f"Person {hour}") for hour in range(10)))
    assert page_item(many, "w", url=URL, diff="").text == "10 edits by Person 0, Person 1, Person 2 and 7 more."
    nobody = page_item(told(edit(person="192.0.2.17")), "w", url=URL, diff="")
    assert nobody.title == "Oils: 1 edit by somebody without an account"
    assert "192.0.2" not in f"{nobody}"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Mira", "Mira"), ("192.0.2.17", None), ("2001:db8::1", None), ("~2025-1234-5", None), ("", None), ("1.2", "1.2")],
)
def test_an_address_is_nobodys_name(name: str, shown: str | None) -> None:
    assert shown_name(name) == (shown or "somebody without an account")


def test_spans_and_order() -> None:
    sunday = datetime(2026, 3, 8, 23, 59, tzinfo=UTC)
    assert (span_of(sunday, "week"), span_of(sunday, "day")) == ("2026-03-02", "2026-03-08")
    pages = [
        PageEdits("a", "x", last_at="2"),
        PageEdits("b", "x", last_at="1"),
        PageEdits("c", "x", last_at="3", is_new=True),
    ]
    assert [each.page for each in new_pages_first(pages)] == ["c", "b", "a"]
