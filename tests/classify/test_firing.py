from datetime import UTC, datetime

from newsletter.classify.firing import rules_said
from newsletter.classify.rules import Matcher
from newsletter.model.item import Item, item_id
from newsletter.model.rule import Match, Rule
from newsletter.model.story import Story

AT = datetime(2026, 10, 15, tzinfo=UTC)
ITEM = Item(item_id("planet", "a"), "planet", "feed", "post", ("a",), "A vote of the council", published_at=AT)
STORY = Story(ITEM.id, (ITEM,), ITEM.title, None)
VOTE, NONE = Match(title=("vote",)), Match(title=("no such thing",))


def said(*rules: Rule, fired: tuple[str, ...] = ()) -> list[tuple[str, int, tuple[str, ...], bool]]:
    found = rules_said(Matcher(rules, {}, now=AT), [STORY], fired=fired, title_of=str.capitalize)
    return [(each.rule.name, each.points, each.does, each.is_decisive) for each in found]


def test_the_first_that_names_a_section_decides_and_boosts_add_up() -> None:
    found = said(
        Rule("One", VOTE, boost=5), Rule("Two", VOTE, section="events"), Rule("Three", VOTE, section="news", boost=-2),
        Rule("Four", NONE, section="general"),
    )  # fmt: skip
    assert found == [
        ("One", 5, (), False),
        ("Two", 0, ("puts it into Events",), True),
        ("Three", -2, ("would put it into News; rule 2 was first",), False),
    ]


def test_after_a_drop_nobody_is_asked_and_what_is_kept_before_is_not_dropped() -> None:
    dropped = said(Rule("Gone", VOTE, drop=True), Rule("Late", VOTE, keep=True, boost=9))
    assert dropped == [
        ("Gone", 0, ("drops it",), True),
        ("Late", 0, ("not asked any more: rule 1 drops it before",), False),
    ]
    kept = said(Rule("Stay", VOTE, keep=True), Rule("Gone", VOTE, drop=True))
    assert kept == [("Stay", 0, ("keeps it",), True), ("Gone", 0, ("would drop it; rule 1 keeps it",), False)]


def test_all_else_that_a_rule_does_is_told() -> None:
    rule = Rule("All", VOTE, pin_until="Friday", merge_with_original=True, show_as="line", label="vote")
    (found,) = said(rule)
    assert found[2] == (
        "pins it until Friday",
        "calls it a copy: the original speaks for it",
        "shows it as line",
        "labels it vote",
    )


def test_a_rule_that_met_an_item_before_it_was_a_story_counts() -> None:
    assert said(Rule("Early", NONE, drop=True), fired=("Early",)) == [("Early", 0, ("drops it",), True)]
