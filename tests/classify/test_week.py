import random
from datetime import date

from newsletter.classify import contenders, title_marks, titles
from newsletter.classify.stories import StoryContext
from newsletter.classify.week import JudgedStory, WeekInput, judge_week
from newsletter.model.item import Item, Person, Thread
from newsletter.model.rule import Amount, Match, Rule
from newsletter.model.settings import DEFAULT_SECTIONS
from tests.classify.samples import NOW, SOURCES, change, mail, post

RULES = (
    Rule("Elections", Match(text=("nomination",)), section="highlights", boost=25, keep=True, number=1),
    Rule(
        "Long debates", Match(replies=Amount(20)), section="developer", boost=15, show_as="digest with link", number=2
    ),
    Rule("Copies", Match(text=("copied it here",)), merge_with_original=True, number=3),
    Rule("Robots", Match(author=("Jenkins",)), drop=True, number=4),
)
ITEMS = (
    mail("a", "[dev] Cooling curve", "We should keep the curve.", thread=Thread("<a@kiln.example>", 22, 9)),
    mail("b", "Re: Cooling curve", "Yes, we should.", answers="a", thread=Thread("<a@kiln.example>", 22, 9)),
    post("n", "Council", "Nominations close on 20 October 2026. Write to the council."),
    post("e", "KilnCon", "KilnCon takes place March 15-17, 2027 in Turku."),
    post("o", "The new door", "The door closes by itself now."),
    post(
        "p", "A door", "I have copied it here from the list.", links=("https://blog.kiln.example/o",), source="planet"
    ),
    mail("r", "Build 1 failed", author=Person("Jenkins"), source="users-list"),
    mail("s", "Re: Build 1 failed", author=Person("Jenkins"), source="users-list", answers="r"),
    change(4, "Mend the hinge"),
)


def judged(items: tuple[Item, ...] = ITEMS, **values: object) -> dict[str, JudgedStory]:
    given = WeekInput(items, RULES, DEFAULT_SECTIONS, StoryContext(sources=SOURCES), NOW, **values)  # type: ignore[arg-type]
    return {each.story.title: each for each in judge_week(given)}


def test_the_whole_way() -> None:
    found = judged()
    assert {title: each.verdict.section for title, each in found.items() if not each.verdict.dropped_by} == {
        "Cooling curve": "developer",
        "Council": "highlights",
        "KilnCon": "events",
        "The new door": "general",
        "Mend the hinge": "developer",
    }
    council = found["Council"]
    assert council.due_on == date(2026, 10, 20)
    assert council.verdict.is_kept
    assert found["Cooling curve"].verdict.show_as == "digest with link"
    event = found["KilnCon"].story.event
    assert event
    assert event.starts_at == date(2027, 3, 15)
    assert len(found["The new door"].story.items) == 2


def test_what_a_rule_drops_is_one_story_with_its_reason() -> None:
    dropped = [each for each in judged().values() if each.verdict.dropped_by]
    assert [(each.verdict.dropped_by, len(each.story.items)) for each in dropped] == [("Robots", 2)]


def test_no_two_stories_share_an_id_even_when_one_was_dropped() -> None:
    known = {item.id: "same" for item in ITEMS}
    given = WeekInput(ITEMS, RULES, DEFAULT_SECTIONS, StoryContext(known=known, sources=SOURCES), NOW)
    ids = [each.story.id for each in judge_week(given)]
    assert len(set(ids)) == len(ids)
    assert "same" in ids


def test_the_best_come_first_in_any_order_of_the_items() -> None:
    given = [WeekInput(items, RULES, DEFAULT_SECTIONS, StoryContext(sources=SOURCES), NOW) for items in (
        ITEMS, random.Random(3).sample(ITEMS, len(ITEMS)),
    )]  # fmt: skip
    first, second = (judge_week(each) for each in given)
    assert first == second
    scores = [each.verdict.score for each in first]
    assert scores == sorted(scores, reverse=True)
    assert all(sum(part.points for part in each.verdict.parts) == each.verdict.score for each in first)


def test_first_timers_and_told_stories_are_seen() -> None:
    names = [part.name for part in judged(first_timers=frozenset({"jun"}))["Mend the hinge"].verdict.parts]
    assert "a first contribution" in names
    told = {judged()["The new door"].story.id: [6, 0]}
    assert judged(told=told)["The new door"].verdict.told_in == 6


def test_nothing_gives_nothing() -> None:
    assert judged(()) == {}


def test_nothing_of_a_week_is_kept_for_the_next() -> None:
    test_the_whole_way()
    read = (contenders.title_pieces, title_marks.title_marks, titles.title_words, titles.numbers, titles._states)
    assert [each.cache_info().currsize for each in read] == [0] * len(read)
