from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from newsletter.classify.rules import Matcher, RuleOutcome, sift_items
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.model.item import Event, Item, Person, Thread
from newsletter.model.rule import Amount, Match, Rule
from newsletter.model.story import ScorePart, Story
from tests.classify.samples import NOW, SOURCES, ago, change, mail, post


def story(*items: Item) -> Story:
    (made,) = group_stories(items, context=StoryContext(sources=SOURCES))
    return made


def outcome(rules: list[Rule], *items: Item) -> RuleOutcome:
    return Matcher(rules, SOURCES, now=NOW).apply(story(*items))


def holds(item: Item, **match: Any) -> bool:
    return Matcher([], SOURCES, now=NOW).matches(Rule("r", Match(**match)), story(item))


@pytest.mark.parametrize(
    ("match", "is_met"),
    [
        ({"source": ("DEV list",)}, True),
        ({"source": ("users list",)}, False),
        ({"kind": ("mailing list",)}, True),
        ({"kind": ("gerrit", "feed")}, False),
        ({"title": ("cooling",)}, True),
        ({"title": ("cooling",), "text": ("nothing",)}, False),
        ({"text": ("slowly", "nothing")}, True),
        ({"author": ("Ada",)}, True),
        ({"author": ("ada@kiln.example",)}, True),
        ({"author": ("Noor",)}, False),
        ({"link": ("docs.kiln.example/curves",)}, True),
        ({"language": ("de",)}, True),
        ({"project": ("glaze",)}, False),
        ({"length": Amount(least=5)}, True),
        ({"length": Amount(most=5)}, False),
        ({"age": Amount(least=48)}, True),
        ({"age": Amount(most=48)}, False),
        ({"replies": Amount(20, None)}, True),
        ({"replies": Amount(None, 19)}, False),
        ({"people": Amount(3, 5)}, True),
        ({"title": ("cooling",), "none_of": Match(source=("dev list",))}, False),
        ({"title": ("cooling",), "none_of": Match(source=("users list",), author=("Noor",))}, True),
        ({"title": ("cooling",), "none_of": Match(source=("users list",), author=("Ada",))}, False),
        ({"none_of": Match(replies=Amount(5, None))}, False),
        ({}, True),
    ],
)
def test_every_field_of_match(match: dict[str, Any], is_met: bool) -> None:
    item = mail(
        "a",
        "[dev] Cooling curves",
        "We let the kiln cool down slowly overnight",
        links=("https://docs.kiln.example/curves/1",),
        language="de-AT",
        thread=Thread("<a@kiln.example>", 22, 4),
    )
    assert holds(item, **match) is is_met


@pytest.mark.parametrize(
    ("trait", "values"),
    [
        ("picture", {"html": '<p><img src="x.png" alt=""></p>'}),
        ("picture", {"links": ("https://kiln.example/cone.JPG",)}),
        ("date", {"text": "Join us at the meetup on 3 November 2026."}),
        ("date", {"event": Event(date(2026, 11, 3))}),
        ("deadline", {"text": "Nominations close on 3 November 2026."}),
        ("deadline", {"event": Event(date(2026, 11, 3), deadline_at=date(2026, 11, 1))}),
        ("question", {"text": "Which cone do you use?\n\nAda"}),
        ("code", {"html": "<pre>x = 1</pre>"}),
        ("code", {"text": "Try this:\n\n    fire(cone=6)\n"}),
        ("link to kiln.example", {"links": ("https://docs.kiln.example/x",)}),
    ],
)
def test_what_items_have(trait: str, values: dict[str, Any]) -> None:
    assert holds(post("a", "News", **values), has=(trait,))
    assert not holds(post("b", "News", "Plain words, see https://x.example/?a=1"), has=(trait,))


def test_project_is_the_whole_name_or_its_last_part() -> None:
    assert holds(change(1, "Mend"), project=("glaze",))
    assert holds(change(1, "Mend"), project=("kiln/glaze",))
    assert not holds(change(1, "Mend"), project=("kiln",))


def test_boosts_add_up_and_the_first_section_decides() -> None:
    rules = [
        Rule("pull", Match(title=("kiln",)), boost=5, line=10, label="hot"),
        Rule("first", Match(title=("kiln",)), section="highlights", boost=20, line=11, show_as="short"),
        Rule("second", Match(title=("kiln",)), section="general", boost=-3, line=12, because="For a reason."),
        Rule("other", Match(title=("wheel",)), section="news", boost=50),
    ]
    found = outcome(rules, post("a", "Kiln"))
    assert found.section == "highlights"
    assert found.decided_by
    assert found.decided_by.number == 2
    assert found.parts == (
        ScorePart("rule “pull”", 5, 10), ScorePart("rule “first”", 20, 11), ScorePart("rule “second”", -3, 12),
    )  # fmt: skip
    assert (found.show_as, found.labels, found.because) == ("short", ("hot",), "For a reason.")
    assert [rule.name for rule in found.fired] == ["pull", "first", "second"]


def test_drop_ends_it_unless_an_earlier_rule_said_keep() -> None:
    keep, drop, late = (
        Rule("keep", Match(title=("kiln",)), keep=True),
        Rule("drop", Match(title=("kiln",)), drop=True),
        Rule("late", Match(title=("kiln",)), boost=9),
    )
    dropped = outcome([drop, keep, late], post("a", "Kiln"))
    assert dropped.dropped_by
    assert dropped.dropped_by.name == "drop"
    assert [rule.name for rule in dropped.fired] == ["drop"]
    kept = outcome([keep, drop, late], post("a", "Kiln"))
    assert kept.dropped_by is None
    assert kept.is_kept
    assert [rule.name for rule in kept.fired] == ["keep", "drop", "late"]


def test_a_word_in_an_answer_does_not_speak_for_the_debate() -> None:
    root, answer = mail("a", "Cooling"), mail("b", "Re: Cooling", "What about the election?", answers="a")
    rule = Rule("elections", Match(text=("election",)), section="highlights")
    assert outcome([rule], root, answer).section is None
    assert outcome([rule], replace(root, text="The election is near"), answer).section == "highlights"


def test_items_are_sifted_before_they_are_grouped() -> None:
    rules = [
        Rule("robots", Match(author=("Jenkins", "*[bot]")), drop=True),
        Rule("keep", Match(source=("dev list",)), keep=True),
        Rule("adverts", Match(title=("hiring",)), drop=True),
        Rule("quiet", Match(replies=Amount(most=0)), drop=True),
        Rule("copies", Match(text=("copied it here",)), merge_with_original=True),
    ]
    robot = mail("r", "Build failed", author=Person("Jenkins"))
    advert = post("j", "We are hiring")
    ours = mail("k", "We are hiring a potter for a day")
    copy = post("c", "Copy", "I have copied it here")
    sifted = sift_items([robot, advert, ours, copy], Matcher(rules, SOURCES, now=NOW))
    assert sifted.items == (ours, copy)
    assert [(item.id, rule.name) for item, rule in sifted.dropped] == [(robot.id, "robots"), (advert.id, "adverts")]
    assert sifted.merge_marks == {copy.id}


def test_rules_that_ask_for_replies_wait_for_the_story() -> None:
    rule = Rule("quiet", Match(replies=Amount(most=0)), drop=True)
    quiet = outcome([rule], mail("a", "Cooling"))
    assert quiet.dropped_by
    assert quiet.dropped_by.name == "quiet"
    assert not outcome([rule], mail("a", "Cooling", thread=Thread("<a@kiln.example>", 3))).dropped_by


@pytest.mark.parametrize(
    ("until", "days", "is_pinned"),
    [("2026-10-15", 3, True), ("2026-10-14", 3, False), ("Friday", 3, True), ("Friday", 8, False), ("soon", 1, False)],
)
def test_a_pin_holds_through_its_day(until: str, days: int, is_pinned: bool) -> None:
    found = outcome(
        [Rule("pin", Match(title=("kiln",)), pin_until=until)], post("a", "Kiln", published_at=ago(days=days))
    )
    assert (found.is_pinned, found.is_kept) == (is_pinned, is_pinned)
    assert (NOW + timedelta()).weekday() == 3  # a Thursday
