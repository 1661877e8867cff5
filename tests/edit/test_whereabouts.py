from dataclasses import replace

from newsletter.edit.draft import draft_issue
from newsletter.edit.whereabouts import Place, place_of, rule_place
from newsletter.model.issue import SectionSettings
from tests.edit.samples import judged, plan

SECTIONS = (SectionSettings("general", "General", at_most=1),)


def test_where_a_story_stands() -> None:
    best, below, gone = judged("a", score=60), judged("b"), judged("c", dropped_by="No votes")
    issue = draft_issue([best, below, gone], plan(sections=SECTIONS))
    assert place_of(issue, best.story.id) == Place("told", "General", "", "general")
    found = place_of(issue, below.story.id)
    assert (found.words, found.reason) == (
        "lies below the line of General",
        "General takes 1, and others are worth more.",
    )
    assert not found.is_told
    assert place_of(issue, gone.story.id).reason == "dropped by the rule “No votes”."
    assert rule_place(below, issue).reason == ""
    assert rule_place(gone, issue).reason == "dropped by the rule “No votes”."
    assert place_of(issue, "nobody").words == "does not stand"


def test_below_a_line_that_is_not_full_an_editor_has_to_take_it() -> None:
    tip = judged("a")
    item = replace(tip.story.items[0], kind="inbox")
    tip = replace(tip, story=replace(tip.story, items=(item,)))
    issue = draft_issue([tip], plan(sections=SECTIONS))
    assert place_of(issue, tip.story.id).reason == "An editor has to take it."
