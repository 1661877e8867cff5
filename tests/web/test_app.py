"""The application as a whole: what stands on the first pages, and what every request must be."""

import pytest
from starlette.routing import Route

from newsletter.web.app import checked_routes
from tests.web.desk import OWN, Desk


def test_the_first_start_says_how_to_add_an_editor(desk: Desk) -> None:
    asked = desk.client.get("/desk/")
    assert asked.status_code == 303
    page = desk.client.get(asked.headers["location"])
    assert page.status_code == 200
    assert "newsletter editors add NAME --role manager" in page.text


def test_an_editor_sees_the_desk(desk: Desk) -> None:
    ines = desk.signed_in("Ines")
    page = ines.get("/desk/")
    assert page.status_code == 200
    assert "No draft yet" in page.text
    assert "Ines, manager" in page.text
    assert ines.post("/desk/sign-out").status_code == 303
    assert ines.get("/desk/").status_code == 303


def test_no_issue_yet_and_pages_that_are_not_there(desk: Desk) -> None:
    assert "No issue yet" in desk.client.get("/").text
    assert desk.client.get("/nothing").status_code == 404
    assert desk.client.get("/desk/nothing").status_code == 404
    assert desk.client.post("/healthz", headers=OWN).status_code == 405
    assert desk.client.get("/healthz").text == "ok\n"


def test_a_route_must_say_who_may_call_it() -> None:
    with pytest.raises(AssertionError, match="does not say"):
        checked_routes([Route("/desk/open", lambda request: None)])
