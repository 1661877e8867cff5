"""The readable rule for discussions: people before posts, ripe before fresh; parts with points and words."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from math import sqrt

from newsletter.classify.contenders import Contender, Pool, is_plan_title, is_routine_title
from newsletter.model.story import ScorePart

RIPE_FROM, RIPE_TO = timedelta(days=2), timedelta(days=9)
"""Editors take a discussion when it has gone on for this long: earlier nobody knows what comes of it."""
_RIPE_POINTS = 6
_SMALL_DEBATE, _SMALL_CROWD = 12, 6
_TOLD = -12
_DOUBLED = 6


def debate_parts(posts: int, people: int, *, most_posts: int, most_people: int) -> Iterator[ScorePart]:
    """Points for a lively debate, relative to the liveliest of the week; people count for more than posts.

    ``posts`` are the replies.
    """
    if posts >= 3:
        yield ScorePart(f"{posts} replies", _part(8, posts, max(most_posts, _SMALL_DEBATE)))
    if people >= 3:
        points = _part(12, people - 1, max(most_people - 1, _SMALL_CROWD))
        yield ScorePart(f"{people} people", points)


def _part(points: int, value: int, most: int) -> int:
    return round(points * min(1.0, sqrt(value / most)))


def age_part(age: timedelta, *, is_discussion: bool, is_alive: bool) -> ScorePart:
    """Points for an age: a discussion ripens for some days, everything sinks after nine, what lives on sinks less."""
    days = age // timedelta(days=1)
    if age >= RIPE_TO:
        sunk = max(0, min(3 if is_alive else 12, days - RIPE_TO.days))
        return ScorePart(f"{days} days old", -sunk)
    if not is_discussion:
        return ScorePart("", 0)
    if age < RIPE_FROM:
        return ScorePart("has only begun", -_RIPE_POINTS)
    return ScorePart(f"ripe: {days} days old", _RIPE_POINTS)


def rule_parts(contender: Contender, pool: Pool, told: Mapping[str, int]) -> tuple[ScorePart, ...]:
    """The parts by which contenders stand in order while there is no history. ``told`` is by id: posts then."""
    one = contender
    age = timedelta(days=max(0.0, one.age_days))
    parts = [
        *debate_parts(one.posts - 1, one.people_count, most_posts=pool.most_posts - 1, most_people=pool.most_people),
        ScorePart("two people talk", 2 if one.people_count == 2 else 0),
        age_part(age, is_discussion=True, is_alive=one.posts > 3),
        ScorePart("somebody's first post", -4 if one.starter_posts == 0 else 0),
        ScorePart("a proposal", 3 if is_plan_title(one.title) else 0),
        ScorePart("a thing of every week", -3 if is_routine_title(one.title) else 0),
    ]
    if one.id in told:
        has_doubled = one.all_posts >= max(_DOUBLED, 2 * told[one.id])
        parts.append(ScorePart("told before", 0 if has_doubled else _TOLD))
    return tuple(part for part in parts if part.points)
