"""Sign-in in Chromium: by keyboard alone, at every width, light and dark, for eyes and ears."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from newsletter.pipeline.editors import SIGN_IN, add_editor, make_link
from newsletter.web.app import make_web
from tests.render.test_pages import violations
from tests.web.desk import FEEDS, PASSWORD
from tests.web.live import live

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]
_TARGETS = """() => [...document.querySelectorAll("a, button, input:not([type=radio]), label:has(input), summary")]
    .filter(each => !each.closest(".skip, [aria-hidden]"))
    .map(each => [each.textContent.trim(), each.getBoundingClientRect()])
    .filter(([, box]) => box.width && box.height && box.height < 43.5)
    .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""
WIDTHS = (320, 375, 1280)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    return tmp_path


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    with live(make_web(home, environ={})) as running:
        yield running


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(color_scheme=request.param)
    opened = context.new_page()
    opened.faults = []  # type: ignore[attr-defined]
    opened.on("console", lambda message: message.type == "error" and opened.faults.append(message.text))  # type: ignore[attr-defined]
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))  # type: ignore[attr-defined]
    yield opened
    context.close()


def token_for(home: Path, name: str, **options: str) -> str:
    from newsletter.pipeline.app import open_newsletter

    with open_newsletter(home, environ={}) as app:
        return make_link(app, name, **options) if options else add_editor(app, name, role="manager")


def check(page: Page) -> None:
    """Nothing to complain about at any width."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 375, "height": 900})
    assert page.evaluate(_TARGETS) == []


def press_to(page: Page, selector: str) -> None:
    """Tab until the focus is there, and see that it shows."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("what => document.activeElement.matches(what)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            assert outline == "3px", selector
            return
    raise AssertionError(f"no key leads to {selector}")


def test_from_the_first_link_to_a_session_by_keyboard_alone(page: Page, address: str, home: Path) -> None:
    page.goto(f"{address}/desk/")
    assert page.get_by_text("newsletter editors add NAME").is_visible()
    check(page)
    page.goto(f"{address}/desk/link/{token_for(home, 'Ines Vale')}")
    check(page)
    press_to(page, "#password")
    page.keyboard.type(PASSWORD)
    press_to(page, "#password-again")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/desk/")
    assert page.get_by_text("Ines Vale, manager").is_visible()
    check(page)
    press_to(page, ".me button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/desk/sign-in")
    check(page)
    press_to(page, "#name")
    page.keyboard.type("ines vale")
    press_to(page, "#password")
    page.keyboard.type("wrong, I fear")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    check(page)
    press_to(page, "#password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/desk/")
    # Chromium itself notes that the wrong password was answered with 400.
    assert [fault for fault in page.faults if "400" not in fault] == []  # type: ignore[attr-defined]


def test_ones_own_page_and_a_device(page: Page, address: str, home: Path) -> None:
    page.goto(f"{address}/desk/link/{token_for(home, 'Ines')}")
    for field in ("#password", "#password-again"):
        page.fill(field, PASSWORD)
    page.click("main button")
    page.goto(f"{address}/desk/editors")
    check(page)
    page.fill("#name", "Omar Ziad")
    page.click("main .go")
    page.get_by_role("status").get_by_text("With this link").wait_for()
    check(page)
    page.goto(f"{address}/desk/me")
    check(page)
    page.fill("#device-password", PASSWORD)
    page.click("#device button")
    check(page)
    assert page.evaluate("document.querySelector('.square').naturalWidth") > 100
    secret = page.locator("code").inner_text().replace(" ", "")
    page.fill("#code", pyotp.TOTP(secret).at(int(time.time())))
    page.click("main button")
    check(page)
    recovery = page.locator(".codes code").all_inner_texts()
    assert len(recovery) == 10
    page.goto(f"{address}/desk/me")
    page.click(".me button")
    page.fill("#name", "Ines")
    page.fill("#password", PASSWORD)
    page.click("main button")
    assert page.get_by_role("heading", name="Your code").is_visible()
    check(page)
    page.fill("#code", recovery[0])
    page.click("main button")
    assert re.search("/desk/$", page.url)
    assert page.faults == []  # type: ignore[attr-defined]


def test_a_form_sent_too_late_is_sent_again_and_other_pages(page: Page, address: str, home: Path) -> None:
    page.goto(f"{address}/")
    check(page)
    page.goto(f"{address}/nothing")
    check(page)
    token_for(home, "Ines")
    page.goto(f"{address}/desk/link/{token_for(home, 'Ines', purpose=SIGN_IN)}")
    check(page)
    page.click("main button")
    page.goto(f"{address}/desk/me")
    token = token_for(home, "Ines", purpose=SIGN_IN)
    kept = page.context.cookies()
    page.context.clear_cookies()
    page.evaluate(
        """() => { const form = document.querySelector(".me form"); form.action = "/desk/me/end";
        form.insertAdjacentHTML("beforeend", "<textarea name=text>Long work\\n</textarea>"); form.submit(); }"""
    )
    page.get_by_text("Your session has ended").wait_for()
    check(page)
    page.context.add_cookies(kept)
    assert page.evaluate("document.querySelector('[name=\"again.text\"]').value") == "Long work\n"
    page.goto(f"{address}/desk/link/{token}")
    page.click("main button")
    page.goto(f"{address}/desk/me")
    page.evaluate("document.querySelectorAll('[name=csrf]').forEach(each => each.value = '0')")
    page.click(".me button")
    page.get_by_text("Send it again?").wait_for()
    check(page)
    page.click("main form button")
    page.wait_for_url(f"{address}/desk/sign-in")
