"""The application as a whole: what stands on the first pages, and what comes of mistakes."""

import json
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from newsletter.errors import ConfigError, StoreFault, WrongState
from newsletter.web.app import PAGES, checked_routes
from newsletter.web.sessions import for_anybody, for_managers, signed_in, who_may
from tests.web.desk import OWN, Desk, running_desk


def test_the_first_start_says_how_to_add_an_editor(desk: Desk) -> None:
    asked = desk.client.get("/desk/")
    assert asked.status_code == 303
    page = desk.client.get(asked.headers["location"])
    assert page.status_code == 200
    assert "newsletter editors add NAME --role manager" in page.text
    assert "<form" not in page.text


def test_an_editor_sees_the_desk(desk: Desk) -> None:
    ines = desk.signed_in("Ines")
    page = ines.get("/desk/")
    assert page.status_code == 200
    assert "Three steps to a first issue" in page.text
    assert "Ines, manager" in page.text
    assert ines.get("/desk").status_code == 200


def test_pages_that_are_not_there(desk: Desk) -> None:
    for browser in (desk.client, desk.signed_in().client):
        for path in ("/nothing", "/desk/nothing", "/desk/sign-in/nothing"):
            answer = browser.get(path)
            assert answer.status_code == 404
            assert "There is no such page" in answer.text
        answer = browser.post("/healthz", headers=OWN)
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]
        assert browser.get("/desk/sign-in/code").status_code == 405
    assert desk.client.get("/healthz").text == "newsletter: ok\n"


def test_a_route_must_say_who_may_call_it() -> None:
    with pytest.raises(AssertionError, match="does not say"):
        checked_routes([Route("/desk/open", lambda request: Response())])


def test_only_sign_in_is_open_on_the_desk() -> None:
    routes = [route for page in PAGES for route in page.ROUTES]
    is_open = {route.path for route in routes if who_may(route.endpoint) == "anybody"}
    assert {path for path in is_open if path.startswith("/desk")} == {
        *("/desk/sign-in", "/desk/sign-in/code", "/desk/link/{token}", "/desk/oidc", "/desk/oidc/back"),
    }


@pytest.mark.parametrize(
    ("fault", "status"),
    [(WrongState("Issue 5 is sent.\nMake a correction."), 409), (StoreFault("The disk is full."), 500)],
)
def test_an_error_is_a_page_with_its_words(desk: Desk, fault: Exception, status: int) -> None:
    @signed_in
    def failing(request: Request) -> Response:
        raise fault

    desk.web.router.routes.insert(0, Route("/desk/failing", failing))
    ines = desk.signed_in()
    page = ines.get("/desk/failing")
    assert page.status_code == status
    for line in str(fault).splitlines():
        assert f"<p>{line}</p>" in page.text
    assert "Ines, manager" in page.text
    by_script = ines.client.get("/desk/failing", headers={"x-desk": "1"})
    assert by_script.headers["content-type"].startswith("text/plain")
    assert str(fault) in by_script.text


def test_what_nobody_foresaw_is_logged_under_a_reference(desk: Desk) -> None:
    @for_anybody
    def failing(request: Request) -> Response:
        return Response(str(1 / 0))

    desk.web.router.routes.insert(0, Route("/desk/failing", failing))
    with capture_logs() as logs:
        page = desk.client.get("/desk/failing")
    assert page.status_code == 500
    assert logs[0]["reference"] in page.text
    assert "ZeroDivisionError" not in page.text
    assert "content-security-policy" in page.headers


def test_even_without_a_database_something_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr(desk.web.state.current, "get", gone)
    with capture_logs():
        page = desk.client.get("/desk/sign-in")
    assert page.status_code == 500
    assert "This is a mistake of the program" in page.text


def test_a_database_that_cannot_be_used_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise StoreFault("The disk is full. Make room.")

    monkeypatch.setattr(type(desk.app.database), "reading", refuse)
    monkeypatch.setattr(type(desk.app.database), "transaction", refuse)
    with capture_logs() as logs:
        page = desk.client.get("/desk/link/secret")
    assert page.status_code == 503
    assert "The disk is full." not in page.text
    assert logs[0]["trouble"] == "The disk is full. Make room."
    assert logs[0]["path"] == "/desk/link/…"
    assert "content-security-policy" in page.headers


def test_managers_only(desk: Desk) -> None:
    @for_managers
    def approve(request: Request) -> Response:
        return Response("approved")

    desk.web.router.routes.insert(0, Route("/desk/approve", approve, methods=["GET", "POST"]))
    ines, omar = desk.signed_in("Ines"), desk.signed_in("Omar", role="editor")
    assert ines.post("/desk/approve").text == "approved"
    assert ines.client.post("/desk/approve", data={"csrf": omar.csrf}, headers=OWN).status_code == 403
    refused = omar.post("/desk/approve")
    assert refused.status_code == 403
    assert "needs a manager" in refused.text
    assert desk.client.get("/desk/approve").status_code == 303


def test_feeds_yaml_is_read_again_and_the_last_good_one_stays(desk: Desk) -> None:
    path = desk.app.home / "feeds.yaml"
    path.write_text(path.read_text().replace("Test weekly", "Another name"))
    assert "Another name" in desk.client.get("/desk/sign-in").text
    path.write_text("newsletter: [\n")
    assert "Another name" in desk.client.get("/desk/sign-in").text
    assert desk.app.problems
    path.unlink()
    with capture_logs():
        assert "Another name" in desk.client.get("/desk/sign-in").text


def test_a_home_that_cannot_be_opened_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError), running_desk(tmp_path / "home", "nonsense: 1\n"):
        pass


def test_a_fault_in_an_own_template_is_told_in_the_built_in_design(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "templates" / "desk"
    folder.mkdir(parents=True)
    (folder / "layout.html").write_text("{{ nothing.here }}")
    with running_desk(tmp_path / "home") as desk:
        page = desk.client.get("/desk/sign-in")
    assert page.status_code == 500
    assert "layout.html:1" in page.text


def test_scripts_learn_of_the_present_session(desk: Desk) -> None:
    ines = desk.signed_in()
    assert json.loads(ines.get("/desk/session").text) == {"name": "Ines", "csrf": ines.csrf}
