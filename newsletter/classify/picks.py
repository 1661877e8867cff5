"""What editors picked before, counted: by person, by source, by word of the title, by age."""

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from math import exp, log, log1p, sqrt
from typing import Any

from newsletter.classify.contenders import (
    Contender,
    Pool,
    is_plan_title,
    is_release_title,
    is_routine_title,
    title_pieces,
)

LONGEST_AGE = 30
_PRIOR = 4.0
_WIDTH = 1.5
"""Days over which neighbouring ages learn from each other."""
_STRONGEST_WORDS = 4
_MOST_WORDS = 60_000
_TALLIES = ("people", "sources", "words", "ages", "marks")
_COUNTS = ("issues_count", "picks_count", "rest_count")


@dataclass(slots=True)
class Tally:
    """How often something was there, and how often what it belongs to was picked."""

    seen: Counter[str] = field(default_factory=Counter)
    picked: Counter[str] = field(default_factory=Counter)

    def note(self, names: Iterable[str], is_picked: bool) -> None:
        """One more contender with these names."""
        for name in names:
            self.seen[name] += 1
            if is_picked:
                self.picked[name] += 1

    def pull(self, name: str, base: float) -> float:
        """How much ``name`` speaks for a pick, in log-odds against ``base``; 0 for what was never there."""
        return log((self.picked[name] + base * _PRIOR) / (self.seen[name] + _PRIOR) / base)

    def as_json(self) -> dict[str, list[int]]:
        """By name: seen, picked; the most frequent."""
        return {name: [count, self.picked[name]] for name, count in sorted(self.seen.most_common(_MOST_WORDS))}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Tally":
        """The tally stored as ``value``."""
        return cls(
            Counter({name: counts[0] for name, counts in value.items()}),
            Counter({name: counts[1] for name, counts in value.items() if counts[1]}),
        )


@dataclass(slots=True)
class PickHistory:
    """The counts over all issues so far. ``told`` is by contender the posts it had when it was picked last."""

    issues_count: int = 0
    picks_count: int = 0
    rest_count: int = 0
    people: Tally = field(default_factory=Tally)
    sources: Tally = field(default_factory=Tally)
    words: Tally = field(default_factory=Tally)
    ages: Tally = field(default_factory=Tally)
    marks: Tally = field(default_factory=Tally)
    told: dict[str, int] = field(default_factory=dict)
    passed: Counter[str] = field(default_factory=Counter)
    _ripeness: dict[float, float] = field(default_factory=dict, repr=False)
    """By age in tenths of a day, until something is learned."""

    @property
    def base(self) -> float:
        """The share of contenders that is picked."""
        return (self.picks_count + 1) / (self.picks_count + self.rest_count + 7)

    def learn(self, pool: Pool, picked: AbstractSet[str]) -> None:
        """Count an issue: ``picked`` are the ids of those of ``pool`` that entered."""
        self.issues_count += 1
        self._ripeness.clear()
        for each in pool.contenders:
            is_picked = each.id in picked
            self.picks_count += is_picked
            self.rest_count += not is_picked
            self.people.note(each.everybody, is_picked)
            self.sources.note((each.source,), is_picked)
            self.words.note(title_pieces(each.title), is_picked)
            self.ages.note((str(int(min(LONGEST_AGE, max(0.0, each.age_days)))),), is_picked)
            self.marks.note(each.marks, is_picked)
            if is_picked:
                self.told[each.id] = each.all_posts
            else:
                self.passed[each.id] += 1

    def ripeness(self, age_days: float) -> float:
        """How much an age speaks for a pick, in log-odds: the lag of this newsletter, learned."""
        at = round(min(float(LONGEST_AGE), max(0.0, age_days)), 1)
        if at not in self._ripeness:
            self._ripeness[at] = self._learned_ripeness(at)
        return self._ripeness[at]

    def _learned_ripeness(self, at: float) -> float:
        picked = seen = 0.0
        for day in range(LONGEST_AGE + 1):
            name, nearness = str(day), exp(-abs(day - at) / _WIDTH)
            picked += self.ages.picked[name] * nearness
            seen += self.ages.seen[name] * nearness
        return log((picked + self.base * 3) / (seen + 3) / self.base)

    def known(self, contender: Contender) -> tuple[str, int, int]:
        """Who of a discussion was picked most, how often, and out of how many."""
        base = self.base
        name = max(sorted(contender.everybody), key=lambda each: self.people.pull(each, base), default="")
        return name, self.people.picked[name], self.people.seen[name]

    def telling_words(self, title: str) -> tuple[tuple[str, float], ...]:
        """The words of ``title`` that speak loudest for or against it, with their log-odds."""
        base = self.base
        pulls = sorted(((word, self.words.pull(word, base)) for word in title_pieces(title)), key=_loudest)
        return tuple(pulls[:_STRONGEST_WORDS])

    def terms(self, contender: Contender, pool: Pool) -> dict[str, float]:
        """The numbers that a model weighs, by name; all as they are known before the issue is made."""
        base, one = self.base, contender
        ripeness, crowd = self.ripeness(one.age_days), log(max(1, one.people_count))
        told = self.told.get(one.id)
        growth = log(max(1, one.all_posts) / max(1, told)) if told is not None else 0.0
        return {
            "people": crowd,
            "posts": log(max(1, one.posts)),
            "posts of the liveliest": sqrt(max(1, one.posts) / pool.most_posts),
            "posts so far": log(max(1, one.all_posts)),
            "age": ripeness,
            "age and people": ripeness * crowd,
            "fresh": float(one.age_days < 1.5),
            "ripe": float(5 <= one.age_days < 9),
            "ripe and people": float(2 <= one.age_days < 10) * crowd,
            "old": float(one.age_days > 14),
            "starter": self.people.pull(one.starter, base) if one.starter else 0.0,
            "people picked before": max((self.people.pull(each, base) for each in one.people if each), default=0.0),
            "posts of the starter": log1p(max(0, one.starter_posts)),
            "first post": float(one.starter_posts == 0),
            "words": sum(pull for _, pull in self.telling_words(one.title)) / 2,
            "length of the title": min(len(one.title.split()), 15) / 10,
            "release": float(is_release_title(one.title)),
            "plan": float(is_plan_title(one.title)),
            "routine": float(is_routine_title(one.title)),
            "source": self.sources.pull(one.source, base),
            "sources": log(max(1, one.sources_count)),
            "marks": sum(sorted((self.marks.pull(mark, base) for mark in one.marks), key=abs)[-2:]),
            "told": float(told is not None),
            "growth since told": growth,
            "told and people": crowd if told is not None else 0.0,
            "passed over": float(min(3, self.passed[one.id])),
            "passed over, never told": float(told is None and self.passed[one.id] > 0),
            "old, never told": float(one.age_days > 10 and told is None),
        }

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        tallies = {name: getattr(self, name).as_json() for name in _TALLIES}
        counts = {name: getattr(self, name) for name in _COUNTS}
        return {**counts, **tallies, "told": self.told, "passed": dict(self.passed)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "PickHistory":
        """The history stored as ``value``."""
        made = cls(told=dict(value["told"]), passed=Counter(value["passed"]))
        for name in _TALLIES:
            setattr(made, name, Tally.from_json(value[name]))
        for name in _COUNTS:
            setattr(made, name, int(value[name]))
        return made


def _loudest(pull: tuple[str, float]) -> tuple[float, str]:
    return (-abs(pull[1]), pull[0])
