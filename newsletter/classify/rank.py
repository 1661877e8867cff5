"""What a story is worth to readers, in parts that can be read and that add up to its score."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime

from newsletter.classify.debate import RIPE_TO, age_part, debate_parts
from newsletter.classify.marks import is_over, marks_of
from newsletter.model.item import CANCELLED, MOVED
from newsletter.model.story import ScorePart, Story, Verdict

START = 50
_TALKS = ("mail", "ticket")
_CHANGED = frozenset((CANCELLED, MOVED))
_KIND_POINTS = (
    ("security", 14, "security"),
    ("election", 10, "an election"),
    ("release candidate", 8, "a release candidate"),
    ("release", 7, "a release"),
    ("call", 3, "a call for papers"),
)


@dataclass(frozen=True, slots=True)
class Week:
    """What stories are compared with: the liveliest of the week, who is new, what was told before.

    ``told`` gives, by story id, the newest issue that told a story and the replies it had then; ``let_go``
    those that an editor dropped.
    """

    now: datetime
    most_replies: int = 0
    most_people: int = 1
    first_timers: AbstractSet[str] = frozenset()
    told: Mapping[str, Sequence[int]] = field(default_factory=dict)
    let_go: Mapping[str, Sequence[int]] = field(default_factory=dict)
    known_people: AbstractSet[str] = frozenset()
    """Those who talked with somebody in these days (Person.identity)."""

    def told_in(self, story: Story) -> int | None:
        """The issue that told ``story`` already; None when it is new, has doubled since, or is called off."""
        return _still(self.told.get(story.id), story)

    def let_go_in(self, story: Story) -> int | None:
        """The issue out of which an editor dropped ``story``; None when it has doubled since, or is called off."""
        return _still(self.let_go.get(story.id), story)


def _still(before: Sequence[int] | None, story: Story) -> int | None:
    """The issue in ``before``, as long as ``story`` is what it was then."""
    if not before or any(_CHANGED.intersection(item.labels) for item in story.items):
        return None
    replies = before[1] if len(before) > 1 else 0
    return None if story.reply_count >= max(6, 2 * replies) else before[0]


def measure_week(
    stories: Iterable[Story],
    *,
    now: datetime,
    first_timers: AbstractSet[str] = frozenset(),
    told: Mapping[str, Sequence[int]] | None = None,
    let_go: Mapping[str, Sequence[int]] | None = None,
) -> Week:
    """The Week that ``stories`` make."""
    found = list(stories)
    return Week(
        now,
        max((story.reply_count for story in found), default=0),
        max((story.people_count for story in found), default=1),
        first_timers,
        told or {},
        let_go or {},
        _who_talked(found),
    )


def _who_talked(stories: Iterable[Story]) -> frozenset[str]:
    talks = (story for story in stories if story.reply_count or len(story.items) > 1)
    return frozenset(item.author.identity for story in talks for item in story.items if item.author)


def worth(story: Story, week: Week, *, due_on: date | None = None) -> tuple[ScorePart, ...]:
    """The parts that follow from the story itself; parts without points are left out."""
    marks = marks_of(story, now=week.now, due_on=due_on)
    parts = (
        *debate_parts(
            story.reply_count, story.people_count, most_posts=week.most_replies, most_people=week.most_people
        ),
        _spread(story),
        *_kind(marks),
        *_dates(story, week.now, due_on),
        _age(story, week.now, marks),
        *_form(story, marks),
        *_newcomer(story, week),
    )
    return tuple(part for part in parts if part.points)


def _spread(story: Story) -> ScorePart:
    count = len({item.source_id for item in story.items})
    return ScorePart(f"told by {count} sources", min(9, 4 * (count - 1)))


def _kind(marks: AbstractSet[str]) -> Iterable[ScorePart]:
    """The weightiest kind only: a candidate of a release that closes a hole is one thing."""
    return [ScorePart(name, points) for mark, points, name in _KIND_POINTS if mark in marks][:1]


def _dates(story: Story, now: datetime, due_on: date | None) -> Iterable[ScorePart]:
    if due_on is not None:
        days = (due_on - now.date()).days
        yield ScorePart(f"due on {due_on:%Y-%m-%d}", 8 if days <= 10 else 4)
    if story.event is None:
        return
    start = story.event.starts_at
    days = ((start.date() if isinstance(start, datetime) else start) - now.date()).days
    if is_over(story, now):
        yield ScorePart("the event is over", -15)
    elif days <= 14:
        yield ScorePart("within two weeks", 5)


def _age(story: Story, now: datetime, marks: AbstractSet[str]) -> ScorePart:
    """A discussion ripens for some days, news do not; then everything sinks, day by day."""
    if story.first_at is None:
        return ScorePart("no date known", -3)
    if story.event is not None:
        return ScorePart("", 0)
    is_alive = story.reply_count > 2 and story.last_at is not None and now - story.last_at <= RIPE_TO
    is_news = any(mark in marks for mark, _, _ in _KIND_POINTS)
    is_discussion = story.lead.form in _TALKS and story.reply_count > 0 and not is_news
    return age_part(now - story.first_at, is_discussion=is_discussion, is_alive=is_alive)


def _form(story: Story, marks: AbstractSet[str]) -> Iterable[ScorePart]:
    if story.lead.form == "review" and len(story.items) == 1:
        is_list = story.lead.review is None
        yield ScorePart("waits for reviewers", 8) if is_list else ScorePart("a single change", -6)
    if "answer" in marks:
        yield ScorePart("begins in the middle of a thread", -4)
    if "question" in marks and story.reply_count == 0:
        yield ScorePart("a question without answer", -3)


def _newcomer(story: Story, week: Week) -> Iterable[ScorePart]:
    review = story.lead.review
    is_first = review is not None and review.is_first_contribution
    if is_first or (review and story.author and story.author.identity in week.first_timers):
        yield ScorePart("a first contribution", 6)


def telling_part(story: Story, week: Week, told_in: int | None) -> tuple[ScorePart, ...]:
    """What was told in issue ``told_in`` sinks; what was told before and has doubled rises a little."""
    if told_in is not None:
        return (ScorePart(f"already told in issue {told_in}", -40),)
    if story.id in week.told and story.reply_count and week.told_in(story) is None:
        return (ScorePart(f"doubled since issue {week.told[story.id][0]}", 4),)
    return ()


def score_of(parts: Sequence[ScorePart]) -> tuple[int, tuple[ScorePart, ...]]:
    """The sum of ``parts`` between 0 and 100, and the parts that add up to exactly that."""
    total = sum(part.points for part in parts)
    shown = max(0, min(100, total))
    if shown != total:
        return shown, (*parts, ScorePart(f"limited to {shown}", shown - total))
    return shown, tuple(parts)


def best_first(judged: Iterable[tuple[Story, Verdict]]) -> list[tuple[Story, Verdict]]:
    """The stories by score, then the newest, then by id: the same for any order of the input."""

    def order(pair: tuple[Story, Verdict]) -> tuple[int, float, str]:
        at = pair[0].last_at or pair[0].first_at
        return (-pair[1].score, -(at.timestamp() if at else 0.0), pair[0].id)

    return sorted(judged, key=order)
