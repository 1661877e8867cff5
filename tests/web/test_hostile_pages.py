"""Recorded attacks in every text of a desk: nothing runs on any page, with the policy on and off."""

from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Route

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


def test_an_answer_to_a_form_that_runs_would_be_seen(browser: Browser) -> None:
    context = browser.new_context()
    watch = Watch(context)
    base = "http://127.0.0.1:1"

    def answer(route: Route) -> None:
        typed = parse_qs(route.request.post_data or "").get("text", [""])[0]
        page = f"<!doctype html><title>Changed meanwhile</title><textarea>{typed}</textarea>"
        route.fulfill(status=409, body=page, content_type="text/html")

    watch.page.route(f"{base}/**", answer)
    watch.look(base, "/")
    typed = "</textarea><img src=x onerror=alert(7)>"
    assert watch.send(base, "/text", [("csrf", "x"), ("submit", "y"), ("text", typed)]) == 409
    watch.page.wait_for_timeout(100)
    context.close()
    assert [each for each in watch.ran if "RAN alert(7)" in each], watch.ran
    assert watch.unseen(["Changed meanwhile", "was never written"]) == ["was never written"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("is_policy_off", [False, True])
def test_nothing_runs_on_any_page(browser: Browser, tmp_path: Path, is_policy_off: bool) -> None:
    chosen = sample(payloads(), COUNT + 20)
    looked = look_at_all(browser, tmp_path / "home", chosen, is_policy_off=is_policy_off)
    assert looked.ran == []
    assert looked.pages > 200
    assert len(chosen) - len(looked.unseen) >= COUNT
