import itertools
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from newsletter.fetch.hyperkitty import (
    archive_link,
    feed_address,
    find_months,
    is_piece,
    list_address,
    looks_like_archive,
    message_url,
    month_url,
    plan,
    still_open,
)

PAGE = (Path(__file__).parents[1] / "data/hyperkitty/overview.html").read_bytes()
BASE = "https://lists.gliders.example/archives/list/dev@gliders.example/"


def spans(*months: str, done: tuple[str, ...] = (), today: str, since: datetime | None = None) -> list[str]:
    return [volume.name for volume in plan(months, done, today=date.fromisoformat(today), since=since)]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (BASE, (BASE, "dev")),
        (f"{BASE}thread/ABC/?x=1", (BASE, "dev")),
        ("http://l.example/list/a-b@c.example", ("http://l.example/list/a-b@c.example/", "a-b")),
        (
            "http://l.example/hyperkitty/list/a%40c.example/2026/3/",
            ("http://l.example/hyperkitty/list/a%40c.example/", "a"),
        ),
        ("http://l.example/list/a.c.example/", None),
    ],
)
def test_the_address_of_a_list(url: str, found: tuple[str, str] | None) -> None:
    assert list_address(url) == found


def test_the_page_of_a_list() -> None:
    assert find_months(PAGE) == ("2025-11", "2026-02", "2026-03")
    assert find_months(b'<a href="/list/a@b.example/9999/12/">x</a><a href="/list/a@b.example/2026/13/">x</a>') == ()
    assert feed_address(PAGE, BASE) == f"{BASE}feed/"
    assert feed_address(b"", BASE) == f"{BASE}feed/"
    assert archive_link(b'<a href="/archives/list/dev@gliders.example/latest">x</a>', BASE) == BASE
    assert archive_link(b"<a href='/lists/'>x</a>", BASE) is None
    assert looks_like_archive(PAGE)


def test_addresses_of_mails() -> None:
    # The example of Mailman's own documentation.
    assert message_url(BASE, "12345") == f"{BASE}message/RSZCG7IGPHFIRW3EMTVMMDNJMNCVCOLE/"
    assert month_url(BASE, datetime(2026, 3, 2, tzinfo=UTC)) == f"{BASE}2026/3/"
    assert month_url(BASE, None) == BASE


def test_months_that_are_settled_then_pieces_then_a_window() -> None:
    assert spans("2025-12", "2026-02", today="2026-03-20") == [
        *("2025-12", "2026-02"),
        *("2026-03-01--2026-03-18", "2026-03-18--"),
    ]
    # Until a week has passed the month before is open, too.
    assert spans("2026-01", today="2026-03-04") == [
        *("2026-01", "2026-02-01--2026-03-01", "2026-03-01--2026-03-02", "2026-03-02--"),
    ]
    assert spans("2026-03", today="2026-03-02") == ["2026-02-01--2026-02-28", "2026-02-28--"]


def test_the_window_stays_for_some_days() -> None:
    done = ("2026-02", "2026-03-01--2026-03-18")
    assert spans("2026-02", done=done, today="2026-03-22") == ["2026-02", "2026-03-18--"]
    assert spans("2026-02", done=done, today="2026-03-26") == ["2026-02", "2026-03-18--2026-03-24", "2026-03-24--"]
    assert spans("2026-02", done=done, today="2026-06-10") == [
        *("2026-02", "2026-03", "2026-04", "2026-05"),
        *("2026-06-01--2026-06-08", "2026-06-08--"),
    ]


def test_without_a_list_of_months() -> None:
    since = datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert spans(today="2026-02-20", since=since)[:2] == ["2025-12", "2026-01"]
    years = spans(today="2026-02-20")
    assert years[:2] == ["before-1990", "1990"]
    assert years[-4:] == ["2025", "2026-01", "2026-02-01--2026-02-18", "2026-02-18--"]


def test_every_day_lies_in_one_span() -> None:
    for day in range(1, 29):
        today = date(2026, 3, day)
        volumes = plan(("2025-11",), (), today=today, since=None)
        for before, after in itertools.pairwise(volumes):
            assert before.ends_on == after.begins_on
        assert volumes[-1].ends_on > today


def test_what_is_known_of_pieces_goes_with_their_month() -> None:
    assert is_piece("2026-03-01--2026-03-18")
    assert not is_piece("2026-03-18--")
    assert not is_piece("2026-03")
    assert still_open("2026-03-01--2026-03-18", date(2026, 4, 2))
    assert not still_open("2026-03-01--2026-03-18", date(2026, 4, 20))
    assert still_open("2026-03", date(2026, 9, 1))
