"""Two simulated weeks of the service amid faults lose and double nothing; `bench/soak.py` lives through a year."""

from pathlib import Path

import pytest

from newsletter.pipeline.app import open_newsletter
from tests.mailed import needs_sink
from tests.soak_outside import outside, places_of
from tests.soaking import BEGIN, WEEK, Soak, check

WEEKS = 2


@needs_sink
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_weeks_back_to_back_lose_and_double_nothing(tmp_path: Path) -> None:
    places = places_of(4, 3)
    with outside(tmp_path, places, BEGIN - WEEK) as world:
        soak = Soak(tmp_path / "home", world)
        soak.run(WEEKS)
        with open_newsletter(soak.home, environ={}, now=lambda: BEGIN + WEEKS * WEEK) as app:
            witness = world.witness()
            verdict = check(app, places, witness, issues_count=WEEKS)
            assert verdict.wrong == []
            assert verdict.counts["items"] >= 4 * 20
            assert verdict.counts["deliveries"]["accepted"] >= WEEKS * 9
            other = {**witness, "served": {**witness["served"], "s0": ["never-stored"]}, "mails": witness["mails"] * 2}
            wrong = check(app, places, other, issues_count=WEEKS + 1).wrong
    assert any("s0: lost 1" in each for each in wrong), "the check can fail"
    assert any("2 copies" in each for each in wrong)
    assert any(each.startswith("issues") for each in wrong)
