import pytest

from newsletter.fetch.ical_lines import looks_like_calendar, read_components

EVENT = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def summary(line: str | bytes) -> str:
    data = EVENT.encode().replace(b"{}", line if isinstance(line, bytes) else line.encode())
    [event] = read_components(data).walk("VEVENT")
    return event.text("SUMMARY")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("SUMMARY:Plain", "Plain"),
        ("summary;LANGUAGE=en:Small letters", "Small letters"),
        ("SUMMARY:One\\, two\\; three\\\\four\\nfive", "One, two; three\\four\nfive"),
        ("SUMMARY:A bad \\escape", "A bad escape"),
        ("SUMMARY:Folded in the mid\r\n dle", "Folded in the middle"),
        ("SUMMARY:Folded\r\n\t by a tab", "Folded by a tab"),
        ("SUMMARY:Broken off\r\nand gone on: with a colon", "Broken off\nand gone on: with a colon"),
        ('SUMMARY;X="a:b;c":Quoted', "Quoted"),
        ("SUMMARY ; VALUE = TEXT:Spaces", "Spaces"),
        ("SUMMARY;;VALUE=TEXT:Too many semicolons", "Too many semicolons"),
        ("SUMMARY:", ""),
        (b"SUMMARY:Latin \xfcber", "Latin über"),
        ("SUMMARY:Gezeiten \N{WATER WAVE}", "Gezeiten \N{WATER WAVE}"),
        (b"SUMMARY:half \xc3\r\n \xbc", "half ü"),
    ],
)
def test_the_text_of_a_property(line: str | bytes, text: str) -> None:
    assert summary(line) == text


@pytest.mark.parametrize("ending", [b"\n", b"\r", b"\r\n", b"\r\r\n"])
def test_lines_end_in_any_way(ending: bytes) -> None:
    data = EVENT.replace("{}", "SUMMARY:Long\r\n er\r\nUID:1").encode().replace(b"\r\n", ending)
    [event] = read_components(data).walk("VEVENT")
    assert (event.text("SUMMARY"), event.text("UID")) == ("Longer", "1")


def test_marks_before_the_first_line() -> None:
    assert looks_like_calendar(b"\xef\xbb\xbfBEGIN:VCALENDAR\r\n")
    assert looks_like_calendar("BEGIN:VCALENDAR\r\n".encode("utf-16"))
    [event] = read_components(EVENT.replace("{}", "SUMMARY:Wide").encode("utf-16")).walk("VEVENT")
    assert event.text("SUMMARY") == "Wide"
    assert not looks_like_calendar(b"<html>")


def test_an_end_that_is_missing_ends_with_the_next_event() -> None:
    data = (
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nBEGIN:VEVENT\nUID:2\nBEGIN:VALARM\nUID:alarm\nEND:VEVENT\nEND:NOTHING\n"
    )
    assert [each.text("UID") for each in read_components(data).walk("VEVENT")] == ["1", "2"]


def test_an_event_keeps_its_lines() -> None:
    [event] = read_components(EVENT.replace("{}", "UID:1").encode()).walk("VEVENT")
    assert event.as_bytes() == b"BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT"


def test_components_within_components_end_somewhere() -> None:
    assert list(read_components(b"BEGIN:X\n" * 5_000).walk("VEVENT")) == []


def test_values_of_parameters() -> None:
    [event] = read_components(EVENT.replace("{}", "ORGANIZER;CN=\"A ^'b^' ^^ c\";X=:mailto:a@b.example").encode()).walk(
        "VEVENT"
    )
    [found] = event.all("ORGANIZER")
    assert (found.params, found.value) == ({"CN": 'A "b" ^ c', "X": ""}, "mailto:a@b.example")
