"""A week from draft to approved, by keyboard alone: a scripted editor follows a written decision for every item."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from newsletter.edit.desk import Desk
from newsletter.pipeline.review import open_desk
from tests.fakes import FixedClock
from tests.web.real import RealDesk, real_desk
from tests.web.week import NOW, Candidate, build_week, candidates

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("forty minutes")]
MOST_KEYS = 3
"""For each published item; letters of an edited title are counted apart."""
_SETTLED = """() => !Object.keys(localStorage).some((each) => each.startsWith('desk-queue'))
    && !document.querySelector('[aria-busy]')"""
_PLAIN = {"keep": "a", "drop": "x", "later": "z"}


@dataclass
class Hands:
    """Ten fingers on the keys, and how often they came down."""

    page: Page
    keys: int = 0
    letters: int = 0

    def press(self, *keys: str) -> None:
        """One key after the other."""
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Text into a field."""
        self.letters += len(text)
        self.page.keyboard.type(text)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RealDesk]:
    with real_desk(build_week(tmp_path), FixedClock(NOW)) as running:
        yield running


def test_from_draft_to_approved_by_keys(
    desk: RealDesk, browser: Browser, capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None]
) -> None:
    table = {each.title: each for each in candidates()}
    assert len(table) == 150
    page = desk.signed_in(browser)
    page.set_default_timeout(30_000)
    page.goto(f"{desk.url}/desk/")
    expect(page.locator("#card")).to_be_focused()
    hands, decided = Hands(page), 0
    while card := open_card(page):
        decide(hands, table[card])
        decided += 1
        assert decided < len(table), f"the desk asks without end, now about “{card}”"
    for row in table.values():
        if row.decision == "restore":
            bring_back(hands, row)
    approve(hands)
    issue = draft(desk).issue
    published = [row.printed for row in table.values() if row.is_published]
    assert issue.state == "approved"
    assert sorted(entry.title for entry in issue.entries) == sorted(published)
    each = hands.keys / len(published)
    said = (
        f"{decided} decisions, {hands.keys} keys for {len(published)} published items: {each:.2f} each; "
        f"{hands.letters} letters written"
    )
    record_property("keys", said)
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")
    assert each <= MOST_KEYS
    page.context.close()


def draft(desk: RealDesk) -> Desk:
    return open_desk(desk.app, 1)


def open_card(page: Page) -> str:
    """The title of the card that is asked about; empty when the desk says that it is enough."""
    settled(page)
    return page.locator("#ct").inner_text() if page.locator("#ct").count() else ""


def settled(page: Page) -> None:
    page.wait_for_function(_SETTLED)


def decide(hands: Hands, row: Candidate) -> None:
    """Do with the open card what the table says."""
    page = hands.page
    entry = page.locator("#card").get_attribute("data-entry")
    if row.decision in _PLAIN:
        hands.press(_PLAIN[row.decision])
    elif row.decision == "to":
        number = page.locator(f'.rail a[data-section="{row.named}"]').get_attribute("data-digit")
        hands.press(str(number))
    elif row.decision == "one":
        _join(hands, row)
    else:
        _prepare(hands, row)
        settled(page)
        hands.press("a")
    page.wait_for_function("(id) => document.getElementById('card')?.dataset.entry !== id", arg=entry)


def _prepare(hands: Hands, row: Candidate) -> None:
    """What is done to a card before it is kept; it stays open meanwhile."""
    page = hands.page
    if row.decision == "title":
        hands.press("e", "ControlOrMeta+a")
        hands.write(row.named)
        hands.press("ControlOrMeta+Enter")
        expect(page.locator("#ct")).to_have_text(row.named)
    elif row.decision == "date":
        hands.press("d", "ControlOrMeta+Enter")
        expect(page.locator("#card .event > summary .warning")).to_have_count(0)
    elif row.decision == "pin":
        hands.press("h")
        expect(page.locator("#review")).to_have_attribute("data-section", "highlights")
    else:
        raise AssertionError(f"nobody should be asked about “{row.title}”")


def _join(hands: Hands, row: Candidate) -> None:
    """Mark it, go to the other one, and say that they are one story."""
    page = hands.page
    hands.press("Space")
    for _ in range(5):
        hands.press("j")
        if page.evaluate("document.activeElement.textContent").strip() == row.named:
            break
    hands.press("m")
    expect(page.locator("#ct")).not_to_have_text(row.title)


def bring_back(hands: Hands, row: Candidate) -> None:
    """Find what a rule dropped, and restore it."""
    page = hands.page
    hands.press("/")
    hands.write(row.title)
    hands.press("Enter")
    button = page.locator("button", has_text=row.title)
    expect(button).to_be_visible()
    page.wait_for_load_state()  # keys come with the script
    hands.press("/")
    for _ in range(8):
        hands.press("Tab")
        if button.evaluate("(each) => each === document.activeElement"):
            break
    hands.press("Enter")
    expect(page.locator("#review")).to_be_visible()
    settled(page)


def approve(hands: Hands) -> None:
    """To the approve page, to its question, and yes."""
    page = hands.page
    hands.press("Shift+A")
    expect(page.get_by_role("link", name="Approve and schedule")).to_be_visible()
    page.wait_for_load_state()
    hands.press("Shift+A")
    yes = page.locator("#sure button.go")
    expect(yes).to_be_visible()
    page.wait_for_load_state()
    for _ in range(5):
        hands.press("Tab")
        if yes.evaluate("(each) => each === document.activeElement"):
            break
    hands.press("Enter")
    expect(page.locator("#done")).to_contain_text("Approved", timeout=30_000)
