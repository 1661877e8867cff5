"""Cards and lists in Chromium: axe-core in light and dark, no scrolling sideways, hostile texts that stay texts."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from newsletter.model.issue import Statistic
from newsletter.pipeline.review import act
from newsletter.store import issues
from tests.render.test_pages import violations
from tests.web.desk import Desk
from tests.web.drafted_cards import GAUGE, ITEMS, cards, drafted_desk, item_of, save
from tests.web.live import live, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]

EVIL = '"><img src=x onerror="window.hit=1"><svg onload=\'window.hit=1\'></textarea><script>window.hit=1</script>'
TITLES = ("Our gauge", "The sunny bridge opens", "Contributor sprint in Tallinn", "Evil")
LISTS = ("dropped", "snoozed", "below", "history", "figures")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    evil = item_of("planet", "evil", f"Evil {EVIL}", text=f"{EVIL} in a long text about nothing at all.")
    with drafted_desk(tmp_path_factory.mktemp("cards") / "home", *ITEMS, evil) as found:
        found.signed_in("Ines")
        names = {title: card.entry.id for title, card in cards(found.app).items()}
        act(found.app, 1, [("title", names["A new gauge"], "Our gauge")], editor="Ben")
        act(found.app, 1, [("remark", names["A new gauge"], {"text": EVIL})], editor="Ben")
        act(found.app, 1, [("drop", names["Nightly build failed"], EVIL)], editor="Ben")
        save(found, replace(GAUGE, title="A newer gauge", text="It was taken down again by those who built it."))
        with found.app.database.transaction() as db:
            drafted = issues.issue(db, 1).issue
            figure = Statistic("mails", 900, 63, 900, past=(31, 40, 63), note=EVIL, held_because="14 times last week")
            issues.save_draft(db, replace(drafted, statistics=(figure,)), now=found.app.now())
        yield found


@pytest.fixture(scope="module")
def base(desk: Desk) -> Iterator[str]:
    with live(desk.web, is_open=True) as found:
        yield found


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, desk: Desk, base: str) -> Iterator[Page]:
    context = browser.new_context(color_scheme=request.param, base_url=base, bypass_csp=True)
    sign_in(context, desk.app, base, "Ines")
    yield context.new_page()
    context.close()


def addresses(desk: Desk) -> list[str]:
    found = [card.entry.id for title, card in cards(desk.app).items() if title.startswith(TITLES)]
    assert len(found) == len(TITLES)
    return [*(f"/desk/issues/1/items/{name}" for name in found), *(f"/desk/issues/1/{name}" for name in LISTS)]


def test_everybody_can_use_cards_and_lists(page: Page, desk: Desk) -> None:
    """The policy of the pages is off here: what is hostile must be harmless by itself."""
    for address in addresses(desk):
        answer = page.goto(address)
        assert answer
        assert answer.status == 200
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert violations(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.evaluate("window.hit") is None, address
        assert page.locator("main img, main [onload], main [onerror]").count() == 0
