"""A logistic model of what editors pick, fitted anew at every issue, and explained term by term."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsletter.classify.contenders import Contender, Pool
from newsletter.classify.picks import PickHistory

LEAST_ISSUES = 20
"""With fewer issues of history a readable rule decides."""
PEOPLE_TERMS = ("starter", "people picked before")
_PENALTY = 10.0
_HALF_LIFE = 60
"""Issues after which what editors did counts half."""
_STEPS = 8
_MOST_ISSUES = 150
_MOST_REST = 60
"""Of those not picked in an issue, this many are kept: the liveliest teach most."""

_Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights of terms that are centred and scaled; ``base`` is the log-odds of a contender that is average in all."""

    names: tuple[str, ...]
    weights: _Numbers
    means: _Numbers
    spreads: _Numbers
    base: float

    def shares(self, terms: Mapping[str, float]) -> dict[str, float]:
        """What each term adds to the log-odds."""
        values = np.array([terms[name] for name in self.names])
        return dict(zip(self.names, (self.weights * (values - self.means) / self.spreads).tolist(), strict=True))

    def log_odds(self, terms: Mapping[str, float]) -> float:
        """The log-odds of a pick."""
        return self.base + sum(self.shares(terms).values())


@dataclass(slots=True)
class PickModel:
    """History, and the terms of the last issues to fit to. ``uses_people``: whether who was picked before counts."""

    history: PickHistory = field(default_factory=PickHistory)
    uses_people: bool = True
    names: tuple[str, ...] = ()
    rows: list[_Numbers] = field(default_factory=list)
    picks: list[_Numbers] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Whether there is enough history to decide."""
        return len(self.rows) >= LEAST_ISSUES and any(picks.any() for picks in self.picks)

    def fit(self) -> Fit | None:
        """The model of now; None while the readable rule decides."""
        if not self.is_ready:
            return None
        kept = [at for at, name in enumerate(self.names) if self.uses_people or name not in PEOPLE_TERMS]
        terms = np.concatenate(self.rows)[:, kept]
        picks = np.concatenate(self.picks)
        ages = np.repeat(np.arange(len(self.rows), 0, -1), [len(each) for each in self.rows])
        means, spreads = terms.mean(0), terms.std(0) + 1e-6
        weights = _logistic((terms - means) / spreads, picks, 0.5 ** (ages / _HALF_LIFE))
        names = tuple(self.names[at] for at in kept)
        return Fit(names, weights[1:], means, spreads, float(weights[0]))

    def learn(self, pool: Pool, picked: AbstractSet[str]) -> None:
        """Take in an issue: which of ``pool`` were picked (by id)."""
        if pool.contenders:
            terms = [(each, self.history.terms(each, pool)) for each in pool.contenders]
            self.names = tuple(terms[0][1])
            shown = _worth_learning(terms, picked)
            self.rows.append(np.array([list(found.values()) for _, found in shown]))
            self.picks.append(np.array([float(each.id in picked) for each, _ in shown]))
            del self.rows[:-_MOST_ISSUES], self.picks[:-_MOST_ISSUES]
        self.history.learn(pool, picked)

    def as_json(self) -> dict[str, Any]:
        """What to store; the same model gives the same text."""
        rows = [[[round(float(value), 5) for value in row] for row in issue] for issue in self.rows]
        picks = [[int(value) for value in issue] for issue in self.picks]
        return {"history": self.history.as_json(), "names": list(self.names), "rows": rows, "picks": picks}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, uses_people: bool = True) -> "PickModel":
        """The model stored as ``value``."""
        return cls(
            PickHistory.from_json(value["history"]),
            uses_people,
            tuple(value["names"]),
            [np.array(issue, dtype=float) for issue in value["rows"]],
            [np.array(issue, dtype=float) for issue in value["picks"]],
        )


def _worth_learning(
    terms: Sequence[tuple[Contender, Mapping[str, float]]], picked: AbstractSet[str]
) -> list[tuple[Contender, Mapping[str, float]]]:
    rest = [each for each in terms if each[0].id not in picked]
    if len(rest) <= _MOST_REST:
        return list(terms)
    rest.sort(key=lambda each: (-each[0].people_count, -each[0].posts, each[0].id))
    kept = {each[0].id for each in rest[:_MOST_REST]} | set(picked)
    return [each for each in terms if each[0].id in kept]


def _logistic(terms: _Numbers, picks: _Numbers, counts: _Numbers) -> _Numbers:
    """Weights, the first for the base, of a penalised logistic regression by Newton's method."""
    ones = np.column_stack([np.ones(len(terms)), terms])
    penalty = np.full(ones.shape[1], _PENALTY)
    penalty[0] = 0.01
    weights = np.zeros(ones.shape[1])
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-np.clip(ones @ weights, -30, 30)))
        slope = ones.T @ (counts * (chances - picks)) + penalty * weights
        bend = (ones * (counts * chances * (1 - chances))[:, None]).T @ ones + np.diag(penalty)
        weights = weights - np.linalg.solve(bend, slope)
    return weights
