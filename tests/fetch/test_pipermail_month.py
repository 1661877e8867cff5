from dataclasses import replace
from datetime import UTC, datetime, timedelta

from newsletter.fetch.pipermail_month import MonthPage
from newsletter.model.item import Item, Person

URL = "https://lists.kites.example/pipermail/kites-dev/2026-March/thread.html"
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def row(number: int, subject: str, author: str, at: datetime | None = None) -> str:
    comment = f"<!--0 0{int(at.timestamp())}.{number}- -->\n" if at else ""
    return (
        f'{comment}<LI><A HREF="{number:06}.html">{subject}\n</A><A NAME="{number}">&nbsp;</A>\n<I>{author}\n</I>\n\n'
    )


def page(*rows: str) -> MonthPage:
    return MonthPage.read(f"<HTML><UL>{''.join(rows)}</UL></HTML>".encode(), URL)


def mail(key: str, subject: str, author: str | None, at: datetime = AT) -> Item:
    who = Person(author) if author else None
    return Item(key, "kites", "mailing list", "mail", (key,), subject, author=who, published_at=at)


def pages(found: MonthPage, *mails: Item, is_end: bool = False) -> list[str]:
    urls = found.urls(mails, is_end=is_end)
    return [urls[item.id].removeprefix(URL.removesuffix("thread.html")) for item in mails]


def test_by_subject_and_author() -> None:
    found = page(
        row(7, "[K] Ropes &amp; lines", "Mara"), row(8, "[K] Ropes &amp; lines", "Obi"), row(9, "other", "Obi")
    )

    mails = [mail("a", "[K] Ropes & lines", "Obi"), mail("b", "[k] ropes & lines", "MARA"), mail("c", "gone", "Obi")]

    assert pages(found, *mails) == ["000008.html", "000007.html", "thread.html"]


def test_several_of_one_person_by_the_second_they_were_sent() -> None:
    later = AT + timedelta(hours=1)
    found = page(row(7, "x", "Mara", later), row(8, "x", "Mara", AT))

    assert pages(found, mail("a", "x", "Mara", AT), mail("b", "x", "Mara", later)) == ["000008.html", "000007.html"]


def test_several_of_one_person_by_their_order() -> None:
    found = page(row(9, "x", "Mara"), row(7, "x", "Mara"), row(8, "x", "Mara"))

    assert pages(found, mail("a", "x", "Mara"), mail("b", "x", "Mara")) == ["000007.html", "000008.html"]
    assert pages(found, mail("c", "x", "Mara")) == ["000009.html"]


def test_the_last_mails_of_a_month_have_the_last_rows() -> None:
    found = page(row(7, "x", "Mara"), row(8, "x", "Mara"), row(9, "x", "Mara"))

    assert pages(found, mail("b", "x", "Mara"), mail("c", "x", "Mara"), is_end=True) == ["000008.html", "000009.html"]


def test_a_name_that_nobody_gave() -> None:
    found = page(row(7, "x", "mara at kites.example"), row(8, "y", "kites-dev@lists.example"), row(9, "z", "Zo?"))

    mails = [mail("a", "x", "mara"), mail("b", "y", None), mail("c", "z", "Zoë")]

    assert pages(found, *mails) == ["000007.html", "000008.html", "000009.html"]


def test_no_guess_by_the_subject_alone_when_some_are_missing() -> None:
    found = page(row(7, "x", "?"), row(8, "x", "?"))

    assert pages(found, mail("a", "x", "Mara")) == ["thread.html"]


def test_the_same_mail_twice_has_one_page() -> None:
    found = page(row(7, "x", "Mara"), row(8, "x", "Mara"))
    first = mail("a", "x", "Mara")

    assert pages(found, first, replace(first, text="again"), mail("b", "x", "Mara")) == [
        "000007.html",
        "000007.html",
        "000008.html",
    ]


def test_a_page_that_is_something_else() -> None:
    assert pages(MonthPage.read(b"<html>\xff<li><a href='x'>", URL), mail("a", "x", "Mara")) == ["thread.html"]
