"""Deliveries in Chromium: a real sending to a faulty mail server is watched, paused, gone on with and stopped."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.approval import approve
from newsletter.pipeline.sending import send_due
from tests.mailed import add_readers, copies, needs_sink, sink
from tests.render.test_pages import violations
from tests.web.desk import Desk, running_desk
from tests.web.issues import FEEDS as DRAFTED
from tests.web.issues import drafted_desk
from tests.web.live import live, sign_in
from tests.web.mailings import add_mailed, add_readers_to, add_run, give_right, states_of
from tests.web.readers import FEEDS

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]
READERS = 240
PATIENCE_MS = 20_000
SEEN = (
    "/desk/deliveries",
    "/desk/deliveries?ask=take-over",
    "/desk/deliveries/57?ask=stop",
    "/desk/deliveries/51?reader=r3@d3.example",
    "/desk/deliveries/54?ask=hour",
)


@contextmanager
def sending(desk: Desk) -> Iterator[None]:
    """As “newsletter run” does: what is due is sent, in another thread, while the block runs; the clock goes on."""
    over = threading.Event()

    def rest(seconds: float) -> None:
        over.wait(seconds)
        desk.clock.move(seconds=seconds)

    def run() -> None:
        while not over.is_set():
            with open_newsletter(desk.app.home, environ=desk.app.environ, now=desk.clock) as app:
                send_due(app, is_over=over.is_set, rest=rest)
            rest(0.2)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(20)


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with sink("rcpt-550@^r3@", "rcpt-451@^r4@", "accept-reset@^r5@") as found:
        yield found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, server: Any) -> Iterator[Desk]:
    mail = f"delivery:\n  server: 127.0.0.1\n  port: {server.port}\n  at most per minute: 1200\n"
    with drafted_desk(tmp_path_factory.mktemp("sent") / "home", feeds=DRAFTED + mail) as (found, _):
        found.signed_in("Ines")
        add_readers(found.app.database, [f"r{at}@d{at % 3}.example" for at in range(READERS)])
        with ThreadPoolExecutor(1) as thread:
            thread.submit(approve, found.app, 1, editor="Ines").result()
        yield found


@pytest.fixture
def page(browser: Browser, desk: Desk) -> Iterator[Page]:
    with live(desk.web, is_open=True) as base:
        context = browser.new_context(base_url=base)
        sign_in(context, desk.app, base, "Ines")
        made = context.new_page()
        made.set_default_timeout(PATIENCE_MS)
        yield made
        context.close()


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@needs_sink
def test_a_sending_by_hand(page: Page, desk: Desk, server: Any) -> None:
    page.goto("/desk/keys")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/desk/deliveries")
    assert "It goes to 240 readers" in page.inner_text("#mail-1")
    desk.clock.move(hours=16)
    with sending(desk):
        until(lambda: len(server.mails) > 20)
        page.reload()
        page.evaluate("window.isStill = true")
        card = page.locator("#mail-1")
        before = int(card.locator(".count b").inner_text())
        assert "being sent" in card.inner_text()
        expect(card.locator(".count b")).not_to_have_text(str(before), timeout=PATIENCE_MS)
        assert page.evaluate("window.isStill"), "the figures came without the page being loaded again"
        assert "a minute" in card.locator(".count").inner_text()
        card.get_by_role("button", name="Pause").click()
        assert "Ines paused it." in page.inner_text("#mail-1")
        time.sleep(0.5)
        taken = len(server.mails)
        assert taken < READERS
        time.sleep(0.5)
        assert len(server.mails) == taken
        page.get_by_role("button", name="Go on for").click()
        until(lambda: len(server.mails) > taken + 10)
        page.get_by_role("link", name="Stop for the").click()
        question = page.locator("#ask")
        assert "readers will not get issue 1. Mails that left already" in question.inner_text()
        question.get_by_role("button", name="Stop it for").click()
        assert "Ines stopped it." in page.inner_text("#mail-1")
        time.sleep(0.5)
        taken = len(server.mails)
        assert taken < READERS - 3
        assert states_of(desk, 1) == ("stopped", "stopped")
        page.get_by_role("link", name="Send it to the").click()
        page.get_by_role("button", name="Send it to").click()
        until(lambda: len(server.mails) >= READERS - 2)
        time.sleep(0.5)
    assert set(copies(server).values()) == {1}


@needs_sink
def test_what_came_of_it(page: Page, desk: Desk, server: Any) -> None:
    page.goto("/desk/deliveries/1")
    said = page.inner_text("main")
    for words in ("550 5.1.1 no such user", "no such address", "The server may have taken this one", "1 waits until"):
        assert words in said, words
    assert "r5@" not in said
    page.get_by_role("link", name="Show addresses").click()
    assert "r5@d2.example" in page.inner_text("#uncertain")
    page.get_by_label("Mail address").fill("r3@d0.example")
    page.get_by_role("button", name="Look").click()
    assert "5.1.1 no such user" in page.inner_text("#trail")
    page.get_by_role("button", name="Leave it").click()
    assert "Ines left 1 uncertain mail as it is." in page.inner_text("#happened")
    assert page.locator("#uncertain").count() == 0


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    """Mailings in every state."""
    feeds = f"{FEEDS}delivery:\n  server: mail.example.org\n"
    with running_desk(tmp_path_factory.mktemp("many") / "home", feeds) as found:
        found.signed_in("Ines")
        fill(found)
        with live(found.web, is_open=True) as base:
            yield found, base


def fill(desk: Desk) -> None:
    now, hour = desk.clock.now, timedelta(hours=1)
    times = {"started_at": now - 24 * hour, "finished_at": now - 23 * hour}
    add_readers_to(desk, 120, domains=30)
    add_mailed(desk, 50, "done", {"accepted": 110, "failed": 3, "suppressed": 7}, **times)
    add_mailed(desk, 51, "done", {"accepted": 100, "suppressed": 16, "unknown": 4}, **times)
    add_mailed(desk, 51, "done", {"accepted": 120}, kind="erratum-1", **times)
    add_mailed(desk, 52, "stopped", {"accepted": 80}, started_at=now, said_by="Ines")
    reason = f"mail.example.org:587 refuses the user or the password (535 5.7.8 {'no' * 60})"
    add_mailed(desk, 53, "paused", {}, started_at=now, said_by="the program", reason=reason)
    add_mailed(desk, 54, "asking", {}, send_at=now - 7 * hour)
    mailing = add_mailed(desk, 57, "sending", {"accepted": 70, "deferred": 10, "failed": 2}, started_at=now - hour)
    add_run(desk, mailing.id, began_at=now - hour, ended_at=now - hour / 2, seen_at=now - hour / 2, outcome="crashed")
    add_run(desk, mailing.id, began_at=now - hour / 60, began_count=33)
    add_mailed(desk, 58, "scheduled", {}, send_at=now + 12 * hour)
    give_right(desk, "alpha", seen=now - timedelta(seconds=20))


@pytest.fixture(params=["light", "dark"])
def context(request: pytest.FixtureRequest, browser: Browser, many: tuple[Desk, str]) -> Iterator[BrowserContext]:
    desk, base = many
    made = browser.new_context(color_scheme=request.param, base_url=base)
    sign_in(made, desk.app, base, "Ines")
    yield made
    made.close()


@pytest.mark.parametrize("path", SEEN)
def test_everybody_can_use_every_state(context: BrowserContext, path: str) -> None:
    page = context.new_page()
    found = page.goto(path)
    assert found
    assert found.status == 200
    assert len(found.body()) < 20_000
    for width in (320, 375, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_script_it_is_paused_and_stopped(browser: Browser, many: tuple[Desk, str]) -> None:
    desk, base = many
    context = browser.new_context(base_url=base, java_script_enabled=False)
    sign_in(context, desk.app, base, "Ines")
    page = context.new_page()
    page.goto("/desk/deliveries")
    page.locator("#mail-57").get_by_role("button", name="Pause").click()
    assert "Ines paused it." in page.inner_text("#mail-57")
    page.locator("#mail-57").get_by_role("link", name="Stop for the 48 not yet sent").click()
    page.get_by_role("button", name="Stop it for 48 readers").click()
    assert states_of(desk, 57)[0] == "stopped"
    context.close()


def test_what_is_done_by_somebody_else_shows_by_itself(browser: Browser, many: tuple[Desk, str]) -> None:
    desk, base = many
    context = browser.new_context(base_url=base)
    sign_in(context, desk.app, base, "Ines")
    page = context.new_page()
    page.add_init_script("const wait = setTimeout; window.setTimeout = (act, ms) => wait(act, Math.min(ms, 300))")
    mailing = add_mailed(desk, 59, "sending", {"accepted": 10}, started_at=desk.clock.now)
    add_run(desk, mailing.id, began_at=desk.clock.now - timedelta(minutes=1))
    page.goto("/desk/deliveries")
    page.locator("#mail-59").get_by_role("button", name="Pause").focus()
    other = desk.signed_in("Bo")
    other.post("/desk/deliveries/59", do="pause", mail="issue")
    page.get_by_text("Bo paused it.").wait_for()
    assert page.evaluate("document.activeElement.id") == "mail-59-h"
    page.locator("[role=status]", has_text="Issue 59: paused").wait_for(state="attached")
    page.goto("/desk/deliveries/59?ask=stop")
    other.post("/desk/deliveries/59", do="send now", mail="issue")
    time.sleep(1)
    assert page.locator("#ask").is_visible(), "a question stays"
    context.close()
