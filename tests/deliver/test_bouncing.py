"""One hard bounce, three soft ones, one complaint; what is old counts no more."""

from datetime import date, timedelta

import pytest

from newsletter.deliver.bouncing import Bounce, BounceKind, Verdict, verdict

TODAY = date(2011, 3, 4)


@pytest.mark.parametrize(("kinds", "said"), [
    ("", "keep"), ("s", "keep"), ("ss", "keep"), ("sss", "ask"), ("h", "ask"), ("c", "remove"), ("sc", "remove"),
])  # fmt: skip
def test_what_follows(kinds: str, said: Verdict) -> None:
    names: dict[str, BounceKind] = {"s": "soft", "h": "hard", "c": "complaint"}
    counted = [Bounce(names[each], TODAY - timedelta(days=at)) for at, each in enumerate(kinds)]
    assert verdict(counted, today=TODAY) == said


def test_what_is_old_counts_no_more() -> None:
    assert verdict([Bounce("hard", TODAY - timedelta(days=60))], today=TODAY) == "ask"
    assert verdict([Bounce("hard", TODAY - timedelta(days=61))], today=TODAY) == "keep"
