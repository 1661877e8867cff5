import json
from dataclasses import replace
from datetime import date, timedelta

import feedparser
import pytest
from lxml import etree

from newsletter.model.issue import Issue
from newsletter.render.feed import ISSUES_IN_FEED, issue_feeds, section_atom
from newsletter.render.press import Press
from tests.render import samples

ATOM = "{http://www.w3.org/2005/Atom}"


def issues_atom(press: Press, told: list[Issue]) -> bytes:
    return issue_feeds(press, told)[0]


def issues_json(press: Press, told: list[Issue]) -> bytes:
    return issue_feeds(press, told)[1]


def issues(count: int) -> list[Issue]:
    newest = samples.issue()
    return [
        replace(newest, number=57 - age, publish_on=newest.publish_on - timedelta(weeks=age)) for age in range(count)
    ]


def check_atom(content: bytes) -> etree._Element:
    """What RFC 4287, section 4.1 asks of every feed and entry."""
    root = etree.fromstring(content)
    for node in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(node.findall(ATOM + name)) == 1, name
        assert node.findtext(f"{ATOM}id").startswith("urn:uuid:")
    ids = [each.findtext(f"{ATOM}id") for each in root.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    assert len(root.findall(f"{ATOM}link[@rel='self']")) <= 1
    return root


def test_the_feed_of_issues_is_read_by_others() -> None:
    content = issues_atom(samples.press(), issues(3))
    check_atom(content)
    found = feedparser.parse(content)
    assert not found.bozo
    assert [each.title[:3] for each in found.entries] == ["57:", "56:", "55:"]
    first = found.entries[0]
    assert first.link == "https://letter.lantern.example/issues/57/"
    assert first.updated == "2027-04-16T08:00:00Z"
    assert "Barcode drivers leave the core" in first.content[0].value
    assert "€80 until 30 April" in first.content[0].value
    assert "3,466" in first.content[0].value
    assert found.feed.title == "Lantern Letter"


def test_ids_stay_when_the_site_moves() -> None:
    here = check_atom(issues_atom(samples.press(), issues(2)))
    there = check_atom(issues_atom(samples.press(site="https://elsewhere.example"), issues(2)))
    assert [each.text for each in here.iter(f"{ATOM}id")] == [each.text for each in there.iter(f"{ATOM}id")]


def test_only_the_newest_issues_stand_in_it() -> None:
    root = check_atom(issues_atom(samples.press(), issues(30)))
    assert len(root.findall(f"{ATOM}entry")) == ISSUES_IN_FEED


@pytest.mark.parametrize("site", [None, "https://letter.lantern.example"])
def test_json_feed(site: str | None) -> None:
    found = json.loads(issues_json(samples.press(site=site), issues(2)))
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert ("feed_url" in found) == bool(site)
    assert found["authors"] == [{"name": "Lantern Letter"}]
    for item in found["items"]:
        assert item["id"].startswith("urn:uuid:")
        assert item["content_html"]
        assert item["date_published"].endswith("Z")
        assert ("url" in item) == bool(site)


def test_the_feed_of_a_section_holds_its_entries_newest_first() -> None:
    content = section_atom(samples.press(), issues(2), "general")
    check_atom(content)
    found = feedparser.parse(content)
    assert found.feed.title == "Lantern Letter: General Community"
    assert [each.title for each in found.entries] == [each.title for each in samples.GENERAL] * 2
    assert found.entries[0].updated > found.entries[-1].updated
    assert found.entries[0].link == "https://lantern.example/school"
    assert "https://lists.lantern.example/school" in found.entries[0].content[0].value


def test_dates_that_are_over_leave_the_feed_of_their_section() -> None:
    entries = feedparser.parse(section_atom(samples.press(), [samples.issue()], "events")).entries
    later = replace(samples.small_issue(), number=99, publish_on=date(2027, 4, 22))
    left = feedparser.parse(section_atom(samples.press(), [samples.issue(), later], "events")).entries
    assert {each.title for each in entries} - {each.title for each in left} == {"Open evening in Northholm"}


def test_figures_are_one_entry_an_issue() -> None:
    found = feedparser.parse(section_atom(samples.press(), issues(2), "statistics"))
    assert [each.title for each in found.entries] == ["Community Statistics, 9 – 15 April"] * 2
    assert found.entries[0].link == "https://letter.lantern.example/issues/57/#statistics"
    assert "Contributors" in found.entries[0].content[0].value


def test_a_feed_without_issues_is_a_feed() -> None:
    root = check_atom(issues_atom(samples.press(), []))
    assert root.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"
    assert json.loads(issues_json(samples.press(), []))["items"] == []


def test_hostile_words_stay_words() -> None:
    issue = samples.hostile_issue()
    for content in (issues_atom(samples.press(), [issue]), section_atom(samples.press(), [issue], "highlights")):
        check_atom(content)
        found = feedparser.parse(content, sanitize_html=False)
        assert not found.bozo
        assert "<script" not in found.entries[0].content[0].value
    raw = replace(issue, title="bad \x00 \ufffe \ud800 signs")
    check_atom(issues_atom(samples.press(), [raw]))
    json.loads(issues_json(samples.press(), [raw]))
