"""What slips headers and recipients into mails elsewhere: every such string, wherever one could come from."""

import email
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from functools import cache
from urllib.parse import quote

import pytest

from newsletter.deliver.edition_file import Bodies, write_edition
from newsletter.deliver.headers import mail_address
from newsletter.deliver.message import Edition
from newsletter.errors import MailFault
from newsletter.text import one_line
from tests.corpus import CORPUS, needs_corpus
from tests.deliver.editions import ADA, HEADING, HELD, written

HOSTILE = CORPUS / "hostile"
NAMES = [name for name, _ in email.message_from_bytes(Edition.read(written()).for_reader(ADA)).items()]
_TAKEN = re.compile(r"(?im)^(?:subject|from|to|reply-to|message-id|list-[\w-]+):((?:.*\r?\n[ \t])*.*)")
_ONE = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[A-Za-z0-9.-]+")


def lines_of(folder: str) -> Iterator[str]:
    for path in sorted((HOSTILE / folder).glob("*.jsonl")):
        rows = map(json.loads, path.read_bytes().splitlines())
        yield from (row[key] for row in rows for key in ("value", "input", "url") if isinstance(row.get(key), str))


def mail_headers() -> Iterator[str]:
    """Names, subjects and addresses of the mails, as they stand there."""
    for path in sorted((HOSTILE / "mail").rglob("*.eml")):
        head = path.read_bytes()[:20_000].decode("latin-1")
        yield from (found[1][:2_000] for found in _TAKEN.finditer(head))


@cache
def strings() -> tuple[str, ...]:
    found = list(dict.fromkeys([*lines_of("text"), *lines_of("url"), *mail_headers()]))
    assert len(found) > 1_500
    return tuple(found)


def is_as_intended(mail: bytes, *, to: str = "ada@example.net", left_out: str = "") -> bool:
    """Whether the mail has exactly the headers it should have, one recipient, and a body behind them."""
    head, _, body = mail.partition(b"\r\n\r\n")
    lines = re.sub(rb"\r\n[ \t]", b" ", head).split(b"\r\n")
    assert b"\r" not in head.replace(b"\r\n", b"")
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\0" not in mail
    assert [line.partition(b":")[0].decode() for line in lines] == [name for name in NAMES if name != left_out]
    assert body.startswith(b"--=_alternative-")
    assert head.isascii() == to.isascii()
    assert max(map(len, mail.split(b"\r\n"))) <= 998
    assert dict(line.decode().split(":", 1) for line in lines)["To"].endswith(to)
    return True


@pytest.mark.slow
@needs_corpus
def test_no_name_or_subject_begins_another_header() -> None:
    for text in strings():
        heading = replace(HEADING, sender=(text, "letter@news.example.org"), subject=text, list_name=text)
        mail = Edition.read(written(heading, size=1)).for_reader(ADA)
        assert is_as_intended(mail), text
        if len(text) < 300:
            read = email.message_from_bytes(mail, policy=policy.default)
            assert "".join(str(read["Subject"]).split()) == "".join(one_line(shown(text)).split()), text
            assert [each.addr_spec for each in read["From"].addresses] == ["letter@news.example.org"], text


def shown(text: str) -> str:
    """What is left of half a letter."""
    return text.encode("utf-8", "replace").decode()


@pytest.mark.slow
@needs_corpus
def test_no_readers_name_begins_another_header_or_names_another_reader() -> None:
    edition = Edition.read(written(size=1))
    for text in strings():
        mail = edition.for_reader(replace(ADA, name=text))
        if len(text) > 500 and is_as_intended(mail, to="ada@example.net>"):
            continue  # Python takes seconds to read it.
        assert is_as_intended(mail, to="ada@example.net>" if one_line(text) else "ada@example.net"), text
        to = email.message_from_bytes(mail, policy=policy.default)["To"]
        assert [each.addr_spec for each in to.addresses] == ["ada@example.net"], text


@pytest.mark.slow
@needs_corpus
def test_an_address_is_one_reader_or_refused() -> None:
    edition = Edition.read(written(size=1))
    taken = 0
    for text in (*strings(), *(f"{text}@example.org" for text in strings()), *(f"a@{text}" for text in strings())):
        try:
            address = mail_address(text)
        except MailFault:
            with pytest.raises(MailFault):
                edition.pieces(replace(ADA, address=text))
            continue
        taken += 1
        assert _ONE.fullmatch(address), text
        assert is_as_intended(edition.for_reader(replace(ADA, address=text)), to=address)
    assert taken > 20


@pytest.mark.slow
@needs_corpus
@pytest.mark.parametrize("name", ["unsubscribe_url", "archive_url", "issue_url"])
def test_no_address_of_the_site_begins_another_header(name: str) -> None:
    for text in strings():
        url = f"https://letter.example.org/{text}"
        mail = Edition.read(written(size=1, **{name: url})).for_reader(ADA)
        header = {"archive_url": "List-Archive", "issue_url": "Archived-At"}.get(name, "")
        is_there = f"\r\n{header}: <https://letter.example.org/".encode() in mail
        assert is_there or not header or len(quote(url, errors="replace")) > 800, text
        assert is_as_intended(mail, left_out="" if is_there else header), text


@pytest.mark.slow
@needs_corpus
def test_no_text_ends_the_mail_or_stands_for_a_token() -> None:
    text = "\n".join(strings())
    held = f"{HELD.unsubscribe} stays nowhere"
    data = write_edition(HEADING, Bodies(f"{text}\n.\n{held}", f"<p>{text}</p>\r\n.\r\nQUIT\r\n"), HELD)
    edition = Edition.read(data)
    sent = b"".join(edition.pieces(ADA))
    assert b"\r\n.\r\n" not in sent
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", sent)
    assert is_as_intended(edition.for_reader(ADA))
    read = email.message_from_bytes(edition.for_reader(ADA), policy=policy.default)
    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert [part.defects for part in read.walk() if part.defects] == []
