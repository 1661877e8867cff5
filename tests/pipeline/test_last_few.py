"""What is kept of issues: of the last few asked for, of each newsletter its own, and no longer than that is open."""

import gc

from newsletter.pipeline.last_few import LastFew
from tests.pipeline.conftest import Home
from tests.pipeline.conftest import home as home


class Value:
    """Something that can be watched."""


def test_of_the_last_few_issues_one_value_each(home: Home) -> None:
    home.write("sources: []\n")
    kept: LastFew[str] = LastFew(2)
    with home.opened() as app, home.opened() as other:
        for number in (1, 2, 1, 3):
            kept.put(app, number, f"of {number}")
        assert [kept.get(app, number) for number in (1, 2, 3)] == ["of 1", None, "of 3"]
        assert kept.get(other, 1) is None
        kept.clear()
        assert kept.get(app, 1) is None


def test_a_closed_newsletter_leaves_nothing(home: Home) -> None:
    home.write("sources: []\n")
    kept: LastFew[Value] = LastFew(2)
    with home.opened() as app:
        kept.put(app, 1, Value())
    del app
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, Value)]
