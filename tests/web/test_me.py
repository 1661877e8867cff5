"""One's own page: sessions, password, codes from a device."""

import base64
import re
from datetime import timedelta

import pyotp
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from newsletter.web.me import browser_name
from tests.web.desk import PASSWORD, Desk, Signed, send, sign_in

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def with_device(desk: Desk, browser: Signed) -> tuple[pyotp.TOTP, list[str]]:
    """A device is connected; it, and the recovery codes."""
    page = browser.post("/desk/me/device", password=PASSWORD)
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert found
    device = pyotp.TOTP(found[1].replace(" ", ""))
    done = send(browser.client, page, "/desk/me/device/code", code=device.at(desk.clock.now))
    assert "Your recovery codes" in done.text
    return device, re.findall(r"<code>([a-z0-9-]+)</code>", done.text)


def second_step(browser: TestClient, page: Response, code: str) -> Response:
    return send(browser, page, "/desk/sign-in/code", code=code)


def test_sessions_are_listed_and_ended(desk: Desk) -> None:
    ines = desk.signed_in()
    one, two = desk.signed_in_again("Ines"), desk.signed_in_again("Ines")
    page = ines.get("/desk/me").text
    assert page.count("last seen") == 3
    assert page.count("(here)") == 1
    found = re.findall(r'name="id" value="([0-9a-f]{64})"', page)
    assert len(found) == 2
    assert ines.post("/desk/me/end", id=found[0]).status_code == 303
    assert sorted(each.get("/desk/").status_code for each in (one, two)) == [200, 303]
    assert "End the others (1)" in ines.get("/desk/me").text
    assert ines.post("/desk/me/end-others").status_code == 303
    assert [each.get("/desk/").status_code for each in (one, two, ines)] == [303, 303, 200]


def test_nobody_ends_the_sessions_of_others(desk: Desk) -> None:
    ines, omar = desk.signed_in("Ines"), desk.signed_in("Omar", role="editor")
    desk.signed_in_again("Ines")
    theirs = re.findall(r'name="id" value="([0-9a-f]{64})"', ines.get("/desk/me").text)[0]
    assert omar.post("/desk/me/end", id=theirs).status_code == 404
    assert ines.get("/desk/me").text.count("last seen") == 2


def test_a_changed_password_ends_all_sessions_but_a_new_one_here(desk: Desk) -> None:
    desk.with_password()
    ines, other = desk.signed_in_again("Ines"), desk.signed_in_again("Ines")
    new = "a new and longer one"
    fields = {"old-password": PASSWORD, "password": new, "password-again": new}
    assert "is not right" in ines.post("/desk/me/password", **{**fields, "old-password": "wrong"}).text
    assert "differ" in ines.post("/desk/me/password", **{**fields, "password": "other"}).text
    assert "at least 12" in ines.post("/desk/me/password", **{**fields, "password": "x", "password-again": "x"}).text
    assert other.get("/desk/").status_code == 200
    before = ines.client.cookies["session-8000"]
    assert "is changed" in ines.post("/desk/me/password", **fields).text
    assert other.get("/desk/").status_code == 303
    assert ines.get("/desk/").status_code == 200
    assert ines.client.cookies["session-8000"] != before
    assert sign_in(desk.browser()).status_code == 400
    assert sign_in(desk.browser(), password=new).status_code == 303


def test_a_device_is_asked_for_a_code_that_works_once(desk: Desk) -> None:
    desk.with_password()
    ines = desk.signed_in_again("Ines")
    device, _ = with_device(desk, ines)
    browser = desk.browser()
    page = sign_in(browser)
    assert "Your code" in page.text
    assert browser.get("/desk/").status_code == 303
    assert second_step(browser, page, device.at(desk.clock.now)).status_code == 400, "used when it was connected"
    desk.clock.move(seconds=30)
    code = device.at(desk.clock.now)
    assert second_step(browser, page, f" {code[:3]} {code[3:]} ").status_code == 303
    assert browser.get("/desk/").status_code == 200
    other = desk.browser()
    assert "used before" in second_step(other, sign_in(other), code).text


def test_codes_of_the_steps_beside_hold_and_others_do_not(desk: Desk) -> None:
    desk.with_password()
    device, _ = with_device(desk, desk.signed_in_again("Ines"))
    desk.clock.move(minutes=10)
    step = timedelta(seconds=30)
    browser = desk.browser()
    page = sign_in(browser)
    for code in (device.at(desk.clock.now - 2 * step), device.at(desk.clock.now + 2 * step), "12345", "²³"):
        page = second_step(browser, page, code)
        assert page.status_code == 400
    assert second_step(browser, page, device.at(desk.clock.now - step)).status_code == 303


def test_recovery_codes_work_once_each(desk: Desk) -> None:
    desk.with_password()
    ines = desk.signed_in_again("Ines")
    _, codes = with_device(desk, ines)
    assert len(set(codes)) == 10
    browser = desk.browser()
    assert second_step(browser, sign_in(browser), codes[3].upper()).status_code == 303
    assert "9 recovery codes" in browser.get("/desk/me").text
    other = desk.browser()
    again = second_step(other, sign_in(other), codes[3])
    assert again.status_code == 400
    assert second_step(other, again, codes[4].replace("-", " ")).status_code == 303


def test_the_first_step_holds_for_ten_minutes_in_one_browser(desk: Desk) -> None:
    desk.with_password()
    device, _ = with_device(desk, desk.signed_in_again("Ines"))
    browser, other = desk.browser(), desk.browser()
    page = sign_in(browser)
    desk.clock.move(minutes=9)
    other_page = other.get("/desk/sign-in")
    fields = {"sealed": re.findall(r'name="sealed" value="([^"]+)"', page.text)[0]}
    stolen = send(other, other_page, "/desk/sign-in/code", code=device.at(desk.clock.now), **fields)
    assert "Begin again" in stolen.text
    desk.clock.move(minutes=1)
    assert "took too long" in second_step(browser, page, device.at(desk.clock.now)).text


def test_codes_are_tried_five_times_a_minute(desk: Desk) -> None:
    desk.with_password()
    device, _ = with_device(desk, desk.signed_in_again("Ines"))
    desk.clock.move(minutes=5)
    browser = desk.browser()
    page = sign_in(browser)
    answers = [second_step(browser, page, "000000").status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]
    assert second_step(browser, page, device.at(desk.clock.now)).status_code == 429


def test_a_new_password_by_link_still_asks_for_the_code(desk: Desk) -> None:
    from newsletter.pipeline.editors import make_link

    desk.with_password()
    with_device(desk, desk.signed_in_again("Ines"))
    path = f"/desk/link/{make_link(desk.app, 'Ines')}"
    page = send(desk.client, desk.client.get(path), path, password="x" + PASSWORD, password_again="x" + PASSWORD)
    assert "Your code" in page.text
    assert desk.client.get("/desk/").status_code == 303


def test_a_device_needs_the_password_and_a_right_first_code(desk: Desk) -> None:
    desk.with_password()
    ines = desk.signed_in_again("Ines")
    assert "password is not right" in ines.post("/desk/me/device", password="wrong").text
    page = ines.post("/desk/me/device", password=PASSWORD)
    picture = re.findall(r'src="data:image/png;base64,([^"]+)"', page.text)[0]
    assert base64.b64decode(picture).startswith(b"\x89PNG")
    again = send(ines.client, page, "/desk/me/device/code", code="000000")
    assert again.status_code == 400
    secrets = [re.findall(r"<code>([A-Z2-7 ]+)</code>", each.text)[0] for each in (page, again)]
    assert secrets[0] == secrets[1]
    assert "Off: the password alone" in ines.get("/desk/me").text
    assert "took too long" in ines.post("/desk/me/device/code", sealed="made up", code="1").text


def test_the_device_is_turned_off_with_the_password(desk: Desk) -> None:
    desk.with_password()
    ines = desk.signed_in_again("Ines")
    with_device(desk, ines)
    assert ines.post("/desk/me/device/off", password="wrong").status_code == 400
    assert ines.post("/desk/me/device/off", password=PASSWORD).status_code == 303
    assert sign_in(desk.browser()).status_code == 303


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iPhone"),
        ("", "A browser"),
    ],
)
def test_browsers_have_names(agent: str, name: str) -> None:
    assert browser_name(agent) == name
