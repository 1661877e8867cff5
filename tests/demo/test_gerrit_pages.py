from newsletter.demo.changes import all_changes
from newsletter.demo.gerrit_pages import shown_page


def test_a_search_shows_what_it_finds() -> None:
    page = shown_page("/q/status:abandoned")
    assert page is not None
    assert page.body.count(b'class="change"') == 2
    assert b"<p>2 changes</p>" in page.body


def test_a_search_that_cannot_be_understood_is_refused() -> None:
    page = shown_page("/q/nonsense")
    assert page is not None
    assert page.status == 400


def test_the_page_of_a_change_has_its_files_and_lines() -> None:
    change = next(each for each in all_changes() if each.lines_removed)
    page = shown_page(f"/c/{change.project}/+/{change.number}")
    assert page is not None
    assert page.body.count(b'class="file"') == change.files_count
    assert f"<del>-{change.lines_removed}</del>".encode() in page.body
    assert shown_page(f"/c/{change.number}") == page


def test_there_is_no_other_page() -> None:
    assert shown_page("/c/drumlin/docs/+/1") is None
    assert shown_page("/x") is None
