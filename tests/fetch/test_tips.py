from datetime import UTC, datetime

import pytest

from newsletter.fetch.tips import LARGEST_MAIL, LEFT_OUT, SetAside, read_tip
from newsletter.model.item import Item, Person

NOW = datetime(2026, 3, 5, tzinfo=UTC)
HEAD = (
    "From: Ada Example <ada@example.org>\nSubject: A bridge\nMessage-ID: <1@x>\nDate: Mon, 2 Mar 2026 10:00:00 +0100\n"
)
BODY = "\nThe bridge opens: https://bridge.example.org/open.\n\n-- \nAda, +49 123\n"


def tip(extra: str = "", body: str = BODY, own: str = "") -> Item | SetAside:
    return read_tip(f"{HEAD}{extra}{body}".encode(), "tips", NOW, own)


def test_a_tip() -> None:
    item = tip()
    assert isinstance(item, Item)
    assert (item.title, item.text) == ("A bridge", "The bridge opens: https://bridge.example.org/open.")
    assert (item.kind, item.form, item.labels, item.native_keys) == ("inbox", "mail", ("tip",), ("1@x",))
    assert item.author == Person("Ada Example", "ada@example.org")
    assert item.published_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert item.links == ("https://bridge.example.org/open",)
    assert (item.url, item.thread, item.warnings) == (None, None, ())


def test_addresses_are_not_printed() -> None:
    item = tip(
        body="\nI am ada@example.org, ask bob.builder@example.com or see "
        "https://lists.example.org/list/dev@example.org/ and https://x.example.org/?who=ada%40example.org&a=1\n"
    )
    assert isinstance(item, Item)
    assert item.text == (
        f"I am {LEFT_OUT}, ask {LEFT_OUT} or see https://lists.example.org/list/dev@example.org/ "
        f"and https://x.example.org/?who={LEFT_OUT}&a=1"
    )
    assert item.warnings == ("address left out",)
    bare = read_tip(b"From: ada@example.org\nSubject: from ada@example.org\n\nHello there\n", "tips", NOW)
    assert isinstance(bare, Item)
    assert (bare.title, bare.author) == (f"from {LEFT_OUT}", Person("ada", "ada@example.org"))


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ("X-Spam-Flag: YES\n", "the mail server calls it spam"),
        ("X-Spam-Status: Yes, score=9.1\n", "the mail server calls it spam"),
        ("Return-Path: <>\n", "it is a bounce"),
        ("Sender: MAILER-DAEMON@example.org\n", "it is a bounce"),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=x\n", "it is a bounce"),
        ("Auto-Submitted: auto-replied\n", "a program sent it (Auto-Submitted: auto-replied)"),
        ("X-Autoreply: yes\n", "a program sent it (X-Autoreply)"),
        ("List-Unsubscribe: <https://e.example.org/u>\n", "it was sent to many (List-Unsubscribe)"),
        ("Precedence: bulk\n", "it was sent to many (Precedence: bulk)"),
    ],
)
def test_what_no_person_wrote_is_set_aside(extra: str, reason: str) -> None:
    assert tip(extra) == SetAside(reason)


def test_what_looks_like_it_and_is_none() -> None:
    assert isinstance(
        tip("X-Spam-Flag: NO\nX-Spam-Status: No, score=1\nAuto-Submitted: no\nReturn-Path: <a@b.c>\n"), Item
    )
    through_list = "List-Id: <news-tips.example.org>\nPrecedence: list\nList-Unsubscribe: <mailto:x>\n"
    assert isinstance(tip(through_list, own="news-tips@example.org"), Item)
    assert isinstance(tip(through_list, own="other@example.org"), SetAside)


def test_mails_that_say_nothing_or_come_from_the_future() -> None:
    assert tip(body="\n \n") == SetAside("it says nothing")
    assert isinstance(read_tip(b"\x00\xff", "tips", NOW), Item | SetAside)
    later = read_tip(HEAD.replace("2026", "2099").encode() + BODY.encode(), "tips", NOW)
    assert isinstance(later, Item)
    assert (later.published_at, later.warnings) == (None, ("date in the future: 2099-03-02",))


def test_a_long_mail_is_told_to_be_cut() -> None:
    item = read_tip((HEAD + BODY).encode().ljust(LARGEST_MAIL, b" "), "tips", NOW)
    assert isinstance(item, Item)
    assert item.warnings == ("a long mail was cut",)
