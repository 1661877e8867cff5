"""How good an order is, measured against what editors picked: average precision, recall, AUC."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures of one issue, each from 0 to 1; ``k`` is the number of picks."""

    average_precision: float
    recall_at_k: float
    recall_at_2k: float
    auc: float


def quality(order: Sequence[bool]) -> Quality:
    """The quality of an order, the best first, in which picks are True. There is at least one pick.

    AUC is 1 when everything was picked: nothing could be put wrong.
    """
    k = sum(order)
    if not k:
        raise ValueError("nothing was picked")
    found, precision, right = 0, 0.0, 0
    for place, is_picked in enumerate(order, start=1):
        if is_picked:
            found += 1
            precision += found / place
        else:
            right += found
    pairs = k * (len(order) - k)
    return Quality(precision / k, sum(order[:k]) / k, sum(order[: 2 * k]) / k, right / pairs if pairs else 1.0)


def mean_quality(found: Sequence[Quality]) -> Quality:
    """The mean over issues."""
    count = max(1, len(found))
    return Quality(
        sum(each.average_precision for each in found) / count,
        sum(each.recall_at_k for each in found) / count,
        sum(each.recall_at_2k for each in found) / count,
        sum(each.auc for each in found) / count,
    )
