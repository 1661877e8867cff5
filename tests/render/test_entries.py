from dataclasses import replace
from datetime import date

import pytest

from newsletter.render.entries import EntryViews, foreign
from tests.render import samples


@pytest.mark.parametrize(
    ("task", "said"), [("Vote", "Vote by Thursday 22 April, in 6 days"), ("", "By Thursday 22 April, in 6 days")]
)
def test_a_day_says_what_has_to_be_done_until_then(task: str, said: str) -> None:
    entry = samples.entry("a", "Charter", due_on=date(2027, 4, 22), task=task)
    assert EntryViews(samples.press(), samples.issue()).entry(entry).due == said


def test_a_day_that_is_over_is_not_told() -> None:
    entry = samples.entry("a", "Charter", due_on=date(2027, 4, 15), task="Vote")
    assert EntryViews(samples.press(), samples.issue()).entry(entry).due == ""


def test_every_entry_of_a_page_has_a_name_of_its_own() -> None:
    views = EntryViews(samples.press(), samples.issue())
    entry = samples.entry("a", "Charter")
    assert [views.entry(each).id for each in (entry, entry, replace(entry, id="b"))] == ["e-a", "e-a-2", "e-b"]


def test_places_are_told_once_and_told_apart() -> None:
    first, second = (samples.entry(name, "Charter").places[0] for name in "ab")
    entry = samples.entry("a", "Charter", places=(first, second, first))
    labels = [place.label for place in EntryViews(samples.press(), samples.issue()).entry(entry).places]
    assert labels == ["thread", "thread 2", "thread 3"]


@pytest.mark.parametrize(("language", "told"), [("de", "de"), ("en", None), ("en-GB", None), (None, None)])
def test_only_another_language_is_told(language: str | None, told: str | None) -> None:
    assert foreign(language, samples.press()) == told
