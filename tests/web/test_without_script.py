"""A whole review in a browser that runs no script: every kind of act, by the buttons of the pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from newsletter.edit.desk import Desk as Drafted
from newsletter.pipeline.editors import make_link
from newsletter.pipeline.review import open_desk
from newsletter.pipeline.sign_in import password_by_link
from newsletter.store import issues
from tests.web.desk import PASSWORD
from tests.web.everything import EDITOR, Everything, everything
from tests.web.live import live

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]
DESK = "/desk/issues/2/"


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Everything]:
    with everything(tmp_path / "home") as made:
        yield made


@pytest.fixture
def page(found: Everything, browser: Browser) -> Iterator[Page]:
    assert password_by_link(found.desk.app, make_link(found.desk.app, EDITOR), PASSWORD)
    with live(found.desk.web, is_open=True) as base:
        context = browser.new_context(base_url=base, java_script_enabled=False)
        opened = context.new_page()
        opened.set_default_timeout(10_000)
        opened.goto("/desk/")
        opened.get_by_label("Name").fill(EDITOR)
        opened.get_by_label("Password").fill(PASSWORD)
        opened.get_by_role("button", name="Sign in").click()
        yield opened
        context.close()


def draft(found: Everything) -> Drafted:
    return open_desk(found.desk.app, 2)


def state(found: Everything, entry: str) -> str:
    card = draft(found).card(entry)
    return card.state if card else "gone"


def press(page: Page, name: str, *, within: str = "#card") -> None:
    """Press a button and wait for what it leads to."""
    with page.expect_navigation():
        page.locator(within).get_by_role("button", name=name).first.click()


def further(page: Page, entry: str) -> None:
    """The card on the review page, with what else can be done to it unfolded."""
    page.goto(f"{DESK}?at={entry}")
    page.locator(".further > summary").click()


def test_a_whole_review_needs_no_script(page: Page, found: Everything) -> None:
    expect(page).to_have_url(f"{page.url.partition('/desk')[0]}{DESK}")
    _keep_drop_put_off_and_undo(page, found)
    _move_order_remark_and_pin(page, found)
    _edit_join_and_date(page, found)
    _several_at_once_and_back_again(page, found)
    _figure(page, found)
    page.goto(DESK)
    page.get_by_role("link", name="To approval").click()
    page.get_by_role("link", name="Approve").first.click()
    press(page, "Yes, for", within="#sure")
    expect(page.locator("main")).to_contain_text("these very bytes go out")
    with found.desk.app.database.reading() as db:
        assert issues.issue(db, 2).state == "approved"


def _keep_drop_put_off_and_undo(page: Page, found: Everything) -> None:
    for name, became in (("Keep", "kept"), ("Drop", "gone"), ("Later", "gone")):
        entry = page.locator("#card").get_attribute("data-entry") or ""
        assert state(found, entry) == "open"
        press(page, name)
        assert state(found, entry) == became
        assert page.locator("#card").get_attribute("data-entry") != entry
    press(page, "Undo", within=".last")
    assert state(found, entry) == "open"
    assert page.locator("#card").get_attribute("data-entry") == entry


def _move_order_remark_and_pin(page: Page, found: Everything) -> None:
    market = found.cards["market"]
    further(page, market)
    press(page, "To Developer")
    places = [each.entry.id for each in draft(found).section("developer").cards]  # type: ignore[union-attr]
    assert market in places
    further(page, market)
    press(page, "One place up")
    now = [each.entry.id for each in draft(found).section("developer").cards]  # type: ignore[union-attr]
    assert now.index(market) == places.index(market) - 1
    further(page, market)
    page.get_by_label("Note to the other editor").fill("Ask the growers.")
    press(page, "Leave it here")
    expect(page.locator("#card")).to_contain_text("Ask the growers.")
    further(page, market)
    press(page, "Pin to the front")
    assert draft(found).section("highlights").cards[0].entry.id == market  # type: ignore[union-attr]


def _edit_join_and_date(page: Page, found: Everything) -> None:
    page.goto(f"{DESK}?at={found.cards['market']}")
    page.locator(".edit > summary").click()
    page.get_by_label("Title", exact=True).fill("Apples and pears")
    page.locator("#edit-text").fill("Forty sorts.\nAnd pears.")
    press(page, "Save")
    expect(page.locator("#ct")).to_have_text("Apples and pears")
    page.goto(f"{DESK}items/{found.cards['bridge']}")
    other = page.locator(".merge [name=other]").first.get_attribute("value") or ""
    press(page, "One story")
    assert state(found, other) == "gone"
    page.locator(".further > summary").click()
    page.locator(".split > summary").first.click()
    press(page, "Take out what was joined", within="#card .split >> nth=0")
    assert state(found, other) != "gone"
    page.goto(f"{DESK}items/{found.cards['sprint']}")
    if not page.locator("#event-place").is_visible():
        page.locator("details.event > summary").click()
    page.locator("#event-place").fill("The old mill")
    press(page, "The date is right")
    event = draft(found).card(found.cards["sprint"]).entry.event  # type: ignore[union-attr]
    assert event
    assert (event.place, event.is_guess) == ("The old mill", False)


def _several_at_once_and_back_again(page: Page, found: Everything) -> None:
    page.goto(f"{DESK}?section=developer")
    marks = page.locator("input[name=marked]")
    both = [marks.nth(at).get_attribute("value") or "" for at in (0, 1)]
    for at in (0, 1):
        marks.nth(at).check()
    press(page, "Drop", within="#rows")
    assert [state(found, each) for each in both] == ["gone", "gone"]
    page.get_by_role("link", name="Dropped").first.click()
    press(page, "Restore", within="main")
    assert sorted(state(found, each) for each in both) == ["gone", "kept"]
    page.goto(f"{DESK}history")
    press(page, "Take back", within="main")
    assert [state(found, each) for each in both] == ["gone", "gone"]


def _figure(page: Page, found: Everything) -> None:
    page.goto(f"{DESK}figures")
    press(page, "Hide this row", within="main")
    page.goto(f"{DESK}approve")
    press(page, "Let it through", within="main")
    assert [each.is_held for each in draft(found).issue.statistics] == [False, True]
    page.goto(f"{DESK}figures")
    press(page, "Show it", within="main")
    assert not any(each.is_held for each in draft(found).issue.statistics)
