"""Two editors in two browsers at the review page: what one takes out, the other reads at once and can bring back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from newsletter.edit.desk import Card, Desk
from newsletter.pipeline.review import open_desk
from tests.fakes import FixedClock
from tests.web.drafted import NOW, build_home
from tests.web.real import RealDesk, real_desk

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("keys")]
TEXT = "Ben’s own sentence about apples."


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_home(tmp_path_factory.mktemp("built"))


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Iterator[RealDesk]:
    shutil.copytree(built, tmp_path / "home")
    with real_desk(tmp_path / "home", FixedClock(NOW)) as running:
        yield running


@pytest.fixture
def ben(desk: RealDesk, browser: Browser) -> Iterator[Page]:
    page = desk.signed_in(browser, "Ben")
    yield page
    page.context.close()


@pytest.fixture
def ines(desk: RealDesk, browser: Browser) -> Iterator[Page]:
    page = desk.signed_in(browser, "Ines")
    yield page
    page.context.close()


def draft(desk: RealDesk) -> Desk:
    return open_desk(desk.app, 1)


def card(desk: RealDesk, title: str) -> Card | None:
    return next((each for each in draft(desk).cards() if each.entry.title == title), None)


def open_list(desk: RealDesk, page: Page, title: str = "") -> None:
    """The section of the item ``title``, whose card is not opened; else the page as it comes."""
    found = card(desk, title)
    page.goto(f"{desk.url}/desk/issues/1/{f'?section={found.section}' if found else ''}")
    expect(page.locator("#card")).to_be_focused()
    page.wait_for_function("() => document.getElementById('notice')")


def settled(page: Page) -> None:
    page.wait_for_function(
        "() => !Object.keys(localStorage).some((each) => each.startsWith('desk-queue'))"
        " && !document.querySelector('[aria-busy]')"
    )


def stand_at(page: Page, title: str) -> None:
    page.locator("main li[data-id]", has_text=title).locator("h3 a").focus()


def apples(desk: RealDesk) -> Card:
    """An open item without a guessed date, which would keep its card open."""
    return next(each for each in draft(desk).open if not each.is_guess and each.section == "general")


def write_and_keep(desk: RealDesk, page: Page) -> str:
    """Ben writes an item’s text and keeps it; its title."""
    entry = apples(desk).entry
    page.goto(f"{desk.url}/desk/issues/1/?at={entry.id}")
    expect(page.locator("#card")).to_be_focused()
    page.wait_for_function("() => document.getElementById('notice')")
    for key in ("e", "Tab", "ControlOrMeta+a"):
        page.keyboard.press(key)
    page.keyboard.type(TEXT)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".ours")).to_have_text(TEXT)
    page.keyboard.press("a")
    settled(page)
    expect(page.locator("#ct")).not_to_have_text(entry.title)
    return entry.title


def test_what_the_other_dropped_is_said_with_its_time_and_comes_back(desk: RealDesk, ben: Page, ines: Page) -> None:
    title = write_and_keep(desk, ben)
    open_list(desk, ben, title)
    open_list(desk, ines, title)
    stand_at(ines, title)
    ines.keyboard.press("x")
    settled(ines)
    assert card(desk, title) is None
    desk.clock.move(seconds=10)
    # Ben's page is as it was: there the item is kept. He wants it among the developers' news.
    stand_at(ben, title)
    ben.keyboard.press("2")
    said = ben.locator("#notice .overtaken")
    expect(said.locator("p")).to_have_text(f"Ines dropped this 10 s ago. “{title}”")
    assert card(desk, title) is None
    ben.get_by_role("button", name="Restore", exact=True).press("Enter")
    settled(ben)
    found = card(desk, title)
    assert found
    assert (found.state, found.entry.summary) == ("kept", TEXT)
    expect(ben.locator(".overtaken")).to_have_count(0)
    expect(ben.locator("main li[data-id]", has_text=title)).to_have_count(1)
    assert [(each.editor, each.action) for each in draft(desk).changes] == [
        ("Ben", "keep"),
        ("Ben", "summary"),
        ("Ben", "keep"),
        ("Ines", "drop"),
        ("Ben", "keep"),
    ]


def test_the_next_answer_says_it_although_something_else_was_done(desk: RealDesk, ben: Page, ines: Page) -> None:
    title = write_and_keep(desk, ben)
    open_list(desk, ben, title)
    open_list(desk, ines, title)
    stand_at(ines, title)
    ines.keyboard.press("x")
    settled(ines)
    desk.clock.move(seconds=10)
    ben.locator("main li.item.open, main li.item.warning").first.locator("h3 a").focus()
    ben.keyboard.press("z")
    settled(ben)
    expect(ben.locator("main .overtaken p")).to_have_text(f"Ines dropped this 10 s ago. “{title}”")
    expect(ines.locator(".overtaken")).to_have_count(0)
    ben.get_by_role("button", name="Restore", exact=True).press("Enter")
    settled(ben)
    found = card(desk, title)
    assert found
    assert (found.state, found.entry.summary) == ("kept", TEXT)
    expect(ben.locator(".overtaken")).to_have_count(0)


def test_who_drops_what_was_kept_meanwhile_is_asked_first(desk: RealDesk, ben: Page, ines: Page) -> None:
    """Both pages are open before either acts: the slower one learns of the other's work before it is gone."""
    beside = next(each for each in draft(desk).open if each.section == "general" and each != apples(desk))
    ines.goto(f"{desk.url}/desk/issues/1/?at={beside.entry.id}")
    expect(ines.locator("#card")).to_be_focused()
    title = write_and_keep(desk, ben)
    desk.clock.move(seconds=10)
    stand_at(ines, title)
    ines.keyboard.press("x")
    expect(ines.locator("#notice .overtaken p")).to_contain_text("Ben kept this 10 s ago.")
    found = card(desk, title)
    assert found
    assert found.entry.summary == TEXT
    ines.get_by_role("button", name="Drop it all the same").press("Enter")
    settled(ines)
    assert card(desk, title) is None
    desk.clock.move(minutes=3)
    open_list(desk, ben)
    expect(ben.locator("main .overtaken p")).to_have_text(f"Ines dropped this 3 min ago. “{title}”")
    desk.clock.move(minutes=10)
    open_list(desk, ben)
    expect(ben.locator(".overtaken")).to_have_count(0)


def test_without_script_it_is_said_and_brought_back_all_the_same(
    desk: RealDesk, ben: Page, ines: Page, browser: Browser
) -> None:
    title = write_and_keep(desk, ben)
    open_list(desk, ben, title)
    open_list(desk, ines, title)
    stand_at(ines, title)
    ines.keyboard.press("x")
    settled(ines)
    plain = desk.signed_in(browser, "Ben", java_script_enabled=False)
    plain.goto(f"{desk.url}/desk/issues/1/")
    expect(plain.locator("main .overtaken p")).to_have_text(f"Ines dropped this 0 s ago. “{title}”")
    plain.get_by_role("button", name="Restore", exact=True).press("Enter")
    plain.wait_for_url("**/desk/issues/1/?at=*")
    found = card(desk, title)
    assert found
    assert found.entry.summary == TEXT
    plain.context.close()
