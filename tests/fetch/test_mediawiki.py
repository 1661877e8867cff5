import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import NotReadable, Throttled
from newsletter.fetch.mediawiki import diff_address, find_api, page_address, read_changes
from newsletter.fetch.wiki import PageEdits
from tests.corpus import CORPUS, expected, needs_corpus

SKIPPED: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "kinds" / "skipped_wiki.toml").read_text(encoding="utf-8")
)
API = "https://wiki.lantern.example/w/api.php"


@needs_corpus
def test_every_recorded_document_gives_its_facts_or_is_skipped_with_a_reason() -> None:
    read = []
    for path, document in expected("mediawiki").items():
        if path in SKIPPED["documents"]:
            continue
        read.append(path)
        page = read_changes(json.loads((CORPUS / "mediawiki" / path).read_bytes()), "www.mediawiki.org")
        wanted = [each for each in document["expect"]["recent_changes"] if each["type"] not in SKIPPED["facts"]]
        assert [(each.page, each.at, each.revision or 0, each.person) for each in page.edits] == [
            (each["title"], datetime.fromisoformat(each["when_utc"]), each["revid"], each["user"] or "")
            for each in wanted
        ]
        assert bool(page.following) is document["expect"]["continue"]
        assert page.edits[0].before == 210234
    assert len(read) == 1


def test_changes_of_any_age_of_the_software() -> None:
    new = {
        "type": "new",
        "title": "Oils",
        "rcid": 5,
        "revid": 11,
        "old_revid": 0,
        "user": "Mira",
        "bot": False,
        "minor": True,
        "oldlen": 0,
        "newlen": 120,
        "timestamp": "2026-03-02T10:00:00Z",
        "comment": "/* Whales */ none",
    }
    old = {**new, "type": "edit", "rcid": 6, "bot": "", "old_revid": 10}
    del old["minor"]
    value = {
        "query": {"recentchanges": [new, old, {"type": "edit"}, {"type": "log", "title": "x"}]},
        "query-continue": {"recentchanges": {"rcstart": "2026-03-03T00:00:00Z"}},
    }
    page = read_changes(value, "h")
    first, second = page.edits
    assert (first.is_new, first.is_minor, first.is_robot, first.size, first.before) == (True, True, False, 120, None)
    assert first.comment == "Whales: none"
    assert (second.is_new, second.is_minor, second.is_robot, second.before) == (False, False, True, 10)
    assert page.following == {"rcstart": "2026-03-03T00:00:00Z"}
    assert [each.record.fields for each in page.odd] == [{"type": "edit"}]


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({"error": {"code": "maxlag", "info": "Waiting for a database server"}}, Throttled),
        ({"error": {"code": "ratelimited"}}, Throttled),
        ({"error": {"code": "readapidenied", "info": "You need read permission"}}, NotReadable),
        ({"query": {}}, NotReadable),
        ([], NotReadable),
    ],
)
def test_what_a_wiki_refuses(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_changes(value, "h")


@pytest.mark.parametrize("value", [None, True, -1, 10**400, 1.5, "x", [], {}, "\x00"])
def test_fields_of_the_wrong_sort_are_unknown(value: Any) -> None:
    names = ("user", "comment", "revid", "old_revid", "oldlen", "newlen", "rcid", "type", "ns")
    row = {"title": "P", "timestamp": "2026-03-02T10:00:00Z", **dict.fromkeys(names, value)}
    for each in (row, {**row, "title": value}, {**row, "timestamp": value}):
        for edit in read_changes({"query": {"recentchanges": [each]}}, "h").edits:
            assert edit.at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def test_addresses() -> None:
    edits = PageEdits("Oils & wicks/Old", "2026-03-02", revision=12, before=9)
    index = "https://wiki.lantern.example/w/index.php"
    assert page_address(API, edits.page) == f"{index}?title=Oils_%26_wicks/Old"
    assert diff_address(API, edits) == f"{index}?title=Oils_%26_wicks/Old&diff=12&oldid=9"
    assert diff_address(API, PageEdits("New", "2026-03-02", revision=12, is_new=True)) == ""


@pytest.mark.parametrize(
    ("head", "api"),
    [
        ('<link rel="EditURI" type="application/rsd+xml" href="//wiki.lantern.example/w/api.php?action=rsd">', API),
        ('<link href="/w/api.php?action=rsd" rel="EditURI">', API),
        ('<link rel="EditURI" href="https://elsewhere.example/w/api.php?action=rsd">', None),
        ('<link rel="EditURI" href="http://[">', None),
        ('<link rel="stylesheet" href="/w/api.php">', None),
    ],
)
def test_a_page_names_its_api(head: str, api: str | None) -> None:
    assert find_api(f"<html><head>{head}</head>".encode(), "https://wiki.lantern.example/wiki/Main_Page") == api
