"""The page on which managers make tokens for programs, and withdraw them."""

import re
from pathlib import Path

import pytest

from newsletter.pipeline.api_tokens import add_token, all_tokens, token_of
from tests.web.desk import FEEDS, OWN, Desk, running_desk


def names(desk: Desk) -> list[str]:
    return [each.name for each in all_tokens(desk.app)]


def test_a_manager_makes_a_token_and_withdraws_it(desk: Desk) -> None:
    ines = desk.signed_in("Ines")
    fields = {"csrf": ines.csrf, "name": "release bot", "scope": ["tip", "hot"], "until": "2999-12-31"}
    page = ines.client.post("/desk/tokens", data=fields, headers=OWN)
    (secret,) = re.findall(r"<code>([^<]+)</code>", page.text)
    found = token_of(desk.app, secret)
    assert found is not None
    assert (found.scopes, found.created_by) == (("tip", "hot"), "Ines")
    assert f"{found.expires_at:%Y-%m-%d %H:%M}" == "2999-12-31 22:59"
    page = ines.get("/desk/tokens")
    assert secret not in page.text
    assert "made 2011-02-24 by Ines · until 2999-12-31 · last used 2011-02-24" in page.text
    assert ines.post("/desk/tokens/remove", name="release bot").headers["location"] == "/desk/tokens"
    assert token_of(desk.app, secret) is None
    assert ines.post("/desk/tokens/remove", name="release bot").status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "ONE", "scope": "tip"}, "There is a token"),
        ({"name": "", "scope": "tip"}, "1 to 60 characters"),
        ({"name": "two"}, "Say what the token allows"),
        ({"name": "two", "scope": "everything"}, "Say what the token allows"),
        ({"name": "two", "scope": "tip", "until": "soon"}, "not a date"),
        ({"name": "two", "scope": "tip", "until": "2001-01-01"}, "Name a later day"),
    ],
)
def test_mistakes_are_told_and_what_was_typed_stays(desk: Desk, fields: dict[str, str], said: str) -> None:
    add_token(desk.app, "one", scopes=["read"])
    page = desk.signed_in("Ines").post("/desk/tokens", **fields)
    assert page.status_code == 400
    assert said in page.text
    assert f'value="{fields["name"]}"' in page.text
    assert ('value="tip" checked' in page.text) == (fields.get("scope") == "tip")
    assert names(desk) == ["one"]


def test_a_day_later_than_dates_go_is_told(tmp_path: Path) -> None:
    with running_desk(tmp_path / "home", FEEDS.replace("Europe/Oslo", "America/Chicago")) as desk:
        page = desk.signed_in("Ines").post("/desk/tokens", name="two", scope="tip", until="9999-12-31")
        assert page.status_code == 400
        assert "is later than dates go" in page.text
        assert names(desk) == []


def test_it_is_for_managers(desk: Desk) -> None:
    omar = desk.signed_in("Omar", role="editor")
    assert omar.get("/desk/tokens").status_code == 403
    assert omar.post("/desk/tokens", name="x", scope="read").status_code == 403
    assert desk.client.get("/desk/tokens").status_code == 303
    assert names(desk) == []
