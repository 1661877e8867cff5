"""Approve, late, short, correct, archive and search in Chromium: axe-core, widths, the keys, approving by hand."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from newsletter.model.correction import Correction
from newsletter.pipeline.approval import approve
from newsletter.pipeline.corrections import correct_entry
from newsletter.pipeline.review import open_desk
from tests.render.test_pages import violations
from tests.web.desk import Desk
from tests.web.issues import draft, drafted_desk
from tests.web.live import live, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = (
    "/desk/issues/2/approve?sure=1",
    "/desk/issues/1/approve",
    "/desk/issues/2/late?url=https://planet.example/first",
    "/desk/issues/2/short",
    "/desk/issues/1/correct?entry=ENTRY",
    "/desk/archive",
    "/desk/archive?q=bridge",
    "/desk/archive?q=brigde",
    "/desk/archive/1",
    "/archive/search?q=bridge",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with drafted_desk(tmp_path_factory.mktemp("seen") / "home") as (found, _):
        found.signed_in("Ines")
        approve(found.app, 1, editor="Ines")
        found.clock.move(days=2)
        entry = open_desk(found.app, 1).issue.entries[0]
        wrong = Correction(0, entry.id, found.app.now(), "Ines", note="It was late.", title="Lamps, late")
        correct_entry(found.app, 1, entry=entry.id, correction=wrong)
        found.clock.move(days=5)
        draft(found, "2026-W43")
        yield found


@pytest.fixture(scope="module")
def base(desk: Desk) -> Iterator[str]:
    with live(desk.web, is_open=True) as found:
        yield found


@pytest.fixture(params=["light", "dark"])
def context(request: pytest.FixtureRequest, browser: Browser, desk: Desk, base: str) -> Iterator[BrowserContext]:
    made = browser.new_context(color_scheme=request.param, base_url=base)
    sign_in(made, desk.app, base, "Ines")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.mark.parametrize("path", PAGES)
def test_everybody_can_use_the_page(page: Page, desk: Desk, path: str) -> None:
    found = page.goto(path.replace("ENTRY", open_desk(desk.app, 1).issue.entries[0].id))
    assert found
    assert found.status == 200
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_test_mail_by_its_key_and_none_while_typing(page: Page, desk: Desk) -> None:
    page.goto("/desk/issues/2/approve")
    page.get_by_label("Subject").press("t")
    assert "said=" not in page.url
    page.get_by_label("Send a test to").fill("ines@example.org")
    page.locator("h1").click()
    page.keyboard.press("t")
    page.wait_for_url("**said=**")
    assert page.get_by_text("the test lies in").is_visible()


def test_letters_of_the_subject_are_counted_while_it_is_typed(page: Page) -> None:
    page.goto("/desk/issues/2/approve")
    page.get_by_label("Subject").fill("Ferry 🚢 " + "x" * 40)
    assert page.locator("#subn").inner_text() == f"48 of 70 characters. Phones show about 40: “Ferry 🚢 {'x' * 31}…”"
    page.get_by_label("Subject").fill("Short")
    assert page.locator("#subn").inner_text() == "5 of 70 characters. Phones show about 40: “Short”"
