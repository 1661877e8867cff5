from datetime import UTC, datetime

from newsletter.fetch.flat_page import COPY, HEADING_EMPTY, flat_pieces
from newsletter.fetch.losses import PARAGRAPH_TWICE
from newsletter.model.item import Thread

URL = "https://weekly.example.org/"


def test_a_text_without_anything_is_a_page_without_a_title() -> None:
    for text in ("", "\n \n", "One sentence only."):
        [page] = flat_pieces(text, URL)
        assert (page.key, page.title, page.url) == ("page", "", URL)
        assert page.text == text.strip()


def test_headings_with_a_date_begin_posts() -> None:
    text = "Kiln weekly – March 2, 2026\nThe glaze is ready.\nKiln weekly – 2026-03-09\nEVENTS\nTALKS\nA talk."
    page, first, second = flat_pieces(text, URL)
    assert page.title == ""
    assert (first.title, first.text, first.form) == ("Kiln weekly", "The glaze is ready.", "post")
    assert first.published_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert first.key != second.key
    assert f"{HEADING_EMPTY}: EVENTS" in second.warnings
    assert f"{HEADING_EMPTY}: TALKS" not in second.warnings


def test_points_need_a_title_and_an_address() -> None:
    text = (
        "News of the kiln\n"
        "- A glaze for all – 12 replies so far, see https://lists.example.org/1 or https://x.example.org/\n"
        "- A remark at all – without any address\n"
    )
    page, point = flat_pieces(text, URL)
    assert page.title == "News of the kiln"
    assert (point.title, point.url) == ("A glaze for all", "https://lists.example.org/1")
    assert point.thread == Thread("https://lists.example.org/1", 12)


def test_a_copy_and_a_double_are_said() -> None:
    twice = "This paragraph about the new glaze of the kiln stands here, long enough to be told from others."
    text = f"A page\n{twice}\n{twice}\nIt originates from https://blog.example.org/1 by Ada Marie Vega at home."
    [page] = flat_pieces(text, URL)
    assert PARAGRAPH_TWICE in page.warnings
    assert any(each.startswith(f"{COPY} https://blog.example.org/1") for each in page.warnings)
