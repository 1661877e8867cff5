"""Stories as contenders, and a learned order over them: the parts of each story's score, all at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from newsletter.classify.contenders import Contender
from newsletter.classify.marks import marks_of
from newsletter.model.robots import is_robot
from newsletter.model.story import ScorePart, Story

WINDOW = timedelta(days=10)
"""What was said in the last days before the issue counts as lively."""
Ranker = Callable[[Sequence[Story], datetime], Mapping[str, tuple[ScorePart, ...]]]
"""Gives the parts of each story's worth by the id of its lead; ``datetime`` is when the issue is made."""


def contender_of(story: Story, now: datetime) -> Contender:
    """``story`` as ranking sees it at the time ``now``."""
    recent = [item for item in story.items if item.published_at is None or item.published_at >= now - WINDOW]
    people = dict.fromkeys(item.author.identity for item in recent if item.author and not is_robot(item.author))
    is_topic = story.lead.thread is not None and story.lead.form != "mail"
    posts = story.reply_count + 1 if is_topic else max(1, len(recent))
    began = story.first_at or story.last_at
    return Contender(
        id=story.id,
        title=story.title,
        source=story.lead.source_id,
        starter=story.author.identity if story.author and not is_robot(story.author) else "",
        people=tuple(people),
        posts=posts,
        people_count=story.people_count if is_topic else max(1, len(people)),
        all_posts=max(posts, story.reply_count + 1),
        all_people=max(1, story.people_count),
        age_days=max(0.0, (now - began) / timedelta(days=1)) if began else 0.0,
        marks=marks_of(story, now=now),
        sources_count=len({item.source_id for item in story.items}),
    )
