from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from newsletter.classify.proposing import Example, suggest_rules
from newsletter.classify.rules import Matcher
from newsletter.model.item import Item, Person, item_id
from newsletter.model.rule import Match, Rule
from newsletter.model.source import Source
from newsletter.model.story import Story

AT = datetime(2026, 10, 15, tzinfo=UTC)
SOURCES = {"videos": Source("videos", "Summit videos", "feed"), "planet": Source("planet", "Planet", "feed")}
NAMES = {"videos": "Summit videos", "planet": "Planet"}


def example(
    title: str, final: str | None, *, source: str = "videos", by: str = "", is_corrected: bool = True
) -> Example:
    author = Person(by) if by else None
    item = Item(item_id(source, title), source, "feed", "post", (title,), title, author=author, published_at=AT)
    return Example(Story(item.id, (item,), title, None, author=author), final, AT if is_corrected else None)


def suggested(
    examples: list[Example],
    *rules: Rule,
    sources: dict[str, Source] | None = None,
    undecided: Sequence[tuple[str, str]] = (),
) -> list[tuple[str, ...]]:
    matcher = Matcher(rules, sources or SOURCES, now=AT)
    found = suggest_rules(examples, matcher, NAMES, undecided=undecided)
    return [(each.field, *each.values, each.rule.section or "drop") for each in found]


def talks(count: int, final: str | None = "events", **more: object) -> list[Example]:
    return [example(f"{chr(97 + at) * 5} part", final, **more) for at in range(count)]  # type: ignore[arg-type]


def test_three_of_three_are_a_habit_two_are_not() -> None:
    assert suggested(talks(2)) == []
    assert suggested(talks(3))[0] == ("source", "Summit videos", "events")


def test_counter_examples_count_even_when_nobody_corrected_them() -> None:
    against = example("zzzzz part", "general", is_corrected=False)
    assert ("source", "Summit videos", "events") not in suggested([*talks(4), against])
    assert ("source", "Summit videos", "events") in suggested([*talks(7), against])


def test_what_the_program_did_right_speaks_for_it_but_is_no_correction() -> None:
    right = [replace(each, corrected_at=None) for each in talks(9)]
    assert suggested(right) == []
    assert suggested([*right[:2], *talks(2)]) == []


def test_a_stray_correction_does_not_let_a_wider_trait_win() -> None:
    habit = [example(f"{chr(97 + at) * 5} harbour", "events") for at in range(8)]
    stray = example("Harbour of the planet", "events", source="planet")
    found = suggested([*habit, stray])
    assert found[0] == ("source", "Summit videos", "events")
    assert ("title", "harbour", "events") in found
    assert not any(each[0] == "kind" for each in found)
    # What the source says is not enough as soon as the rest is a habit, too, or something speaks against it.
    more = [example(f"{chr(105 + at) * 5} harbour", "events", source="planet") for at in range(3)]
    assert suggested([*habit, *more])[0] == ("title", "harbour", "events")
    against = example("Quiet", "general", is_corrected=False)
    assert suggested([*habit, stray, against])[0] == ("source and title", "Summit videos", "harbour", "events")


def test_a_word_that_stands_over_many_others_is_not_proposed() -> None:
    mixed = [example(f"{word} machines", "events", source=source, by="")
             for word, source in (("north", "videos"), ("south", "planet"), ("west", "videos"))]  # fmt: skip
    assert ("title", "machines", "events") in suggested(mixed)
    there = [("Machines again", "events")] * 9
    assert ("title", "machines", "events") in suggested(mixed, undecided=[*there, ("More machines", "general")])
    elsewhere = [("Machines again", "news"), ("The machines", "general"), ("Machines!", "general")]
    assert ("title", "machines", "events") not in suggested(mixed, undecided=[*there, *elsewhere])


def test_the_author_and_a_word_where_sources_differ() -> None:
    mixed = [example(f"{word} webinar", None, source=source, by="Ada Obi") for word, source in
             (("north", "videos"), ("south", "planet"), ("west", "videos"), ("east", "planet"))]  # fmt: skip
    others = [example("quiet river", "general", source=source, is_corrected=False) for source in ("videos", "planet")]
    found = suggested([*mixed, *others])
    assert found[0] == ("author", "Ada Obi", "drop")
    assert ("title", "webinar", "drop") in found
    assert not any(each[0] == "source" for each in found)


def test_an_author_whose_name_means_something_in_a_rule_is_left_out() -> None:
    found = suggested([example(f"{word} part", None, source="planet", by="*/x") for word in ("aaaa", "bbbb", "cccc")])
    assert not any(each[0] == "author" for each in found)


def test_nothing_is_proposed_that_a_rule_or_the_source_does_already() -> None:
    match = Match(source=("Summit videos",))
    assert suggested(talks(4), Rule("There", match, section="events")) == []
    assert suggested(talks(4, None), Rule("Gone", match, drop=True)) == []
    placed = {**SOURCES, "videos": replace(SOURCES["videos"], section="events")}
    assert suggested(talks(4), sources=placed) == []
    assert suggested(talks(4), Rule("Elsewhere", match, section="news"), sources=placed)


def test_a_rule_that_would_decide_before_it_is_named() -> None:
    match = Match(title=("part",))
    rules = (Rule("Boost", match, boost=5), Rule("Elsewhere", match, section="news"), Rule("Later", match, keep=True))
    matcher = Matcher(rules, SOURCES, now=AT)
    assert suggest_rules(talks(3), matcher, NAMES)[0].before == "Elsewhere"
    assert suggest_rules(talks(3, None), matcher, NAMES)[0].before == "Later"
    assert suggest_rules(talks(3), Matcher((), SOURCES, now=AT), NAMES)[0].before is None
    dropping = Matcher((Rule("Gone", match, drop=True),), SOURCES, now=AT)
    assert suggest_rules(talks(3), dropping, NAMES)[0].before == "Gone"


def test_a_key_is_the_same_however_it_is_written() -> None:
    (one, *_) = suggest_rules(talks(3), Matcher((), SOURCES, now=AT), NAMES)
    assert one.key == "source=summit videos>events"
    assert suggest_rules(talks(3, None), Matcher((), SOURCES, now=AT), NAMES)[0].key == "source=summit videos>drop"
