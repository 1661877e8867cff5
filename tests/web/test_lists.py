import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.model.issue import Statistic
from newsletter.pipeline.review import act, open_desk
from newsletter.store import issues
from newsletter.web.figures import figure_view
from tests.web.desk import Desk, Signed
from tests.web.drafted_cards import cards, drafted_desk, item_of

GAUGE, BRIDGE = "A new gauge", "The sunny bridge opens"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a draft."""
    with drafted_desk(tmp_path / "home") as running:
        yield running


@pytest.fixture
def ines(desk: Desk) -> Signed:
    """A browser in which Ines is signed in."""
    return desk.signed_in("Ines")


def do(desk: Desk, action: str, title: str, value: object) -> None:
    act(desk.app, 1, [(action, cards(desk.app)[title].entry.id, value)], editor="Ben")


def test_dropped_ones_are_found_and_restored(desk: Desk, ines: Signed) -> None:
    do(desk, "drop", GAUGE, "old news")
    page = ines.get("/desk/issues/1/dropped").text
    assert page.index("A new gauge") < page.index("We are hiring")
    assert "old news · score 50 · Ben, 20:35" in page
    assert "dropped by the rule “No adverts” (1)" in page
    found = ines.get("/desk/issues/1/dropped?q=GAUGE").text
    assert "1 of 2" in found
    assert "We are hiring" not in found
    chosen = ines.get(
        "/desk/issues/1/dropped",
    ).text
    story = re.search(r'name="story" value="(\w+)"', chosen)
    assert story is not None
    back = "/desk/issues/1/dropped?q=GAUGE"
    answer = ines.post("/desk/issues/1/restore", story=story[1], section="news", back=back)
    assert answer.headers["location"] == back
    assert (cards(desk.app)[GAUGE].section, cards(desk.app)[GAUGE].state) == ("news", "kept")
    assert ines.post("/desk/issues/1/restore", story="nothing").status_code == 404


def test_a_reason_filters(desk: Desk, ines: Signed) -> None:
    do(desk, "drop", GAUGE, "old <news>")
    page = ines.client.get("/desk/issues/1/dropped", params={"reason": "old <news>"}).text
    assert "1 of 2" in page
    assert '<option value="old &lt;news&gt;" selected>' in page
    nothing = ines.client.get("/desk/issues/1/dropped", params={"reason": "no such"}).text
    assert "Nothing here fits" in nothing


def test_snoozed_ones_stand_apart(desk: Desk, ines: Signed) -> None:
    do(desk, "snooze", GAUGE, "")
    assert GAUGE in ines.get("/desk/issues/1/snoozed").text
    assert GAUGE not in ines.get("/desk/issues/1/dropped").text


def test_fifty_rows_then_more(tmp_path: Path) -> None:
    many = [item_of("planet", f"ad{number}", f"We are hiring number{number}") for number in range(120)]
    with drafted_desk(tmp_path / "home", *many) as desk:
        ines = desk.signed_in()
        page = ines.get("/desk/issues/1/dropped").text
        assert page.count('name="story"') == 50
        assert "Show more: 70 follow" in page
        more = re.search(r'href="([^"]+)#row-51"', page)
        assert more is not None
        assert ines.get(more[1]).text.count('name="story"') == 100
        assert ines.get("/desk/issues/1/dropped?show=500").text.count('name="story"') == 120
        for odd in ("show=-1", "show=999999999", "show=x", "q=%00%1b&reason=%e2%80%ae"):
            assert ines.get(f"/desk/issues/1/dropped?{odd}").status_code == 200


def test_what_lies_below_the_line_is_kept_from_there(tmp_path: Path) -> None:
    many = [item_of("planet", f"k{number}", f"Walk number{number} along the shore") for number in range(14)]
    with drafted_desk(tmp_path / "home", *many) as desk:
        ines = desk.signed_in()
        section = open_desk(desk.app, 1).section("general")
        assert section is not None
        below = section.below[0].entry
        page = ines.get("/desk/issues/1/below").text
        assert below.title in page
        assert "4 in all" in page
        assert ines.post("/desk/issues/1/below", target=below.id, seen="0").status_code == 303
        assert cards(desk.app)[below.title].state == "kept"
        assert "Nothing here fits" in ines.get("/desk/issues/1/below?q=zebra").text
        assert ines.post("/desk/issues/1/below", target="gone").status_code == 404


def test_history_shows_all_and_takes_an_act_back_once(desk: Desk, ines: Signed) -> None:
    names = [each.entry.id for each in cards(desk.app).values()]
    act(desk.app, 1, [("keep", name, {}) for name in names[:3]], editor="Ben")
    do(desk, "drop", GAUGE, "old")
    page = ines.get("/desk/issues/1/history").text
    assert "Take back these 3" in page
    for _ in range(2):
        assert ines.post("/desk/issues/1/history", batch="1").status_code == 303
    changes = open_desk(desk.app, 1).changes
    assert [each.action for each in changes] == ["keep", "keep", "keep", "drop", "undo"]
    page = ines.get("/desk/issues/1/history").text
    assert page.count("<s>") == 3
    ines.post("/desk/issues/1/history", batch="5")
    assert ines.get("/desk/issues/1/history").text.count("<s>") == 1
    assert ines.post("/desk/issues/1/history", batch="77").status_code == 404
    assert ines.post("/desk/issues/1/history", batch="x").status_code == 404


def test_a_card_takes_its_own_act_back(desk: Desk, ines: Signed) -> None:
    do(desk, "title", GAUGE, "Ours")
    name = cards(desk.app)["Ours"].entry.id
    answer = ines.post("/desk/issues/1/history", batch="1", entry=name)
    assert answer.headers["location"] == f"/desk/issues/1/items/{name}"
    assert GAUGE in cards(desk.app)


def with_figures(desk: Desk, *figures: Statistic) -> None:
    with desk.app.database.transaction() as db:
        drafted = issues.issue(db, 1).issue
        issues.save_draft(db, replace(drafted, statistics=figures), now=desk.app.now())


def figures(desk: Desk) -> dict[str, Statistic]:
    return {each.name: each for each in open_desk(desk.app, 1).issue.statistics}


def test_a_figure_is_held_back_shown_and_noted(desk: Desk, ines: Signed) -> None:
    jumped = Statistic(
        "mails", 900, 63, 900, "https://lists.example/", past=(31, 40, 63), held_because="14 times last week"
    )
    with_figures(desk, jumped, Statistic("people", 5, proof="javascript:alert(1)"))
    page = ines.get("/desk/issues/1/figures").text
    assert "more than three times off" in page
    assert "Held back: 14 times last week." in page
    assert page.count("<rect") == 4
    assert 'aria-label="The last weeks: 31, 40, 63, 900"' in page
    assert "javascript:" not in page
    assert "style=" not in page
    ines.post("/desk/issues/1/figures", figure="mails", what="show", note="")
    assert not figures(desk)["mails"].is_held
    ines.post("/desk/issues/1/figures", figure="people", what="hide", note="")
    assert figures(desk)["people"].is_held
    ines.post("/desk/issues/1/figures", figure="mails", what="note", note="a flood of\n<spam>")
    assert figures(desk)["mails"].note == "a flood of <spam>"
    assert ines.post("/desk/issues/1/figures", figure="mails", what="burn").status_code == 400
    assert ines.post("/desk/issues/1/figures", figure="gone", what="show").status_code == 404


def test_two_notes_on_a_figure_are_shown_beside_each_other(desk: Desk, ines: Signed) -> None:
    with_figures(desk, Statistic("mails", 5))
    act(desk.app, 1, [("figure note", "mails", "Ben’s note")], editor="Ben")
    answer = ines.post("/desk/issues/1/figures", figure="mails", what="note", note="Ines’ note", seen="0")
    assert answer.status_code == 409
    assert "Ben’s note" in answer.text.replace("&#39;", "’")
    assert figures(desk)["mails"].note == "Ben’s note"


def test_a_figure_is_far_off_when_it_is_three_times_more_or_less() -> None:
    assert figure_view(Statistic("x", 31, 10)).is_far_off
    assert figure_view(Statistic("x", 3, 10)).is_far_off
    assert not figure_view(Statistic("x", 30, 10)).is_far_off
    assert not figure_view(Statistic("x", 30, 0)).is_far_off
    assert figure_view(Statistic("x", 7, 10)).change == "−3"
    assert figure_view(Statistic("x", 7)).change == ""
