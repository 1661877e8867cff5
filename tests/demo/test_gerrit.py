import json
from datetime import timedelta
from typing import Any

import pytest

from newsletter.demo.changes import all_changes
from newsletter.demo.clock import WEEK
from newsletter.demo.gerrit import PAGE_LIMIT, PREFIX, BadQuery, answer, search


def asked(**query: str) -> list[dict[str, Any]]:
    page = answer("/changes/", {name: [value] for name, value in query.items()})
    assert page is not None
    text = page.body.decode()
    assert page.status == 200
    assert text.startswith(PREFIX)
    found = json.loads(text.removeprefix(PREFIX))
    assert isinstance(found, list)
    return found


def test_pages_follow_each_other_until_no_more_is_announced() -> None:
    numbers: list[int] = []
    while True:
        page = asked(q="status:merged", S=str(len(numbers)))
        numbers += [record["_number"] for record in page]
        assert not any("_more_changes" in record for record in page[:-1])
        if "_more_changes" not in page[-1]:
            break
        assert len(page) == PAGE_LIMIT
    merged = [change.number for change in all_changes() if change.status == "MERGED"]
    assert numbers == merged
    assert len(merged) > 2 * PAGE_LIMIT


def test_a_smaller_page_can_be_asked_for() -> None:
    assert [record["_number"] for record in asked(q="status:merged", n="3")] == [
        record["_number"] for record in asked(q="status:merged")[:3]
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("status:open age:14d", 6),
        ("is:open -age:14d", 4),
        ("status:abandoned", 2),
        ("change:4502", 1),
        ("owner:hedzer@hedzer.example", 0),
        ("owner:hedzer@wiarda.example status:merged", 1),
        ("(project:drumlin/basin OR project:drumlin/torque) status:abandoned", 0),
        ("status:abandoned -(project:drumlin/tumbler)", 1),
        ("project:^drumlin/.* status:abandoned", 2),
        ('after:"2026-10-15 10:00:00" status:open', 2),
    ],
)
def test_searches_find(text: str, count: int) -> None:
    assert len(search(text)) == count


@pytest.mark.parametrize("text", ["", "nonsense", "status:perhaps", "age:old", "after:noon", "status:open )"])
def test_a_search_that_cannot_be_understood_is_refused(text: str) -> None:
    with pytest.raises(BadQuery):
        search(text)
    page = answer("/changes/", {"q": [text]})
    assert page is not None
    assert page.status == 400


def test_several_searches_get_several_lists() -> None:
    page = answer("/changes/", {"q": ["change:4502", "change:4508"]})
    assert page is not None
    found = json.loads(page.body.decode().removeprefix(PREFIX))
    assert [[record["_number"] for record in each] for each in found] == [[4502], [4508]]


def test_options_ask_for_names_and_files() -> None:
    plain = asked(q="change:4496")[0]
    assert plain["owner"].keys() == {"_account_id"}
    assert "revisions" not in plain
    page = answer("/changes/", {"q": ["change:4496"], "o": ["DETAILED_ACCOUNTS", "CURRENT_REVISION", "CURRENT_FILES"]})
    assert page is not None
    full = json.loads(page.body.decode().removeprefix(PREFIX))[0]
    assert full["owner"]["name"] == "Tesfaye Girma"
    assert len(full["revisions"][full["current_revision"]]["files"]) == 88


def test_other_pages_are_not_there() -> None:
    assert answer("/accounts/self", {}) is None
    version = answer("/config/server/version", {})
    assert version is not None
    assert version.body.startswith(PREFIX.encode())


def test_the_week_has_first_time_contributors_and_everybody_else_was_here_before() -> None:
    merged = [change for change in all_changes() if change.status == "MERGED"]
    week = {change.owner.key for change in merged if change.updated_at in WEEK}
    before = {change.owner.key for change in merged if change.updated_at < WEEK.start}
    assert week - before == {"farrukh", "hedzer", "leilani", "lourdes", "nomvula", "pellumb", "xiulan"}


def test_people_who_maintain_a_project_were_there_long_before() -> None:
    start = WEEK.start - timedelta(weeks=3)
    merged = [change for change in all_changes() if change.status == "MERGED"]
    before = {change.owner.key for change in merged if change.updated_at < start}
    new = {change.owner.key for change in merged if start <= change.updated_at < WEEK.start} - before
    assert new == {"solveig", "torbjorn", "siosaia", "mehwish"}


def test_a_robot_is_among_the_owners() -> None:
    assert any(change.owner.key == "wringer" and change.updated_at in WEEK for change in all_changes())


def test_numbers_and_times_make_sense() -> None:
    numbers = [change.number for change in all_changes()]
    assert len(numbers) == len(set(numbers))
    assert all(change.created_at < change.updated_at for change in all_changes())
