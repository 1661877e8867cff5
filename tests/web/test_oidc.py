"""Sign-in by another service, against a real one on loopback."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from newsletter.errors import UsageError
from newsletter.pipeline import oidc
from newsletter.pipeline.editors import add_editor
from tests.oidc_provider import CLIENT, SECRET, Provider, oidc_provider
from tests.web.desk import Desk, running_desk

ADDRESS = "ines@example.org"
VOUCHED = {"email": "Ines@Example.org", "email_verified": True}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oidc_provider() as running:
        running.claims = dict(VOUCHED)
        yield running


@pytest.fixture
def desk(tmp_path: Path, provider: Provider) -> Iterator[Desk]:
    environ = {oidc.ISSUER: provider.issuer, oidc.CLIENT_ID: CLIENT, oidc.CLIENT_SECRET: SECRET}
    with running_desk(tmp_path / "home", environ=environ) as running:
        running.clock.now = datetime.now(UTC)
        add_editor(running.app, "Ines", role="manager", address=ADDRESS)
        yield running


def go_there(browser: TestClient) -> str:
    """Where the sign-in page sends a browser."""
    page = browser.get("/desk/sign-in?next=/desk/me")
    assert 'href="/desk/oidc?next=/desk/me"' in page.text
    answer = browser.get("/desk/oidc?next=/desk/me")
    assert answer.status_code == 303
    return answer.headers["location"]


def come_back(browser: TestClient, provider: Provider) -> Response:
    """The whole way there and back."""
    return browser.get(provider.authorize(go_there(browser)))


def test_an_editor_whom_the_service_vouches_for_gets_in(desk: Desk, provider: Provider) -> None:
    there = go_there(desk.client)
    said = parse_qs(urlsplit(there).query)
    assert len(said["state"][0]) > 30
    assert len(said["nonce"][0]) > 30
    assert said["redirect_uri"] == ["http://127.0.0.1:8000/desk/oidc/back"]
    back = provider.authorize(there)
    answer = desk.client.get(back)
    assert answer.headers["location"] == "/desk/me"
    assert "Ines" in desk.client.get("/desk/me").text
    again = desk.browser().get(back)
    assert again.status_code == 400
    assert "begun elsewhere" in again.text


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"email": "omar@example.org"}, "No editor has the address omar@example.org"),
        ({"email_verified": False}, "does not say which mail address"),
        ({"email_verified": None}, "does not say which mail address"),
        ({"email": ["ines@example.org"]}, "does not say which mail address"),
        ({"nonce": "another"}, "does not hold"),
        ({"nonce": None}, "does not hold"),
        ({"aud": "another"}, "does not hold"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "does not hold"),
        ({"iss": "http://127.0.0.1:1"}, "does not hold"),
        ({"exp": int(time.time()) - 3600}, "does not hold"),
        ({"exp": None}, "does not hold"),
    ],
)
def test_what_is_vouched_for_is_checked(desk: Desk, provider: Provider, claims: dict[str, object], said: str) -> None:
    provider.claims |= claims
    answer = come_back(desk.client, provider)
    assert answer.status_code == 400
    assert said in answer.text
    assert desk.client.get("/desk/").status_code == 303


def test_a_forged_signature_does_not_hold(desk: Desk, provider: Provider) -> None:
    provider.is_forging = True
    assert "does not hold" in come_back(desk.client, provider).text


def test_the_address_may_be_told_apart(desk: Desk, provider: Provider) -> None:
    provider.claims, provider.person = {}, {"sub": "7", **VOUCHED}
    assert come_back(desk.client, provider).status_code == 303
    provider.person["sub"] = "8"
    assert "does not say" in come_back(desk.browser(), provider).text


def test_a_secret_may_go_in_the_form(desk: Desk, provider: Provider) -> None:
    provider.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert come_back(desk.client, provider).status_code == 303


def test_an_answer_belongs_to_the_browser_that_asked(desk: Desk, provider: Provider) -> None:
    back = provider.authorize(go_there(desk.client))
    other = desk.browser()
    go_there(other)
    assert "begun elsewhere" in other.get(back).text
    assert "begun elsewhere" in desk.client.get(back.replace("state=", "state=x")).text
    late = provider.authorize(go_there(desk.client))
    desk.clock.move(minutes=11)
    assert "too long ago" in desk.client.get(late).text
    assert provider.asked.count("/token") == 0


def test_a_refusal_is_told(desk: Desk, provider: Provider) -> None:
    state = parse_qs(urlsplit(go_there(desk.client)).query)["state"][0]
    answer = desk.client.get(f"/desk/oidc/back?state={state}&error=access_denied")
    assert "did not sign you in: access_denied" in answer.text
    state = parse_qs(urlsplit(go_there(desk.client)).query)["state"][0]
    assert "not from the service" in desk.client.get(f"/desk/oidc/back?state={state}&code=1&iss=http://x").text
    state = parse_qs(urlsplit(go_there(desk.client)).query)["state"][0]
    assert "The code is not good" in desk.client.get(f"/desk/oidc/back?state={state}&code=made-up").text


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "http://127.0.0.1:1"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "http://192.0.2.1/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_service_that_says_nonsense_of_itself(desk: Desk, provider: Provider, discovery: dict[str, object]) -> None:
    provider.discovery = discovery
    answer = desk.client.get("/desk/oidc")
    assert answer.status_code == 400
    assert "does not answer as it should" in answer.text


def test_no_service_no_button(tmp_path: Path) -> None:
    with running_desk(tmp_path / "home") as desk:
        add_editor(desk.app, "Ines", role="manager", address=ADDRESS)
        assert "/desk/oidc" not in desk.client.get("/desk/sign-in").text
        assert "No other service" in desk.client.get("/desk/oidc").text


def test_half_a_setting_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="CLIENT_SECRET must be set"):
        oidc.provider({oidc.ISSUER: "https://id.example", oidc.CLIENT_ID: "x"})
    with pytest.raises(UsageError, match="https"):
        oidc.provider({oidc.ISSUER: "http://id.example", oidc.CLIENT_ID: "x", oidc.CLIENT_SECRET: "y"})
    assert oidc.provider_of({oidc.ISSUER: "http://id.example"}) is None


def test_two_editors_of_one_address_are_told_apart_by_password_only(desk: Desk, provider: Provider) -> None:
    add_editor(desk.app, "Omar", role="editor", address=ADDRESS)
    assert come_back(desk.client, provider).status_code == 400
