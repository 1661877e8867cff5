from datetime import UTC, datetime, timedelta

import pytest

from newsletter.fetch.tracker import (
    Comment,
    Ticket,
    by_change,
    comments_wanted,
    discussed_items,
    links_in,
    plain_text,
    ticket_item,
)
from newsletter.model.item import Person, Thread, item_id

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TOVE, MIRA = Person("Tove", "tove@x"), Person("Mira", "mira@x")
SAID = tuple(Comment((TOVE, MIRA)[each % 2], NOON + timedelta(minutes=each)) for each in range(1, 4))


def test_a_ticket_becomes_an_item() -> None:
    ticket = Ticket("bug 7", " It\nsmells ", "https://x.example/7", status="New", importance="High", labels=("New", ""))
    item = ticket_item(ticket, "bugs", "launchpad")
    assert (item.id, item.form, item.kind) == (item_id("bugs", "bug 7"), "ticket", "launchpad")
    assert (item.title, item.labels, item.thread) == ("It smells", ("New", "High"), None)
    assert (item.author, item.published_at, item.updated_at, item.project) == (None, None, None, None)
    bare = ticket_item(Ticket("bug 7", "", "javascript:alert(1)"), "bugs", "launchpad")
    assert (bare.title, bare.url) == ("bug 7", None)


def test_its_thread_is_counted_as_far_as_it_is_known() -> None:
    whole = Ticket("a", "", "", author=TOVE, created_at=NOON, comments=SAID)
    root = item_id("s", "a")
    assert ticket_item(whole, "s", "k").thread == Thread(root, 3, 2, NOON, NOON + timedelta(minutes=3))
    quiet = Ticket("a", "", "", created_at=NOON, comments=())
    assert ticket_item(quiet, "s", "k").thread == Thread(root, 0, 1, NOON, NOON)
    counted = Ticket("a", "", "", author=TOVE, comment_count=9)
    assert ticket_item(counted, "s", "k").thread == Thread(root, 9, 1, None, None)
    late = Ticket("a", "", "", comment_count=9, comments=SAID[:1], commented_at=NOON + timedelta(1))
    assert ticket_item(late, "s", "k").thread == Thread(root, 9, 1, None, NOON + timedelta(1))


def test_a_ticket_is_much_discussed_from_the_comment_on_that_made_it_so() -> None:
    tickets = [
        Ticket("a", "", "", created_at=NOON, comments=SAID),
        Ticket("b", "", "", created_at=NOON, comments=SAID[:1]),
        Ticket("c", "", "", created_at=NOON, comment_count=2),
        Ticket("d", "", "", created_at=NOON),
        Ticket("e", "", "", created_at=NOON, comments=(Comment(TOVE, None), Comment(None, None))),
    ]
    found = {item.native_keys[0]: item.published_at for item in discussed_items(tickets, 2, "s", "k")}
    assert found == {"a": NOON + timedelta(minutes=2), "c": NOON, "e": NOON}


@pytest.mark.parametrize(
    ("take", "count"),
    [
        ((), None),
        (("bug summary",), None),
        (("merged", "issues with 20 comments"), 20),
        (("bugs with 1 comments",), 1),
        (("tasks with 3 comments",), 3),
        (("tasks with N comments",), None),
    ],
)
def test_how_many_comments_are_wanted(take: tuple[str, ...], count: int | None) -> None:
    assert comments_wanted(take) == count


def test_links_stand_in_plain_text_each_once() -> None:
    text = "See https://a.example/x. (http://b.example/y), https://a.example/x and <https://c.example/>; http:// not"
    assert links_in(text) == ("https://a.example/x", "http://b.example/y", "https://c.example/")


def test_text_is_bounded_and_can_be_seen() -> None:
    assert plain_text(" a\r\nb\u200b\x00 ") == "a\nb"
    assert len(plain_text("x" * 50_000)) == 20_000


def test_the_one_that_rests_longest_is_first() -> None:
    tickets = [
        Ticket("b", "", "", updated_at=NOON),
        Ticket("a", "", "", created_at=NOON),
        Ticket("c", "", ""),
    ]
    assert [each.key for each in sorted(tickets, key=by_change)] == ["c", "a", "b"]
