"""Sign-in, sign-out, cookies, tries, and forms that came after the session had ended."""

from datetime import UTC, datetime, timedelta
from http.cookies import Morsel, SimpleCookie

import pytest
import time_machine
from argon2 import PasswordHasher
from httpx2 import Response
from starlette.testclient import TestClient

from newsletter.pipeline import passwords
from newsletter.pipeline.editors import make_link, remove_editor
from newsletter.pipeline.logins import IDLE, LONGEST
from newsletter.store.editors import secrets_of
from newsletter.web.sessions import own_path
from tests.web.desk import OWN, PASSWORD, Desk, hidden, send, sign_in

WRONG = "The name or the password is not right."


def cookies(answer: Response) -> dict[str, Morsel[str]]:
    found: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        found.load(line)
    return dict(found)


def test_name_and_password_sign_in(desk: Desk) -> None:
    desk.with_password("Ines Vale")
    answer = sign_in(desk.client, "  ines   VALE ")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk/"
    assert "Ines Vale, manager" in desk.client.get("/desk/").text


@pytest.mark.parametrize(
    ("name", "password"),
    [("Ines", PASSWORD + " "), ("Ines", ""), ("Ines", "\ud800\0"), ("Nobody", PASSWORD), ("", ""), ("Omar", PASSWORD)],
)
def test_what_is_wrong_is_not_told(desk: Desk, name: str, password: str) -> None:
    desk.with_password("Ines")
    desk.signed_in("Omar")
    answer = sign_in(desk.client, name, password.encode("utf-8", "replace").decode())
    assert answer.status_code == 400
    assert WRONG in answer.text
    assert not [name for name in cookies(answer) if "session" in name]


def test_unknown_names_cost_as_much_as_wrong_passwords(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.with_password("Ines")
    asked: list[str | None] = []
    monkeypatch.setattr(passwords, "is_right", lambda kept, password: asked.append(kept) or False)
    for name in ("Ines", "Nobody"):
        assert WRONG in sign_in(desk.client, name).text
    assert [kept is None for kept in asked] == [False, True]


def test_a_password_is_hashed_again_when_more_is_asked_of_argon2(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.with_password()

    def kept() -> str | None:
        with desk.app.database.reading() as db:
            found = secrets_of(db, "Ines")
        return found and found.password

    before = kept()
    assert sign_in(desk.browser()).status_code == 303
    assert kept() == before
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert sign_in(desk.browser()).status_code == 303
    assert "t=2" in (kept() or "")
    assert sign_in(desk.browser()).status_code == 303


def test_the_sign_in_form_must_be_ours(desk: Desk) -> None:
    desk.with_password()
    other = desk.browser()
    other.get("/desk/sign-in")
    theirs = hidden(desk.client.get("/desk/sign-in").text)["csrf"]
    for token in ("", "x", "é", theirs):
        form = {"name": "Ines", "password": PASSWORD, "csrf": token}
        assert other.post("/desk/sign-in", data=form, headers=OWN).status_code == 403


def test_cookies_over_tls(desk: Desk) -> None:
    desk.with_password()
    browser = desk.browser(base="https://news.example.org")
    assert browser.get("/desk/sign-in").headers["set-cookie"].startswith("__Host-visitor=")
    answer = sign_in(browser)
    cookie = cookies(answer)["__Host-session"]
    assert cookie["secure"] is True
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "lax"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert "Ines, manager" in browser.get("/desk/").text
    assert PASSWORD not in answer.text


def test_cookies_on_this_machine_need_no_tls_and_know_their_port(desk: Desk) -> None:
    desk.with_password()
    cookie = cookies(sign_in(desk.client))["session-8000"]
    assert not cookie["secure"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "lax"


def test_no_sign_in_over_plain_http_from_elsewhere(desk: Desk) -> None:
    desk.with_password()
    browser = desk.browser(base="http://news.example.org", peer="203.0.113.5")
    page = browser.get("/desk/sign-in")
    form = {**hidden(page.text), "name": "Ines", "password": PASSWORD}
    browser.cookies.set("__Host-visitor", cookies(page)["__Host-visitor"].value)
    answer = browser.post("/desk/sign-in", data=form, headers=OWN)
    assert answer.status_code == 400
    assert "needs https" in answer.text
    proxied = browser.post("/desk/sign-in", data=form, headers=OWN | {"x-forwarded-proto": "https"})
    assert "needs https" in proxied.text


def test_a_proxy_on_this_machine_says_that_it_is_tls(desk: Desk) -> None:
    desk.with_password()
    browser = desk.browser(base="http://news.example.org")
    browser.headers["x-forwarded-proto"] = "https"
    page = browser.get("/desk/sign-in")
    browser.cookies.set("__Host-visitor", cookies(page)["__Host-visitor"].value)
    assert "__Host-session" in cookies(send(browser, page, "/desk/sign-in", name="Ines", password=PASSWORD))


def test_five_tries_a_minute_for_a_name(desk: Desk) -> None:
    desk.with_password()
    with time_machine.travel(datetime(2026, 3, 1, 10, tzinfo=UTC), tick=False) as clock:
        for place in range(5):
            assert WRONG in _from(desk, f"203.0.113.{place}", "Ines", "x").text
        refused = _from(desk, "203.0.113.99", "INES", PASSWORD)
        assert refused.status_code == 429
        assert "for this name" in refused.text
        assert "Try again in 60 seconds, at 19:01:00" in refused.text
        assert refused.headers["retry-after"] == "60"
        assert WRONG in _from(desk, "203.0.113.100", "Omar", "x").text
        clock.shift(61)
        assert _from(desk, "203.0.113.99", "Ines", PASSWORD).status_code == 303


def test_five_tries_a_minute_for_a_network(desk: Desk) -> None:
    desk.with_password()
    with time_machine.travel(datetime(2026, 3, 1, 10, tzinfo=UTC), tick=False) as clock:
        for place in range(5):
            assert WRONG in _from(desk, f"2001:db8::{place}", f"name {place}", "x").text
        refused = _from(desk, "2001:db8::9", "Ines", PASSWORD)
        assert refused.status_code == 429
        assert "from your network" in refused.text
        assert _from(desk, "2001:db8:1::9", "Ines", PASSWORD).status_code == 303
        clock.shift(61)
        assert _from(desk, "2001:db8::9", "Ines", PASSWORD).status_code == 303


def test_who_gets_in_has_five_tries_again(desk: Desk) -> None:
    desk.with_password()
    for place in range(4):
        _from(desk, f"203.0.113.{place}", "Ines", "x")
    assert _from(desk, "203.0.113.50", "Ines", PASSWORD).status_code == 303
    assert WRONG in _from(desk, "203.0.113.51", "Ines", "x").text


def _from(desk: Desk, peer: str, name: str, password: str) -> Response:
    """A try from another machine, over TLS."""
    return sign_in(desk.browser(base="https://news.example.org", peer=peer), name, password)


def test_sessions_end_on_sign_out_and_by_themselves(desk: Desk) -> None:
    ines = desk.signed_in()
    answer = ines.post("/desk/sign-out")
    assert answer.headers["location"] == "/desk/sign-in"
    assert cookies(answer)["session-8000"]["max-age"] == "0"
    assert ines.get("/desk/").status_code == 303
    idle, busy = desk.signed_in_again("Ines"), desk.signed_in_again("Ines")
    for _ in range(4):
        assert busy.get("/desk/").status_code == 200
        desk.clock.move(days=IDLE.days - 1)
    assert busy.get("/desk/").status_code == 200
    assert idle.get("/desk/").status_code == 303
    desk.clock.move(seconds=(LONGEST - timedelta(days=52)).total_seconds())
    assert busy.get("/desk/").status_code == 303


def test_a_session_is_told_from_its_token_alone(desk: Desk) -> None:
    desk.signed_in()
    for token in ("", "x", "é", "a" * 5000):
        browser = desk.browser()
        assert browser.get("/desk/", headers={"cookie": f"session-8000={token}".encode()}).status_code == 303


def test_signing_in_again_ends_the_session_before(desk: Desk) -> None:
    desk.with_password()
    page = desk.client.get("/desk/sign-in")
    send(desk.client, page, "/desk/sign-in", name="Ines", password=PASSWORD)
    first = desk.client.cookies["session-8000"]
    assert send(desk.client, page, "/desk/sign-in", name="Ines", password=PASSWORD).status_code == 303
    other = desk.browser()
    other.cookies.set("session-8000", first)
    assert other.get("/desk/").status_code == 303


def test_where_to_go_after_is_ours(desk: Desk) -> None:
    desk.with_password()
    asked = desk.client.get("/desk/me?x=1&y=2").headers["location"]
    assert asked == "/desk/sign-in?next=/desk/me%3Fx%3D1%26y%3D2"
    answer = send(desk.client, desk.client.get(asked), "/desk/sign-in", name="Ines", password=PASSWORD)
    assert answer.headers["location"] == "/desk/me?x=1&y=2"
    assert desk.client.get(asked).headers["location"] == "/desk/me?x=1&y=2"


@pytest.mark.parametrize(
    "path",
    [
        *("https://evil.example/desk/", "//evil.example/desk/", "/desk", "/", "", "/\\evil.example", "desk/"),
        *("/desk/\r\nset-cookie: a=b", "/desk/\\..\\", "http://[", "javascript:alert(1)"),
    ],
)
def test_a_foreign_place_is_none_to_go_to(path: str) -> None:
    assert own_path(path) == "/desk/"


def post_late(desk: Desk, browser: TestClient) -> Response:
    """A form sent after the session had ended."""
    form = {"csrf": "old", "seen": "7", "password": "secret!", "id": "<b>'\"&amp;\n  two lines", "many": ["1", "2"]}
    return browser.post("/desk/me/end", data=form, headers=OWN)


def test_a_form_that_comes_too_late_waits_and_is_sent_again(desk: Desk) -> None:
    desk.with_password()
    page = post_late(desk, desk.client)
    assert page.status_code == 401
    assert page.headers["x-session"] == "ended"
    assert "Your session has ended" in page.text
    assert "secret!" not in page.text
    again = send(desk.client, page, "/desk/sign-in", name="Ines", password="wrong password")
    assert again.status_code == 400
    shown = send(desk.client, again, "/desk/sign-in", name="Ines", password=PASSWORD)
    assert shown.status_code == 200
    assert 'action="/desk/me/end"' in shown.text
    fields = hidden(shown.text)
    assert fields["id"].replace("\r\n", "\n") == "<b>'\"&amp;\n  two lines"
    assert fields["seen"] == "7"
    assert shown.text.count('<textarea hidden name="many">') == 2
    sent = desk.client.post("/desk/me/end", data=fields, headers=OWN)
    assert sent.status_code == 404
    assert "This session has ended already" in sent.text


def test_a_form_of_an_older_session_is_not_done_and_not_lost(desk: Desk) -> None:
    desk.signed_in()
    ines = desk.signed_in_again("Ines")
    for token in ("", "0" * 40, "é", desk.signed_in_again("Ines").csrf):
        page = ines.client.post("/desk/sign-out", data={"csrf": token, "text": "long work"}, headers=OWN)
        assert page.status_code == 403
        assert "long work" in page.text
    assert ines.get("/desk/").status_code == 200
    assert send(ines.client, page, "/desk/sign-out").status_code == 303


def test_scripts_are_told_in_a_header(desk: Desk) -> None:
    answer = desk.client.get("/desk/", headers={"x-desk": "1"})
    assert (answer.status_code, answer.headers["x-session"]) == (401, "ended")
    answer = desk.client.post("/desk/me/end", headers=OWN | {"sec-fetch-dest": "empty"})
    assert (answer.status_code, answer.headers["x-session"]) == (401, "ended")
    ines = desk.signed_in()
    answer = ines.client.post("/desk/me/end", headers=OWN | {"x-desk": "1"})
    assert (answer.status_code, answer.headers["x-session"]) == (403, "changed")


def test_an_editor_who_is_removed_is_out_at_once(desk: Desk) -> None:
    ines = desk.signed_in()
    token = make_link(desk.app, "Ines")
    remove_editor(desk.app, "Ines")
    assert ines.get("/desk/").status_code == 303
    assert desk.client.get(f"/desk/link/{token}").status_code == 410
