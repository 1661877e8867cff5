"""A learned order in words: parts with points that add up to the score, as the readable rule has them."""

from collections.abc import Iterable, Mapping
from math import floor

from newsletter.classify.contenders import Contender
from newsletter.classify.pick_model import Fit
from newsletter.classify.picks import PickHistory
from newsletter.model.story import ScorePart

POINTS = 12
"""Points for one unit of log-odds: a story with 74 is about seven times as likely to enter as one with 50."""

MOST_FOR_NAMES = 10
"""Who was picked before says much; it may not say more than this, or newcomers would have no room."""

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "crowd": ("people", "posts", "posts of the liveliest", "posts so far", "ripe and people", "age and people"),
    "age": ("age", "fresh", "ripe", "old"),
    "picked": ("starter", "people picked before"),
    "starter": ("posts of the starter", "first post"),
    "words": ("words",),
    "title": ("length of the title", "release", "plan", "routine"),
    "source": ("source",),
    "sources": ("sources",),
    "marks": ("marks",),
    "told": (
        "told",
        "growth since told",
        "told and people",
        "passed over",
        "passed over, never told",
        "old, never told",
    ),
}


def explain(contender: Contender, terms: Mapping[str, float], fit: Fit, history: PickHistory) -> tuple[ScorePart, ...]:
    """The parts whose sum is what ``fit`` says, in points above or below an average contender.

    Names count for at most MOST_FOR_NAMES points.
    """
    shares = fit.shares(terms)
    known = {name for names in _GROUPS.values() for name in names}
    exact = {group: sum(shares.get(name, 0.0) for name in names) * POINTS for group, names in _GROUPS.items()}
    exact["picked"] = max(-MOST_FOR_NAMES, min(MOST_FOR_NAMES, exact["picked"]))
    exact["rest"] = sum(share for name, share in shares.items() if name not in known) * POINTS
    words = _words(contender, terms, history)
    whole = _rounded(exact)
    return tuple(ScorePart(words[group], points) for group, points in whole.items() if points)


def _rounded(exact: Mapping[str, float]) -> dict[str, int]:
    """Whole points that add up to the rounded sum: the largest remainders are rounded up."""
    down = {name: floor(value) for name, value in exact.items()}
    missing = round(sum(exact.values())) - sum(down.values())
    by_remainder = sorted(exact, key=lambda name: down[name] - exact[name])
    for name in by_remainder[:missing]:
        down[name] += 1
    return down


def _words(contender: Contender, terms: Mapping[str, float], history: PickHistory) -> dict[str, str]:
    one = contender
    name, picked, seen = history.known(one)
    telling = ", ".join(word for word, pull in history.telling_words(one.title) if abs(pull) > 0.2)
    days = int(one.age_days)
    return {
        "crowd": f"{_counted(one.posts, 'post')} by {_counted(one.people_count, 'person', 'people')}",
        "age": f"{_counted(days, 'day')} old; this newsletter's usual age counts",
        "picked": f"picked before: {name}, {picked} of {seen} times" if seen else "nobody here was picked before",
        "starter": "its starter's first post" if terms["first post"] else "how much its starter writes",
        "words": f"words of the title: {telling}" if telling else "words of the title",
        "title": "the kind of title: " + (", ".join(_kinds(terms)) or _counted(len(one.title.split()), "word")),
        "source": "how often its source was picked",
        "sources": f"told by {_counted(one.sources_count, 'source')}",
        "marks": "what it is about: " + (", ".join(sorted(one.marks)) or "nothing special"),
        "told": _telling(one, history),
        "rest": "all else",
    }


def _kinds(terms: Mapping[str, float]) -> Iterable[str]:
    return [name for name in ("release", "plan", "routine") if terms[name]]


def _telling(one: Contender, history: PickHistory) -> str:
    if one.id in history.told:
        return f"told before, with {_counted(history.told[one.id], 'post')}"
    times = history.passed[one.id]
    return f"passed over {_counted(times, 'time')} before" if times else "never told, never passed over"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one}" if count == 1 else f"{count} {many or one + 's'}"
