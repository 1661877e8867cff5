from datetime import UTC, datetime, timedelta

from newsletter.fetch.pad import export_urls, is_pad_text, pad_name, read_pad

URL = "https://pad.example.org/p/Big_Plans"
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_new_week_is_a_new_item_of_what_is_new_then() -> None:
    first = read_pad("Plans\n", URL, "s", None, MONDAY)
    second = read_pad("Plans\n- [ ] Bridges\n", URL, "s", first.additions, MONDAY + timedelta(days=1))
    third = read_pad("Plans\n- [x] Bridges\nCranes\n", URL, "s", second.additions, MONDAY + timedelta(days=8))
    assert first.item is None
    assert second.item is not None
    assert third.item is not None
    assert (second.item.title, second.item.native_keys) == ("Big Plans: [ ] Bridges", (f"{URL} 2026-W10",))
    assert (third.item.text, third.item.native_keys) == ("Cranes", (f"{URL} 2026-W11",))


def test_a_line_that_was_still_being_typed_is_told_once() -> None:
    first = read_pad("Plans\n", URL, "s", None, MONDAY)
    second = read_pad("Plans\nA new bri\n", URL, "s", first.additions, MONDAY)
    third = read_pad("Plans\nA new bridge\n", URL, "s", second.additions, MONDAY)
    assert third.item is not None
    assert third.item.text == "A new bridge"


def test_names_and_addresses() -> None:
    assert pad_name("https://pad.example.org/p/Spring%20plans/export/txt") == "Spring plans"
    assert pad_name("https://hackmd.io/abc?both") == "abc"
    assert export_urls("https://hackmd.io/abc?both") == (
        "https://hackmd.io/abc/download",
        "https://hackmd.io/p/abc/export/txt",
    )
    assert is_pad_text(b"# Notes", "text/markdown")
    assert not is_pad_text(b"# Notes", "text/html")
    assert not is_pad_text(b" <!DOCTYPE html>", "text/plain")
