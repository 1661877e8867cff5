"""Two editors in two browsers of their own: nobody's work goes over the head of the other."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.logins import begin_login
from newsletter.pipeline.presence import at_cards
from newsletter.pipeline.review import act
from tests.web.desk import Desk
from tests.web.drafted_cards import cards, drafted_desk
from tests.web.live import live

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]
GAUGE = "A new gauge"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a draft."""
    with drafted_desk(tmp_path / "home") as running:
        yield running


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    """Where it is served."""
    with live(desk.web) as url:
        yield url


Open = Callable[..., Page]


@pytest.fixture
def sit_down(browser: Browser, desk: Desk, address: str) -> Iterator[Open]:
    """Opens the card of an entry as an editor, in a browser of their own."""
    contexts: dict[str, BrowserContext] = {}

    def opened(who: str, title: str = GAUGE, *, script: bool = True, connected: bool = True) -> Page:
        if who not in contexts:
            add_editor(desk.app, who, role="editor")
            contexts[who] = browser.new_context(java_script_enabled=script)
            token = begin_login(desk.app, who, agent="test")
            port = address.rpartition(":")[2]
            contexts[who].add_cookies([{"name": f"session-{port}", "value": token, "url": address}])
        page = contexts[who].new_page()
        if not connected:
            page.route("**/hold", lambda route: route.abort())
        page.goto(f"{address}/desk/issues/1/items/{cards(desk.app)[title].entry.id}")
        return page

    yield opened
    for context in contexts.values():
        context.close()


def write(page: Page, text: str) -> None:
    if not page.locator("#edit-text").is_visible():
        page.locator(".edit > summary").click()
    page.locator("#edit-text").fill(text)


def test_the_second_editor_reads_until_taking_over(sit_down: Open, desk: Desk) -> None:
    ines, ben = sit_down("Ines", connected=False), sit_down("Ben")
    expect(ben.locator("#card")).to_contain_text("Ines has been at this card since 20:35")
    expect(ben.locator("#edit-text")).to_have_count(0)
    write(ines, "Half a sent")
    ben.get_by_role("button", name="Take over").click()
    write(ben, "Ben’s sentence.")
    ben.keyboard.press("Control+Enter")
    expect(ben.locator(".ours")).to_have_text("Ben’s sentence.")

    write(ines, "Ines’ sentence.")
    ines.locator(".text-form button.go").click()
    expect(ines.locator("h1")).to_have_text("Changed meanwhile")
    expect(ines.locator("main")).to_contain_text("s ago, after you opened the page")
    expect(ines.locator("main")).to_contain_text("Ben, 20:35")
    expect(ines.locator("main")).to_contain_text("Ben’s sentence.")
    expect(ines.locator("textarea")).to_have_value("Ines’ sentence.")
    assert cards(desk.app)[GAUGE].entry.summary == "Ben’s sentence."
    ines.get_by_role("button", name="Use mine").click()
    expect(ines.locator("#card")).to_contain_text("Ben is here")
    assert cards(desk.app)[GAUGE].entry.summary == "Ines’ sentence."


def test_who_lost_the_card_is_told_and_keeps_the_text(sit_down: Open, desk: Desk) -> None:
    ines = sit_down("Ines")
    write(ines, "Half a sentence")
    ben = sit_down("Ben")
    ben.get_by_role("button", name="Take over").click()
    expect(ben.locator("#edit-text")).to_have_count(1)
    expect(ines.locator(".unsaved")).to_contain_text("Ben took this card over", timeout=45_000)
    expect(ines.locator(".unsaved")).to_be_focused()
    expect(ines.locator("header + .unsaved")).to_be_in_viewport()
    expect(ines.locator(".text-form button.go")).to_be_disabled()
    expect(ines.locator("#edit-text")).not_to_be_editable()
    expect(ines.get_by_role("link", name="See how it stands")).to_have_attribute("href", re.compile("/items/"))
    ben.close()
    expect_free(desk)
    ines.reload()
    expect(ines.locator(".unsaved")).to_contain_text(re.compile(r"Not saved, from \d\d:\d\d: “Half a sentence”"))
    ines.get_by_role("button", name="Put it back").click()
    expect(ines.locator("#edit-text")).to_have_value("Half a sentence")


def test_unsaved_text_outlives_a_reload_and_is_forgotten_when_saved(sit_down: Open, desk: Desk) -> None:
    ines = sit_down("Ines")
    write(ines, "Not sent yet")
    ines.reload()
    expect(ines.locator(".unsaved")).to_contain_text("Not saved")
    expect(ines.locator("#edit-text")).not_to_have_value("Not sent yet")
    ines.get_by_role("button", name="Put it back").click()
    ines.locator(".text-form button.go").click()
    expect(ines.locator(".ours")).to_have_text("Not sent yet")
    expect(ines.locator(".unsaved")).to_be_hidden()
    write(ines, "Thrown away")
    ines.reload()
    ines.get_by_role("button", name="Throw away").click()
    ines.reload()
    expect(ines.locator(".unsaved")).to_be_hidden()
    assert cards(desk.app)[GAUGE].entry.summary == "Not sent yet"


def test_what_arrived_is_not_offered_again_and_what_did_not_is(sit_down: Open, desk: Desk) -> None:
    ines = sit_down("Ines")
    ines.locator(".further > summary").click()
    ines.locator("#remark").fill("Who knows more?")
    ines.get_by_role("button", name="Leave it here").click()
    expect(ines.locator("#card > .remark")).to_contain_text("Who knows more?")
    expect(ines.locator(".unsaved")).to_be_hidden()
    ines.locator(".further > summary").click()
    ines.locator("#remark").fill("Lost on the way")
    ines.context.clear_cookies()
    ines.get_by_role("button", name="Leave it here").click()
    expect(ines.locator("#card")).to_have_count(0)
    assert "Lost on the way" in ines.evaluate("JSON.stringify(localStorage)")


def test_the_original_is_one_key_away_and_escape_leaves(sit_down: Open, desk: Desk) -> None:
    act(desk.app, 1, [("summary", cards(desk.app)[GAUGE].entry.id, "Ours")], editor="Ben")
    ines = sit_down("Ines")
    write(ines, "Mine")
    ines.keyboard.press("Alt+o")
    expect(ines.locator("#edit-text")).to_have_value("The gauge counts drops. It was built in a week by two people.")
    ines.keyboard.press("Alt+o")
    expect(ines.locator("#edit-text")).to_have_value("Mine")
    ines.keyboard.press("Escape")
    expect(ines.locator("#edit-text")).to_be_hidden()
    expect(ines.locator(".edit > summary")).to_be_focused()


def test_leaving_the_page_gives_the_card_back(sit_down: Open, desk: Desk) -> None:
    ines = sit_down("Ines")
    assert [each.editor for each in at_cards(desk.app, 1).values()] == ["Ines"]
    ines.goto("about:blank")
    expect_free(desk)


def test_without_script_a_text_is_saved_and_nothing_is_lost(sit_down: Open, desk: Desk) -> None:
    ines, ben = sit_down("Ines", script=False), sit_down("Ben", script=False)
    write(ines, "By hand")
    ben.get_by_role("button", name="Take over").click()
    write(ben, "Ben’s sentence.")
    ben.locator(".text-form button.go").click()
    ines.locator(".text-form button.go").click()
    expect(ines.locator("h1")).to_have_text("Changed meanwhile")
    expect(ines.locator("textarea")).to_have_value("By hand")
    ines.get_by_role("link", name="Use theirs").click()
    expect(ines.locator(".ours")).to_have_text("Ben’s sentence.")


def expect_free(desk: Desk) -> None:
    """Wait until nobody is at a card; the browser says goodbye after its page is gone."""
    from time import monotonic, sleep

    until = monotonic() + 10
    while at_cards(desk.app, 1) and monotonic() < until:
        sleep(0.05)
    assert at_cards(desk.app, 1) == {}
