import pytest

from newsletter.classify.ranked import Quality, mean_quality, quality


def test_measures_of_an_order() -> None:
    found = quality([True, False, True, False, False])
    assert found.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert (found.recall_at_k, found.recall_at_2k) == (0.5, 1.0)
    assert found.auc == pytest.approx(5 / 6)
    assert quality([True, True]) == Quality(1, 1, 1, 1)


def test_the_mean_over_issues() -> None:
    assert mean_quality([Quality(1, 1, 1, 1), Quality(0, 0.5, 1, 0)]) == Quality(0.5, 0.75, 1, 0.5)


def test_without_a_pick_there_is_nothing_to_measure() -> None:
    with pytest.raises(ValueError, match="nothing was picked"):
        quality([False, False])
