"""Subscribing in Chromium on a phone, in the dark, without script; and the key that leads to the readers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.web.desk import Desk, running_desk
from tests.web.live import live, sign_in
from tests.web.readers import FEEDS, link_in, mails, path_for, reader_at

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running_desk(tmp_path_factory.mktemp("seen") / "home", FEEDS) as found:
        found.signed_in("Ines")
        yield found


@pytest.fixture(scope="module")
def base(desk: Desk) -> Iterator[str]:
    with live(desk.web, is_open=True) as found:
        yield found


@pytest.fixture
def phone(browser: Browser, base: str) -> Iterator[BrowserContext]:
    made = browser.new_context(
        base_url=base,
        viewport={"width": 320, "height": 640},
        color_scheme="dark",
        java_script_enabled=False,
        has_touch=True,
        is_mobile=True,
    )
    yield made
    made.close()


def test_a_reader_by_hand_on_a_phone(phone: BrowserContext, desk: Desk) -> None:
    page = phone.new_page()
    page.goto("/subscribe")
    page.get_by_label("Your mail address").fill("rita@example.org")
    page.get_by_label("Highlights", exact=False).first.uncheck()
    desk.clock.move(seconds=20)
    page.get_by_role("button", name="Subscribe").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Look into your mail"
    page.goto(link_in(mails(desk.app)[-1]))
    page.get_by_role("button", name="Yes, send it").click()
    assert page.get_by_role("heading", level=1).inner_text() == "You are subscribed"
    reader = reader_at(desk.app, "rita@example.org")
    assert reader.choice.sections is not None
    assert "highlights" not in reader.choice.sections
    page.goto(path_for(desk.app, "preferences", reader))
    page.get_by_label("Once a month").check()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("status").inner_text().startswith("✓ Saved.")
    page.get_by_role("button", name="Pause").click()
    assert page.get_by_role("status").inner_text().startswith("✓ Paused.")
    page.get_by_role("button", name="End the pause").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Take your data out").click()
    assert taken.value.suggested_filename == "my-subscription.json"
    page.goto(path_for(desk.app, "unsubscribe", reader))
    page.get_by_role("button", name="Unsubscribe").click()
    assert page.get_by_role("heading", level=1).inner_text() == "You are unsubscribed"
    assert reader_at(desk.app, "rita@example.org").state == "left"
    page.goto(path_for(desk.app, "preferences", reader))
    page.get_by_role("link", name="Have your address erased").click()
    page.get_by_role("button", name="Erase my address").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Erased"


def test_g_b_leads_to_the_readers_and_a_file_is_brought_in(browser: Browser, desk: Desk, base: str) -> None:
    context = browser.new_context(base_url=base)
    sign_in(context, desk.app, base, "Ines")
    page = context.new_page()
    page.goto("/desk/keys")
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/desk/subscribers")
    heights = page.evaluate("[...document.querySelectorAll('.readers > .btn .b')].map((each) => each.offsetHeight)")
    assert len(heights) > 1
    assert len(set(heights)) == 1
    page.get_by_role("link", name="Bring in a file").click()
    content = b"email\nada@example.org\nben@example.org\n"
    page.get_by_label("The file").set_input_files({"name": "old.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Look at it").click()
    page.get_by_text("2 new, 0 known").wait_for()
    page.get_by_label("How did these people agree").fill("By the form of our old list.")
    page.get_by_role("button", name="Bring in 2").click()
    page.get_by_role("heading", name="Done").wait_for()
    page.get_by_role("link", name="All subscribers").click()
    assert "2 active" in page.inner_text("main")
    assert "ada@example.org" not in page.inner_text("main")
    page.get_by_role("link", name="Show addresses").click()
    assert "ada@example.org" in page.inner_text("main")
    context.close()
