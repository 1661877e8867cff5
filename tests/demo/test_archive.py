import gzip
import mailbox
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from newsletter.demo.archive import ARCHIVE, mbox, pipermail
from newsletter.demo.letters import letters


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def read(data: bytes, folder: Path) -> list[Message]:
    path = folder / "list.mbox"
    path.write_bytes(data)
    with_file = mailbox.mbox(path, create=False)
    try:
        return list(with_file)
    finally:
        with_file.close()


def test_the_months_of_an_archive_hold_every_mail_once(folder: Path) -> None:
    dev = letters("dev")
    pages = pipermail("Drumlin-dev", "[drumlin-dev] ", dev, 100)
    texts = [page.body for path, page in pages.items() if path.endswith(".txt.gz")]
    found = [mail for text in texts for mail in read(gzip.decompress(text), folder)]
    assert len(texts) == 2
    assert [mail["Message-ID"] for mail in found] == [letter.message_id for letter in dev]
    assert [" ".join(str(make_header(decode_header(mail["Subject"]))).split()) for mail in found] == [
        f"[drumlin-dev] {letter.subject}" for letter in dev
    ]


def test_a_month_takes_addresses_apart(folder: Path) -> None:
    pages = pipermail("Drumlin-announce", "", letters("announce"), 1)
    text = gzip.decompress(pages["2026-September.txt.gz"].body).decode()
    first = read(text.encode(), folder)[0]
    assert first["From"] == "halvard at brekke.example (Halvard Brekke)"
    assert "@" not in text.replace(first["Message-ID"], "").replace("@quispe", "").split("Message-ID")[0]


def test_a_line_of_a_body_that_begins_with_from_is_guarded() -> None:
    pages = pipermail("Drumlin-dev", "[drumlin-dev] ", letters("dev"), 1)
    text = gzip.decompress(pages["2026-October.txt.gz"].body)
    assert b"\n>From now on I wash on the step" in text


def test_the_pages_by_thread_and_by_date_name_the_same_mails() -> None:
    dev = letters("dev")
    pages = pipermail("Drumlin-dev", "[drumlin-dev] ", dev, 4211)
    for month in ("2026-September", "2026-October"):
        listed = []
        for name in ("thread", "date"):
            tree = LexborHTMLParser(pages[f"{month}/{name}.html"].body.decode())
            listed.append(sorted(str(link.attributes["href"]) for link in tree.css("li > a[href]")))
        assert listed[0] == listed[1]
        assert all(f"{month}/{name}" in pages for name in listed[0])


def test_an_answer_stands_below_what_it_answers() -> None:
    pages = pipermail("Drumlin-announce", "", letters("announce"), 318)
    tree = LexborHTMLParser(pages["2026-October/thread.html"].body.decode())
    answers = [link.text().strip() for link in tree.css("ul ul > li > a[href]")]
    assert answers == ["Council elections: nominations are open until 18 October"]


def test_the_index_names_the_newest_month_first() -> None:
    pages = pipermail("Drumlin-dev", "[drumlin-dev] ", letters("dev"), 1)
    tree = LexborHTMLParser(pages[""].body.decode())
    texts = [link.attributes["href"] for link in tree.css("a") if "Text" in link.text()]
    assert texts == ["2026-October.txt.gz", "2026-September.txt.gz"]
    assert all(text in pages for text in texts)


def test_the_file_of_the_users_list_holds_every_mail_whole(folder: Path) -> None:
    users = letters("users")
    found = read(mbox(users).body, folder)
    assert [mail["Message-ID"] for mail in found] == [letter.message_id for letter in users]
    for mail, letter in zip(found, users, strict=True):
        part = mail.get_payload(0) if mail.is_multipart() else mail
        assert isinstance(part, Message)
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        assert data.decode(part.get_content_charset("utf-8")) == letter.text


def test_a_mail_of_the_file_says_where_it_can_be_read(folder: Path) -> None:
    found = [mail["Archived-At"] for mail in read(mbox(letters("users")).body, folder)]
    assert len(set(found)) == len(found)
    assert found[0] == f"<{ARCHIVE}/u-leak-01>"


def test_the_file_shows_the_ways_in_which_mails_are_packed(folder: Path) -> None:
    found = read(mbox(letters("users")).body, folder)
    types = {mail.get_content_type() for mail in found}
    charsets = {mail.get_content_charset() for mail in found}
    packings = {mail["Content-Transfer-Encoding"] for mail in found}
    assert types == {"text/plain", "multipart/alternative"}
    assert {"utf-8", "iso-8859-1"} <= charsets
    assert {"base64", "quoted-printable"} <= packings
    assert [mail["Subject"] for mail in found if mail["Auto-Submitted"]] == [
        "Out of office: One year, six machines: the hospital in numbers"
    ]


def test_the_same_mails_give_the_same_bytes() -> None:
    assert mbox(letters("users")).body == mbox(letters("users")).body
