"""Try on old issues: what would have been, which line did it, and putting it in force."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response

from newsletter.pipeline.feeds_file import read_feeds
from newsletter.web import trial
from newsletter.web.kept_text import KeptTexts
from tests.web.desk import Signed
from tests.web.everything import EDITOR, Everything, everything

PAGE = "/desk/sources/try"
DROPS = "  - {name: No choirs, match: {title: choir}, drop: yes}\n"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    with everything(tmp_path_factory.mktemp("tried") / "home") as made:
        yield made


@pytest.fixture
def ines(found: Everything) -> Signed:
    return found.desk.signed_in_again(EDITOR)


def whole(ines: Signed, path: str) -> Response:
    """The page when it is made; while it is not it says so, and comes again by itself."""
    for _ in range(100):
        answer = ines.get(path)
        assert answer.status_code == 200
        if "refresh" not in answer.headers:
            return answer
        assert "This page comes again by itself" in answer.text
        time.sleep(0.05)
    pytest.fail("it is still being made")


def tried(found: Everything, ines: Signed, more: str) -> str:
    """Type a file with ``more`` at its end, and ask for its trial; where that is."""
    now = read_feeds(found.desk.app.home)
    answer = ines.post("/desk/sources/file", text=now.text + more, base=now.hash, do="try", note="no choirs")
    return answer.headers["location"]


def test_the_file_as_it_is_changes_nothing(found: Everything, ines: Signed) -> None:
    page = whole(ines, PAGE).text
    assert "0 changes in 2 issues" in page
    assert page.count(": no change.") == 2
    assert "Put in force" not in page
    assert re.search(r'1 No adverts</th><td data-l="Line"><a href="/desk/sources/file#L\d+">', page)


def test_a_typed_rule_that_drops_what_was_published_is_red_and_linked_to_its_line(
    found: Everything, ines: Signed
) -> None:
    path = tried(found, ines, DROPS)
    page = whole(ines, path).text
    line = read_feeds(found.desk.app.home).text.count("\n") + 1
    key = path.partition("text=")[2]
    assert "+0  −1  moved 0" in page
    assert "! 1 entry that readers got would not have come out." in page
    assert '<tr class="other missed"><th scope="row">A choir looks for tenors<span class="hit"> ! published' in page
    assert f'drops it (<a href="/desk/sources/file?text={key}#L{line}">line {line}</a>)' in page
    assert "! published: A choir looks for tenors" in page
    assert "What the text changes in the file" in page
    assert f'<li id="L{line}"><code>  - {{name: No choirs' in ines.get(f"/desk/sources/file?text={key}").text


def test_nothing_is_stored_until_it_is_put_in_force(found: Everything, ines: Signed) -> None:
    before = read_feeds(found.desk.app.home).text
    path = tried(found, ines, DROPS)
    whole(ines, path)
    assert read_feeds(found.desk.app.home).text == before
    key = path.partition("text=")[2]
    assert ines.post(PAGE, text=key, do="go").status_code == 400
    assert ines.post(PAGE, text="gone", do="put in force").status_code == 404
    answer = ines.post(PAGE, text=key, do="put in force")
    assert answer.status_code == 303
    assert read_feeds(found.desk.app.home).text == before + DROPS
    assert "no choirs" in ines.get("/desk/sources/history").text
    (found.desk.app.home / "feeds.yaml").write_text(before, encoding="utf-8")
    assert ines.post(PAGE, text=key, do="put in force").status_code == 303
    (found.desk.app.home / "feeds.yaml").write_text("# another\n" + before, encoding="utf-8")
    assert ines.post(PAGE, text=key, do="put in force").status_code == 409
    (found.desk.app.home / "feeds.yaml").write_text(before, encoding="utf-8")


def test_a_text_with_mistakes_is_not_tried(found: Everything, ines: Signed) -> None:
    page = whole(ines, tried(found, ines, "  - {name: Odd}\n")).text
    assert "to mend; nothing was tried" in page


def test_what_is_not_kept_any_more_is_said(found: Everything, ines: Signed) -> None:
    assert "What you typed is not kept any more." in whole(ines, f"{PAGE}?last=8&text=gone").text


def test_while_it_is_made_the_page_comes_again(
    found: Everything, ines: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "_PATIENCE", 0)
    path = tried(found, ines, DROPS + "# slowly\n")
    answer = ines.get(path)
    assert answer.headers["refresh"]
    assert "comes again by itself" in answer.text
    assert "No choirs" in whole(ines, path).text


def test_a_home_without_issues_says_so(tmp_path: Path) -> None:
    from tests.web.desk import running_desk

    with running_desk(tmp_path / "home") as desk:
        assert "There is no issue yet." in whole(desk.signed_in(), PAGE).text


def test_only_the_last_texts_are_kept() -> None:
    texts = KeptTexts(2)
    keys = [texts.keep(f"a: {at}", "base") for at in range(3)]
    assert texts.get(keys[0]) is None
    assert texts.get(keys[2]) is not None
    assert texts.keep("a: 1", "base") == keys[1]
