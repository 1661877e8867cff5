"""What every source brought and what of it was told, over some weeks: one question for all sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import case, distinct, func, literal, select

from newsletter.model.period import Period
from newsletter.store.columns import Moment
from newsletter.store.database import Db
from newsletter.store.tables import issues, items, told

WEEKS = 8
_WEEK = timedelta(weeks=1)
_STANDING = ("mail", "review", "event", "chat")
"""Forms that make a thread, a figure or a date of many: however many there are, they do not flood an issue."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a source brought: ``weeks`` counts its items, the newest week first.

    ``shown`` counts the stories that editors could choose from (a thread of mails is one), ``kept`` those of them that
    issues told. ``posts`` counts, week by week as well, the items that stand alone: those that can flood an issue.
    """

    shown: int = 0
    kept: int = 0
    weeks: tuple[int, ...] = (0,) * WEEKS
    posts: tuple[int, ...] = (0,) * WEEKS


@dataclass(frozen=True, slots=True)
class SourceValue:
    """What all sources brought in the weeks before ``until``, and the span that ``shown`` and ``kept`` are about."""

    by_source: Mapping[str, Brought] = field(default_factory=dict)
    chosen: Period | None = None
    issues_count: int = 0
    """How many issues chose from what was shown."""


def source_value(db: Db, until: datetime) -> SourceValue:
    """The value of every source that brought something lately. A draft that nobody approved has chosen nothing yet.

    What was shown and what of it was kept are counted over the same stories: those of the weeks up to the end of the
    newest issue that was chosen from.
    """
    numbers, ends = _chosen(db, until)
    end = ends[0] if ends and ends[0] > until - WEEKS * _WEEK else until
    start = end - WEEKS * _WEEK
    mine = [number for number, at in zip(numbers, ends, strict=True) if at > start]
    taken = select(told.c.item_id.label("id")).where(told.c.issue_number.in_(mine)).distinct().subquery("taken")
    is_shown = (items.c.effective_at >= start) & (items.c.effective_at < end)
    story = case((items.c.form == "mail", func.coalesce(items.c.thread_root, items.c.id)), else_=items.c.id)
    stands_alone = items.c.form.not_in(_STANDING)
    # Not the bare column: SQLite would walk the index that begins with it through all the years, to have the groups.
    source = (items.c.source_id + "").label("source_id")
    columns = [
        source,
        func.count(distinct(case((is_shown, story)))).label("shown"),
        func.count(distinct(case((is_shown & taken.c.id.is_not(None), story)))).label("kept"),
    ]
    for week in range(WEEKS):
        first, last = (literal(until - count * _WEEK, Moment) for count in (week + 1, week))
        is_in = (items.c.effective_at >= first) & (items.c.effective_at < last)
        columns.append(func.count(case((is_in, 1))).label(f"week_{week}"))
        columns.append(func.count(case((is_in & stands_alone, 1))).label(f"posts_{week}"))
    lately = (items.c.effective_at >= min(start, until - WEEKS * _WEEK)) & (items.c.effective_at < until)
    question = (
        select(*columns).select_from(items).outerjoin(taken, taken.c.id == items.c.id).where(lately).group_by(source)
    )
    found = {
        row.source_id: Brought(
            row.shown,
            row.kept,
            tuple(getattr(row, f"week_{week}") for week in range(WEEKS)),
            tuple(getattr(row, f"posts_{week}") for week in range(WEEKS)),
        )
        for row in db.execute(question)
    }
    return SourceValue(found, Period(start, end), len(mine))


def posts_value(db: Db, until: datetime) -> SourceValue:
    """Of :func:`source_value` only ``posts`` and ``issues_count``, with less work; sources without are left out."""
    since = until - WEEKS * _WEEK
    _, ends = _chosen(db, until)
    end = ends[0] if ends and ends[0] > since else until
    source = (items.c.source_id + "").label("source_id")
    columns = [source]
    for week in range(WEEKS):
        first, last = (literal(until - count * _WEEK, Moment) for count in (week + 1, week))
        is_in = (items.c.effective_at >= first) & (items.c.effective_at < last)
        columns.append(func.count(case((is_in, 1))).label(f"posts_{week}"))
    lately = (items.c.effective_at >= since) & (items.c.effective_at < until)
    rows = db.execute(select(*columns).where(lately, items.c.form.not_in(_STANDING)).group_by(source))
    found = {row.source_id: Brought(posts=tuple(row[1:])) for row in rows}
    return SourceValue(found, None, sum(at > end - WEEKS * _WEEK for at in ends))


def _chosen(db: Db, until: datetime) -> tuple[list[int], list[datetime]]:
    """The newest issues that were chosen from and the ends of their periods, the newest first."""
    newest = select(func.max(issues.c.number)).scalar_subquery()
    is_chosen = (issues.c.state != "draft") | (issues.c.number < newest)
    question = select(issues.c.number, issues.c.period_end).where(is_chosen, issues.c.period_end <= until)
    rows = list(db.execute(question.order_by(issues.c.period_end.desc(), issues.c.number.desc()).limit(2 * WEEKS)))
    return [row.number for row in rows], [row.period_end for row in rows]
