"""The first card fits the first screen, however long its texts are: what decides is always in sight."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.review import act
from tests.render.test_pages import violations
from tests.web.desk import Desk
from tests.web.drafted_cards import ITEMS, cards, drafted_desk, item_of
from tests.web.live import live, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]
LONG = "Every bolt was counted twice, once by hand and once by the new gauge at the old mill. "
TITLE = f"{LONG[:82]}and then again by everybody"
EDITOR = "Maximiliane Okafor-Lindner von der Hohen Warte"
NAME = "The Weekly of All Rivers, Bridges and Ferries"
SIZES = ((375, 812), (320, 640), (1280, 800))
HEADER = 110
"""The most pixels that stand above the work on a phone."""


@dataclass(frozen=True)
class Long:
    """A desk with a card of long texts."""

    desk: Desk
    base: str
    url: str
    """The address of that card."""

    def open(self, browser: Browser, **options: object) -> Page:
        """A new browser in which an editor with a long name is signed in."""
        context = browser.new_context(**options)  # type: ignore[arg-type]
        sign_in(context, self.desk.app, self.base, EDITOR)
        return context.new_page()


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Long]:
    item = item_of("planet", "bolts", "Bolts", text=LONG * 60)
    with drafted_desk(tmp_path_factory.mktemp("long") / "home", *ITEMS, item) as desk:
        feeds = desk.app.home / "feeds.yaml"
        feeds.write_text(feeds.read_text().replace("Test weekly", NAME))
        add_editor(desk.app, EDITOR, role="manager")
        entry = cards(desk.app)["Bolts"].entry.id
        act(desk.app, 1, [("summary", entry, LONG * 12), ("title", entry, TITLE)], editor="Ben")
        with live(desk.web, is_open=True) as base:
            yield Long(desk, base, f"{base}/desk/issues/1/?at={entry}")


@pytest.fixture(params=[True, False], ids=["script", "plain"])
def page(request: pytest.FixtureRequest, long: Long, browser: Browser) -> Iterator[Page]:
    found = long.open(browser, java_script_enabled=request.param)
    yield found
    found.context.close()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_keep_drop_and_later_are_in_sight(long: Long, page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(long.url)
    page.mouse.wheel(0, -5_000)
    keys = page.locator("#keys").bounding_box()
    bottom = keys["y"] if keys else size[1]
    for name in ("Keep", "Drop", "Later"):
        button = page.locator("#card > .decide button", has_text=name)
        box = button.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= bottom, name
        button.click(trial=True)
    if size[0] < 400:
        status = page.locator(".status").bounding_box()
        assert status
        assert status["y"] + status["height"] <= HEADER


@pytest.mark.parametrize("width", [375, 1280])
def test_show_all_shows_all(long: Long, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(long.url)
    ours = page.locator(".ours")
    cut = ours.bounding_box()
    page.locator("#card .clip:has(> .ours) > .all > summary").click()
    whole = ours.bounding_box()
    assert cut
    assert whole
    assert whole["height"] > 3 * cut["height"]
    original = page.locator("#card blockquote").first
    assert original.inner_text().count("Every bolt") < 10
    original.locator(".all > summary").click()
    assert original.inner_text().count("Every bolt") > 50


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(long: Long, browser: Browser, scheme: str) -> None:
    page = long.open(browser, color_scheme=scheme, bypass_csp=True)
    for width in (320, 375, 800, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(long.url)
        expect(page.locator("#card")).to_be_focused()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("g")
        page.keyboard.press("x")
        expect(page.locator(".told")).to_be_visible()
        assert violations(page) == []
    page.context.close()
