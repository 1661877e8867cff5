"""Every key that the desk names is pressed in Chromium, and does what the desk says of it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from newsletter.edit.desk import Card, Desk
from newsletter.model.story import Place
from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.review import act, open_desk
from newsletter.pipeline.same_story import merge
from newsletter.store import issues
from newsletter.web.keys import KEYS
from tests.fakes import FixedClock
from tests.web.drafted import NOW, build_home
from tests.web.real import RealDesk, real_desk

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("keys")]
THREAD = "https://lists.example/dev/1.html"
SECTIONS = ("highlights", "developer", "general", "news")
PLACES = {"r": "Review", "s": "Sources", "p": "Preview", "b": "Subscribers", "d": "Deliveries", "a": "Archive"}


@dataclass
class At:
    """A browser at the review page, with the first open card before it."""

    desk: RealDesk
    page: Page

    @property
    def now(self) -> Desk:
        """The draft as it is stored."""
        return open_desk(self.desk.app, 1)

    @property
    def first(self) -> Card:
        """What is open and worth most."""
        return self.now.open[0]

    @property
    def told(self) -> str:
        """What the page answered a key."""
        return self.page.locator(".told").inner_text()

    def press(self, *keys: str) -> None:
        """One key after the other; the focus is never lost."""
        for key in keys:
            self.page.keyboard.press(key)
            assert self.page.evaluate("document.activeElement !== document.body"), f"{key} lost the focus"

    def saved(self) -> None:
        """Wait until everything is stored and the page is the server's again."""
        self.page.wait_for_function(
            "() => !Object.keys(localStorage).some((each) => each.startsWith('desk-queue'))"
            " && !document.querySelector('[aria-busy]')"
        )

    def section(self, name: str) -> list[str]:
        """The ids of a section's entries, in order."""
        found = self.now.section(name)
        assert found
        return [card.entry.id for card in found.cards]

    def stand_at(self, entry: str) -> None:
        """Stand at an item without opening it."""
        self.page.locator(f'li[data-id="{entry}"] h3 a').focus()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_home(tmp_path_factory.mktemp("built"))


@pytest.fixture
def at(built: Path, tmp_path: Path, browser: Browser) -> Iterator[At]:
    shutil.copytree(built, tmp_path / "home")
    with real_desk(tmp_path / "home", FixedClock(NOW)) as desk:
        discuss(desk)
        add_editor(desk.app, "Ines", role="manager", address="ines@example.org")
        page = desk.signed_in(browser, "Ines")
        page.context.route(lambda url: not url.startswith(desk.url), elsewhere)
        open_review(desk, page)
        yield At(desk, page)
        page.context.close()


def elsewhere(route: Route) -> None:
    """Another host, which the desk only links to."""
    route.fulfill(body="A page of others", content_type="text/plain")


def discuss(desk: RealDesk) -> None:
    """The first item is talked about on a list."""
    first = open_desk(desk.app, 1).open[0].entry
    with desk.app.database.transaction() as db:
        drafted = issues.issue(db, 1).issue
        sections = tuple(
            replace(
                section,
                entries=tuple(
                    replace(each, places=(*each.places, Place("thread", THREAD))) if each.id == first.id else each
                    for each in section.entries
                ),
            )
            for section in drafted.sections
        )
        issues.save_draft(db, replace(drafted, sections=sections), now=NOW)


def open_review(desk: RealDesk, page: Page, query: str = "") -> None:
    page.goto(f"{desk.url}/desk/issues/1/{query}")
    expect(page.locator("#card")).to_be_focused()
    page.wait_for_function("() => document.getElementById('notice')")


def moves(key: str, step: int) -> Callable[[At], None]:
    def drive(at: At) -> None:
        ids = at.page.locator("main .list li[data-id]").evaluate_all("all => all.map((each) => each.dataset.id)")
        at.stand_at(ids[2])
        at.press(key)
        assert at.page.evaluate("document.activeElement.closest('li').dataset.id") == ids[2 + step]
        assert at.now.changes == ()

    return drive


def decides(key: str, action: str) -> Callable[[At], None]:
    def drive(at: At) -> None:
        first, second = (card.entry for card in at.now.open[:2])
        at.press(key)
        at.saved()
        assert [(each.action, each.target) for each in at.now.changes] == [(action, first.id)]
        expect(at.page.locator("#ct")).to_have_text(second.title)
        expect(at.page.locator("#card")).to_be_focused()

    return drive


def edits(at: At) -> None:
    entry = at.first.entry
    at.press("e")
    expect(at.page.locator("#edit-title")).to_be_focused()
    at.page.keyboard.type(" a x z u 1 ?")
    at.press("Escape")
    expect(at.page.locator("#edit-title")).to_be_hidden()
    assert at.now.changes == ()
    at.press("e", "ControlOrMeta+a")
    at.page.keyboard.type("Another title")
    at.press("Tab")
    expect(at.page.locator("#edit-text")).to_be_focused()
    at.press("ControlOrMeta+a")
    at.page.keyboard.type("Another text")
    at.press("Control+Enter")
    expect(at.page.locator(".ours")).to_have_text("Another text")
    stored = at.now.card(entry.id)
    assert stored
    assert (stored.entry.title, stored.entry.summary) == ("Another title", "Another text")


def sends(digit: int) -> Callable[[At], None]:
    def drive(at: At) -> None:
        entry = at.first.entry.id
        if digit > len(SECTIONS):
            at.press(str(digit))
            assert at.told == f"There is no section {digit}."
        elif entry in at.section(SECTIONS[digit - 1]):
            at.press(str(digit))
            assert at.told == "It stands in this section already."
        else:
            at.press(str(digit))
            at.saved()
            assert entry in at.section(SECTIONS[digit - 1])

    return drive


def orders(key: str, step: int) -> Callable[[At], None]:
    def drive(at: At) -> None:
        open_review(at.desk, at.page, "?section=general")
        ids = at.section("general")
        at.stand_at(ids[2])
        at.press(key)
        at.saved()
        assert at.section("general").index(ids[2]) == 2 + step

    return drive


def pins(at: At) -> None:
    entry = at.section("general")[-1]
    open_review(at.desk, at.page, "?section=general")
    at.stand_at(entry)
    at.press("h")
    at.saved()
    assert at.section("highlights")[0] == entry


def marks(at: At) -> None:
    at.press("Space")
    expect(at.page.get_by_role("button", name="Keep 1")).to_be_visible()
    at.press("Space")
    expect(at.page.get_by_role("button", name="Keep 1")).to_be_hidden()


def merges(at: At) -> None:
    open_review(at.desk, at.page, "?section=general")
    one, two = at.section("general")[1:3]
    at.press("m")
    assert at.told == "Mark one other item first, with Space."
    at.stand_at(one)
    at.press("Space")
    at.stand_at(two)
    at.press("m")
    at.saved()
    expect(at.page.locator(f'li[data-id="{one}"], li[data-id="{two}"]')).to_have_count(1)
    assert len(at.section("general")) < 7
    assert at.now.changes[-1].action == "merge"


def splits(at: At) -> None:
    at.press("s")
    assert at.told == "This story is of one piece: there is nothing to split."
    one, two = at.section("general")[1:3]
    count = len(at.section("general"))
    merge(at.desk.app, 1, entry=one, other=two, editor="Ines")
    left = next(each for each in at.section("general") if each in (one, two))
    open_review(at.desk, at.page, f"?at={left}")
    at.press("s")
    expect(at.page.locator(".split").first).to_have_attribute("open", "")
    at.press("Enter")
    expect(at.page.locator(".split")).to_have_count(0)
    assert len(at.section("general")) == count


def dates(at: At) -> None:
    entry = at.first.entry
    at.press("d")
    expect(at.page.locator(".event input:focus")).to_have_count(1)
    at.press("ControlOrMeta+a")
    at.page.keyboard.type("2026-10-30")
    at.press("Control+Enter")
    expect(at.page.locator("#card")).to_be_focused()
    stored = at.now.card(entry.id)
    assert stored
    assert str(stored.entry.event and stored.entry.event.starts_at) == "2026-10-30"


def notes(at: At) -> None:
    entry = at.first.entry
    at.press("n")
    expect(at.page.locator("#remark")).to_be_focused()
    at.page.keyboard.type("Is the x right?")
    at.press("Enter")
    expect(at.page.locator("#card .remark")).to_contain_text("Is the x right?")
    assert [(each.action, each.target) for each in at.now.changes] == [("remark", entry.id)]


def opens(key: str) -> Callable[[At], None]:
    def drive(at: At) -> None:
        row = at.page.locator("main li.item h3 a").first
        title = row.inner_text()
        row.focus()
        at.press(key)
        expect(at.page.locator("#ct")).to_have_text(title)
        expect(at.page.locator("#card")).to_be_focused()

    return drive


def opens_elsewhere(key: str, address: Callable[[At], str | None]) -> Callable[[At], None]:
    def drive(at: At) -> None:
        with at.page.context.expect_page() as opened:
            at.press(key)
        opened.value.wait_for_load_state()
        assert opened.value.url == address(at)
        assert opened.value.evaluate("window.opener") is None

    return drive


def explains(at: At) -> None:
    expect(at.page.locator(".why ul")).to_be_hidden()
    at.press("w")
    expect(at.page.locator(".why ul")).to_be_visible()
    at.press("w")
    expect(at.page.locator(".why ul")).to_be_hidden()


def takes_back(at: At) -> None:
    at.press("u")
    assert at.told == "There is nothing of yours to take back."
    states = [card.state for card in at.now.cards()]
    at.press("a", "x", "z")
    at.saved()
    for _ in range(3):
        at.press("u")
        at.saved()
    assert [card.state for card in at.now.cards()] == states


def seeks(at: At) -> None:
    at.press("/")
    expect(at.page.locator("#q")).to_be_focused()
    at.page.keyboard.type("bridge")
    at.page.keyboard.press("Enter")
    expect(at.page.locator("main")).to_contain_text("The bridge opens")
    assert at.now.changes == ()


def goes(keys: tuple[str, ...], path: str) -> Callable[[At], None]:
    def drive(at: At) -> None:
        for key in keys:
            at.page.keyboard.press(key)
        at.page.wait_for_url(f"**{path}*")

    return drive


def jumps(letter: str) -> Callable[[At], None]:
    def drive(at: At) -> None:
        links = at.page.get_by_role("navigation", name="Desk").get_by_role("link", name=PLACES[letter], exact=True)
        url = links.first.evaluate("each => each.href") if links.count() else None
        at.page.goto(f"{at.desk.url}/desk/keys")
        for key in ("g", letter):
            at.page.keyboard.press(key)
        if url is None:
            expect(at.page.locator(".told")).to_have_text(f"{PLACES[letter]}: not there yet.")
        else:
            at.page.wait_for_url(lambda now: now != f"{at.desk.url}/desk/keys")
            expect(at.page.locator(".top [aria-current]")).to_have_text(PLACES[letter])

    return drive


def mails_a_test(at: At) -> None:
    at.press("t")
    expect(at.page.locator(".told")).to_contain_text("the test lies in", timeout=20_000)
    mails = [path.read_text() for path in at.desk.app.home.rglob("*.eml") if "X-Test: yes" in path.read_text()]
    assert len(mails) == 1
    assert "To: ines@example.org" in mails[0]
    expect(at.page.locator("#card")).to_be_focused()


def approves(at: At) -> None:
    at.page.keyboard.press("Shift+A")
    at.page.wait_for_url("**/approve")
    at.page.keyboard.press("Shift+A")
    at.page.wait_for_url("**/approve?sure=1*")
    expect(at.page.get_by_role("button", name="Yes, for")).to_be_visible()
    assert at.now.issue.state == "draft"


def helps(at: At) -> None:
    at.press("?")
    dialog = at.page.get_by_role("dialog", name="All keys")
    for key in KEYS:
        expect(dialog).to_contain_text(key.does)
    at.page.keyboard.press("x")
    at.page.keyboard.press("Escape")
    expect(at.page.locator("#card")).to_be_focused()
    assert at.now.changes == ()


DRIVEN: dict[str, Callable[[At], None]] = {
    "j": moves("j", 1),
    "k": moves("k", -1),
    "ArrowDown": moves("ArrowDown", 1),
    "ArrowUp": moves("ArrowUp", -1),
    "a": decides("a", "keep"),
    "x": decides("x", "drop"),
    "z": decides("z", "snooze"),
    "e": edits,
    **{str(digit): sends(digit) for digit in range(1, 10)},
    "+": orders("+", -1),
    "-": orders("-", 1),
    "h": pins,
    "Space": marks,
    "m": merges,
    "s": splits,
    "d": dates,
    "n": notes,
    "o": opens("o"),
    "Enter": opens("Enter"),
    "v": opens_elsewhere("v", lambda at: at.first.entry.url),
    "c": opens_elsewhere("c", lambda at: THREAD),
    "w": explains,
    "u": takes_back,
    "/": seeks,
    "p": goes(("p",), "/desk/issues/1/preview"),
    "t": mails_a_test,
    "Shift+A": approves,
    **{f"g {letter}": jumps(letter) for letter in PLACES},
    "?": helps,
}


def named_keys() -> set[str]:
    """The keys of the desk's own list, each by itself."""
    found: set[str] = set()
    for key in KEYS:
        first = key.keys[0]
        if " then " in first:
            found |= {f"g {each.rpartition(' ')[2]}" for each in key.keys}
        elif "…" in key.keys:
            found |= {str(each) for each in range(int(first), int(key.keys[-1]) + 1)}
        else:
            found |= set(key.keys)
    return found


def test_no_key_of_the_list_is_left_out() -> None:
    assert named_keys() == set(DRIVEN) - {"ArrowDown", "ArrowUp"}
    assert any("arrows" in key.does for key in KEYS)


@pytest.mark.parametrize("key", DRIVEN)
def test_the_key_does_what_the_desk_says(key: str, at: At) -> None:
    DRIVEN[key](at)


def test_a_letter_after_g_that_leads_nowhere_says_so(at: At) -> None:
    at.press("g", "x")
    assert at.told == "“g x” leads nowhere. “?” shows all keys."
    at.press("j")
    expect(at.page.locator(".told")).to_have_count(0)
    assert at.now.changes == ()


def test_keys_that_are_switched_off_stay_off(at: At) -> None:
    at.page.goto(f"{at.desk.url}/desk/keys")
    at.page.get_by_role("button", name="Switch keys off for good").press("Enter")
    expect(at.page.get_by_text("Keys are switched off in this browser")).to_be_visible()
    at.page = at.page.context.new_page()
    open_review(at.desk, at.page)
    assert at.page.locator("[aria-keyshortcuts]").count() == 0
    url, entry = at.page.url, at.first.entry.id
    for key in ("x", "z", "u", "2", "h", "m", "p", "Shift+A", "g", "a", "?", "/", "t", "n", "e", "Space"):
        at.page.keyboard.press(key)
    # What a keyboard does by itself it still does: the one decision is that of the button.
    at.page.get_by_role("button", name="Keep a", exact=True).focus()
    at.press("Enter")
    at.saved()
    assert [(each.action, each.target) for each in at.now.changes] == [("keep", entry)]
    assert at.page.url.partition("?")[0] == url.partition("?")[0]
    at.page.goto(f"{at.desk.url}/desk/keys")
    at.page.get_by_role("button", name="Switch keys on").press("Enter")
    open_review(at.desk, at.page)
    second = at.first.entry.id
    at.press("x")
    at.saved()
    assert (at.now.changes[-1].action, at.now.changes[-1].target) == ("drop", second)


def test_a_letter_typed_into_any_field_is_a_letter(at: At) -> None:
    act(at.desk.app, 1, [("remark", at.first.entry.id, {"text": "Look"})], editor="Ben")
    open_review(at.desk, at.page)
    at.page.evaluate("document.querySelectorAll('#card details').forEach((each) => { each.open = true; })")
    fields = at.page.locator("#review input:visible:not([type=checkbox]), #review textarea:visible:not([readonly])")
    before = len(at.now.changes)
    assert fields.count() >= 5
    for place in range(fields.count()):
        field = fields.nth(place)
        field.focus()
        field.fill("")
        at.page.keyboard.type("axzu12hm+-?gpdovcwstn")
        expect(field).to_have_value("axzu12hm+-?gpdovcwstn")
    select = at.page.locator("#to")
    if select.is_visible():
        select.press("x")
    assert len(at.now.changes) == before
    expect(at.page.get_by_role("dialog")).to_have_count(0)
