"""Every page of the desk in Chromium: axe-core in light and dark, no scrolling sideways, all of it by Tab."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from newsletter.pipeline.editors import SET_PASSWORD, SIGN_IN, make_link
from newsletter.web.app import PAGES as MODULES
from tests.render.test_pages import violations
from tests.web.every_page import BOTH, MAILS, OTHERS, PAGES, PARTS, SIGNED_OUT, filled
from tests.web.everything import EDITOR, Everything, everything
from tests.web.live import live, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]

OPEN = "document.querySelectorAll('details').forEach(each => each.open = true)"
NARROW = {"width": 320, "height": 256}
"""What is left of a window of 1280 x 1024 at 400 % zoom."""
WALK = """() => {
  const seen = (each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest("iframe");
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter((each) => each.tabIndex >= 0 && !each.disabled && each.type !== "hidden" && seen(each))
    .filter((each) => each.type !== "radio" || each.checked
      || !document.querySelector(`[type=radio][name="${each.name}"]:checked`));
  window.walk = { all, met: [], bare: [] };
  document.addEventListener("focusin", (event) => {
    const each = event.target, style = getComputedStyle(each), name = each.outerHTML.slice(0, 120);
    if (window.walk.all.includes(each)) window.walk.met.push(window.walk.all.indexOf(each));
    const shows = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    if (!shows) window.walk.bare.push(name);
  });
  document.activeElement?.blur();
  all[0]?.focus();
  return all.length;
}"""
MISSED = """() => window.walk.all.filter((_, at) => !window.walk.met.includes(at))
  .map((each) => each.outerHTML.slice(0, 120))"""
_PATIENCE = 40
"""So often a page is opened again that is still being made; the server takes its time before it says so."""
EXAMPLES = [(route, at) for route, examples in PAGES.items() for at in range(len(examples))]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    with everything(tmp_path_factory.mktemp("every") / "home") as made:
        yield made


@pytest.fixture(scope="module")
def base(found: Everything) -> Iterator[str]:
    with live(found.desk.web, is_open=True) as address:
        yield address


@pytest.fixture(scope="module")
def inside(browser: Browser, found: Everything, base: str) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=base)
    sign_in(context, found.desk.app, base, EDITOR)
    yield context
    context.close()


@pytest.fixture(scope="module")
def outside(browser: Browser, base: str) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=base)
    yield context
    context.close()


def address(found: Everything, route: str, at: int) -> str:
    path = PAGES[route][at]
    purpose = {"{enter}": SIGN_IN, "{password}": SET_PASSWORD}.get(path.rpartition("/")[2])
    token = make_link(found.desk.app, EDITOR, purpose=purpose) if purpose else "x"
    return filled(path, found, enter=token, password=token)


def test_no_page_is_forgotten() -> None:
    """A new route that answers GET has its examples in every_page.py, or a place among what is no page."""
    routes = {route.path for module in MODULES for route in module.ROUTES if "GET" in (route.methods or ())}
    assert routes == {*PAGES, *OTHERS, *PARTS}


def test_what_is_no_page_is_none(found: Everything) -> None:
    ines = found.desk.signed_in_again(EDITOR)
    ines.get(filled(PAGES["/desk/subscribers/import/{id}"][0], found))
    for bringing in found.desk.web.state.bringer.threads:
        bringing.join()
    for path in (filled(each, found) for each in OTHERS.values()):
        answer = ines.get(path)
        is_page = answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
        assert not is_page, path
        assert answer.status_code < 400, path


@pytest.mark.parametrize(("route", "at"), EXAMPLES)
def test_everybody_can_use_it(
    inside: BrowserContext, outside: BrowserContext, found: Everything, route: str, at: int
) -> None:
    for context in (outside,) if route in SIGNED_OUT else (inside, outside) if route in BOTH else (inside,):
        page = context.new_page()
        try:
            _look(page, address(found, route, at), is_mail=route in MAILS)
        finally:
            page.close()


def _look(page: Page, path: str, *, is_mail: bool) -> None:
    without = ("region", "landmark-one-main") if is_mail else ()
    if is_mail:
        # Nothing can run in a mail where it is served, axe-core neither.
        page.set_content(page.request.get(path).text())
    else:
        _stands_still(page, path)
    page.evaluate(OPEN)
    for scheme, size in (("light", {"width": 1280, "height": 900}), ("dark", NARROW)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert violations(page, without=without) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.set_viewport_size({"width": 1280, "height": 900})
    count = page.evaluate(WALK)
    for _ in range(count + 12):
        page.keyboard.press("Tab")
    # The mails in frames have links of their own on the way.
    for _ in range(400 * page.locator("iframe").count()):
        if not page.evaluate(MISSED):
            break
        page.keyboard.press("Tab")
    walk = page.evaluate("({ met: window.walk.met, bare: window.walk.bare })")
    assert page.evaluate(MISSED) == []
    first = list(dict.fromkeys(walk["met"]))
    assert first == sorted(first), "the focus goes another way than the page is read"
    assert walk["bare"] == [], "the focus cannot be seen"


def _stands_still(page: Page, path: str) -> None:
    """Open ``path``, again while the page says that it will be opened anew: what is made for it is not there yet."""
    for _ in range(_PATIENCE):
        answer = page.goto(path)
        assert answer
        assert answer.status < 500
        if "refresh" not in answer.headers:
            return
    pytest.fail(f"{path} is still being made")


def test_the_walk_sees_a_focus_without_outline(outside: BrowserContext) -> None:
    page = outside.new_page()
    page.set_content("<style>b, #bare:focus { outline: none }</style><a href='#'>a</a><a id=bare href='#'>b</a>")
    page.evaluate(WALK)
    page.keyboard.press("Tab")
    assert page.evaluate("window.walk.bare.length") == 1
    page.close()


def test_axe_sees_what_is_wrong(outside: BrowserContext) -> None:
    page = outside.new_page()
    page.goto(Path("/").as_posix())
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x><input>')")
    assert any(each.startswith(("image-alt", "label")) for each in violations(page))
    page.close()
