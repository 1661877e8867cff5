import pytest

from newsletter.config.encoding import LARGEST, decode


@pytest.mark.parametrize("data", [b"a\nb", b"a\r\nb", b"a\rb", b"\xef\xbb\xbfa\nb"])
def test_lines_and_marks(data: bytes) -> None:
    found = decode(data)
    assert (found.text, found.fault) == ("a\nb", "")


def test_signs_that_count_as_line_breaks_elsewhere_do_not_shift_lines() -> None:
    assert decode("a\u2028b\x85c\nd".encode()).text == "a b c\nd"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_wide_letters_are_told_and_read_all_the_same(encoding: str) -> None:
    found = decode("name: Ž\nfrom: b".encode(encoding))
    assert found.text == "name: Ž\nfrom: b"
    assert (found.line, "UTF-16" in found.fault) == (1, True)


def test_half_a_letter_stops() -> None:
    assert decode("ab".encode("utf-16") + b"x").text is None


def test_single_byte_letters_are_told_at_their_line() -> None:
    found = decode("a\nb\nŠtajerska".encode("cp1252"))
    assert (found.line, found.text) == (3, "a\nb\nŠtajerska")
    assert "Latin-1" in found.fault


def test_what_is_no_text_at_all_stops() -> None:
    assert decode(b"\x81\x8d\xff").text is None


def test_a_file_that_is_too_large_stops() -> None:
    found = decode(b"#" * (LARGEST + 1))
    assert found.text is None
    assert found.fault == (
        "This file is too large. It has 300 KB, and at most 300 KB are read; 300 sources are about 60 KB. Is it the "
        'right file? If so, put parts of it into files of their own and name them under "include:".'
    )
