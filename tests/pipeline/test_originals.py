from collections.abc import Iterator

import pytest

from newsletter.errors import ChangedMeanwhile, NotFound
from newsletter.pipeline.alike import alike_entries
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.card_facts import card_facts
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.originals import keep_mine, take_original
from newsletter.pipeline.review import act, open_desk, undo
from newsletter.pipeline.same_story import keep_apart
from newsletter.pipeline.times import week_period
from tests.loopback import atom
from tests.pipeline.conftest import Home

SOURCES = """sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    section: general
  - name: List
    kind: feed
    url: {web}/list.xml
    section: general
rules:
  - name: Bridges stay
    match:
      title: bridge
    keep: yes
  - name: No weather
    match:
      title: sunny
    drop: yes
"""
TEXT = "The bridge over the river opens on Monday, and whoever lives on the eastern bank may walk across it at last."
BRIDGE = ("first", "The sunny bridge", "2026-10-12T09:00:00Z", TEXT)
GAUGE = ("second", "A new gauge", "2026-10-13T09:00:00Z", "The gauge counts drops and people who pass by.")
AGAIN = ("third", "Walking over water", "2026-10-13T10:00:00Z", f"I read: {TEXT}")


@pytest.fixture
def drafted(any_home: Home) -> Iterator[Newsletter]:
    any_home.write(SOURCES)
    any_home.web["/planet.xml"] = atom(BRIDGE, GAUGE)
    any_home.web["/list.xml"] = atom(AGAIN)
    any_home.gather()
    with any_home.opened() as app:
        again(app)
        yield app


def again(app: Newsletter) -> None:
    make_draft(app, week_period(app.config.schedule, "2026-W42"))


def entry(app: Newsletter, title: str) -> str:
    return next(card.entry.id for card in open_desk(app, 1).cards() if card.entry.title == title)


def test_back_to_the_original_keeps_the_decision_and_can_be_undone(drafted: Newsletter) -> None:
    gauge = entry(drafted, "A new gauge")
    act(drafted, 1, [("title", gauge, "Ours")], editor="Ada")
    act(drafted, 1, [("summary", gauge, "Mine.")], editor="Ben")
    desk = take_original(drafted, 1, gauge, editor="Ada")
    card = desk.card(gauge)
    assert card is not None
    assert (card.entry.title, card.is_rewritten, card.state) == ("A new gauge", False, "kept")
    assert desk == open_desk(drafted, 1)
    undo(drafted, 1, editor="Ada")
    back = open_desk(drafted, 1).card(gauge)
    assert back is not None
    assert (back.entry.title, back.entry.summary) == ("Ours", "Mine.")


def test_nothing_rewritten_is_nothing_to_take_back(drafted: Newsletter) -> None:
    gauge = entry(drafted, "A new gauge")
    assert take_original(drafted, 1, gauge, editor="Ada").changes == ()
    assert keep_mine(drafted, 1, gauge, editor="Ada").changes == ()
    with pytest.raises(NotFound):
        take_original(drafted, 1, "gone", editor="Ada")


def test_what_another_editor_just_wrote_is_not_taken_back_unseen(drafted: Newsletter) -> None:
    gauge = entry(drafted, "A new gauge")
    act(drafted, 1, [("title", gauge, "Ours")], editor="Ben")
    with pytest.raises(ChangedMeanwhile, match="Ben changed the title of"):
        take_original(drafted, 1, gauge, editor="Ada", seen=0)
    with pytest.raises(ChangedMeanwhile):
        keep_mine(drafted, 1, gauge, editor="Ada", seen=0)
    assert take_original(drafted, 1, gauge, editor="Ben", seen=0).card(gauge) is not None


def test_entries_that_look_alike_are_asked_about_until_somebody_decides(drafted: Newsletter) -> None:
    bridge, other = entry(drafted, "The sunny bridge"), entry(drafted, "Walking over water")
    desk = open_desk(drafted, 1)
    (found,) = alike_entries(drafted, desk, bridge)
    assert (found.entry_id, found.other_item.title) == (other, "Walking over water")
    assert found.percent >= 90
    act(drafted, 1, [("drop", other, "")], editor="Ada")
    assert alike_entries(drafted, open_desk(drafted, 1), bridge) == ()
    undo(drafted, 1, editor="Ada")
    keep_apart(drafted, 1, entry=other, other=bridge, editor="Ada")
    assert alike_entries(drafted, open_desk(drafted, 1), bridge) == ()


def test_the_rules_for_and_against_a_card_are_named(drafted: Newsletter) -> None:
    desk = open_desk(drafted, 1)
    card = desk.card(entry(drafted, "A new gauge"))
    assert card is not None
    facts = card_facts(drafted, desk, card)
    assert facts.rules == ()
    assert [item.title for item in facts.items] == ["A new gauge"]
    sunny = desk.card(entry(drafted, "The sunny bridge"))
    assert sunny is not None
    facts = card_facts(drafted, desk, sunny)
    assert {said.rule.name for said in facts.rules} == {"No weather", "Bridges stay"}
