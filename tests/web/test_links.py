"""One-time links: used once, seen as often as one likes, and useless afterwards."""

from datetime import timedelta

import pytest

from newsletter.pipeline.editors import LINK_LASTS, SIGN_IN, add_editor, make_link
from tests.web.desk import PASSWORD, Desk, send, sign_in


def follow(desk: Desk, token: str, password: str = PASSWORD, again: str | None = None) -> object:
    page = desk.client.get(f"/desk/link/{token}")
    fields = {"password": password, "password_again": password if again is None else again}
    return send(desk.client, page, f"/desk/link/{token}", **fields)


def test_a_link_sets_a_password_once(desk: Desk) -> None:
    token = add_editor(desk.app, "Ines", role="manager")
    for _ in range(2):
        assert "Choose a password" in desk.client.get(f"/desk/link/{token}").text
    page = desk.client.get(f"/desk/link/{token}")
    answer = send(desk.client, page, f"/desk/link/{token}", password=PASSWORD, password_again=PASSWORD)
    assert answer.headers["location"] == "/desk/"
    assert desk.client.get("/desk/").status_code == 200
    gone = desk.client.get(f"/desk/link/{token}")
    assert gone.status_code == 410
    assert "newsletter editors link NAME" in gone.text
    assert sign_in(desk.browser()).status_code == 303


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "at least 12"),
        ("InesVale12345", "Ines Vale"),
        ("Test-Weekly 2026", "Test weekly"),
        ("a" * 40, "again and again"),
        ("ab" * 513, "at most 1,024"),
    ],
)
def test_a_password_that_will_not_do_leaves_the_link(desk: Desk, password: str, said: str) -> None:
    token = add_editor(desk.app, "Ines Vale", role="manager")
    answer = follow(desk, token, password)
    assert answer.status_code == 400
    assert said in answer.text
    assert follow(desk, token).status_code == 303


def test_two_different_passwords_leave_the_link(desk: Desk) -> None:
    token = add_editor(desk.app, "Ines", role="manager")
    assert "differ" in follow(desk, token, again="something else").text
    long = "lang ä 長い " * 85
    assert follow(desk, token, long).status_code == 303
    assert sign_in(desk.browser(), password=long).status_code == 303


def test_a_new_link_replaces_the_old_one_and_ends_sessions_when_it_is_used(desk: Desk) -> None:
    desk.with_password()
    ines = desk.signed_in_again("Ines")
    old, new = make_link(desk.app, "Ines"), make_link(desk.app, "ines")
    assert desk.client.get(f"/desk/link/{old}").status_code == 410
    assert ines.get("/desk/").status_code == 200
    assert follow(desk, new, "another long password").status_code == 303
    assert ines.get("/desk/").status_code == 303
    assert sign_in(desk.browser()).status_code == 400


def test_a_link_is_good_for_three_days(desk: Desk) -> None:
    token = add_editor(desk.app, "Ines", role="manager")
    desk.clock.move(seconds=(LINK_LASTS - timedelta(seconds=1)).total_seconds())
    page = desk.client.get(f"/desk/link/{token}")
    assert page.status_code == 200
    desk.clock.move(seconds=1)
    answer = send(desk.client, page, f"/desk/link/{token}", password=PASSWORD, password_again=PASSWORD)
    assert answer.status_code == 410
    assert sign_in(desk.browser()).status_code == 400


def test_a_link_may_sign_in_once(desk: Desk) -> None:
    add_editor(desk.app, "Ines", role="manager")
    token = make_link(desk.app, "Ines", purpose=SIGN_IN)
    page = desk.client.get(f"/desk/link/{token}")
    assert "Sign in as Ines" in page.text
    assert send(desk.client, page, f"/desk/link/{token}").status_code == 303
    assert desk.client.get("/desk/").status_code == 200
    assert send(desk.client, page, f"/desk/link/{token}").status_code == 410
