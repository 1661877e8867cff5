"""Sources in Chromium: added by their address on a phone without script, tuned by the form, looked at by axe."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.loopback import atom
from tests.render.test_pages import violations
from tests.web.live import live, sign_in
from tests.web.sources import ENTRIES, Sources, home_of_sources, read_them, write_items

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]
PATH = "/desk/sources"
BLOG = (
    "<!doctype html><html><head><title>A blog</title>"
    "<link rel='alternate' type='application/rss+xml' title='Posts' href='/notes.xml'>"
    "<link rel='alternate' type='application/rss+xml' title='Comments' href='/comments.xml'></head></html>"
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    with home_of_sources(tmp_path_factory.mktemp("sources") / "home") as running:
        write_items(running.desk.app)
        read_them(running.desk.app)
        running.web["/notes.xml"] = atom(*ENTRIES, title="Harbour notes")
        running.web["/blog"] = BLOG
        running.web.types["/blog"] = "text/html"
        running.desk.signed_in("Ines", role="editor")
        yield running


@pytest.fixture(scope="module")
def base(found: Sources) -> Iterator[str]:
    with live(found.desk.web, is_open=True) as address:
        yield address


@pytest.fixture
def desktop(browser: Browser, found: Sources, base: str) -> Iterator[Page]:
    context = browser.new_context(base_url=base)
    sign_in(context, found.desk.app, base, "Ines")
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser: Browser, found: Sources, base: str) -> Iterator[Page]:
    context = browser.new_context(
        base_url=base,
        viewport={"width": 320, "height": 640},
        color_scheme="dark",
        java_script_enabled=False,
        has_touch=True,
        is_mobile=True,
    )
    sign_in(context, found.desk.app, base, "Ines")
    yield context.new_page()
    context.close()


def look(page: Page, *, sizes: tuple[int, ...] = (1280, 375, 320)) -> None:
    """No violation in light and dark, and nothing to scroll sideways."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for scheme in ("light", "dark"):
        for width in sizes:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": 800})
            assert violations(page) == [], (page.url, scheme, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def test_a_source_is_added_on_a_phone_without_script(phone: Page, found: Sources) -> None:
    phone.goto(PATH)
    phone.get_by_label("Add: paste any address").fill(f"{found.web.base}/blog")
    phone.get_by_role("button", name="Look", exact=True).click()
    expect(phone.get_by_role("heading", name="names 2 feeds. Which one?")).to_be_visible(timeout=20_000)
    phone.get_by_role("button", name="Look at Posts").click()
    expect(phone.get_by_role("heading", name="Found: Harbour notes")).to_be_visible(timeout=20_000)
    assert phone.locator(".newest li").all_inner_texts()[0].split() == ["14", "October", "Post", "14"]
    width = phone.locator("html").bounding_box()
    assert width
    assert width["width"] <= 320
    phone.get_by_label("Section").select_option("Events")
    phone.get_by_role("button", name="Add", exact=True).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Harbour notes")
    expect(phone.get_by_role("status").last).to_contain_text("It is in feeds.yaml")
    assert "  - name: Harbour notes  # 2026-10-15, Ines\n    kind: feed\n" in found.text()
    phone.get_by_role("button", name="Test this source now").click()
    expect(phone.get_by_text("14 items, 7 a week.")).to_be_visible(timeout=20_000)
    phone.get_by_role("link", name="Remove …").click()
    phone.get_by_role("button", name="Remove Harbour notes").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Sources")
    assert "Harbour notes" not in found.text()


def test_the_form_and_the_lines_are_the_same_text(desktop: Page, found: Sources) -> None:
    page = desktop
    page.goto("/desk/keys")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url(f"**{PATH}")
    page.get_by_role("link", name="Vendor news").click()
    page.get_by_label("Weight").fill("-20")
    page.get_by_label("Section").select_option("events")
    found.file.write_text(found.file.read_text().replace("# ours, since 2019", "# ours, since 2018"))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Your changes and theirs do not touch.")
    look(page, sizes=(1280, 320))
    page.get_by_role("button", name="Take both").click()
    expect(page.get_by_text("Saved in feeds.yaml; it is in force.")).to_be_visible()
    lines = page.locator("pre code").first.inner_text()
    assert "weight: -20" in lines
    assert "section: events" in lines
    assert "since 2018" in found.text()
    assert page.get_by_label("Weight").input_value() == "-20"
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_label("Weight").fill("heavy")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("weight must be a whole number")
    assert page.get_by_label("Weight").input_value() == "heavy"
    look(page, sizes=(1280, 320))


@pytest.mark.parametrize(
    "path", ["", "?q=nothing", "/planet", "/gauge-reviews?ask=remove", "/old-blog", "/~try", "/vendor-news"]
)
def test_everybody_can_use_them(desktop: Page, path: str) -> None:
    desktop.goto(f"{PATH}{path}")
    look(desktop)


@pytest.mark.parametrize("address", ["/blog", "/notes.xml", "/planet.xml", "/nothing"])
def test_everybody_can_add(desktop: Page, found: Sources, address: str) -> None:
    desktop.goto(f"{PATH}/add")
    desktop.get_by_label("Add: paste any address").fill(f"{found.web.base}{address}")
    desktop.get_by_role("button", name="Look", exact=True).click()
    expect(desktop.locator("#choice-h, #found-h, #problem")).to_be_visible(timeout=20_000)
    look(desktop)


def test_everybody_can_read_that_the_file_is_broken(desktop: Page, found: Sources) -> None:
    text = found.file.read_text()
    found.file.write_text(text.replace("weight: 20", "weight: heavy"))
    try:
        desktop.goto(PATH)
        expect(desktop.get_by_text("feeds.yaml has 1 mistake since")).to_be_visible()
        look(desktop)
    finally:
        found.file.write_text(text)
