"""No connection, no answer, no session: in Chromium, by keyboard, nothing that was decided or written is lost."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect

from newsletter.edit.desk import Desk
from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.review import open_desk
from newsletter.pipeline.sign_in import password_by_link
from tests.fakes import FixedClock
from tests.web.desk import PASSWORD
from tests.web.drafted import NOW, build_home
from tests.web.real import RealDesk, real_desk

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("keys")]
ACT = re.compile("/(act|undo|order|text)$")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_home(tmp_path_factory.mktemp("built"))


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Iterator[RealDesk]:
    shutil.copytree(built, tmp_path / "home")
    with real_desk(tmp_path / "home", FixedClock(NOW)) as running:
        for name in ("Ines", "Ben"):
            assert password_by_link(running.app, add_editor(running.app, name, role="manager"), PASSWORD)
        yield running


@pytest.fixture
def page(desk: RealDesk, browser: Browser) -> Iterator[Page]:
    page = desk.signed_in(browser, permissions=["clipboard-read", "clipboard-write"], timezone_id="UTC")
    page.clock.set_fixed_time(datetime(2026, 10, 15, 21, 10, tzinfo=UTC))
    go(desk, page)
    yield page
    page.context.close()


def go(desk: RealDesk, page: Page) -> None:
    page.goto(f"{desk.url}/desk/issues/1/")
    expect(page.locator("#card")).to_be_focused()


def draft(desk: RealDesk) -> Desk:
    return open_desk(desk.app, 1)


def done(desk: RealDesk) -> list[str]:
    return [each.action for each in draft(desk).changes]


def settled(page: Page) -> None:
    page.wait_for_function(
        "() => !Object.keys(localStorage).some((each) => each.startsWith('desk-queue'))"
        " && !document.querySelector('[aria-busy]')"
    )


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement !== document.body"), f"{key} lost the focus"


WAITING = "No connection since 21:10. Your 3 last decisions wait here and go when it is back."


def test_offline_decisions_wait_and_go_once_each_when_it_is_back(desk: RealDesk, page: Page) -> None:
    page.context.set_offline(True)
    expect(page.locator("#notice p")).to_have_text(
        "No connection since 21:10. Everything is saved; the page goes on when it is back."
    )
    press(page, "a", "x", "z")
    expect(page.locator("#notice p")).to_have_text(WAITING)
    assert done(desk) == []
    page.context.set_offline(False)
    settled(page)
    expect(page.locator("#notice")).to_be_empty()
    assert done(desk) == ["keep", "drop", "snooze"]
    assert len({each.target for each in draft(desk).changes}) == 3
    press(page, "a")
    settled(page)
    assert done(desk) == ["keep", "drop", "snooze", "keep"]


def test_what_is_typed_for_a_card_that_does_not_open_decides_nothing(desk: RealDesk, page: Page) -> None:
    page.route("**/desk/issues/1/?at=*", lambda route: route.abort())
    press(page, "j")
    page.keyboard.press("e")
    expect(page.locator(".told")).to_have_text("No connection: this card opens when it is back.")
    page.keyboard.type("axz")
    assert page.locator("[aria-busy]").count() == 0
    assert done(desk) == []
    press(page, "Escape", "a")
    settled(page)
    assert done(desk) == ["keep"]


def test_a_reload_without_a_connection_loses_nothing(desk: RealDesk, page: Page) -> None:
    page.context.set_offline(True)
    press(page, "a", "x", "z")
    expect(page.locator("#notice p")).to_have_text(WAITING)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()
    page.context.set_offline(False)
    go(desk, page)
    settled(page)
    assert done(desk) == ["keep", "drop", "snooze"]
    expect(page.locator("#notice")).to_be_empty()


def test_a_reload_while_nothing_can_be_saved_keeps_the_hour(desk: RealDesk, page: Page) -> None:
    page.route(ACT, lambda route: route.abort())
    press(page, "a", "x", "z")
    expect(page.locator("#notice p")).to_have_text(WAITING)
    page.clock.set_fixed_time(datetime(2026, 10, 15, 21, 40, tzinfo=UTC))
    page.reload()
    expect(page.locator("#notice p")).to_have_text(WAITING)
    expect(page.locator("li[aria-busy]")).to_have_count(3)
    page.unroute(ACT)
    page.get_by_role("button", name="Try now").press("Enter")
    settled(page)
    assert done(desk) == ["keep", "drop", "snooze"]
    expect(page.locator("#notice")).to_be_empty()


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        (("a",), ["keep"]),
        (("x",), ["drop"]),
        (("z",), ["snooze"]),
        (("h",), ["keep"]),
        (("2",), ["keep"]),
        (("-",), ["order"]),
        (("a", "u"), ["keep", "undo"]),
        (("Space", "j", "m"), ["merge"]),
    ],
)
def test_an_answer_that_is_lost_is_no_second_decision(
    desk: RealDesk, page: Page, keys: tuple[str, ...], wanted: list[str]
) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    *before, last = keys
    for key in before:
        press(page, key)
        settled(page)
    page.route(ACT, lose)
    press(page, last)
    expect(page.locator("#notice p")).to_contain_text("Your last decision waits here")
    assert done(desk) == wanted
    page.unroute(ACT)
    page.get_by_role("button", name="Try now").press("Enter")
    settled(page)
    expect(page.locator("#notice")).to_be_empty()
    assert done(desk) == wanted


def test_what_is_restored_while_the_answer_is_lost_is_restored_once(desk: RealDesk, page: Page) -> None:
    press(page, "x")
    settled(page)
    page.goto(f"{desk.url}/desk/issues/1/?section={gone_section(desk)}")
    page.locator("#gone > summary").click()
    page.route(ACT, lambda route: (route.fetch(), route.abort())[1])
    page.locator("#gone button").press("Enter")
    expect(page.locator("#notice p")).to_contain_text("Your last decision waits here")
    assert done(desk) == ["drop", "keep"]
    page.unroute(ACT)
    page.get_by_role("button", name="Try now").press("Enter")
    settled(page)
    assert done(desk) == ["drop", "keep"]


def gone_section(desk: RealDesk) -> str:
    dropped = draft(desk).dropped[-1].story_id
    pool = ((each.id, entry) for each in draft(desk).drafted.sections for entry in each.entries)
    return next(section for section, entry in pool if entry.story_id == dropped)


@pytest.mark.parametrize("how", ["500", "503", "dropped"])
def test_a_text_that_is_not_saved_says_so_and_can_be_sent_again(desk: RealDesk, page: Page, how: str) -> None:
    def fail(route: Route) -> None:
        route.abort() if how == "dropped" else route.fulfill(status=int(how), body="Out of order")

    entry = draft(desk).open[0].entry.id
    page.route(ACT, fail)
    press(page, "e", "Tab", "ControlOrMeta+a")
    page.keyboard.type("What nobody may lose")
    press(page, "Control+Enter")
    expect(page.locator("#notice")).to_contain_text("Not saved")
    expect(page.locator(".unsaved-mark")).to_have_text("not saved")
    expect(page.locator("#edit-text")).to_have_value("What nobody may lose")
    page.get_by_role("button", name="Copy the text").press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "What nobody may lose" in page.evaluate("navigator.clipboard.readText()")
    page.reload()
    page.get_by_role("button", name="Put it back").press("Enter")
    expect(page.locator("#edit-text")).to_have_value("What nobody may lose")
    page.locator("#edit-text").press("Control+Enter")
    expect(page.locator(".unsaved-mark")).to_have_text("not saved")
    page.unroute(ACT)
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.locator(".ours")).to_have_text("What nobody may lose")
    expect(page.locator(".unsaved-mark")).to_have_count(0)
    expect(page.locator("#notice")).to_be_empty()
    stored = draft(desk).card(entry)
    assert stored
    assert stored.entry.summary == "What nobody may lose"


def test_a_decision_that_is_refused_says_so_and_can_be_made_again(desk: RealDesk, page: Page) -> None:
    page.route(ACT, lambda route: route.fulfill(status=500, body=""))
    press(page, "x")
    expect(page.locator("#notice")).to_contain_text("Not saved: drop “Street lamps learn to dim”.")
    expect(page.locator(".unsaved-mark")).to_have_text("not saved")
    page.reload()
    expect(page.locator("#notice")).to_contain_text("Not saved: drop “Street lamps learn to dim”.")
    expect(page.locator(".unsaved-mark")).to_have_text("not saved")
    page.unroute(ACT)
    page.get_by_role("button", name="Try again").press("Enter")
    settled(page)
    assert done(desk) == ["drop"]


def test_signing_in_over_the_page_goes_on_where_one_was(desk: RealDesk, page: Page) -> None:
    second = draft(desk).open[1].entry.title
    page.context.clear_cookies()
    press(page, "a")
    expect(page.get_by_role("dialog", name="You are signed out")).to_be_visible()
    expect(page.locator("dialog input[name=password]")).to_be_focused()
    page.keyboard.type("wrong, I fear")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("is not right")
    expect(page.locator("dialog input[name=password]")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    settled(page)
    assert done(desk) == ["keep"]
    expect(page.locator("#ct")).to_have_text(second)
    expect(page.locator("#card")).to_be_focused()
    press(page, "x")
    settled(page)
    assert done(desk) == ["keep", "drop"]


def test_a_text_waits_behind_the_dialog_and_is_saved_after_it(desk: RealDesk, page: Page) -> None:
    entry = draft(desk).open[0].entry.id
    press(page, "e", "Tab", "ControlOrMeta+a")
    page.keyboard.type("Written before the session ended")
    page.context.clear_cookies()
    press(page, "Control+Enter")
    expect(page.locator("dialog input[name=password]")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".ours")).to_have_text("Written before the session ended")
    stored = draft(desk).card(entry)
    assert stored
    assert stored.entry.summary == "Written before the session ended"


def test_who_closes_the_dialog_can_read_on_and_sign_in_later(desk: RealDesk, page: Page) -> None:
    page.context.clear_cookies()
    press(page, "a")
    expect(page.locator("dialog input[name=password]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#notice p")).to_have_text(
        "You are signed out. Your last decision waits here and goes when you are signed in."
    )
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Sign in").press("Enter")
    expect(page.locator("dialog input[name=password]")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    settled(page)
    expect(page.locator("#notice")).to_be_empty()
    assert done(desk) == ["keep"]


def test_another_editor_who_signs_in_does_not_send_what_waits(desk: RealDesk, page: Page) -> None:
    page.context.clear_cookies()
    press(page, "a")
    page.locator("dialog input[name=name]").fill("Ben")
    page.locator("dialog input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Ben, manager")).to_be_visible()
    expect(page.locator("#card")).to_be_focused()
    press(page, "?")
    expect(page.get_by_role("dialog", name="All keys")).to_be_visible()
    assert done(desk) == []
    assert "keep" in page.evaluate("localStorage.getItem('desk-queue-1-Ines')")
