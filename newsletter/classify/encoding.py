"""Examples as sparse rows for numpy: which features each has, and what the gradient needs to be summed quickly."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from newsletter.classify.features import Example

BITS = 18
"""The model has two to this power rows; features that meet in one row share their weight."""
ROWS = 1 << BITS

Numbers = npt.NDArray[np.uint32]
Reals = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
_START, _END = 0x51ED270B, 0x7FEB352D
_MIX = np.uint32(0x9E3779B1)
_TITLE, _PAIR, _TEXT, _OTHER = (np.uint32(salt) for salt in (0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F, 0x165667B1))


@dataclass(frozen=True, slots=True)
class Rows:
    """Some examples: ``features`` row after row, ``counts`` of each row; every row weighs the same in all."""

    features: Numbers
    counts: Places

    @property
    def starts(self) -> Places:
        """Where each row begins."""
        starts: Places = np.cumsum(self.counts) - self.counts
        return starts

    def parts(self, sizes: Sequence[int]) -> list["Rows"]:
        """The same rows in parts of ``sizes``, in order."""
        edges = np.concatenate([[0], np.cumsum(self.counts)])
        parts, at = [], 0
        for size in sizes:
            counts = self.counts[at : at + size]
            parts.append(Rows(self.features[edges[at] : edges[at + size]], counts))
            at += size
        return parts

    @property
    def values(self) -> Reals:
        """The value of each feature: as vectors, rows of any number of features have length 1."""
        return np.repeat((1.0 / np.sqrt(self.counts)).astype(np.float32), self.counts)


def encode(examples: Sequence[Example]) -> Rows:
    """The rows of ``examples``; every example has at least the two ends of its title as features."""
    titles, title_counts = _joined([[_START, *each.title, _END] for each in examples])
    texts, text_counts = _joined([each.text for each in examples])
    others, other_counts = _joined([each.other for each in examples])
    with np.errstate(over="ignore"):
        pairs = (titles[:-1] * np.uint32(0x01000193)) ^ titles[1:]
        # The pair that would join one title's end to the next one's start is dropped.
        is_inside = np.ones(len(titles), bool)
        is_inside[np.cumsum(title_counts) - 1] = False
        parts = (
            (_row(titles, _TITLE), title_counts),
            (_row(pairs[is_inside[:-1]], _PAIR), title_counts - 1),
            (_row(texts, _TEXT), text_counts),
            (_row(others, _OTHER), other_counts),
        )
    counts = sum((each for _, each in parts), np.zeros(len(examples), np.int64))
    order = np.argsort(np.concatenate([np.repeat(np.arange(len(examples)), each) for _, each in parts]), kind="stable")
    return Rows(np.concatenate([each for each, _ in parts])[order], counts)


def _joined(lists: Sequence[Sequence[int]]) -> tuple[Numbers, Places]:
    counts = np.fromiter(map(len, lists), np.int64, len(lists))
    numbers = np.fromiter(chain.from_iterable(lists), np.int64, int(counts.sum()))
    return numbers.astype(np.uint32), counts


def _row(numbers: Numbers, salt: np.uint32) -> Numbers:
    mixed = (numbers ^ salt) * _MIX
    mixed ^= mixed >> np.uint32(15)
    made: Numbers = (mixed * np.uint32(0x2C1B3C6D)) >> np.uint32(32 - BITS)
    return made


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows with their labels (class numbers), and the order in which features gather their gradient."""

    rows: Rows
    labels: Places
    starts: Places
    values: Reals
    present: Numbers
    """The features that occur, each once."""
    where: Places
    """For each feature of ``rows``, its place in ``present``."""
    by_feature: Places
    """The rows in the order of ``present``, as often as each feature occurs."""
    values_by_feature: Reals
    edges: Places
    """Where each of ``present`` begins in ``by_feature``."""


def batch_of(rows: Rows, labels: Places) -> Batch:
    """``rows`` with all that learning from them over and over needs."""
    present, where = np.unique(rows.features, return_inverse=True)
    order = np.argsort(where, kind="stable")
    edges = np.searchsorted(where[order], np.arange(len(present)))
    of_row = np.repeat(np.arange(len(rows.counts)), rows.counts)
    values = rows.values
    return Batch(rows, labels, rows.starts, values, present, where, of_row[order], values[order], edges)


def scores(rows: Rows, weights: Reals, bias: Reals) -> Reals:
    """The score of each row in each class."""
    found: Reals = (
        np.add.reduceat(weights.take(rows.features, axis=0) * rows.values[:, None], rows.starts, axis=0) + bias
    )
    return found
