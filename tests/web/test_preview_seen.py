"""The preview in Chromium: the frame runs nothing, dark is dark, a title leads to its card, everybody can use it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from newsletter.pipeline.review import open_desk
from tests.render.test_pages import violations
from tests.web.desk import Desk
from tests.web.issues import drafted_desk
from tests.web.live import live, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]

PREVIEW = "/desk/issues/1/preview"
HOSTILE = """{% extends "builtin/email/issue.html" %}
{% block note %}<tr><td><script>new Image().src = "/healthz?ran=script"; top.location = "/healthz?ran=top"</script>
<img src="data:," onerror="location = '/healthz?ran=handler'"><svg onload="fetch('/healthz?ran=svg')"></svg>
<iframe srcdoc="<script>fetch('/healthz?ran=inner')</script>"></iframe><img src="https://elsewhere.example/ran.png">
<form action="/healthz?ran=form"><input autofocus onfocus="fetch('/healthz?ran=focus')"></form>
<a id="bad" href="javascript:fetch('/healthz?ran=link')">bad</a>
<meta http-equiv="refresh" content="0;url=javascript:fetch('/healthz?ran=refresh')"></td></tr>{% endblock %}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with drafted_desk(tmp_path_factory.mktemp("seen") / "home") as (found, _):
        found.signed_in("Ines")
        yield found


@pytest.fixture(scope="module")
def base(desk: Desk) -> Iterator[str]:
    with live(desk.web, is_open=True) as found:
        yield found


@pytest.fixture(params=["light", "dark"])
def context(request: pytest.FixtureRequest, browser: Browser, desk: Desk, base: str) -> Iterator[BrowserContext]:
    made = browser.new_context(color_scheme=request.param, base_url=base)
    sign_in(made, desk.app, base, "Ines")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def ground(page: Page, view: str) -> str:
    page.goto(f"{PREVIEW}?view={view}")
    found = page.frame_locator(f".{view} iframe").locator(".page").first
    return str(found.evaluate("each => getComputedStyle(each).backgroundColor"))


def test_each_view_has_its_own_ground_whatever_the_system_has(page: Page) -> None:
    assert ground(page, "desktop") == "rgb(251, 251, 249)"
    assert ground(page, "dark") == "rgb(19, 21, 23)"


def test_a_title_in_the_frame_leads_to_its_card(page: Page, desk: Desk) -> None:
    entry = open_desk(desk.app, 1).issue.entries[0]
    page.goto(f"{PREVIEW}?view=phone")
    page.frame_locator(".phone iframe").get_by_role("link", name=entry.title).click()
    page.wait_for_url(f"**/desk/issues/1/items/{entry.id}")
    assert page.get_by_text("Ines, manager").is_visible()


def test_keys_lead_through_the_views(page: Page) -> None:
    page.goto(PREVIEW)
    page.keyboard.press("4")
    page.wait_for_url("**view=text")
    assert page.locator("pre").is_visible()
    page.keyboard.press("5")
    page.wait_for_url("**view=reading")
    page.keyboard.press("b")
    page.wait_for_url("**/desk/issues/1/")


@pytest.mark.parametrize("view", ["", "?view=text", "?view=reading", "?as=highlights"])
def test_everybody_can_use_the_page(page: Page, view: str) -> None:
    page.goto(f"{PREVIEW}{view}")
    page.locator(".look").wait_for()
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for width in (320, 375, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_frame_runs_nothing(page: Page, desk: Desk) -> None:
    own = desk.app.home / "templates" / "email"
    own.mkdir(parents=True, exist_ok=True)
    (own / "issue.html").write_text(HOSTILE, encoding="utf-8")
    feeds = desk.app.home / "feeds.yaml"
    feeds.write_text(feeds.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    asked: list[str] = []
    refused: dict[str, str | None] = {}
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: refused.update({request.url: request.failure}))
    page.goto(f"{PREVIEW}?view=desktop")
    page.frame_locator(".desktop iframe").locator("#bad").click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert page.url.endswith("view=desktop")
    page.goto(f"{PREVIEW}/mail")
    page.wait_for_timeout(300)
    assert [url for url in asked if "ran=" in url] == []
    assert refused.get("https://elsewhere.example/ran.png") == "csp"
