from datetime import timedelta

from newsletter.classify.contenders import Contender, Pool
from newsletter.classify.debate import age_part, debate_parts, rule_parts


def points(one: Contender, *others: Contender, told: dict[str, int] | None = None) -> int:
    return sum(part.points for part in rule_parts(one, Pool.of([one, *others]), told or {}))


def debate(posts: int, people: int, age: float = 5, **more: object) -> Contender:
    return Contender("a", "Doors", posts=posts, people_count=people, all_posts=posts, age_days=age, starter_posts=9)


def test_people_count_for_more_than_posts() -> None:
    assert points(debate(9, 8)) > points(debate(20, 2))


def test_small_debates_are_not_made_large_by_a_quiet_week() -> None:
    assert [part.points for part in debate_parts(3, 3, most_posts=3, most_people=3)] == [4, 7]
    assert list(debate_parts(2, 2, most_posts=30, most_people=9)) == []


def test_a_discussion_ripens_then_sinks() -> None:
    def at(days: float, **more: bool) -> int:
        return age_part(timedelta(days=days), **{"is_discussion": True, "is_alive": False, **more}).points

    assert [at(1), at(2), at(8.9), at(9), at(12), at(40)] == [-6, 6, 6, 0, -3, -12]
    assert at(40, is_alive=True) == -3
    assert at(1, is_discussion=False) == 0


def test_what_was_told_sinks_until_it_has_doubled() -> None:
    one = debate(8, 4)
    assert points(one, told={"a": 7}) == points(one) - 12
    assert points(one, told={"a": 4}) == points(one)


def test_parts_say_what_they_are_for() -> None:
    one = Contender("a", "Proposal: weekly meeting", posts=4, people_count=2, age_days=0.5)
    assert {part.name: part.points for part in rule_parts(one, Pool.of([one]), {})} == {
        "3 replies": 4,
        "two people talk": 2,
        "has only begun": -6,
        "somebody's first post": -4,
        "a proposal": 3,
        "a thing of every week": -3,
    }
