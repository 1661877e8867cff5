"""Stories are weighed as the editors picked before, each against the others of its week."""

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.classify.pick_model import PickModel
from newsletter.classify.ranked_stories import ranked_by
from newsletter.classify.standing import Ranker
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.model.item import Person
from newsletter.model.story import Story
from tests.classify.contending import past
from tests.classify.samples import NOW, SOURCES, mail


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    model = PickModel()
    for pool, picked in past(40):
        model.learn(pool, picked)
    fit = model.fit()
    assert fit is not None
    return ranked_by(model, fit)


def thread(name: str, *, starter: str, people: int) -> Story:
    """A thread that ``starter`` began five days ago, with an answer of each of ``people``."""
    first = mail(name, f"Doors of {name}", author=Person(starter, starter), published_at=NOW - timedelta(days=5))
    answers = [
        mail(
            f"{name}{at}",
            f"Re: Doors of {name}",
            answers=name,
            author=Person(f"Person {at}", f"p{at}"),
            published_at=NOW - timedelta(days=3),
        )
        for at in range(people)
    ]
    (made,) = group_stories([first, *answers], context=StoryContext(sources=SOURCES))
    return made


def points(ranker: Ranker, *stories: Story) -> list[int]:
    found = ranker(stories, NOW)
    return [sum(part.points for part in found[story.lead.id]) for story in stories]


def test_what_many_talk_about_is_worth_more(ranker: Ranker) -> None:
    lively, quiet = points(ranker, thread("a", starter="bo", people=8), thread("b", starter="bo", people=1))
    assert lively > quiet


def test_whom_the_editors_picked_is_said_and_weighed(ranker: Ranker) -> None:
    asta, stranger = thread("a", starter="asta", people=4), thread("b", starter="nobody", people=4)
    asta = replace(asta, author=Person("asta"))
    found = ranker([asta, stranger], NOW)
    assert any(part.name.startswith("picked before: asta") for part in found[asta.lead.id])
    assert not any(part.name.startswith("picked before:") for part in found[stranger.lead.id])


def test_every_story_has_its_parts_and_an_empty_week_has_none(ranker: Ranker) -> None:
    stories = [thread(name, starter="bo", people=2) for name in "abc"]
    assert set(ranker(stories, NOW)) == {story.lead.id for story in stories}
    assert ranker([], NOW) == {}


def test_a_story_is_weighed_against_the_others_of_its_week(ranker: Ranker) -> None:
    one = thread("a", starter="bo", people=4)
    (alone,) = points(ranker, one)
    among = points(ranker, one, *(thread(name, starter="bo", people=9) for name in "bcdefgh"))[0]
    assert alone != among
