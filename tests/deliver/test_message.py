import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsletter.deliver.message import Edition, message_id
from newsletter.errors import MailFault, StoreFault
from tests.deliver.editions import ADA, HELD, SITE, read, written


@pytest.mark.parametrize("shift", range(0, 76, 5))
def test_tokens_are_put_in_wherever_a_line_is_cut(shift: int) -> None:
    data = written(shift=shift, size=2)
    mail = Edition.read(data).for_reader(ADA)
    assert HELD.unsubscribe.encode() not in mail.replace(b"=\r\n", b"")
    assert HELD.preferences.encode() not in mail.replace(b"=\r\n", b"")
    found = read(mail)
    for kind in ("plain", "html"):
        part = found.get_body((kind,))
        assert part is not None
        said = part.get_content()
        assert f"{SITE}u/{ADA.unsubscribe_token}" in said
        assert f"{SITE}r/{ADA.preferences_token}" in said
    assert max(map(len, mail.split(b"\r\n"))) <= 105


def test_pieces_are_the_mail_with_its_dots_stuffed() -> None:
    edition = Edition.read(written())
    pieces, mail = edition.pieces(ADA), edition.for_reader(ADA)
    assert b"".join(pieces) == re.sub(rb"(?m)^\.", b"..", mail)
    assert b"\r\n..a dot" in b"".join(pieces)
    assert b"\n" not in mail.replace(b"\r\n", b"")
    assert mail.endswith(b"--\r\n")
    other = edition.pieces(replace(ADA, address="bo@example.net"))
    shared = [one is another for one, another in zip(pieces, other, strict=True) if len(one) > 100]
    assert shared
    assert all(shared)


def test_a_reader_gets_nothing_of_another() -> None:
    edition = Edition.read(written())
    edition.pieces(replace(ADA, address="bo@example.net", unsubscribe_token="B" * 32))
    assert b"B" * 32 not in edition.for_reader(ADA)
    assert b"bo@example.net" not in edition.for_reader(ADA)


def test_a_name_stands_before_the_address() -> None:
    mail = read(Edition.read(written()).for_reader(replace(ADA, name="Ada, Größe " * 12)))
    # Python's parser of names puts a space between encoded words, where there is none (RFC 2047, 6.2).
    assert mail["To"].addresses[0].display_name.replace(" ", "") == "Ada,Größe" * 12
    assert mail["To"].addresses[0].addr_spec == "ada@example.net"


def test_a_domain_is_written_in_ascii_and_a_local_part_stays() -> None:
    mail = Edition.read(written()).for_reader(replace(ADA, address="áda@straße.example"))
    assert "\r\nTo: áda@xn--strae-oqa.example\r\n".encode() in mail
    with pytest.raises(MailFault):
        Edition.read(written()).for_reader(replace(ADA, address="a@b>\r\nBcc: c@d"))


def test_a_token_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="another length"):
        Edition.read(written()).pieces(replace(ADA, unsubscribe_token="short"))


def test_a_test_is_marked_and_dated() -> None:
    at = datetime(2027, 4, 16, 12, 30, tzinfo=UTC)
    mail = read(Edition.read(written(subject="Größe " * 12), mark="[TEST]", at=at).for_reader(ADA))
    assert mail["Subject"] == "[TEST] " + ("Größe " * 12).strip()
    assert mail["X-Test"] == "yes"
    assert mail["Date"] == "Fri, 16 Apr 2027 12:30:00 +0000"
    assert read(Edition.read(written()).for_reader(ADA))["X-Test"] is None


@pytest.mark.parametrize("data", [b"", b"From: a@b\r\n\r\nbody", b"X-Placeholders: none\r\n\r\nbody"])
def test_what_is_no_edition_is_refused(data: bytes) -> None:
    with pytest.raises(StoreFault, match="no edition"):
        Edition.read(data)


def test_a_message_id_is_fixed_by_mailing_and_person_and_nobody_guesses_it() -> None:
    made = message_id(b"secret", 57, "issue", 7, "example.org")
    assert re.fullmatch(r"<issue-57\.[0-9a-f]{24}@example\.org>", made)
    assert made == message_id(b"secret", 57, "issue", 7, "example.org")
    others = {
        message_id(b"other", 57, "issue", 7, "example.org"),
        message_id(b"secret", 57, "issue", 8, "example.org"),
        message_id(b"secret", 57, "erratum-1", 7, "example.org"),
        message_id(b"secret", 58, "issue", 7, "example.org"),
    }
    assert len(others | {made}) == 5
