"""Records of Launchpad that were set aside, by the collection that held them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.launchpad_again import Again, items_again, project_at
from newsletter.model.aside import Aside

BASE = "https://api.launchpad.net"
PLACE = f"{BASE}/1.0/lantern"
BUG = {"id": 7, "title": "It smells", "message_count": 3, "private": False}
TASK = {"bug_link": f"{PLACE}/bugs/7", "title": "Bug #7", "bug_target_name": "lantern"}


def titles(address: str, record: dict[str, Any], comments: int | None = 1) -> list[str]:
    wanted = Again("plans", "lantern", {}, datetime(2026, 3, 5, tzinfo=UTC), comments)
    return [item.title for item in items_again(Aside(address, "torn", json.dumps(record).encode()), wanted)]


def test_a_bug_is_told_with_its_task_when_it_has_comments_enough() -> None:
    parts = {"bug": BUG, "task": TASK, "messages": []}
    assert len(titles(PLACE, parts)) == 1
    assert titles(PLACE, parts, comments=3) == []
    assert titles(PLACE, parts, comments=None) == []
    with pytest.raises(NotReadable, match="is missing"):
        titles(PLACE, {**parts, "bug": {"title": "no number"}})


def test_what_is_not_for_everybody_stays_untold() -> None:
    assert titles(f"{PLACE}/releases", {"version": "2", "private": True}) == []
    assert titles(PLACE, {"bug": {**BUG, "private": True}, "task": TASK}) == []


def test_what_leads_elsewhere_cannot_be_made_again() -> None:
    with pytest.raises(NotReadable, match="gather the source"):
        titles(PLACE, TASK)
    with pytest.raises(NotReadable, match="is missing"):
        titles(f"{PLACE}/releases", {})


@pytest.mark.parametrize(
    ("path", "project"),
    [
        ("1.0/lantern?ws.op=searchTasks", "lantern"),
        ("devel/lantern/all_specifications", "lantern"),
        ("1.0/ubuntu/%2Bsource/lantern/releases", "ubuntu/+source/lantern"),
        ("1.0/ubuntu/releases", "ubuntu"),
    ],
)
def test_the_project_is_told_by_the_address(path: str, project: str) -> None:
    assert project_at(f"{BASE}/{path}", BASE, ("lantern", "ubuntu", "ubuntu/+source/lantern")) == project


@pytest.mark.parametrize("address", [f"{BASE}/1.0/lamp", "https://elsewhere.example/1.0/lantern", ""])
def test_one_that_the_source_has_no_more(address: str) -> None:
    with pytest.raises(NotReadable, match="not one of the source any more"):
        project_at(address, BASE, ("lantern",))
