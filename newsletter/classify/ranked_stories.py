"""A Ranker made of what editors picked before: every story's parts, weighed against the others of its week."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from newsletter.classify.contenders import Pool
from newsletter.classify.explain import explain
from newsletter.classify.pick_model import Fit, PickModel
from newsletter.classify.standing import Ranker, contender_of
from newsletter.model.story import ScorePart, Story


def ranked_by(model: PickModel, fit: Fit) -> Ranker:
    """The Ranker that ``fit`` of ``model`` makes."""
    history = model.history

    def rank(stories: Sequence[Story], now: datetime) -> Mapping[str, tuple[ScorePart, ...]]:
        found = [contender_of(story, now) for story in stories]
        # Nobody counts what a starter wrote elsewhere; how often the name was there before is as good.
        found = [replace(each, starter_posts=history.people.seen[each.starter]) for each in found]
        pool = Pool.of(found)
        return {
            story.lead.id: explain(each, history.terms(each, pool), fit, history)
            for story, each in zip(stories, found, strict=True)
        }

    return rank
