"""The review page in a real browser, by keyboard: what is decided is shown at once, saved behind and never lost."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from newsletter.edit.desk import Desk
from newsletter.pipeline.review import act, open_desk
from tests.fakes import FixedClock
from tests.web.drafted import NOW, build_home
from tests.web.real import RealDesk, real_desk

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("keys")]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_home(tmp_path_factory.mktemp("built"))


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Iterator[RealDesk]:
    shutil.copytree(built, tmp_path / "home")
    with real_desk(tmp_path / "home", FixedClock(NOW)) as running:
        yield running


def draft(desk: RealDesk) -> Desk:
    return open_desk(desk.app, 1)


def opened(desk: RealDesk, browser: Browser, name: str = "Ines") -> Page:
    page = desk.signed_in(browser, name)
    page.goto(f"{desk.url}/desk/")
    expect(page.locator("#card")).to_be_focused()
    return page


def press(page: Page, key: str) -> None:
    page.keyboard.press(key)
    assert page.evaluate("document.activeElement !== document.body"), f"{key} lost the focus"


def settled(page: Page) -> None:
    """Everything is saved and the page is the server's again."""
    page.wait_for_function(
        "() => !Object.keys(localStorage).some((each) => each.startsWith('desk-queue'))"
        " && !document.querySelector('[aria-busy]')"
    )


def states(desk: RealDesk) -> dict[str, str]:
    return {card.entry.title: card.state for card in draft(desk).cards()}


def test_one_key_a_decision_and_the_focus_is_never_lost(desk: RealDesk, browser: Browser) -> None:
    order = [card.entry.title for card in draft(desk).open]
    page = opened(desk, browser)
    for key, at in (("a", 0), ("x", 1), ("z", 2)):
        expect(page.locator("#ct")).to_have_text(order[at])
        press(page, key)
        settled(page)
    expect(page.locator("#card")).to_be_focused()
    assert states(desk)[order[0]] == "kept"
    assert order[1] not in states(desk)
    assert [each.title for each in draft(desk).snoozed] == [order[2]]
    press(page, "u")
    expect(page.locator("#ct")).to_have_text(order[2])
    press(page, "u")
    expect(page.locator("#ct")).to_have_text(order[1])
    settled(page)
    assert (states(desk)[order[1]], states(desk)[order[2]]) == ("open", "open")
    # Several at once, before the server has answered any of them: all arrive, in their order.
    for key in ("a", "a", "x"):
        page.keyboard.press(key)
    settled(page)
    assert [each.action for each in draft(desk).changes[-3:]] == ["keep", "keep", "drop"]
    page.context.close()


def test_marks_sections_pins_and_the_order(desk: RealDesk, browser: Browser) -> None:
    page = opened(desk, browser)
    general = draft(desk).section("general")
    assert general is not None
    titles = [card.entry.title for card in general.cards]
    press(page, "j")
    press(page, "Space")
    press(page, "j")
    press(page, "Space")
    expect(page.get_by_role("button", name="Keep 2")).to_be_visible()
    page.get_by_role("button", name="Keep 2").press("Enter")
    settled(page)
    assert [states(desk)[title] for title in titles[1:3]] == ["kept", "kept"]
    page.get_by_role("link", name=titles[1]).first.focus()
    press(page, "-")
    settled(page)
    assert [card.entry.title for card in draft(desk).section("general").cards][2] == titles[1]  # type: ignore[union-attr]
    press(page, "4")
    settled(page)
    assert [card.entry.title for card in draft(desk).section("news").cards] == [titles[1]]  # type: ignore[union-attr]
    page.goto(f"{desk.url}/desk/issues/1/?section=general")
    row, above = (page.locator("li.item", has_text=title).locator(".st") for title in (titles[3], titles[2]))
    row.hover()
    page.wait_for_function("() => window.Sortable")
    page.mouse.down()
    box = above.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] - 4, steps=12)
    page.mouse.up()
    settled(page)
    now = [card.entry.title for card in draft(desk).section("general").cards]  # type: ignore[union-attr]
    assert now.index(titles[3]) < now.index(titles[2])
    page.context.close()


def test_what_is_typed_before_the_card_is_there_goes_into_its_field(desk: RealDesk, browser: Browser) -> None:
    page = opened(desk, browser)
    page.route("**/desk/issues/1/?at=*", lambda route: (page.wait_for_timeout(300), route.continue_())[1])
    press(page, "j")
    before = page.locator("#review").get_attribute("data-at")
    page.keyboard.press("e")
    page.keyboard.type(" a zax ? g")
    expect(page.locator("#edit-title")).to_be_focused()
    expect(page.locator("#edit-title")).to_have_value(re.compile(r"\w a zax \? g$"))
    assert page.locator("#review").get_attribute("data-at") != before
    assert not draft(desk).changes
    page.keyboard.type("x")
    expect(page.locator("#edit-title")).to_have_value(re.compile(r" a zax \? gx$"))
    page.context.close()


def test_a_saved_note_and_date_are_not_offered_as_unsaved(desk: RealDesk, browser: Browser) -> None:
    page = opened(desk, browser)
    press(page, "n")
    page.keyboard.type("Is this new?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#card .remark")).to_contain_text("Is this new?")
    expect(page.locator("#card .unsaved")).to_be_hidden()
    press(page, "d")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2026-11-14T18:00")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#event-start")).to_have_attribute("value", "14 November 2026 18:00")
    expect(page.locator("#card .unsaved")).to_be_hidden()
    assert page.evaluate("Object.keys(localStorage)") == []
    page.context.close()


def test_what_acts_on_the_marked_and_undo_stay_in_sight(desk: RealDesk, browser: Browser) -> None:
    page = desk.signed_in(browser)
    page.set_viewport_size({"width": 375, "height": 600})
    page.goto(f"{desk.url}/desk/issues/1/?section=general")
    page.locator("li.open:not(.here) .acts button").last.click()
    settled(page)
    page.evaluate("scrollTo(0, 0)")
    page.locator("main li").last.scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Undo")).to_be_in_viewport()
    page.locator("main li.item input[name=marked]").last.check()
    expect(page.get_by_role("button", name="Drop 1")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    page.context.close()


def test_letters_are_letters_in_fields_and_can_be_switched_off(desk: RealDesk, browser: Browser) -> None:
    page = opened(desk, browser)
    press(page, "e")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("A jazz band x")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ct")).to_have_text("A jazz band x")
    settled(page)
    assert [each.action for each in draft(desk).changes] == ["keep", "title"]
    expect(page.locator("#card")).to_be_focused()
    press(page, "?")
    expect(page.get_by_role("dialog", name="All keys")).to_contain_text("put off to the next issue")
    press(page, "a")
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_focused()
    press(page, "/")
    expect(page.locator("#q")).to_be_focused()
    page.goto(f"{desk.url}/desk/keys")
    page.get_by_role("button", name="Switch keys off for good").press("Enter")
    expect(page.get_by_text("Keys are switched off in this browser")).to_be_visible()
    page.goto(f"{desk.url}/desk/")
    page.keyboard.press("x")
    page.wait_for_timeout(100)
    assert len(draft(desk).changes) == 2
    page.context.close()


def test_without_a_connection_decisions_wait_in_the_browser(desk: RealDesk, browser: Browser) -> None:
    page = opened(desk, browser)
    page.route("**/act", lambda route: route.abort())
    for key in ("a", "a", "x", "x"):
        press(page, key)
    expect(page.locator("#notice")).to_contain_text("Your 4 last decisions wait here and go when it is back.")
    press(page, "u")
    expect(page.locator("#notice")).to_contain_text("Your 3 last decisions wait here and go when it is back.")
    page.reload()
    expect(page.locator("#notice")).to_contain_text("Your 3 last decisions wait")
    assert draft(desk).changes == ()
    page.unroute("**/act")
    page.get_by_role("button", name="Try now").press("Enter")
    settled(page)
    assert [each.action for each in draft(desk).changes] == ["keep", "keep", "drop"]
    expect(page.locator("#notice")).to_be_empty()
    page.context.close()


def test_what_cannot_be_saved_says_so_and_keeps_the_text(desk: RealDesk, browser: Browser) -> None:
    page = opened(desk, browser)
    failing = {"status": 500, "body": "Something went wrong here.", "content_type": "text/plain"}
    page.route(re.compile("/(act|text)$"), lambda route: route.fulfill(**failing))  # type: ignore[arg-type]
    press(page, "e")
    page.keyboard.type(", dimmer")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notice")).to_contain_text("Something went wrong here.")
    expect(page.locator("#edit-title")).to_have_value("Street lamps learn to dim, dimmer")
    page.keyboard.press("Escape")
    press(page, "x")
    expect(page.locator("#notice")).to_contain_text("Not saved: drop “Street lamps learn to dim”.")
    expect(page.locator(".unsaved-mark")).to_have_text("not saved")
    page.reload()
    expect(page.locator("#notice")).to_contain_text("Not saved: drop")
    page.unroute(re.compile("/(act|text)$"))
    page.get_by_role("button", name="Try again").press("Enter")
    settled(page)
    assert [each.action for each in draft(desk).changes] == ["drop"]
    # The session ends: the page stays, and the decision goes when somebody is signed in again.
    page.context.clear_cookies()
    press(page, "a")
    expect(page.get_by_role("dialog", name="You are signed out")).to_be_visible()
    desk.sign_in(page.context, "Ines")
    page.keyboard.press("Escape")
    settled(page)
    assert draft(desk).changes[-1].action == "keep"
    page.context.close()


def test_two_editors_see_what_the_other_did(desk: RealDesk, browser: Browser) -> None:
    page = opened(desk, browser)
    lamp = next(card for card in draft(desk).cards() if card.entry.title == "Street lamps learn to dim")
    act(desk.app, 1, [("drop", lamp.entry.id, "")], editor="Ben")
    press(page, "a")
    expect(page.locator("#notice")).to_contain_text("Ben dropped this 0 s ago. “Street lamps learn to dim”")
    page.get_by_role("button", name="Restore", exact=True).press("Enter")
    settled(page)
    assert states(desk)["Street lamps learn to dim"] == "kept"
    page.context.close()
