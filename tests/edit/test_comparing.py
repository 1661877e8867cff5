from collections.abc import Sequence
from dataclasses import replace

from newsletter.edit.comparing import Difference, Drafted, compare
from newsletter.edit.draft import draft_issue
from newsletter.edit.placing import Judged
from newsletter.edit.reasons import Ground
from newsletter.model.issue import SectionSettings
from tests.edit.samples import DEV, judged, plan

SECTIONS = (SectionSettings("general", "General", at_most=2, line=3), SectionSettings("events", "Events", line=6))


def revised(each: Judged) -> Judged:
    return replace(each, revisions=tuple(f"{item.id}.1" for item in each.story.items))


def drafted(found: Sequence[Judged], sections: tuple[SectionSettings, ...] = SECTIONS) -> Drafted:
    found = [revised(each) for each in found]
    return Drafted(draft_issue(found, plan(sections=sections)), found, Ground.of((), sections, [DEV]))


def said(found: Sequence[Difference]) -> list[tuple[str, str, str | None, str | None]]:
    return [(each.kind, each.entry.title, each.before, each.after) for each in found]


def test_a_draft_is_the_same_as_itself() -> None:
    one = drafted([judged("a"), judged("b", "events")])
    assert compare(one, one) == ()


def test_what_enters_takes_the_place_of_what_leaves() -> None:
    before = drafted([judged("a", score=60), judged("b", score=50)])
    after = drafted([judged("a", score=60), judged("b", score=50), judged("c", score=55)])
    entered, left = compare(before, after)
    assert said([entered, left]) == [("entered", "c", None, "general"), ("left", "b", "general", None)]
    assert [each.text for each in left.causes] == ["“c” took the place"]
    assert left.reason == "below the line of General"
    (back_in, _) = compare(after, before)
    assert [each.text for each in back_in.causes] == ["room that “c” left"]


def test_many_that_came_are_named_in_short() -> None:
    before = drafted([judged(f"old {at}") for at in range(5)], (SectionSettings("general", "General", at_most=5),))
    names = [f"new {at} with a title so long that nobody would want to read it whole" for at in range(5)]
    found = [*(judged(f"old {at}") for at in range(5)), *(judged(name, score=90) for name in names)]
    after = drafted(found, (SectionSettings("general", "General", at_most=5),))
    left = next(each for each in compare(before, after) if each.kind == "left")
    assert left.causes[0].text.count("…”") == 3
    assert left.causes[0].text.endswith("and 2 more took the place")


def test_limits_of_sections_and_sections_that_are_new_or_gone() -> None:
    found = [judged("a", score=60), judged("b", score=50)]
    smaller = (replace(SECTIONS[0], at_most=1), SECTIONS[1])
    (left,) = compare(drafted(found), drafted(found, smaller))
    assert [(each.text, each.line) for each in left.causes] == [
        ("section “General” takes at most 1 (was at most 2)", 3)
    ]
    wide = (replace(SECTIONS[0], at_most=None), SECTIONS[1])
    (entered,) = compare(drafted(found, smaller), drafted(found, wide))
    assert entered.causes[0].text == "section “General” takes any number (was at most 1)"
    both = [judged("a", "events"), judged("b")]
    (gone,) = compare(drafted(both), drafted([both[1]], SECTIONS[:1]))
    assert (gone.before, gone.causes[0].text) == ("events", "it is part of another story now")


def test_a_limit_for_companies_is_told_as_one() -> None:
    found = [judged("a", score=60), judged("b", score=50)]
    fewer = (replace(SECTIONS[0], at_most_per_vendor=1), SECTIONS[1])
    one, two = drafted(found), drafted(found[:1], fewer)
    two = Drafted(two.issue, [revised(each) for each in found], two.ground)
    (left,) = compare(one, two)
    assert left.causes[0].text == "section “General” takes at most 1 of a company (was any number of a company)"


def test_a_story_under_another_id_is_the_same_when_it_has_the_same_items() -> None:
    one = judged("a")
    other = replace(one, story=replace(one.story, id="f" * 40))
    assert compare(drafted([one]), drafted([other])) == ()
    (moved,) = compare(drafted([one]), drafted([replace(other, verdict=replace(one.verdict, section="events"))]))
    assert said([moved]) == [("moved", "a", "general", "events")]


def test_what_is_shown_otherwise_without_a_reason_is_made_of_other_items() -> None:
    one = judged("a")
    other = replace(one, story=replace(one.story, title="A new title"))
    (retold,) = compare(drafted([one]), drafted([other]))
    assert (retold.kind, [each.text for each in retold.causes]) == ("retold", ["it is made of other items now"])
