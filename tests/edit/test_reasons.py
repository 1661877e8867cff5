from dataclasses import replace

from newsletter.edit.placing import Judged
from newsletter.edit.reasons import Cause, Ground, causes_of
from newsletter.model.issue import SectionSettings
from newsletter.model.rule import Match, Rule
from newsletter.model.source import Source
from newsletter.model.story import ScorePart
from tests.edit.samples import DEV, judged

SECTIONS = (SectionSettings("general", "General"), SectionSettings("events", "Events"))
RULE = Rule("Votes", Match(title=("vote",)), line=12, number=3)


def ground(*rules: Rule, source: Source | None = DEV, sections: tuple[SectionSettings, ...] = SECTIONS) -> Ground:
    return Ground.of(rules, sections, [source] if source else [])


def texts(was: Judged | None, now: Judged | None, old: Ground, new: Ground) -> list[str]:
    return [each.text for each in causes_of(was, now, old, new)]


def test_the_same_verdict_has_no_cause() -> None:
    one = judged("one", rules=("Votes",))
    assert causes_of(one, one, ground(RULE), ground(RULE)) == ()


def test_a_rule_that_drops_and_one_that_is_gone() -> None:
    free, gone = judged("one"), judged("one", dropped_by="Votes", rules=("Votes",))
    assert causes_of(free, gone, ground(), ground(RULE)) == (Cause("rule 3 “Votes” drops it", 12, "Votes"),)
    assert texts(gone, free, ground(RULE), ground(RULE)) == ["rule 3 “Votes” does not drop it any more"]
    (cause,) = causes_of(gone, free, ground(RULE), ground())
    assert (cause.text, cause.line, cause.is_old) == ("rule 3 “Votes” dropped it and is not in this file", 12, True)


def test_who_names_the_section_now_and_who_did() -> None:
    here, there = judged("one", "general"), judged("one", "events", rules=("Votes",))
    naming = replace(RULE, section="events")
    assert texts(here, there, ground(), ground(naming)) == ["rule 3 “Votes” puts it into Events"]
    back = judged("one", "general", rules=("Votes",))
    assert texts(there, back, ground(naming), ground(RULE)) == ["rule 3 “Votes” names no section for it any more"]
    placed = ground(source=replace(DEV, section="general", line=7))
    assert causes_of(there, here, ground(), placed) == (Cause("source dev list belongs to General", 7),)
    assert texts(here, judged("one", "events"), placed, ground()) == ["source dev list names no section any more"]
    assert texts(here, judged("one", "events"), ground(), ground()) == ["the sections are others: Events takes it"]
    assert texts(here, judged("one", None), ground(), ground()) == ["the sections are others: nowhere takes it"]


def test_points_of_rules_and_sources_and_of_nothing_else() -> None:
    plain = judged("one", parts=(ScorePart("start", 50), ScorePart("replies", 4)))
    more = judged("one", parts=(ScorePart("start", 50), ScorePart("rule “Votes”", -9, 12)), rules=("Votes",))
    assert causes_of(plain, more, ground(), ground(RULE)) == (Cause("rule 3 “Votes” −9 points (was 0)", 12, "Votes"),)
    (cause,) = causes_of(more, plain, ground(RULE), ground())
    assert (cause.text, cause.line, cause.is_old) == ("rule 3 “Votes” 0 points (was −9)", 12, True)
    heavy = judged("one", parts=(ScorePart("start", 50), ScorePart("source dev list", 20, 7)))
    assert causes_of(plain, heavy, ground(), ground()) == (Cause("source dev list: +20 points (was 0)", 7),)


def test_keeping_and_another_look() -> None:
    plain, kept = judged("one"), judged("one", is_kept=True, rules=("Votes",))
    keeping = replace(RULE, keep=True)
    assert texts(plain, kept, ground(), ground(keeping)) == ["rule 3 “Votes” keeps it"]
    (cause,) = causes_of(kept, plain, ground(keeping), ground())
    assert (cause.text, cause.is_old) == ("rule 3 “Votes” does not keep it any more", True)
    labelled = judged("one", labels=("vote",), rules=("Votes",))
    labelling = replace(RULE, label="vote")
    assert texts(plain, labelled, ground(), ground(labelling)) == ["rule 3 “Votes” shows it in another way"]
    (cause,) = causes_of(labelled, plain, ground(labelling), ground())
    assert (cause.text, cause.is_old) == ("rule 3 “Votes” showed it in another way", True)


def test_limits_of_its_source() -> None:
    one = judged("one")
    other = replace(DEV, at_most_per_week=None, quote_at_most=20, show_as="line", line=7)
    assert texts(one, one, ground(), ground(source=other)) == [
        "source dev list: at most per week not set (was 25)",
        "source dev list: quote at most 20 (was 60)",
        "source dev list: show as line (was not set)",
    ]


def test_what_is_read_no_more() -> None:
    one = judged("one")
    assert texts(one, None, ground(), ground(source=None)) == ["source dev list is not in this file"]
    paused = ground(source=replace(DEV, paused=True, line=7))
    assert causes_of(one, None, ground(), paused) == (Cause("source dev list is paused in this file", 7),)
    assert texts(one, None, ground(), ground()) == ["it is part of another story now"]
    assert texts(one, None, ground(source=None), ground()) == ["nothing of it is read any more"]
    assert texts(None, one, ground(), ground()) == ["it was part of another story then"]
