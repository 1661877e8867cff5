"""Recorded attacks in every text of a desk: nothing runs on any page, with the policy on and off."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.corpus import needs_corpus
from tests.web.attacks import Watch, payloads, sample
from tests.web.hostile_pages import look_at_all

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser"), needs_corpus]

COUNT = 300
BAD = (
    ("<script>alert(1)</script>", "RAN alert"),
    ("<img src=x onerror=confirm(2)>", "RAN confirm"),
    ("<p onclick=alert(3)>touch</p>", "handler"),
    ('<a href="java\tscript:alert(4)">link</a>', "address"),
    ("<iframe srcdoc='<script>parent.alert(5)</script>'></iframe>", "address"),
    ("<object data='x'></object>", "element"),
    ("<base href='https://elsewhere.example/'>", "base"),
    ("<form action='https://elsewhere.example/'></form>", "form"),
    ("<script>fetch('https://elsewhere.example/')</script>", "request fetch"),
    ("<meta http-equiv=refresh content='9;url=https://elsewhere.example/'>", "refresh"),
)


@pytest.mark.parametrize(("html", "seen"), BAD)
def test_the_one_who_watches_would_see_it(browser: Browser, html: str, seen: str) -> None:
    context = browser.new_context()
    watch = Watch(context)
    base = "http://127.0.0.1:1"
    page = f"<!doctype html><title>Bad</title>{html}"
    watch.page.route(f"{base}/**", lambda route: route.fulfill(body=page, content_type="text/html"))
    watch.look(base, "/")
    watch.page.wait_for_timeout(100)
    context.close()
    assert [each for each in watch.ran if seen in each], watch.ran


@pytest.mark.timeout(240)
@pytest.mark.parametrize("is_policy_off", [False, True])
def test_nothing_runs_on_any_page(browser: Browser, tmp_path: Path, is_policy_off: bool) -> None:
    chosen = sample(payloads(), COUNT)
    ran, looked = look_at_all(browser, tmp_path / "home", chosen, is_policy_off=is_policy_off)
    assert ran == []
    assert looked > 90
