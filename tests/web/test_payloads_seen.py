"""Recorded attacks in titles, texts, notes and searches: nothing runs on these pages, with the policy on and off."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from newsletter.pipeline.approval import approve
from newsletter.pipeline.review import act, open_desk
from tests.corpus import CORPUS, needs_corpus
from tests.web.desk import Desk
from tests.web.issues import drafted_desk
from tests.web.served import served, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser"), needs_corpus]

COUNT, EACH = 300, 30
PAGES = (
    "/desk/issues/1/preview",
    "/desk/issues/1/preview?view=dark&pictures=shown",
    "/desk/issues/1/preview?view=text",
    "/desk/issues/1/preview?view=reading",
    "/desk/issues/1/preview/mail?pictures=shown",
    "/desk/issues/1/approve",
    "/desk/issues/1/correct?entry=ENTRY",
    "/desk/archive?q=alert",
    "/desk/archive/1",
    "/archive/search?q=alert",
)


def payloads() -> list[str]:
    folder = CORPUS / "hostile" / "html"
    texts = [(folder / f"{name}.jsonl").read_text(encoding="utf-8") for name in ("xss", "event_handlers")]
    found = [json.loads(line)["input"] for text in texts for line in text.split("\n") if line]
    return found[:: max(1, len(found) // COUNT)][:COUNT]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    """A desk whose entries hold 300 payloads: each title one, each summary thirty."""
    feed = [(f"k{at}", f"Story {at}", f"2026-10-1{at % 4}T09:00:00Z", f"Text number {at} of many.") for at in range(10)]
    every = payloads()
    assert len(every) == COUNT
    with drafted_desk(tmp_path_factory.mktemp("attacked") / "home", *feed) as (desk, _):
        desk.signed_in("Ines")
        for at, entry in enumerate(open_desk(desk.app, 1).issue.entries):
            own = every[at * EACH : (at + 1) * EACH]
            texts = [("title", entry.id, own[0][:5_000]), ("summary", entry.id, "\n".join(own)[:20_000])]
            act(desk.app, 1, texts, editor="Ines")
        act(desk.app, 1, [("note", "issue", {"text": "\n\n".join(every[:40])[:15_000], "by": every[0]})], editor="Ines")
        act(desk.app, 1, [("title", "issue", every[1])], editor="Ines")
        approve(desk.app, 1, editor="Ines")
        desk.clock.move(days=2)
        yield desk, open_desk(desk.app, 1).issue.entries[0].id


@pytest.mark.parametrize("is_policy_off", [False, True])
def test_nothing_runs(browser: Browser, attacked: tuple[Desk, str], is_policy_off: bool) -> None:
    desk, entry = attacked
    ran: list[str] = []
    with served(desk) as base:
        context = browser.new_context(base_url=base, bypass_csp=is_policy_off)
        sign_in(context, desk, base, "Ines")
        page = context.new_page()
        page.on("dialog", lambda dialog: (ran.append(f"{page.url}: {dialog.message}"), dialog.dismiss()))
        page.evaluate("alert('what runs is seen')")
        assert len(ran) == 1
        ran.clear()
        reflected = [f"/archive/search?q={quote(each)}&person={quote(each)}" for each in payloads()[:20]]
        for path in (*PAGES, *reflected):
            page.goto(path.replace("ENTRY", entry))
            page.wait_for_timeout(100)
        page.close()
        context.close()
    assert ran == []
