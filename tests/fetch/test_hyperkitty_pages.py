import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.dates import DATE_UNREADABLE
from newsletter.fetch.hyperkitty_api import Row
from newsletter.fetch.hyperkitty_pages import Shown, has_page, in_their_thread, read_shown, read_thread_list
from newsletter.fetch.mail_threads import Mail
from newsletter.model.item import Person

DATA = Path(__file__).parents[1] / "data/hyperkitty"
BASE = "https://lists.gliders.example/archives/list/dev@gliders.example/"
REPLIES = json.loads((DATA / "replies.json").read_bytes())["replies_html"]


def test_the_threads_of_a_month() -> None:
    assert read_thread_list((DATA / "month.html").read_bytes()) == [
        Row(
            "WEAFG2CWB4JRBUBUBFSBCYQBLU4UXJEA",
            "Tuesday, 3 March 2026 10:00:00",
            3,
            datetime(2026, 3, 3, 10, tzinfo=UTC),
        ),
        Row(
            "ZZAFG2CWB4JRBUBUBFSBCYQBLU4UXJEA",
            "Sunday, 1 March 2026 09:30:00",
            1,
            datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        ),
    ]
    assert read_thread_list(b"<div id='thread-list'>Sorry no email threads could be found for this month.</div>") == []
    with pytest.raises(NotReadable):
        read_thread_list(b"<html>Sign in</html>")


def test_further_pages_are_those_it_links_to() -> None:
    page = b'<a href="?count=200&amp;page=12">12</a><a href="?page=2&amp;count=200">2</a>'
    assert [number for number in range(1, 14) if has_page(page, number)] == [2, 12]


def test_the_first_mail_of_a_thread() -> None:
    (first,) = read_shown((DATA / "thread.html").read_bytes(), BASE, "dev@gliders.example")
    assert (first.level, first.mail.key, first.mail.title) == (0, "one@gliders.example", "[Dev] Wings of flax?")
    assert first.mail.author == Person("Ada Obi", "")
    assert first.mail.url == f"{BASE}message/WEAFG2CWB4JRBUBUBFSBCYQBLU4UXJEA/"
    assert first.mail.published_at == datetime(2026, 3, 2, 22, tzinfo=UTC)
    # The whole address, not what the page shows of it; no signature.
    assert first.mail.text == (
        "Has anybody tried flax?\n"
        "It is at https://gliders.example/a/very/long/address/that/the/page/does/not/show/whole\n"
        "Write to flax(a)gliders.example"
    )


def test_answers_are_read_without_what_they_quote() -> None:
    two, three = read_shown(REPLIES, BASE, "dev@gliders.example")
    assert (two.level, two.mail.key, two.mail.author) == (1, "two@gliders.example", Person("bo", ""))
    # The sender's day had begun, the server's had not.
    assert two.mail.published_at == datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert two.mail.text == "Flax holds & bends."
    assert three.mail.published_at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert three.mail.text == "Rendered as Markdown.\n\nIt does."


def test_what_a_mail_answers_is_told_by_its_place() -> None:
    levels = (0, 1, 2, 1, 2, 3, 4, 5, 5, 1)
    shown = [Shown(f"{at}", Mail(f"m{at}"), level) for at, level in enumerate(levels)]
    answered = [mail.answered for mail in in_their_thread(shown)]
    assert answered == [
        (), ("m0",), ("m1", "m0"), ("m0",), ("m3", "m0"), ("m4", "m3", "m0"), ("m5", "m4", "m3", "m0"),
        ("m0",), ("m0",), ("m0",),
    ]  # fmt: skip


@pytest.mark.parametrize("time", ["", "<div class='time'><span title='um zehn'>zehn</span></div>"])
def test_a_page_in_another_form_gives_what_it_has(time: str) -> None:
    page = (
        "<h3>Wings</h3><div class='email'><div id='AEAFG2CWB4JRBUBUBFSBCYQBLU4UXJEA' class='email-header'>"
        f"<span class='name'>Ada</span>{time}</div><div class='email-body'>Hello</div></div>"
        "<div class='email'>broken</div>"
    )
    (shown,) = read_shown(page, BASE, "")
    assert (shown.mail.key, shown.mail.title) == ("hash AEAFG2CWB4JRBUBUBFSBCYQBLU4UXJEA", "Wings")
    assert (shown.mail.published_at, shown.mail.warnings) == (None, (DATE_UNREADABLE,))
    assert read_shown(b"<html>Sign in</html>", BASE, "") == []


@pytest.mark.parametrize(
    ("sender", "server", "at"),
    [
        ("March 3, 2026, noon", "10 a.m.", (3, 10, 0)),
        ("March 3, 2026, midnight", "10 p.m.", (2, 22, 0)),
        ("March 3, 2026, 8:05 p.m.", "midnight", (4, 0, 0)),
        ("2026-03-03 10:11", "09:11", (3, 9, 11)),
    ],
)
def test_times_as_django_writes_them(sender: str, server: str, at: tuple[int, int, int]) -> None:
    page = (
        "<div class='email'><div class='email-header'><span class='name'>Ada</span><div class='time'>"
        f"<span title='Sender&#39;s time: {sender}'>{server}</span></div></div>"
        "<div class='email-body'>Hello</div></div>"
    )
    (shown,) = read_shown(page, BASE, "")
    day, hour, minute = at
    assert shown.mail.published_at == datetime(2026, 3, day, hour, minute, tzinfo=UTC)
