"""Of rules and model one decides, and what the other says stands beside it."""

from dataclasses import replace

import pytest

from newsletter.classify.builtin import NONE, BuiltinSections
from newsletter.classify.learned import SectionModel
from newsletter.classify.opinions import example_for, guess_stories
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.model.story import Story
from tests.classify.samples import NOW, SOURCES, post
from tests.classify.test_learned import taught

RULES = BuiltinSections(SOURCES, NOW)
SECTIONS = ("wheel", "oven")


@pytest.fixture(scope="module")
def model() -> SectionModel:
    return taught(4)


def story(name: str, title: str) -> Story:
    (made,) = group_stories([post(name, title)], context=StoryContext(sources=SOURCES))
    return made


WHEEL = story("w", "We spun and thrown at the wheel, centre and pedal")
LUNCH = story("l", "Lunch, parking, weather and a lost umbrella")


def test_the_model_decides_once_it_beat_the_rules_and_the_rules_are_named(model: SectionModel) -> None:
    model.record.model_decides = True
    guesses = guess_stories([WHEEL, LUNCH], model=model, rules=RULES, sections=SECTIONS)
    wheel, lunch = guesses[WHEEL.lead.id], guesses[LUNCH.lead.id]
    assert (wheel.section, lunch.section) == ("wheel", None)
    assert wheel.by.startswith("learned; built-in rule “")
    assert "in 4 issues" in wheel.reasons[0]
    assert f"{wheel.confidence:.0%} sure" in wheel.reasons[0]


def test_the_rules_decide_until_then_and_the_model_is_named(model: SectionModel) -> None:
    model.record.model_decides = False
    by_rules = RULES.predict(WHEEL)
    guess = guess_stories([WHEEL], model=model, rules=RULES, sections=SECTIONS)[WHEEL.lead.id]
    assert by_rules is not None
    assert replace(guess, by=by_rules.by) == by_rules
    assert guess.by.startswith("built-in rule; learned: wheel, ")
    lunch = guess_stories([LUNCH], model=model, rules=RULES, sections=SECTIONS)[LUNCH.lead.id]
    assert "learned: none of the sections, " in lunch.by


def test_a_section_that_the_newsletter_has_no_longer_is_not_guessed(model: SectionModel) -> None:
    model.record.model_decides = True
    (guess,) = guess_stories([WHEEL], model=model, rules=RULES, sections=("oven",)).values()
    assert guess.section in ("oven", None)


def test_a_model_that_knows_none_of_the_sections_leaves_it_to_the_rules() -> None:
    assert NONE not in SectionModel().sections
    guesses = guess_stories([WHEEL], model=SectionModel(), rules=RULES, sections=SECTIONS)
    assert guesses == {WHEEL.lead.id: RULES.predict(WHEEL)}
    assert guess_stories([], model=SectionModel(), rules=RULES, sections=SECTIONS) == {}


def test_an_example_knows_the_source_by_its_name() -> None:
    named = example_for(WHEEL, RULES)
    assert named != example_for(WHEEL, BuiltinSections({}, NOW))
