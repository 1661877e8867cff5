from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from newsletter.classify.rank import Week, best_first, measure_week, score_of, worth
from newsletter.model.item import Event, Thread
from newsletter.model.story import ScorePart, Story, Verdict
from tests.classify.samples import NOW, ago, change, mail, post

WEEK = Week(NOW, most_replies=40, most_people=15)


def story(replies: int = 0, people: int = 1, **values: Any) -> Story:
    item = values.pop("item", None) or post("a", values.get("title", "Cooling"))
    given = {"id": item.id, "title": item.title, "url": item.url, "first_at": ago(days=3), "last_at": ago(days=1)}
    return Story(items=(item,), reply_count=replies, people_count=people, **(given | values))


def points(made: Story, **values: Any) -> int:
    return sum(part.points for part in worth(made, WEEK, **values))


def test_people_count_more_than_replies_relative_to_the_liveliest() -> None:
    assert points(story()) == 0
    assert points(story(20, 2)) < points(story(2, 10)) < points(story(20, 10)) < points(story(40, 15)) == 20
    assert {part.name for part in worth(story(20, 10), WEEK)} == {"20 replies", "10 people"}


def test_a_quiet_week_makes_no_debate_of_three_mails() -> None:
    assert sum(part.points for part in worth(story(3, 3), Week(NOW, 3, 3))) < 12


def test_what_has_ripened_is_no_worse_than_what_is_fresh() -> None:
    assert points(story(first_at=ago(hours=1))) == points(story(first_at=ago(days=9))) == 0
    assert points(story(first_at=ago(days=14), last_at=ago(days=14))) == -5
    assert points(story(first_at=ago(days=400), last_at=ago(days=400))) == -12
    alive = story(9, 2, first_at=ago(days=40), last_at=ago(days=1))
    assert points(alive) > points(replace(alive, last_at=ago(days=20)))
    assert points(story(first_at=None, last_at=None)) == -3


def test_kinds_and_days_weigh() -> None:
    security, election, candidate, release, plain = (
        points(story(title=title))
        for title in ("Security notice", "Council election", "Kiln 2.0 RC1", "Kiln 2.0 is out", "Kiln")
    )
    assert security > election > candidate > release > plain
    assert points(story(), due_on=date(2026, 10, 20)) > points(story(), due_on=date(2026, 12, 20)) > 0
    assert points(story(event=Event(date(2026, 10, 20)))) > points(story(event=Event(date(2027, 10, 20)))) == 0
    assert points(story(event=Event(date(2026, 10, 1)))) < 0


def test_more_sources_and_first_contributions_rise_and_single_changes_sink() -> None:
    two = replace(story(), items=(post("a", "Cooling"), post("b", "Cooling", source="planet")))
    assert points(two) == 4
    assert points(story(item=change(1, "Mend"))) == -6
    first = Week(NOW, first_timers={"jun"})
    made = story(item=change(1, "Mend"), author=change(1, "Mend").author)
    assert sum(part.points for part in worth(made, first)) == 0
    assert points(story(title="Who knows?")) == -3
    assert points(story(item=mail("x", "Re: Cooling", answers="y"))) == -4


def test_the_week_is_measured_over_its_stories() -> None:
    week = measure_week([story(4, 3), story(9, 2)], now=NOW, told={"x": [3, 1]})
    assert (week.most_replies, week.most_people) == (9, 3)
    assert measure_week([], now=NOW).most_replies == 0


@given(st.lists(st.integers(-100, 100), max_size=12))
def test_the_parts_always_add_up(numbers: list[int]) -> None:
    score, parts = score_of([ScorePart(str(number), number) for number in numbers])
    assert 0 <= score <= 100
    assert sum(part.points for part in parts) == score


def test_the_order_is_score_then_newest_then_id() -> None:
    made = [
        (story(id="b"), Verdict("general", 50)),
        (story(id="a"), Verdict("general", 50)),
        (story(id="c", last_at=NOW), Verdict("general", 50)),
        (story(id="d", item=mail("m", "x", thread=Thread("r"))), Verdict("general", 60)),
    ]
    assert [pair[0].id for pair in best_first(made)] == ["d", "c", "a", "b"]
    assert best_first(made) == best_first(made[::-1])


def test_a_date_that_was_told_and_is_called_off_or_moved_is_news() -> None:
    week = measure_week([], now=NOW, told={"a": [3, 0]})
    assert week.told_in(story(id="a")) == 3
    for label in ("cancelled", "moved"):
        assert week.told_in(story(id="a", item=post("a", "Meetup", labels=(label,)))) is None


def test_what_an_editor_dropped_stays_dropped_until_its_thread_doubles() -> None:
    made = story(item=mail("a", "Doors"))
    week = Week(NOW, let_go={made.id: [7, 4]})
    assert week.let_go_in(replace(made, reply_count=7)) == 7
    assert week.let_go_in(replace(made, reply_count=8)) is None
    assert week.let_go_in(replace(made, id="another")) is None
