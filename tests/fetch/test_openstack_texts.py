"""The flattened texts of 2011: every fact that an item, its links or its warnings can hold."""

import json
import subprocess
import sys
from typing import Any

import pytest

from newsletter.model.item import Item
from newsletter.pipeline.preview import announced_events, preview_address
from newsletter.render.records import item_record
from tests.corpus import CORPUS, expected, needs_corpus

FOLDER = CORPUS / "openstack-2011"
TEXTS = expected("openstack-2011")
PAGES = sorted(name for name, found in TEXTS.items() if found["expect"]["kind"] == "web page")

pytestmark = needs_corpus


def read(name: str) -> tuple[Item, ...]:
    return preview_address(str(FOLDER / name), kind="web page").items


def expect(name: str) -> Any:
    return TEXTS[name]["expect"]


def page_of(name: str) -> Item:
    return read(name)[-1]


def test_which_texts_are_pages() -> None:
    assert len(PAGES) == 4


@pytest.mark.parametrize("name", PAGES)
def test_titles_and_dates_are_those_of_the_text_or_unknown(name: str) -> None:
    page, facts = page_of(name), expect(name)
    assert page.form == "page"
    if "title" in facts:
        assert (page.title or None) == facts["title"]
    if "published_at" in facts:
        assert page.published_at is facts["published_at"]


@pytest.mark.parametrize("name", PAGES)
def test_code_broken_out_of_a_sentence(name: str) -> None:
    page = page_of(name)
    codes = [text.partition(": ")[2] for text in page.warnings if text.startswith("code broken out of a sentence: ")]
    assert codes == expect(name).get("code_broken_out_of_sentence", [])
    assert all(f" {code} " in page.text for code in codes)


@pytest.mark.parametrize("name", PAGES)
def test_people_and_figures_stay_in_the_text(name: str) -> None:
    text, facts = page_of(name).text, expect(name)
    assert all(person in text for person in facts.get("people", ()))
    words = {3: "Three"}
    figures = facts.get("statistics", {}).values()
    assert all(f"{words.get(figure, figure)} " in text for figure in figures)
    assert all(facts[key] in text for key in ("period", "project", "version") if key in facts)


NEWS = next((name for name in PAGES if "newsletter" in expect(name)), "")


def by_title(title: str) -> Item:
    (found,) = [item for item in read(NEWS) if item.title.startswith(title)]
    return found


def test_the_newsletter_in_it() -> None:
    facts = expect(NEWS)["newsletter"]
    item = by_title(facts["title"])
    assert item.published_at is not None
    assert item.published_at.date().isoformat() == facts["date"]
    empty = [text.partition(": ")[2] for text in item.warnings if text.startswith("heading without content: ")]
    assert empty == facts["sections"]
    assert len(empty) == facts["sections_without_content"]


def test_the_digests_of_threads() -> None:
    for digest in expect(NEWS)["thread_digests"]:
        item = by_title(digest["title"])
        assert (item.title, item.url) == (digest["title"], digest["url"])
        assert item.thread is not None
        assert item.thread.reply_count >= digest["replies_at_least"]


def test_release_candidates() -> None:
    for candidate in expect(NEWS)["release_candidates"]:
        assert by_title(candidate["title"]).url == candidate["url"]


def test_copies_of_what_others_wrote() -> None:
    page = page_of(NEWS)
    for repost in expect(NEWS)["reposts"]:
        assert f"copy of {repost['of']} by {repost['author']}" in page.warnings
        assert repost["of"] in page.links


def test_lists_that_were_lost() -> None:
    page = page_of(NEWS)
    lost = [
        text.partition("“")[2].rstrip("”") for text in page.warnings if text.startswith("list announced and missing")
    ]
    assert lost == expect(NEWS)["lists_lost_after"]


def test_hidden_addresses_are_counted_and_never_printed() -> None:
    page = page_of(NEWS)
    assert f"address obfuscated ({expect(NEWS)['obfuscated_addresses']} times)" in page.warnings
    assert not any("protected]" in f"{item.text}{item.html}{item.title}" for item in read(NEWS))


def test_paragraphs_that_stood_twice_stand_once() -> None:
    page = page_of(NEWS)
    assert ("paragraph stood twice" in page.warnings) == expect(NEWS)["repeated_paragraphs"]
    lines = [line for line in page.text.split("\n") if len(line) > 50]
    assert len(lines) == len(set(lines))


def test_links_that_became_nothing_and_dates_in_words_are_told() -> None:
    page = page_of(NEWS)
    assert "link lost: “You can obtain XCP 1.0 here.”" in page.warnings
    assert "date in words only: “later this month, March 2011”" in page.warnings


@pytest.mark.slow
def test_an_unknown_title_is_null_outside() -> None:
    name = next(name for name in PAGES if "title" in expect(name) and expect(name)["title"] is None)
    command = [sys.executable, "-m", "newsletter", "preview", str(FOLDER / name), "--kind", "web page", "--json"]
    (line,) = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert json.loads(line)["title"] is None


def test_the_events_of_a_text_that_announces_several_are_previewed() -> None:
    """Every key of every event that is expected of it; what announces none has no such key."""
    wanted = expect(NEWS)["events"]
    records = [item_record(item, source_name="x", events=announced_events(item)) for item in read(NEWS)]
    assert [len(record.get("events", ())) for record in records] == [0] * (len(records) - 1) + [len(wanted)]
    by_title = {event["title"]: event for event in records[-1]["events"]}
    for want in wanted:
        found = by_title[want["title"]]
        found |= {"starts_on": found["starts_at"], "ends_on": found["ends_at"]}
        for key, value in want.items():
            if key in ("starts_at", "ends_at", "place"):  # to the minute; a place with the state behind it
                assert found[key].startswith(value), want
            else:
                assert found[key] == value, (want, key)
