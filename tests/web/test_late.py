"""Late items and the short form, by their forms."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.pipeline.approval import approve
from newsletter.pipeline.review import open_desk
from tests.web.desk import Desk
from tests.web.issues import FEEDS, drafted_desk

LATE, SHORT = "/desk/issues/1/late", "/desk/issues/1/short"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with drafted_desk(tmp_path / "home") as (found, _):
        yield found


def test_a_late_item_gets_its_card_until_approval(desk: Desk) -> None:
    ines = desk.signed_in()
    assert "Late item for issue 1" in ines.get(LATE).text
    made = {
        "title": "A flood warning",
        "url": "https://late.example/flood",
        "text": "Mind the quay.",
        "credit": "Rosa Quint",
    }
    answer = ines.post(LATE, section="events", **made)
    entry = open_desk(desk.app, 1).issue.sections[1].entries[0]
    assert (entry.title, entry.summary, entry.author) == ("A flood warning", "Mind the quay.", "Rosa Quint")
    assert answer.headers["location"] == f"/desk/issues/1/items/{entry.id}"
    approve(desk.app, 1, editor="Ines")
    assert ines.get(LATE).status_code == 409
    assert ines.post(LATE, **made).status_code == 409


def test_an_address_that_was_read_shows_what_it_gave(desk: Desk) -> None:
    ines = desk.signed_in()
    known = ines.get(f"{LATE}?url=https://planet.example/first").text
    assert "Planet told it already" in known
    assert 'value="The bridge opens"' in known
    assert "It stands in this issue" in known
    assert "No source told this address" in ines.get(f"{LATE}?url=https://planet.example/none").text
    assert "That is no web address" in ines.get(f"{LATE}?url=javascript:1").text


def test_bad_late_items_are_refused_and_nothing_is_stored(desk: Desk) -> None:
    ines = desk.signed_in()
    for made in ({"title": ""}, {"title": "A", "url": "ftp://x"}, {"title": "x" * 400}, {"title": "\x00\u202e"}):
        assert ines.post(LATE, **made).status_code == 400
    assert open_desk(desk.app, 1).changes == ()
    assert ines.post("/desk/issues/9/late", title="A").status_code == 404


def test_highlights_only_says_what_waits_and_is_switched_back(tmp_path: Path) -> None:
    with drafted_desk(tmp_path / "home", feeds=FEEDS) as (desk, _):
        ines = desk.signed_in()
        page = ines.get(SHORT).text
        assert "3 entries stay out" in page
        assert "General Community: 3" in page
        assert f'<a class="b" href="{SHORT}">Highlights only</a>' in ines.get("/desk/issues/1/").text
        assert ines.post(SHORT, do="short", seen="0").status_code == 303
        review = ines.get("/desk/issues/1/").text
        assert f'<a class="b" href="{SHORT}">Make it whole again</a>' in review
        assert "It goes out short: highlights, deadlines, events. 3 entries wait." in review
        assert "You shortened the issue." in review
        assert "<span>0 open</span>" in review
        assert open_desk(desk.app, 1).issue.entries == ()
        assert "It is short: highlights only" in ines.get("/desk/issues/1/approve").text
        assert "Make it whole again" in ines.get(SHORT).text
        assert ines.post(SHORT, do="whole").status_code == 303
        assert len(open_desk(desk.app, 1).issue.entries) == 3
