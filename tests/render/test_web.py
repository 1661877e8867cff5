import posixpath
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from newsletter.model.issue import Issue
from newsletter.model.picture import Picture
from newsletter.render.environment import Templates
from newsletter.render.web import render_issue_page, render_site
from tests.render import samples


@cache
def site(**values: object) -> dict[str, bytes]:
    newest = samples.issue()
    older = replace(newest, number=56, publish_on=newest.publish_on - timedelta(weeks=20), title="Older")
    return render_site(samples.press(**values), [older, newest], samples.river(200))


def links(page: bytes) -> Iterator[str]:
    for node in HTMLParser(page).css("[href], [src]"):
        yield node.attributes.get("href") or node.attributes.get("src") or ""


def test_every_link_inside_the_site_leads_somewhere() -> None:
    files = site()
    pages = {name: content for name, content in files.items() if name.endswith(".html")}
    ids = {name: set(re.findall(r'\bid="([^"]+)"', content.decode())) for name, content in pages.items()}
    checked = 0
    for name, content in pages.items():
        for link in links(content):
            if link.startswith("https://"):
                continue
            path, anchor = urldefrag(link)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            assert target in files, f"{name}: {link}"
            assert not anchor or anchor in ids[target], f"{name}: {link}"
            checked += 1
    assert checked > 100


def test_ids_are_unique_on_each_page() -> None:
    for name, content in site().items():
        if name.endswith(".html"):
            ids = re.findall(r'\bid="([^"]+)"', content.decode())
            assert len(ids) == len(set(ids)), name


def test_the_site_has_the_promised_files() -> None:
    assert {
        "index.html",
        "issues/57/index.html",
        "issues/57/events.ics",
        "issues/57/e-evening.ics",
        "planet/index.html",
        "feed.xml",
        "feed.json",
        "calendar.ics",
        "sections/highlights/feed.xml",
        "sections/statistics/feed.xml",
        "style/tokens.css",
        "style/site.css",
        "style/zone.js",
    } <= set(site())


def test_the_page_of_an_issue_holds_everything() -> None:
    html = site()["issues/57/index.html"].decode()
    for entry in samples.issue().entries:
        assert entry.title in html
        assert entry.summary in html
    for words in (
        "The week of 9 – 15 April",
        "<strong>31 replies by 12 people</strong> since 9 April",
        "Do this soon",
        "Why here",
        "A vote with a last day (rule “votes”).",
        "€80 until 30 April",
        "Sign up by Thursday 20 May, in 34 days",
        'datetime="2027-04-21T16:30:00Z" data-zone',
        "3,466",
        "Ama Boateng, Thuy Dang and Iker Sola",
        "Quiet this week: Press, Docs.",
        "Made from 14 public sources.",
        "Issue 56, 27 November",
        'lang="ar" dir="rtl"',
        '<span class="tongue" lang="en" dir="ltr">(in Arabic)</span>',
    ):
        assert words in html, words
    assert html.count("Why here") == len(samples.issue().entries)


def test_bars_are_hidden_from_screen_readers() -> None:
    tree = HTMLParser(site()["issues/57/index.html"])
    assert len(tree.css("svg")) == len(tree.css("td[aria-hidden=true] svg")) == 4


def test_headings_step_down_one_at_a_time() -> None:
    for name, content in site().items():
        if name.endswith(".html"):
            levels = [int(level) for level in re.findall(r"<h([1-6])\b", content.decode())]
            assert levels[0] == 1
            assert all(after - before <= 1 for before, after in pairwise(levels)), name


def test_the_front_page_shows_the_latest_and_all_by_year() -> None:
    html = site()["index.html"].decode()
    assert "What happened in the community, every Friday, read in one minute." in html
    assert "2 since November 2026" in html
    assert html.index("<h3>2027</h3>") < html.index("<h3>2026</h3>")
    assert "issues/57/index.html#e-charter" in html


def test_a_page_that_stands_alone_needs_only_its_calendar_and_its_figures() -> None:
    page = render_issue_page(samples.press(), samples.issue())
    local = {link for link in links(page) if not link.startswith(("https://", "#"))}
    assert {link.partition("#")[0] for link in local} == {"events.ics", "figures.html"}
    assert b"--paper: #fbfbf9" in page
    assert b"<script" not in page


def test_without_a_site_a_lone_page_links_to_none() -> None:
    page = render_issue_page(samples.press(site=None), samples.issue())
    assert b"letter.lantern.example" not in page
    assert b"All issues" not in page


@pytest.mark.parametrize("issues", [[], [samples.small_issue()]])
def test_a_site_without_dates_offers_no_calendar(issues: list[Issue]) -> None:
    files = render_site(samples.press(), issues)
    for name, content in files.items():
        if name.endswith(".html"):
            assert b"calendar" not in content.lower(), name
    assert "calendar.ics" in files


def test_a_site_without_issues_says_so() -> None:
    html = render_site(samples.press(), [])["index.html"].decode()
    assert "The first issue appears here after it was made." in html
    assert "What happened in the community, every Friday." in html


def test_what_comes_from_outside_stays_text() -> None:
    content = render_issue_page(samples.press(), samples.hostile_issue())
    tree = HTMLParser(content)
    assert tree.css("script") == []
    assert b"javascript:" not in content
    assert b"&lt;script&gt;alert(1)" in content
    assert b"{{ 7 * 7 }}" in content
    assert not [node for node in tree.css("*") if any(name.startswith("on") for name in node.attributes)]


def test_the_accent_of_a_community_is_the_last_word_of_the_tokens() -> None:
    tokens = site(accent="#0b5d3b", accent_dark="#8fe0b8")["style/tokens.css"].decode()
    assert tokens.rstrip().splitlines()[-2:] == [
        ":root { --accent: #0b5d3b; }",
        "@media (prefers-color-scheme: dark) { :root { --accent: #8fe0b8; } }",
    ]
    assert "#0b5d3b" not in site()["style/tokens.css"].decode()


def test_the_same_input_gives_the_same_bytes() -> None:
    assert site() == site.__wrapped__()


def test_an_override_reaches_every_page(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "layout.html").write_text(
        '{% extends "builtin/web/layout.html" %}{% block footer %}<p>Ours.</p>{% endblock %}', encoding="utf-8"
    )
    press = replace(samples.press(), templates=Templates(tmp_path))
    for name, content in render_site(press, [samples.issue()]).items():
        if name.endswith(".html"):
            assert b"<p>Ours.</p>" in content, name


@pytest.mark.parametrize("text", ["{{ nothing }}", "{% if %}"])
def test_a_faulty_layout_falls_back_for_all_pages(tmp_path: Path, text: str) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "layout.html").write_text(text, encoding="utf-8")
    templates = Templates(tmp_path).forgiving()
    press = replace(samples.press(), templates=templates)
    assert render_site(press, [samples.issue()]) == render_site(samples.press(), [samples.issue()])
    assert len(templates.remarks or []) == 1
    assert "web/layout.html:1:" in (templates.remarks or [""])[0]


def test_pages_stay_light() -> None:
    issue = samples.large_issue(60)
    assert len(render_issue_page(samples.press(), issue)) < 150_000
    for name, content in render_site(samples.press(), [issue], samples.river(400)).items():
        if name.endswith(".html"):
            assert len(content) < 150_000, name


@pytest.mark.slow
def test_sixty_entries_are_rendered_in_time() -> None:
    press, issue = samples.press(), samples.large_issue(60)
    render_issue_page(press, issue)
    start = time.process_time()
    render_issue_page(press, issue)
    assert time.process_time() - start < 0.1


def pictured(url: str, alt: str = "A <tall> lamp") -> Issue:
    entry = samples.entry("video", "How to trim a wick", show_as="picture with link", picture=Picture(url, alt))
    return samples.issue(sections=(samples.section("general", (entry,)),))


def test_a_picture_elsewhere_is_a_link_with_its_words() -> None:
    page = render_issue_page(samples.press(), pictured("https://videos.example/lamp.jpg")).decode()
    assert '<a href="https://videos.example/lamp.jpg">Picture: A &lt;tall&gt; lamp</a>' in page
    assert "<img" not in page


def test_a_picture_of_the_newsletters_own_site_is_shown_with_its_words() -> None:
    page = render_issue_page(samples.press(), pictured("https://letter.lantern.example/lamp.jpg")).decode()
    (shown,) = HTMLParser(page).css("main img")
    assert shown.attributes == {
        "src": "https://letter.lantern.example/lamp.jpg",
        "alt": "A <tall> lamp",
        "loading": "lazy",
    }
    assert shown.parent is not None
    assert shown.parent.attributes["href"] == "https://lantern.example/video"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:image/png;base64,x", ""])
def test_what_is_no_address_is_no_picture(url: str) -> None:
    page = render_issue_page(samples.press(), pictured(url)).decode()
    assert "Picture:" not in page
    assert "<img" not in page


def test_search_and_tips_are_named_where_the_program_answers() -> None:
    alone = render_site(samples.press(), [samples.issue()])["index.html"].decode()
    served = render_site(samples.press(), [samples.issue()], is_served=True)
    assert "Send a tip" not in alone
    assert '<a href="tip">Send a tip</a>' in served["index.html"].decode()
    issue = next(page for name, page in served.items() if name.startswith("issues/") and name.endswith("index.html"))
    assert 'href="../../archive/search"' in issue.decode()
