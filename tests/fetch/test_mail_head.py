from datetime import UTC, datetime

import pytest

from newsletter.fetch.mail_head import answered_ids, date, decode_text, decode_words, message_id, read_head, subject


def head(text: str) -> dict[str, str]:
    return read_head(text.encode())[0]


def test_headers_and_where_the_body_begins() -> None:
    data = b"From a Mon Mar  2 10:00:00 2026\nFrom: ada\nSUBJECT : hi\nX-Other: 1\n\nBody: of the mail\n"

    found, at = read_head(data)

    assert {name: value.strip() for name, value in found.items()} == {"from": "ada", "subject": "hi"}
    assert data[at:] == b"Body: of the mail\n"


def test_folded_lines_are_one() -> None:
    assert subject(head("Subject: a long\r\n subject\r\n\tindeed\r\nFrom: ada\r\n\r\n")) == "a long subject indeed"


def test_of_a_header_that_stands_twice_the_first_counts() -> None:
    assert subject(head("Subject: one\nSubject: two\n\n")) == "one"


@pytest.mark.parametrize(
    "data", [b"Subject: one\nNo header any more: really\nnor this\n", b"Subject: one\n folded\nThis is text\n"]
)
def test_a_body_without_an_empty_line_before_it(data: bytes) -> None:
    _, at = read_head(data)

    assert data[at:].startswith((b"No header", b"This is"))


def test_no_headers_at_all() -> None:
    assert read_head(b"") == ({}, 0)
    assert read_head(b"just words\nand more\n") == ({}, 0)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("=?utf-8?q?Gezeiten_f=C3=BCr?= morgen", "Gezeiten für morgen"),
        ("=?utf-8?b?R3LDvMOfZQ==?=", "Grüße"),
        ("=?iso-8859-1?Q?G=F6ran?= =?ISO-8859-1?Q?_L?=", "Göran L"),
        ("=?utf-8?q?gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "grüße"),
        ("=?utf-8*en?q?hi?=", "hi"),
        ("=?us-ascii?q?=E9?=", "é"),
        ("=?x-nobody-knows?q?caf=C3=A9?=", "café"),
        ("=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOfZQ===?= and =?utf-8?b?A?=", "Grüße and "),
        ("a =?utf-8?q?b", "a =?utf-8?q?b"),
        ("plain = ?words?=", "plain = ?words?="),
    ],
)
def test_encoded_words(value: str, words: str) -> None:
    assert decode_words(value) == words


def test_a_subject_is_one_line_whatever_is_encoded_in_it() -> None:
    assert subject(head("Subject: =?utf-8?q?a=0D=0ABcc:_x=40y=E2=80=AE?=\n\n")) == "a Bcc: x@y"


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("utf-8", "é".encode(), "é"),
        ("", "é".encode(), "é"),
        ("", "é".encode("latin-1"), "é"),
        ("ascii", "é".encode(), "é"),
        ("iso-8859-1", b"\x93quoted\x94", "“quoted”"),
        ("x-unknown", "é".encode(), "é"),
        ("zlib_codec", b"x", "x"),
        ("rot13", b"x", "x"),
        ("idna", b"x", "x"),
        ("undefined", b"x", "x"),
        ("utf-8", b"\x81\x8d", "\x81\x8d"),
        ("utf-16", "é".encode("utf-16"), "é"),
        ("iso-2022-jp", "日本".encode("iso-2022-jp"), "日本"),
        ("\0", b"x", "x"),
        ('"utf-8"', "é".encode(), "é"),
    ],
)
def test_no_charset_is_wrong_enough_to_fail(charset: str, data: bytes, text: str) -> None:
    assert decode_text(data, charset) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<a@b>", "a@b"),
        (" <a@b> (comment)", "a@b"),
        ("a@b", "a@b"),
        ("<a b@c", ""),
        ("", ""),
        ("<>", ""),
        ('<"><script>alert(1)</script>@x>', '"><script>alert(1)</script>@x'),
    ],
)
def test_message_ids(value: str, expected: str) -> None:
    assert message_id({"message-id": value}) == expected


def test_answered_mails_nearest_first() -> None:
    found = head('In-Reply-To: "Ada\'s mail" <b@x>\nReferences: <root@x>\n <a@x>\n\t<b@x>\n\n')

    assert list(answered_ids(found)) == ["b@x", "b@x", "a@x", "root@x"]


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (" Wed, 10 Dec 2003 22:57:05 -0700", datetime(2003, 12, 11, 5, 57, 5, tzinfo=UTC)),
        ("Mon, 1 Mar 2004 20:13:24 -0030 (NST)", datetime(2004, 3, 1, 20, 43, 24, tzinfo=UTC)),
        ("11 Mar 2004 09:25:47 +0100", datetime(2004, 3, 11, 8, 25, 47, tzinfo=UTC)),
        ("Wed Dec 15 22:54:13 2004", datetime(2004, 12, 15, 22, 54, 13, tzinfo=UTC)),
        ("Fri, 5 Mar 2004 11:14 GMT", datetime(2004, 3, 5, 11, 14, tzinfo=UTC)),
        ("RANDOM_Wed, 21 Sep 2016 22:42:07 +0300", datetime(2016, 9, 21, 19, 42, 7, tzinfo=UTC)),
        ("Tue, 15 Mar 2016 12:05:48 ´×¹", datetime(2016, 3, 15, 12, 5, 48, tzinfo=UTC)),
        ("Tue, 29 Jul 97 00:08:29 +0900", datetime(1997, 7, 28, 15, 8, 29, tzinfo=UTC)),
        ("Fri, 99 Foo 99999 99:99:99 +9999", None),
        ("Mon, 31 Feb 2026 10:00:00 +0000", None),
        ("Mon, 1 Jan 0001 00:00:00 +0100", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(value: str, at: datetime | None) -> None:
    assert date(value) == at
