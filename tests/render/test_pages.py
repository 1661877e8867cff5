"""The public pages in Chromium: accessibility (axe-core), widths, touch targets, no foreign host."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from newsletter.render.email import render_email
from newsletter.render.web import render_issue_page, render_site
from tests.browser import NODE_MODULES
from tests.render import samples

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = (
    "index.html",
    "issues/57/index.html",
    "issues/57/why.html",
    "planet/index.html",
    "alone.html",
    "hostile.html",
    "small.html",
)
MAIL = "email.html"
WIDTHS = (320, 375, 1280)
_ALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, summary")]
  .filter(each => !each.closest(".note p"))
  .map(each => [each.textContent.trim().slice(0, 40), each.getBoundingClientRect()])
  .filter(([name, box]) => box.width > 1 && Math.min(box.width, box.height) < 23.5)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, summary")]
    .filter(each => !each.closest("h3, h4, .note, .stats, .facts details p, .skip") && each.className !== "skip")
    .map(each => [each.textContent.trim(), each.getBoundingClientRect()])
    .filter(([, box]) => box.width && box.height && (box.height < LEAST))
    .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""


@cache
def axe() -> str:
    path = NODE_MODULES / "axe-core" / "axe.min.js"
    assert path.is_file(), "axe-core is not installed; “./dev test” installs it."
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the samples on disk, with single pages and the mail beside it."""
    folder = tmp_path_factory.mktemp("site")
    newest = samples.issue()
    older = replace(
        newest, number=56, publish_on=newest.publish_on - timedelta(days=7), title="Signs; " + "lamps " * 30
    )
    files = render_site(samples.press(), [older, newest], samples.river(60))
    files["alone.html"] = render_issue_page(samples.press(), newest)
    files["hostile.html"] = render_issue_page(samples.press(), samples.hostile_issue())
    files["small.html"] = render_issue_page(samples.press(), samples.small_issue())
    files[MAIL] = render_email(samples.press(), newest).html.encode()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(color_scheme=request.param, timezone_id="Asia/Tokyo")
    yield context.new_page()
    context.close()


def visit(page: Page, site: Path, name: str) -> list[str]:
    """Open a page; the addresses of other hosts it asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / name).as_uri())
    return [url for url in asked if not url.startswith("file:")]


def violations(page: Page, *, without: tuple[str, ...] = ()) -> list[str]:
    page.evaluate(axe())
    options = {"rules": {name: {"enabled": False} for name in without}, "resultTypes": ["violations"]}
    found = page.evaluate(f"axe.run(document, {json.dumps(options)})")
    return [f"{each['id']}: {node['html'][:200]}" for each in found["violations"] for node in each["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_no_violation_at_any_width_and_nothing_sticks_out(page: Page, site: Path, name: str) -> None:
    assert visit(page, site, name) == []
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_mail_passes_but_for_the_landmarks_of_pages(page: Page, site: Path) -> None:
    assert visit(page, site, MAIL) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page, without=("region", "landmark-one-main")) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES[:4])
def test_what_is_touched_is_large_enough(page: Page, site: Path, name: str) -> None:
    page.set_viewport_size({"width": 375, "height": 900})
    visit(page, site, name)
    assert page.evaluate(_TARGETS.replace("LEAST", "43.5")) == []


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("name", PAGES[:4])
def test_no_link_at_all_is_lower_than_a_finger(page: Page, site: Path, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    visit(page, site, name)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert page.evaluate(_ALL_TARGETS) == []


def test_every_link_to_an_entry_says_to_which(page: Page, site: Path) -> None:
    visit(page, site, "issues/57/index.html")
    names = page.locator(".facts a").all_text_contents()
    assert names
    assert len(set(names)) == len(names)


def test_a_known_hour_is_told_in_the_readers_time_too(page: Page, site: Path) -> None:
    visit(page, site, "issues/57/index.html")
    assert page.locator(".here").all_text_contents() == [" (Thursday 22 April, 01:30 where you are)"]


def test_dark_pages_are_dark(page: Page, site: Path) -> None:
    visit(page, site, "issues/57/index.html")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert ground == ("rgb(19, 21, 23)" if is_dark else "rgb(251, 251, 249)")


def test_paper_shows_addresses_and_no_navigation(page: Page, site: Path) -> None:
    visit(page, site, "issues/57/index.html")
    page.emulate_media(media="print")
    assert not page.locator(".bar nav").is_visible()
    shown = page.evaluate("getComputedStyle(document.querySelector('.entry h3 a'), '::after').content")
    assert "lantern.example" in shown or "attr(href)" in shown
