from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from newsletter.classify.builtin import BUILTIN_RULES, NONE, BuiltinSections, SectionGuess
from newsletter.classify.rank import Week
from newsletter.classify.rules import Matcher
from newsletter.classify.sections import JudgeContext, fitting_section, judge
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.model.issue import SectionSettings
from newsletter.model.item import Event, Item, Thread
from newsletter.model.rule import Match, Rule
from newsletter.model.settings import DEFAULT_SECTIONS
from newsletter.model.story import Story, Verdict
from tests.classify.samples import DEV, NOW, SOURCES, USERS, change, mail, post


def story(item: Item) -> Story:
    (made,) = group_stories([item], context=StoryContext(sources=SOURCES))
    return replace(made, event=item.event)


def verdict(item: Item, *rules: Rule, week: Week | None = None, **values: Any) -> Verdict:
    made = story(item)
    context = JudgeContext(DEFAULT_SECTIONS, values.pop("classifier", BuiltinSections(SOURCES, NOW)), week or Week(NOW))
    outcome = Matcher(rules, SOURCES, now=NOW).apply(made)
    source = values.pop("source", SOURCES[item.source_id])
    return judge(made, outcome=outcome, source=source, context=context, **values)


@pytest.mark.parametrize(
    ("item", "section"),
    [
        (post("a", "Kiln 4.0 RC2 is ready to be tested"), "highlights"),
        (post("a", "Security advisory 12: the door opens by itself"), "highlights"),
        (post("a", "A hole in the door", "CVE-2026-12345 lets anybody in."), "highlights"),
        (post("a", "Council elections: nominations are open"), "highlights"),
        (post("a", "Autumn meetup in Ghent", event=Event(date(2026, 11, 3))), "events"),
        (post("a", "Call for papers: KilnCon"), "events"),
        (post("a", "Door day", form="event", event=Event(date(2026, 11, 3))), "events"),
        (change(3, "Mend the security of the door"), "developer"),
        (post("a", "Glaze 2.3.1 released"), "developer"),
        (post("a", "[RFC] A new API for cones"), "developer"),
        (post("a", "The driver fails a test on old builds"), "developer"),
        (mail("a", "Minutes of the weekly meeting", source="users-list"), "developer"),
        (post("a", "Kilns are back, says the trade", source="press", url="https://paper.example/1"), "news"),
        (post("a", "An open kiln for schools", url="https://paper.example/1"), "news"),
        (post("a", "How we glaze a wall", url="https://noor.example/1", source="planet"), "general"),
        (post("a", "Meet the potters: Mira"), "general"),
        (post("a", "The meetup in Ghent", event=Event(date(2026, 9, 3))), "general"),
        (mail("a", "Which cone do you use?", source="users-list"), "general"),
        (post("a", "A quiet week"), "general"),
    ],
)
def test_the_built_in_rules_sort_on_day_one(item: Item, section: str) -> None:
    source = replace(SOURCES[item.source_id], section=None)
    guess = BuiltinSections(SOURCES, NOW).predict(story(item))
    assert guess
    assert guess.section == section, guess
    assert 0 < guess.confidence <= 1
    assert guess.reasons
    assert verdict(item, source=source).section == guess.section


def test_built_in_rules_have_names_of_their_own_and_known_sections() -> None:
    names = [rule.name for rule in BUILTIN_RULES]
    assert len(set(names)) == len(names)
    assert {rule.section for rule in BUILTIN_RULES} <= {NONE, *(section.id for section in DEFAULT_SECTIONS)}


def test_rules_go_before_the_source_and_the_source_before_the_guess() -> None:
    item = mail("a", "Kiln 4.0 RC2 is ready to be tested")
    assert verdict(item, source=None).section == "highlights"
    assert verdict(item).section == "developer"
    found = verdict(item, Rule("Candidates", Match(title=("rc2",)), section="general"))
    assert (found.section, found.rules) == ("general", ("Candidates",))


def test_why_is_one_plain_sentence() -> None:
    debate = mail("a", "Cooling", thread=Thread("<a@kiln.example>", 23, 9))
    rules = Rule("Other"), Rule("Long debate", Match(title=("cooling",)), section="developer")
    assert verdict(debate, rules[0], rules[1]).why == "Long debate (rule 2): 23 replies by 9 people."
    assert verdict(debate).why == "dev list belongs to Developer Community: 23 replies by 9 people."
    assert verdict(mail("b", "Hello"), source=USERS).why == "Nothing else claims it (built-in rule)."
    because = Rule("x", Match(title=("cooling",)), section="general", because="Told at the meeting.")
    assert verdict(debate, because).why == "Told at the meeting (rule 1): 23 replies by 9 people."
    dated = verdict(post("a", "Evening", event=Event(date(2026, 11, 3))))
    assert dated.why == "A date people can attend (built-in rule): 3 November 2026."
    due = verdict(post("a", "Nominations"), due_on=date(2026, 10, 20))
    assert due.why == "An election or nomination (built-in rule): due on 20 October 2026."


def test_a_deadline_that_is_past_counts_for_nothing() -> None:
    item = post("a", "Nominations")
    assert verdict(item, due_on=date(2026, 10, 14)) == verdict(item)
    assert verdict(item, due_on=date(2026, 10, 15)).score > verdict(item).score


def test_what_a_rule_drops_says_so() -> None:
    found = verdict(post("a", "We are hiring"), Rule("No adverts", Match(title=("hiring",)), drop=True))
    assert (found.dropped_by, found.why) == ("No adverts", "Dropped by “No adverts” (rule 1).")


def test_the_parts_add_up_to_the_score_and_name_their_lines() -> None:
    source = replace(DEV, weight=20, line=60)
    rule = Rule("Push", Match(title=("cooling",)), boost=100, line=150)
    found = verdict(mail("a", "Cooling"), rule, source=source)
    assert (found.score, sum(part.points for part in found.parts)) == (100, 100)
    assert [(part.name, part.points, part.line) for part in found.parts] == [
        ("start", 50, None), ("source dev list", 20, 60), ("rule “Push”", 100, 150), ("limited to 100", -70, None),
    ]  # fmt: skip
    low = verdict(mail("a", "Cooling"), replace(rule, boost=-100))
    assert (low.score, sum(part.points for part in low.parts)) == (0, 0)


def test_what_was_told_sinks_unless_it_doubled() -> None:
    item = mail("a", "Cooling", thread=Thread("<a@kiln.example>", 12, 9))
    made = story(item)
    told = verdict(item, week=Week(NOW, told={made.id: [6, 10]}))
    assert (told.told_in, told.why) == (6, "Already told in issue 6.")
    assert ("already told in issue 6", -40) in [(part.name, part.points) for part in told.parts]
    again = verdict(item, week=Week(NOW, told={made.id: [6, 6]}))
    assert again.told_in is None
    assert "doubled since issue 6" in [part.name for part in again.parts]


def test_a_date_stays_until_it_is_over_and_a_pin_as_long_as_it_holds() -> None:
    ahead = post("a", "Evening", event=Event(date(2026, 11, 3)))
    assert verdict(ahead, week=Week(NOW, told={story(ahead).id: [6]})).told_in is None
    item = post("b", "Kiln")
    pin = Rule("Pin", Match(title=("kiln",)), pin_until="2026-12-01")
    week = Week(NOW, told={story(item).id: [6]})
    assert verdict(item, week=week).told_in == 6
    assert verdict(item, pin, week=week).told_in is None


def test_a_story_that_stays_keeps_no_part_for_having_been_told() -> None:
    ahead = post("a", "Evening", event=Event(date(2026, 11, 3)))
    found = verdict(ahead, week=Week(NOW, told={story(ahead).id: [6]}))
    assert not [part for part in found.parts if "told" in part.name]


def test_a_thread_as_long_as_its_source_asks_for_becomes_a_digest() -> None:
    source = replace(DEV, settings={"digest_threads_with": "20 replies or more"}, show_as="line")
    long, short = (mail("a", "Cooling", thread=Thread("<a@kiln.example>", count)) for count in (20, 19))
    assert verdict(long, source=source).show_as == "digest with link"
    assert verdict(short, source=source).show_as == "line"


def test_sections_with_other_names_are_found_by_their_work() -> None:
    own = (
        SectionSettings("top", "Top", pick="best of everything"),
        SectionSettings("dates", "Dates", order="by date"),
        SectionSettings("figures", "Figures", show=("commits",)),
        SectionSettings("rest", "All else"),
    )
    assert fitting_section("highlights", own) == "top"
    assert fitting_section("events", own) == "dates"
    assert fitting_section("developer", own) == "rest"
    assert fitting_section("figures", own) == "rest"
    assert fitting_section("general", own[2:3]) is None


def test_a_classifier_may_say_that_nothing_fits() -> None:
    class Nowhere:
        def predict(self, story: Story) -> SectionGuess | None:
            return None

    found = verdict(post("a", "Kiln"), classifier=Nowhere())
    assert (found.section, found.why) == (None, "It fits no section.")
