"""SectionModel: an online linear model that learns from each issue in which section editors put what.

One weight for each feature and section; logistic loss, steps that shrink for features often seen (AdaGrad),
rare sections weighted up. At each learning the last issues are gone over again, the newest counting most:
editors change their habits. Nothing is drawn by chance: the same history gives the same model, bit for bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from newsletter.classify.encoding import ROWS, Batch, Places, Reals, Rows, batch_of, scores

_REPLAYED = 12
_MOST_REPLAYED = 3_000
"""Examples that are gone over again at most, so that learning stays quick."""
_PART = 250
"""A large issue is learned in parts of so many stories: each is a step."""
_ROUNDS = 2
_RATE, _BIAS_RATE = np.float32(0.9), np.float32(0.2)
START_SQUARE = np.float32(0.3)
"""What the squares of slopes begin with: how careful the first steps are."""
_FADING = 0.7
"""How much less each older issue counts."""
_BALANCE = 0.6
"""0: sections count by their stories; 1: all sections count the same."""
_COUNT_FADING = 0.98


@dataclass(frozen=True, slots=True)
class Lesson:
    """Stories of the issue ``key`` and where editors put them."""

    key: str
    batch: Batch


@dataclass
class Record:
    """How often the rules and the model were right, on the last issue and, fading, on those before it."""

    rules_last: int = 0
    model_last: int = 0
    rules_before: float = 0.0
    model_before: float = 0.0
    model_decides: bool = False

    def compare(self, rules_right: int, model_right: int) -> None:
        """Take in an issue that neither knew. Rules decide until the model beats them on the last issue.

        They decide again only when they were better on the last issue and before it as well: one odd issue
        takes nothing away.
        """
        self.rules_before = _FADING * (self.rules_before + self.rules_last)
        self.model_before = _FADING * (self.model_before + self.model_last)
        self.rules_last, self.model_last = rules_right, model_right
        if model_right > rules_right:
            self.model_decides = True
        elif rules_right > model_right and self.rules_before >= self.model_before:
            self.model_decides = False


@dataclass
class SectionModel:
    """What was learned so far; ``sections`` in the order they were met, ``learned`` the keys of the issues."""

    sections: list[str] = field(default_factory=list)
    weights: Reals = field(default_factory=lambda: np.zeros((ROWS, 0), np.float32))
    squares: Reals = field(default_factory=lambda: np.zeros((ROWS, 0), np.float32))
    bias: Reals = field(default_factory=lambda: np.zeros(0, np.float32))
    counts: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    lessons: list[Lesson] = field(default_factory=list)
    learned: list[str] = field(default_factory=list)
    record: Record = field(default_factory=Record)

    def chances(self, rows: Rows) -> Reals:
        """How likely each row belongs to each of ``sections``, a column each."""
        return _chances(scores(rows, self.weights, self.bias).T).T

    def learn(self, key: str, rows: Rows, sections: Sequence[str]) -> None:
        """Learn that ``rows`` belong to ``sections``, and go over the last issues again.

        What was learned of the issue ``key`` before is gone over no more.
        """
        self._meet(sections)
        labels = np.array([self.sections.index(each) for each in sections], np.int64)
        self.counts = self.counts * _COUNT_FADING + np.bincount(labels, minlength=len(self.sections))
        self.lessons = [each for each in self.lessons if each.key != key]
        self.lessons += [Lesson(key, batch_of(part, those)) for part, those in _parts(rows, labels)]
        self._forget()
        self._go_over()

    def _meet(self, sections: Sequence[str]) -> None:
        """Room for sections not seen before."""
        new = [each for each in dict.fromkeys(sections) if each not in self.sections]
        if not new:
            return
        self.sections += new
        more = np.zeros((ROWS, len(new)), np.float32)
        self.weights = np.concatenate([self.weights, more], axis=1)
        self.squares = np.concatenate([self.squares, more + START_SQUARE], axis=1)
        self.bias = np.concatenate([self.bias, more[0]])
        self.counts = np.concatenate([self.counts, more[0].astype(np.float64)])

    def _forget(self) -> None:
        """Keep the lessons of the last issues, as far as they are not too many."""
        keys = list(dict.fromkeys(each.key for each in self.lessons))[-_REPLAYED:]
        left = _MOST_REPLAYED
        kept: list[Lesson] = []
        for lesson in reversed(self.lessons):
            left -= len(lesson.batch.labels)
            if lesson.key not in keys or (left < 0 and kept):
                break
            kept.append(lesson)
        self.lessons = kept[::-1]

    def _weighing(self) -> npt.NDArray[np.float64]:
        """What a story of each section counts: more where there are few, 1 on the average of all stories."""
        seen = np.maximum(self.counts, 1e-3)
        weighing = (seen.mean() / seen) ** _BALANCE
        balanced: npt.NDArray[np.float64] = weighing * (seen.sum() / (weighing * seen).sum())
        return balanced

    def _go_over(self) -> None:
        """Several rounds through the lessons, on a copy of the few rows they need: so it stays in the near memory."""
        keys = list(dict.fromkeys(each.key for each in self.lessons))
        weighing = self._weighing()
        is_needed = np.zeros(ROWS, bool)
        for lesson in self.lessons:
            is_needed[lesson.batch.present] = True
        needed = np.flatnonzero(is_needed)
        place = np.zeros(ROWS, np.int64)
        place[needed] = np.arange(len(needed))
        desk = _Desk(self.weights.take(needed, axis=0).T.copy(), self.squares.take(needed, axis=0).T.copy(), self.bias)
        steps = []
        for lesson in self.lessons:
            fading = _FADING ** (len(keys) - 1 - keys.index(lesson.key))
            steps.append((lesson.batch, place[lesson.batch.present], (weighing * fading).astype(np.float32)))
        for _ in range(_ROUNDS):
            for batch, where, weighed in steps:
                desk.step(batch, where, weighed)
        self.weights[needed], self.squares[needed] = desk.weights.T, desk.squares.T
        self.bias = desk.bias


@dataclass
class _Desk:
    """The weights and squares that some lessons need: a row for each section, a column for each feature."""

    weights: Reals
    squares: Reals
    bias: Reals

    def step(self, batch: Batch, where: Places, weighing: Reals) -> None:
        """One step down the slope of the loss over ``batch``, whose features lie in the columns ``where``."""
        weights = self.weights.take(where, axis=1)
        found = np.add.reduceat(weights.take(batch.where, axis=1) * batch.values, batch.starts, axis=1)
        slope = _chances(found + self.bias[:, None])
        slope[batch.labels, np.arange(len(batch.labels))] -= 1
        slope *= weighing.take(batch.labels)
        self.bias = self.bias - _BIAS_RATE * slope.mean(axis=1)
        gradient = np.add.reduceat(slope.take(batch.by_feature, axis=1) * batch.values_by_feature, batch.edges, axis=1)
        squares = self.squares.take(where, axis=1) + gradient * gradient
        self.squares[:, where] = squares
        self.weights[:, where] = weights - _RATE * gradient / np.sqrt(squares)


def _chances(found: Reals) -> Reals:
    """Scores, a column for each story, as chances that add up to 1."""
    raised = np.exp(found - found.max(axis=0))
    chances: Reals = raised / raised.sum(axis=0)
    return chances


def _parts(rows: Rows, labels: Places) -> list[tuple[Rows, Places]]:
    """``rows`` and their labels, a few hundred at a time."""
    edges = range(0, len(labels), _PART)
    sizes = [min(_PART, len(labels) - at) for at in edges]
    return [(part, labels[at : at + _PART]) for at, part in zip(edges, rows.parts(sizes), strict=True)]


def take_in(model: SectionModel, key: str, rows: Rows, sections: Sequence[str], *, rules: Sequence[str]) -> None:
    """Learn an issue that nobody knew: first compare what the model and the ``rules`` say of it, then learn it."""
    if model.sections:
        said = [model.sections[at] for at in model.chances(rows).argmax(axis=1)]
        right = (sum(map(str.__eq__, those, sections)) for those in (rules, said))
        model.record.compare(*right)
    model.learn(key, rows, sections)
    model.learned.append(key)
