from collections.abc import Iterator

import pytest

from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import approve
from newsletter.pipeline.archive import Query, refresh_archive, search_archive, shelf_of
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.publish import render_issue
from newsletter.pipeline.review import act
from newsletter.pipeline.times import week_period
from tests.loopback import atom
from tests.pipeline.conftest import Home

SOURCES = """sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    section: general
"""
BRIDGE = ("first", "The bridge opens", "2026-10-12T09:00:00Z", "The Brücke over the river opens on a sunny day.")
GAUGE = ("second", "A new gauge", "2026-10-13T09:00:00Z", "The gauge_counts drops, 100% of them, and people.")
SMALL = ("third", "小さな図書館のためのランタン入門", "2026-10-14T09:00:00Z", "Lamps for small libraries in Japan.")


@pytest.fixture
def drafted(any_home: Home) -> Iterator[Newsletter]:
    any_home.write(SOURCES)
    any_home.web["/planet.xml"] = atom(BRIDGE, GAUGE, SMALL)
    any_home.gather()
    with any_home.opened() as app:
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
        render_issue(app, 1)
        yield app


def titles(app: Newsletter, words: str = "", **more: str | int) -> list[str]:
    query = Query(words, with_drafts=True, **more)  # type: ignore[arg-type]
    return [hit.line.title for hit in search_archive(app, query).hits]


def test_words_are_found_by_their_beginnings_whatever_their_case_and_accents(drafted: Newsletter) -> None:
    assert titles(drafted, "brid") == ["The bridge opens"]
    assert titles(drafted, "BRUCKE sunny") == titles(drafted, "brücke") == ["The bridge opens"]
    assert titles(drafted, "ridge") == []
    assert titles(drafted, "図書館") == [SMALL[1]]
    assert titles(drafted, "bridge gauge") == []
    assert titles(drafted, "100% gauge_counts") == ["A new gauge"]
    assert titles(drafted, "%") == titles(drafted) != []


def test_year_section_and_person(drafted: Newsletter) -> None:
    assert titles(drafted, "opens", year=2026, section="general", person="ada") == ["The bridge opens"]
    assert titles(drafted, year=2025) == titles(drafted, section="events") == titles(drafted, person="bridge") == []
    assert titles(drafted, project="nova") == []
    shelf = shelf_of(drafted, with_drafts=True)
    assert (shelf.years, shelf.sections) == ((2026,), (("general", "General Community"),))


def test_a_hit_leads_to_its_place_on_the_page(drafted: Newsletter) -> None:
    (hit,) = search_archive(drafted, Query("gauge", with_drafts=True)).hits
    assert f'id="{hit.line.anchor}"' in (drafted.issue_folder(1) / "issue.html").read_text(encoding="utf-8")


def test_near_words_when_nothing_is_found(drafted: Newsletter) -> None:
    found = search_archive(drafted, Query("brigde gauge", with_drafts=True))
    assert (found.count, found.near) == (0, ("bridge",))
    assert search_archive(drafted, Query("xylophone", with_drafts=True)).near == ()


def test_drafts_are_for_editors_and_changes_are_seen(drafted: Newsletter) -> None:
    assert search_archive(drafted, Query("bridge")).count == 0
    assert shelf_of(drafted, with_drafts=False).issues == ()
    entry = search_archive(drafted, Query("bridge", with_drafts=True)).hits[0].line.anchor.removeprefix("e-")
    act(drafted, 1, [("title", entry, "The tunnel opens")], editor="Ada")
    assert titles(drafted, "tunnel") == ["The tunnel opens"]
    assert refresh_archive(drafted) == 0
    approve(drafted, 1, editor="Ada")
    assert search_archive(drafted, Query("tunnel")).count == 1
