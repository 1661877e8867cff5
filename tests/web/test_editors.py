"""The page on which managers say who may sign in."""

import re

import pytest

from newsletter.pipeline.editors import all_editors
from tests.web.desk import PASSWORD, Desk, send


def names(desk: Desk) -> list[str]:
    return [editor.name for editor in all_editors(desk.app)]


def test_a_manager_adds_somebody_and_hands_the_link_on(desk: Desk) -> None:
    ines = desk.signed_in("Ines")
    page = ines.post("/desk/editors", name="Omar Ziad", role="editor", mail="omar@example.org")
    link = re.findall(r"<code>http://127.0.0.1:8000(/desk/link/[^<]+)</code>", page.text)[0]
    assert names(desk) == ["Ines", "Omar Ziad"]
    browser = desk.browser()
    answer = send(browser, browser.get(link), link, password=PASSWORD, password_again=PASSWORD)
    assert answer.status_code == 303
    assert "Omar Ziad, editor" in browser.get("/desk/").text
    assert link not in ines.get("/desk/editors").text
    again = ines.post("/desk/editors/link", name="Omar Ziad")
    assert "/desk/link/" in again.text
    assert ines.post("/desk/editors/remove", name="Omar Ziad").headers["location"] == "/desk/editors"
    assert browser.get("/desk/").status_code == 303
    assert names(desk) == ["Ines"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "INES", "role": "editor"}, "There is an editor"),
        ({"name": "Omar", "role": "boss"}, "is no role"),
        ({"name": "", "role": "editor"}, "1 to 60 characters"),
        ({"name": "\0\u202e", "role": "editor"}, "1 to 60 characters"),
        ({"name": "Omar", "role": "editor", "mail": "a b@example.org"}, "is no mail address"),
        ({"name": "Omar", "role": "editor", "mail": "x" * 100 + "@example.org"}, "is no mail address"),
    ],
)
def test_mistakes_are_told_and_what_was_typed_stays(desk: Desk, fields: dict[str, str], said: str) -> None:
    page = desk.signed_in("Ines").post("/desk/editors", **fields)
    assert page.status_code == 400
    assert said in page.text
    assert f'value="{fields.get("mail", "")}"' in page.text
    assert names(desk) == ["Ines"]


def test_nobody_removes_themselves_or_somebody_who_is_not_there(desk: Desk) -> None:
    ines = desk.signed_in("Ines")
    assert ines.post("/desk/editors/remove", name="Ines").status_code == 400
    assert ines.post("/desk/editors/remove", name="Nobody").status_code == 404
    assert ines.post("/desk/editors/link", name="Nobody").status_code == 404


def test_editors_may_not(desk: Desk) -> None:
    desk.signed_in("Ines")
    omar = desk.signed_in("Omar", role="editor")
    assert "/desk/editors" not in omar.get("/desk/me").text
    assert omar.get("/desk/editors").status_code == 403
    assert omar.post("/desk/editors", name="Eve", role="manager").status_code == 403
    assert omar.post("/desk/editors/link", name="Ines").status_code == 403
    assert omar.post("/desk/editors/remove", name="Ines").status_code == 403
    assert names(desk) == ["Ines", "Omar"]
