"""feeds.yaml in Chromium: typed with a check beside it, a conflict of two browsers, a trial, the learning bar."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from newsletter.pipeline.feeds_file import read_feeds
from newsletter.pipeline.review import act, open_desk
from tests.render.test_pages import violations
from tests.web.everything import EDITOR, Everything, everything
from tests.web.live import live, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]
PAGE = "/desk/sources/file"
PATIENCE_MS = 20_000
DROPS = "  - {name: No choirs, match: {title: choir}, drop: yes}\n"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    with everything(tmp_path_factory.mktemp("file") / "home") as made:
        made.desk.signed_in("Ben Kim", role="editor")
        yield made


@pytest.fixture(scope="module")
def base(found: Everything) -> Iterator[str]:
    with live(found.desk.web, is_open=True) as address:
        yield address


@pytest.fixture
def contexts(browser: Browser, found: Everything, base: str) -> Iterator[tuple[BrowserContext, BrowserContext]]:
    """The browsers of two editors; the file is as it was afterwards."""
    path, made = found.desk.app.home / "feeds.yaml", []
    before = path.read_bytes()
    for name in (EDITOR, "Ben Kim"):
        context = browser.new_context(base_url=base)
        context.set_default_timeout(PATIENCE_MS)
        sign_in(context, found.desk.app, base, name)
        made.append(context)
    yield made[0], made[1]
    for context in made:
        context.close()
    path.write_bytes(before)


@pytest.fixture
def page(contexts: tuple[BrowserContext, BrowserContext]) -> Page:
    return contexts[0].new_page()


def check_usable(page: Page) -> None:
    """Nothing that axe finds, nothing to scroll sideways, in light and dark, wide and narrow."""
    for scheme, width in (("light", 1280), ("dark", 375), ("light", 320)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 800})
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 800})


def text_of(found: Everything) -> str:
    return read_feeds(found.desk.app.home).text


def test_a_mistake_is_told_while_typing_and_save_is_off_until_it_is_mended(page: Page, found: Everything) -> None:
    before = text_of(found)
    page.goto(PAGE)
    check_usable(page)
    page.get_by_role("link", name="Change the file").click()
    box, save = page.locator("#text"), page.get_by_role("button", name="Save")
    assert box.input_value() == before
    box.fill(before.replace("drop: yes", "drop: maybe"))
    line = next(at for at, each in enumerate(before.splitlines(), 1) if "drop: yes" in each)
    expect(page.locator("#problems")).to_contain_text(f"Line {line}")
    expect(save).to_be_disabled()
    expect(page.locator(".gutter b")).to_have_text(f"! {line}")
    check_usable(page)
    page.locator("#problems a").first.click()
    chosen = "el => el.value.slice(el.selectionStart, el.selectionEnd)"
    assert "drop: maybe" in box.evaluate(chosen)
    box.fill(before + "# seen\n")
    expect(page.locator("#problems")).to_contain_text("No mistake")
    expect(save).to_be_enabled()
    page.get_by_label("What for?").fill("a look")
    save.click()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert text_of(found) == before + "# seen\n"
    page.goto(f"{PAGE}#L3")
    assert page.evaluate("document.querySelector(':target').textContent.includes('from: Test')")
    page.goto("/desk/sources/history")
    check_usable(page)
    page.get_by_role("link", name="Version 1").click()
    page.get_by_role("link", name="Go back to this").click()
    check_usable(page)
    page.get_by_role("button", name="Go back to version 1").click()
    page.wait_for_url("**/file?said=saved")
    assert text_of(found) == before


def test_on_a_phone_a_fault_is_told_on_top_and_leads_to_its_line(page: Page, found: Everything) -> None:
    page.set_viewport_size({"width": 375, "height": 720})
    page.goto(f"{PAGE}?edit=1")
    atop, box = page.locator("#atop"), page.locator("#text")
    expect(atop).to_be_hidden()
    before = text_of(found) + "".join(f"# note {number}\n" for number in range(200))
    line = next(at for at, each in enumerate(before.splitlines(), 1) if "drop: yes" in each)
    box.fill(before.replace("drop: yes", "drop: maybe"))
    expect(atop).to_have_text(f"! 1 to mend: line {line}")
    check_usable(page)
    page.set_viewport_size({"width": 375, "height": 720})
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(atop).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollHeight") < 2_500
    atop.get_by_role("link").click()
    assert "drop: maybe" in box.evaluate("el => el.value.slice(el.selectionStart, el.selectionEnd)")
    expect(box).to_be_in_viewport()
    box.fill(before)
    expect(atop).to_be_hidden()


def test_an_included_file_is_chosen_and_checked_while_it_is_typed(page: Page, found: Everything) -> None:
    home, more = found.desk.app.home, "sources:\n  - name: Lists\n    kind: feed\n    url: https://l.example/f.xml\n"
    (home / "lists.yaml").write_text(more)
    (home / "feeds.yaml").write_text("include: lists.yaml\n" + text_of(found))
    page.goto(PAGE)
    page.get_by_role("navigation", name="The files").get_by_role("link", name="lists.yaml").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("lists.yaml")
    check_usable(page)
    page.get_by_role("link", name="Change the file").click()
    box, save = page.locator("#text"), page.get_by_role("button", name="Save")
    box.fill(more + "    weight: much\n")
    expect(page.locator("#problems")).to_contain_text("Line 5")
    expect(save).to_be_disabled()
    box.fill(more + "    weight: 5\n")
    expect(save).to_be_enabled()
    save.click()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert (home / "lists.yaml").read_text() == more + "    weight: 5\n"
    page.goto("/desk/sources/lists")
    page.get_by_label("Weight").fill("6")
    page.locator("form.settings").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved in lists.yaml; it is in force.")).to_be_visible()
    assert (home / "lists.yaml").read_text() == more + "    weight: 6\n"


def test_two_browsers_change_it_and_both_changes_are_taken(
    contexts: tuple[BrowserContext, BrowserContext], found: Everything
) -> None:
    before = text_of(found)
    ines, ben = (context.new_page() for context in contexts)
    for page in (ines, ben):
        page.goto(f"{PAGE}?edit=1")
    ben.locator("#text").fill("# by Ben\n" + before)
    ben.get_by_role("button", name="Save").click()
    ben.wait_for_url("**/file?said=saved")
    ines.locator("#text").fill(before + "# by Ines\n")
    ines.get_by_role("button", name="Save").click()
    ask = ines.locator("#ask")
    expect(ask).to_contain_text("feeds.yaml was changed by Ben Kim since you opened it.")
    assert ines.locator("#text").input_value() == before + "# by Ines\n"
    check_usable(ines)
    heights = "found => [...new Set(found.map(each => Math.round(each.getBoundingClientRect().height)))].length"
    assert ask.locator(".btn button, .btn a").count() == 3
    assert ask.locator(".btn button, .btn a").evaluate_all(heights) == 1
    ask.get_by_role("button", name="Take both").click()
    ines.wait_for_url("**/file?said=saved")
    assert text_of(found) == "# by Ben\n" + before + "# by Ines\n"


def test_two_browsers_change_one_line_and_see_both(
    contexts: tuple[BrowserContext, BrowserContext], found: Everything
) -> None:
    before = text_of(found)
    ines, ben = (context.new_page() for context in contexts)
    for page, words in ((ines, "Hiring of Ines"), (ben, "Hiring of Ben")):
        page.goto(f"{PAGE}?edit=1")
        page.locator("#text").fill(before.replace('"No adverts"', f'"{words}"'))
    ben.get_by_role("button", name="Save").click()
    ben.wait_for_url("**/file?said=saved")
    ines.get_by_role("button", name="Save").click()
    clash = ines.locator(".clash")
    expect(clash).to_contain_text("Hiring of Ines")
    expect(clash).to_contain_text("Hiring of Ben")
    check_usable(ines)
    ines.get_by_role("button", name="Save mine in its place").click()
    ines.wait_for_url("**/file?said=saved")
    assert "Hiring of Ines" in text_of(found)


def test_a_rule_is_tried_and_put_in_force(page: Page, found: Everything) -> None:
    before = text_of(found)
    page.goto(f"{PAGE}?edit=1")
    page.locator("#text").fill(before + DROPS)
    page.get_by_role("button", name="Try on old issues").click()
    expect(page.get_by_role("heading", name="Issues", exact=True)).to_be_visible()
    page.locator("summary", has_text="Issue 1").evaluate("each => each.parentElement.open = true")
    row = page.locator("tr.missed", has_text="A choir looks for tenors").first
    expect(row).to_contain_text("published")
    expect(row).to_contain_text("goes out")
    check_usable(page)
    row.get_by_role("link", name="line").click()
    expect(page.locator("li:target")).to_contain_text("No choirs")
    assert text_of(found) == before
    page.go_back()
    page.get_by_role("button", name="Put in force").click()
    page.wait_for_url("**/file?said=saved")
    assert text_of(found) == before + DROPS


def test_the_bar_asks_and_yes_writes_the_rule(page: Page, found: Everything) -> None:
    app = found.desk.app
    many = [each.entry.id for each in open_desk(app, 2).cards() if "of many" in each.entry.title]
    act(app, 2, [("move", each, "events") for each in many], editor="Ben Kim")
    bar = page.locator("#learn")
    for _ in range(50):
        page.goto("/desk/issues/2/")
        if bar.count():
            break
        page.wait_for_timeout(50)
    expect(bar).to_contain_text("went to Events")
    bar.locator("summary").click()
    check_usable(page)
    page.keyboard.press("j")
    expect(bar).to_be_visible()
    bar.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("The rule stands in feeds.yaml now")).to_be_visible()
    assert "section: events" in text_of(found)
    assert bar.count() == 0
