from collections.abc import Iterator
from datetime import timedelta

import pytest

from newsletter.edit.desk import Desk
from newsletter.edit.entry_changes import item_of
from newsletter.errors import ChangedMeanwhile, NotFound, UsageError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.offering import LateItem, late_item, restore
from newsletter.pipeline.presence import at_cards, leave_card, open_card
from newsletter.pipeline.review import act, open_desk, undo
from newsletter.pipeline.same_story import keep_apart, merge, split
from newsletter.pipeline.times import week_period
from newsletter.store import items, stories
from tests.loopback import atom
from tests.pipeline.conftest import Home

SOURCES = """sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    section: general
rules:
  - name: No adverts
    match:
      title: hiring
    drop: yes
"""
BRIDGE = ("first", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")
GAUGE = ("second", "A new gauge", "2026-10-13T09:00:00Z", "The gauge counts drops and people who pass by.")
ADVERT = ("advert", "We are hiring", "2026-10-13T10:00:00Z", "Come and work with us in the harbour.")


@pytest.fixture
def drafted(any_home: Home) -> Iterator[Newsletter]:
    any_home.write(SOURCES)
    any_home.web["/planet.xml"] = atom(BRIDGE, GAUGE, ADVERT)
    any_home.gather()
    with any_home.opened() as app:
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
        yield app


def ids(desk: Desk) -> dict[str, str]:
    return {card.entry.title: card.entry.id for card in desk.cards()}


def states(desk: Desk) -> dict[str, str]:
    return {card.entry.title: card.state for card in desk.cards()}


def again(app: Newsletter, week: str = "2026-W42") -> None:
    make_draft(app, week_period(app.config.schedule, week))


def test_a_draft_is_open_and_every_decision_counts(drafted: Newsletter) -> None:
    desk = open_desk(drafted, 1)
    assert states(desk) == {"A new gauge": "open", "The bridge opens": "open"}
    assert (desk.open_count, desk.minutes_left) == (2, 2)
    bridge = ids(desk)["The bridge opens"]
    desk = act(drafted, 1, [("keep", bridge, {})], editor="Ada", seen=0)
    assert states(desk)["The bridge opens"] == "kept"
    assert (desk.kept_count, desk.open_count) == (1, 1)
    twice = act(drafted, 1, [("keep", bridge, {})], editor="Ada", seen=0)
    assert len(twice.changes) == 1


def test_what_an_editor_wrote_stays_when_a_new_draft_no_longer_has_it(any_home: Home, drafted: Newsletter) -> None:
    found = ids(open_desk(drafted, 1))
    act(drafted, 1, [("title", found["The bridge opens"], "It opens!")], editor="Ada")
    act(drafted, 1, [("move", found["A new gauge"], "developer")], editor="Ada")
    any_home.write(SOURCES.replace("title: hiring", "title: [hiring, bridge, gauge]"))
    with any_home.opened() as app:
        again(app)
        desk = open_desk(app, 1)
    assert {card.entry.title: card.section for card in desk.cards()} == {
        "It opens!": "general",
        "A new gauge": "developer",
    }
    assert [each.title for each in desk.issue.dropped] == ["We are hiring"]


def test_one_undo_takes_one_act_back_and_the_whole_session_can_go(drafted: Newsletter) -> None:
    found = ids(open_desk(drafted, 1))
    act(drafted, 1, [("keep", each, {}) for each in found.values()], editor="Ada")
    act(drafted, 1, [("drop", found["A new gauge"], "")], editor="Ada")
    act(drafted, 1, [("title", found["The bridge opens"], "Open")], editor="Ben")
    taken = undo(drafted, 1, editor="Ada")
    assert taken is not None
    assert taken.action == "drop"
    assert states(open_desk(drafted, 1)) == {"A new gauge": "kept", "Open": "kept"}
    undo(drafted, 1, editor="Ada")
    assert states(open_desk(drafted, 1))["A new gauge"] == "open"
    assert undo(drafted, 1, editor="Ada") is None
    assert undo(drafted, 1, editor="Ada", batch=open_desk(drafted, 1).last_number) is not None
    assert states(open_desk(drafted, 1))["A new gauge"] == "kept"
    assert len(open_desk(drafted, 1).changes) == 7


def test_two_editors_do_not_overwrite_each_other(drafted: Newsletter) -> None:
    bridge = ids(open_desk(drafted, 1))["The bridge opens"]
    act(drafted, 1, [("drop", bridge, "")], editor="Ben", seen=0)
    with pytest.raises(ChangedMeanwhile, match="Ben dropped this") as caught:
        act(drafted, 1, [("keep", bridge, {})], editor="Ada", seen=0)
    assert caught.value.number == 1


def test_a_second_tab_does_not_overwrite_a_text(drafted: Newsletter) -> None:
    bridge = ids(open_desk(drafted, 1))["The bridge opens"]
    act(drafted, 1, [("summary", bridge, "One.")], editor="Ada", seen=0)
    with pytest.raises(ChangedMeanwhile, match="You changed the text"):
        act(drafted, 1, [("summary", bridge, "Two.")], editor="Ada", seen=0)
    act(drafted, 1, [("keep", bridge, {})], editor="Ada", seen=0)
    assert open_desk(drafted, 1).card(bridge).entry.summary == "One."  # type: ignore[union-attr]


def test_a_changed_original_says_so_on_the_card(any_home: Home, drafted: Newsletter) -> None:
    bridge = ids(open_desk(drafted, 1))["The bridge opens"]
    act(drafted, 1, [("summary", bridge, "Mine.")], editor="Ada")
    any_home.web["/planet.xml"] = atom((*BRIDGE[:3], "The bridge stays closed: the mayor is ill."), GAUGE, ADVERT)
    any_home.clock.now += timedelta(hours=3)
    any_home.gather("Planet")
    again(drafted)
    card = open_desk(drafted, 1).card(bridge)
    assert card is not None
    assert (card.is_outdated, card.entry.summary) == (True, "Mine.")
    assert "stays closed" in card.drafted.summary  # type: ignore[union-attr]


def test_a_dropped_story_comes_back_with_what_was_written(drafted: Newsletter) -> None:
    bridge = ids(open_desk(drafted, 1))["The bridge opens"]
    act(drafted, 1, [("title", bridge, "Open")], editor="Ada")
    desk = act(drafted, 1, [("drop", bridge, "old news")], editor="Ada")
    assert {each.title: each.reason for each in desk.dropped}["Open"] == "old news"
    desk = restore(drafted, 1, next(each.story_id for each in desk.dropped if each.title == "Open"), editor="Ada")
    assert states(desk)["Open"] == "kept"


def test_what_a_rule_dropped_can_be_let_in(drafted: Newsletter) -> None:
    advert = open_desk(drafted, 1).dropped[0]
    desk = restore(drafted, 1, advert.story_id, section="news", editor="Ada")
    assert [card.entry.title for card in desk.section("news").cards] == ["We are hiring"]  # type: ignore[union-attr]
    again(drafted)
    assert states(open_desk(drafted, 1))["We are hiring"] == "kept"
    with pytest.raises(NotFound, match="dropped ones"):
        restore(drafted, 1, "nothing", editor="Ada")


def test_a_snoozed_item_comes_back_in_the_next_issue(drafted: Newsletter) -> None:
    bridge = ids(open_desk(drafted, 1))["The bridge opens"]
    desk = act(drafted, 1, [("snooze", bridge, "")], editor="Ada")
    assert [each.title for each in desk.snoozed] == ["The bridge opens"]
    again(drafted, "2026-W43")
    (entry,) = open_desk(drafted, 2).issue.entries
    assert (entry.title, entry.why.split(".")[0]) == ("The bridge opens", "Put off from issue 1")
    undo(drafted, 1, editor="Ada")
    again(drafted, "2026-W43")
    assert open_desk(drafted, 2).issue.entries == ()


def test_merged_stories_stay_one_and_can_be_split_again(drafted: Newsletter) -> None:
    found = ids(open_desk(drafted, 1))
    merge(drafted, 1, entry=found["The bridge opens"], other=found["A new gauge"], editor="Ada")
    assert states(open_desk(drafted, 1)) == {"The bridge opens": "open"}
    assert len(open_desk(drafted, 1).issue.entries[0].revisions) == 2
    again(drafted)
    (entry,) = open_desk(drafted, 1).issue.entries
    assert len(entry.revisions) == 2
    split(drafted, 1, entry=entry.id, editor="Ada")
    assert sorted(states(open_desk(drafted, 1))) == ["A new gauge", "The bridge opens"]
    again(drafted)
    assert sorted(states(open_desk(drafted, 1))) == ["A new gauge", "The bridge opens"]
    with pytest.raises(UsageError, match="nothing to split"):
        split(drafted, 1, entry=open_desk(drafted, 1).issue.entries[0].id, editor="Ada")


def test_an_act_that_arrives_twice_is_stored_once(drafted: Newsletter) -> None:
    """A browser that lost the answer sends its form again."""
    gauge = ids(open_desk(drafted, 1))["A new gauge"]
    for _ in range(2):
        desk = act(drafted, 1, [("pin", gauge, True)], editor="Ines")
    assert [each.action for each in desk.changes] == ["keep"]
    taken = [undo(drafted, 1, editor="Ines", batch=1) for _ in range(2)]
    assert taken[0] == taken[1]
    desk = open_desk(drafted, 1)
    assert [each.action for each in desk.changes] == ["keep", "undo"]
    assert states(desk)["A new gauge"] == "open"
    assert undo(drafted, 1, editor="Ines", batch=2)
    assert states(open_desk(drafted, 1))["A new gauge"] == "kept"


def test_an_undone_merge_is_forgotten(drafted: Newsletter) -> None:
    found = ids(open_desk(drafted, 1))
    merge(drafted, 1, entry=found["The bridge opens"], other=found["A new gauge"], editor="Ada")
    undo(drafted, 1, editor="Ada")
    again(drafted)
    assert len(open_desk(drafted, 1).issue.entries) == 2
    keep_apart(drafted, 1, entry=found["The bridge opens"], other=found["A new gauge"], editor="Ada")
    with drafted.database.reading() as db:
        assert len(stories.decisions(db).apart) == 1


def test_a_merge_whose_undoing_is_undone_holds_for_later_issues(drafted: Newsletter) -> None:
    found = ids(open_desk(drafted, 1))
    merge(drafted, 1, entry=found["The bridge opens"], other=found["A new gauge"], editor="Ada")
    undo(drafted, 1, editor="Ada")
    with drafted.database.reading() as db:
        assert stories.decisions(db) == stories.Decisions()
    undo(drafted, 1, editor="Ada", batch=open_desk(drafted, 1).last_number)
    assert states(open_desk(drafted, 1)) == {"The bridge opens": "open"}
    again(drafted)
    assert [len(entry.revisions) for entry in open_desk(drafted, 1).drafted.entries] == [2]
    act(drafted, 1, [("snooze", found["The bridge opens"], "")], editor="Ada")
    again(drafted, "2026-W43")
    (entry,) = open_desk(drafted, 2).issue.entries
    assert len(entry.revisions) == 2


def test_a_split_whose_undoing_is_undone_holds_again(drafted: Newsletter) -> None:
    found = ids(open_desk(drafted, 1))
    merge(drafted, 1, entry=found["The bridge opens"], other=found["A new gauge"], editor="Ada")
    split(drafted, 1, entry=found["The bridge opens"], editor="Ada")

    def decided() -> tuple[int, int]:
        with drafted.database.reading() as db:
            known = stories.decisions(db)
        return len(known.merge), len(known.apart)

    assert decided() == (0, 1)
    undo(drafted, 1, editor="Ada")
    assert decided() == (1, 0)
    undo(drafted, 1, editor="Ada", batch=open_desk(drafted, 1).last_number)
    assert decided() == (0, 1)
    undo(drafted, 1, editor="Ada", batch=1)
    undo(drafted, 1, editor="Ada", batch=1)
    assert decided() == (0, 1)


def test_a_joined_story_goes_out_with_what_was_written_in_it(drafted: Newsletter) -> None:
    found = ids(open_desk(drafted, 1))
    bridge, gauge = found["The bridge opens"], found["A new gauge"]
    act(drafted, 1, [("title", gauge, "It counts!")], editor="Ada")
    merge(drafted, 1, entry=bridge, other=gauge, editor="Ada")
    split(drafted, 1, entry=bridge, editor="Ada")
    for _ in range(2):
        assert ids(open_desk(drafted, 1)) == {"The bridge opens": bridge, "It counts!": gauge}
        again(drafted)


def test_a_late_item_enters_once_and_is_told(drafted: Newsletter) -> None:
    late = LateItem("The ferry sails again", "https://ferry.example/again", "From Monday on.", "general", "Kim Berg")
    for _ in range(2):
        entry = late_item(drafted, 1, late, editor="Ada")
    card = open_desk(drafted, 1).card(entry)
    assert card
    assert (card.state, card.entry.author, card.entry.summary) == ("kept", "Kim Berg", "From Monday on.")
    again(drafted)
    assert [each.title for each in open_desk(drafted, 1).issue.entries].count("The ferry sails again") == 1
    with drafted.database.reading() as db:
        assert len(items.items_at(db, [late.url])[late.url]) == 1
    with pytest.raises(UsageError, match="no web address"):
        late_item(drafted, 1, LateItem("x", "javascript:alert(1)"), editor="Ada")


def test_a_card_belongs_to_whoever_opened_it(drafted: Newsletter, any_home: Home) -> None:
    assert open_card(drafted, 1, "a", editor="Ada").editor == "Ada"
    assert open_card(drafted, 1, "a", editor="Ben").editor == "Ada"
    assert open_card(drafted, 1, "a", editor="Ben", take_over=True).editor == "Ben"
    leave_card(drafted, 1, "a", editor="Ada")
    assert [each.editor for each in at_cards(drafted, 1).values()] == ["Ben"]
    any_home.clock.now += timedelta(seconds=91)
    assert at_cards(drafted, 1) == {}
    assert open_card(drafted, 1, "a", editor="Ada").editor == "Ada"


def test_what_a_page_says_late_does_not_take_the_card_again(drafted: Newsletter) -> None:
    open_card(drafted, 1, "a", editor="Ada")
    open_card(drafted, 1, "a", editor="Ada", page="one")
    leave_card(drafted, 1, "a", editor="Ada", page="one")
    open_card(drafted, 1, "a", editor="Ada", page="one")
    assert at_cards(drafted, 1) == {}
    assert open_card(drafted, 1, "a", editor="Ben", page="b").editor == "Ben"


def test_a_second_page_of_the_same_editor_leaves_the_first_its_card(drafted: Newsletter) -> None:
    open_card(drafted, 1, "a", editor="Ada", page="one")
    open_card(drafted, 1, "a", editor="Ada", page="two")
    open_card(drafted, 1, "a", editor="Ada", page="one")
    leave_card(drafted, 1, "a", editor="Ada", page="two")
    assert [each.editor for each in at_cards(drafted, 1).values()] == ["Ada"]
    leave_card(drafted, 1, "a", editor="Ada", page="one")
    assert at_cards(drafted, 1) == {}


def test_what_comes_twice_counts_once(drafted: Newsletter) -> None:
    found = ids(open_desk(drafted, 1))
    bridge, gauge = found["The bridge opens"], found["A new gauge"]
    for action, value in (("title", "Ours"), ("remark", {"text": "Ask them."}), ("keep", {}), ("pin", True)):
        act(drafted, 1, [(action, bridge, value)], editor="Ada", seen=0)
        count = len(open_desk(drafted, 1).changes)
        act(drafted, 1, [(action, bridge, value)], editor="Ada", seen=0)
        assert len(open_desk(drafted, 1).changes) == count, action
    with pytest.raises(ChangedMeanwhile):
        act(drafted, 1, [("title", bridge, "Ours")], editor="Ben", seen=0)
    last = act(drafted, 1, [("drop", gauge, "")], editor="Ada").last_number
    for _ in range(2):
        taken = undo(drafted, 1, editor="Ada", batch=last)
        assert taken
        assert taken.target == gauge
    assert [each.action for each in open_desk(drafted, 1).changes].count("undo") == 1
    undo(drafted, 1, editor="Ada", batch=open_desk(drafted, 1).last_number)
    assert open_desk(drafted, 1).card(gauge) is None
    story = next(each.story_id for each in open_desk(drafted, 1).dropped if each.title == "A new gauge")
    for _ in range(2):
        assert restore(drafted, 1, story, editor="Ada").card(gauge)
    assert open_desk(drafted, 1).last_number == last + 3


def test_what_comes_again_after_another_editor_changed_it_is_done_once(drafted: Newsletter) -> None:
    found = ids(open_desk(drafted, 1))
    bridge, gauge = found["The bridge opens"], found["A new gauge"]
    joined = merge(drafted, 1, entry=bridge, other=gauge, editor="Ada")
    last = act(drafted, 1, [("title", bridge, "Open")], editor="Ben").last_number
    assert merge(drafted, 1, entry=bridge, other=gauge, editor="Ada") == joined
    out = [item_of(each) for each in open_desk(drafted, 1).card(bridge).entry.revisions[1:]]  # type: ignore[union-attr]
    parted = split(drafted, 1, entry=bridge, editor="Ada", items=out)
    act(drafted, 1, [("title", bridge, "Open at last")], editor="Ben")
    assert split(drafted, 1, entry=bridge, editor="Ada", items=out) == parted
    desk = act(drafted, 1, [("drop", gauge, "")], editor="Ada")
    story = next(each.story_id for each in desk.dropped if each.title == "A new gauge")
    restore(drafted, 1, story, editor="Ada")
    act(drafted, 1, [("move", gauge, "news")], editor="Ben")
    desk = restore(drafted, 1, story, editor="Ada")
    assert desk.card(gauge).section == "news"  # type: ignore[union-attr]
    assert desk.last_number == last + 5
    act(drafted, 1, [("drop", gauge, "")], editor="Ben")
    assert restore(drafted, 1, story, editor="Ada").card(gauge)


def test_two_that_are_joined_or_split_twice_are_so_once(drafted: Newsletter) -> None:
    found = ids(open_desk(drafted, 1))
    bridge, gauge = found["The bridge opens"], found["A new gauge"]
    assert merge(drafted, 1, entry=bridge, other=gauge, editor="Ada") == merge(
        drafted, 1, entry=bridge, other=gauge, editor="Ada"
    )
    out = [item_of(each) for each in open_desk(drafted, 1).card(bridge).entry.revisions[1:]]  # type: ignore[union-attr]
    one = split(drafted, 1, entry=bridge, editor="Ada", items=out)
    assert split(drafted, 1, entry=bridge, editor="Ada", items=out) == one
    with pytest.raises(UsageError):
        split(drafted, 1, entry=bridge, editor="Ada", items=["another"])
