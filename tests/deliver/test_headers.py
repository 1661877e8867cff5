from email import message_from_bytes, policy

import pytest

from newsletter.deliver import headers
from newsletter.errors import MailFault


def value(line: bytes) -> str:
    found = message_from_bytes(line + b"\r\n", policy=policy.default)
    assert len(found.keys()) == 1
    return str(found[found.keys()[0]])


@pytest.mark.parametrize(
    "text",
    [
        "The charter goes to a vote",
        "Größe und 図書館, " * 9 + "end",
        "=?utf-8?q?not_an_encoded_word?= stays",
        "a" * 200,
        "😀" * 60,
        "tab\tand  spaces",
    ],
)
def test_words_come_back_in_seven_bits_and_short_lines(text: str) -> None:
    line = headers.text_line("Subject", text)
    assert line.isascii()
    assert line.endswith(b"\r\n")
    assert all(len(each) <= 78 for each in line.split(b"\r\n"))
    assert value(line) == " ".join(text.split())


@pytest.mark.parametrize("name", ["Ada Lovelace", 'Ada "the first" Lovelace', "Ørsted, & Şen", "a.b@c", "x" * 120])
def test_a_name_with_its_address_comes_back(name: str) -> None:
    line = headers.mailbox_line("From", [(name, "ada@example.org"), ("", "b@example.org")])
    found = message_from_bytes(line + b"\r\n", policy=policy.default)["From"]
    # Python's parser of names puts a space between encoded words, where there is none (RFC 2047, 6.2).
    shown = [each.display_name if len(name) < 40 else each.display_name.replace(" ", "") for each in found.addresses]
    assert list(zip(shown, [each.addr_spec for each in found.addresses], strict=True)) == [
        (name, "ada@example.org"),
        ("", "b@example.org"),
    ]
    assert not found.defects


def test_addresses_stand_in_brackets_one_after_the_other() -> None:
    line = headers.url_line("List-Unsubscribe", ["https://a.example/u/x", "mailto:b@example.org?subject=c"])
    assert line == b"List-Unsubscribe: <https://a.example/u/x>, <mailto:b@example.org?subject=c>\r\n"
    assert headers.url_line("X", ["https://a.example/>\r\nBcc: x"]) == b"X: <https://a.example/%3E%0D%0ABcc:%20x>\r\n"


def test_the_lists_name_is_for_people_and_for_machines() -> None:
    assert headers.list_id_line("Lantern Letter", "letter.example.org") == (
        b"List-Id: Lantern Letter <letter.example.org>\r\n"
    )
    assert value(headers.list_id_line("Größe", "letter.example.org")) == "Größe <letter.example.org>"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Ada.L+news@Example.ORG", "Ada.L+news@example.org"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
        ("ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"),
        ("áda@example.org", "áda@example.org"),
        ("a@[127.0.0.1]", None),
        ("a b@example.org", None),
        ('"a b"@example.org', None),
        ("a@example.org\r\nBcc: x@example.org", None),
        ("a@example.org>, <b@example.org", None),
        ("a\x00@example.org", None),
        ("á\u2028b@example.org", None),
        ("á>b@example.org", None),
        (".a@example.org", None),
        ("@example.org", None),
        ("a@", None),
        ("a", None),
        ("a@-example.org", None),
        ("a@\u0378.example", None),
        ("a" * 65 + "@example.org", None),
        ("ä" * 40 + "@example.org", None),
        ("a@" + ".".join(["b" * 60] * 5), None),
    ],
)
def test_an_address_is_one_or_it_is_refused(text: str, wanted: str | None) -> None:
    if wanted:
        assert headers.mail_address(text) == wanted
        assert headers.needs_utf8(wanted) == (not wanted.isascii())
        return
    with pytest.raises(MailFault, match="no mail address") as told:
        headers.mail_address(text)
    assert told.value.is_final
