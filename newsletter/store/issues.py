"""Issues: drafts and their numbers, the append-only layer of Changes, and the steps from state to state."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select, update

from newsletter.errors import NotFound, WrongState
from newsletter.model.codec import from_json, to_json
from newsletter.model.issue import STEPS, Change, Issue, IssueState
from newsletter.model.period import Period
from newsletter.store.database import Db
from newsletter.store.tables import changes as change_rows
from newsletter.store.tables import corrections as corrected
from newsletter.store.tables import issues


@dataclass(frozen=True, slots=True)
class StoredIssue:
    """An issue as the store holds it; ``issue`` is the draft before any Change, in its present state."""

    number: int
    period: Period
    state: IssueState
    title: str
    publish_on: date
    issue: Issue
    created_at: datetime
    drafted_at: datetime
    state_at: datetime


@dataclass(frozen=True, slots=True)
class Outline:
    """An issue without its content; as long as ``stamp`` is the same, so is all of it, its corrections as well."""

    number: int
    publish_on: date
    state: IssueState
    drafted_at: datetime
    stamp: str


def draft_number(db: Db, period: Period) -> int:
    """The number of the issue about ``period``: its own if it has one, else one more than the highest.

    Ask in the transaction that saves the draft: two programs never get the same number.
    WrongState when the issue is no draft any more.
    """
    db.lock("issues")
    found = issue_about(db, period)
    if found is None:
        return (db.execute(select(func.max(issues.c.number))).scalar() or 0) + 1
    if found.state != "draft":
        text = f"Issue {found.number} is {found.state}; only a draft can be made anew."
        raise WrongState(text)
    return found.number


def save_draft(db: Db, draft: Issue, *, now: datetime) -> StoredIssue:
    """Store a draft under the number :func:`draft_number` gave; an older draft of the period is replaced.

    What editors changed stays: it lies beside the draft and is folded over the new one.
    """
    number = draft_number(db, draft.period)
    if number != draft.number:
        raise WrongState(f"The issue about this period is number {number}, not {draft.number}. Make the draft again.")
    older = db.execute(select(issues.c.drafted_at).where(issues.c.number == number)).scalar()
    values = {
        "publish_on": draft.publish_on,
        "title": draft.title,
        "draft": to_json(draft),
        # Two drafts of an issue never have the same moment, whatever the clock says: it tells them apart.
        "drafted_at": now if older is None or older < now else older + timedelta(microseconds=1),
    }
    if db.execute(update(issues).where(issues.c.number == number).values(**values)).rowcount == 0:
        period = {"period_start": draft.period.start, "period_end": draft.period.end}
        row = {"number": number, "state": "draft", "created_at": now, "state_at": now, **period, **values}
        db.execute(issues.insert(), [row])
    return issue(db, number)


def widen(db: Db, number: int, period: Period) -> None:
    """Let draft ``number`` be about ``period`` from now on; WrongState when it is no draft any more."""
    statement = update(issues).where(issues.c.number == number, issues.c.state == "draft")
    if db.execute(statement.values(period_start=period.start, period_end=period.end)).rowcount == 0:
        raise WrongState(f"Issue {number} is no draft any more: its weeks stay as they are.")


def issue_about(db: Db, period: Period) -> StoredIssue | None:
    """The issue about exactly this period, None when there is none."""
    row = db.execute(
        select(issues).where(issues.c.period_start == period.start, issues.c.period_end == period.end)
    ).one_or_none()
    return None if row is None else _stored(row)


def outlines(db: Db) -> list[Outline]:
    """Every issue without its content, by number."""
    # Asked in order, SQLite goes through the table, and reads drafts of a megabyte to come to what stands behind them;
    # in any order an index holds it all.
    counted = [
        select(func.max(table.c.number)).where(table.c.issue_number == issues.c.number).scalar_subquery().label(name)
        for table, name in ((change_rows, "changed"), (corrected, "mended"))
    ]
    days = {row.number: row.publish_on for row in db.execute(select(issues.c.number, issues.c.publish_on))}
    asked = select(issues.c.number, issues.c.state, issues.c.drafted_at, *counted)
    return [
        Outline(
            row.number,
            days[row.number],
            row.state,
            row.drafted_at,
            f"{row.state} {row.drafted_at.isoformat()} {row.changed or 0} {row.mended or 0}",
        )
        for row in sorted(db.execute(asked), key=lambda row: row.number)
    ]


def issue_until(db: Db, end: datetime) -> StoredIssue | None:
    """The newest issue whose period ends at ``end``, None when there is none."""
    found = select(issues).where(issues.c.period_end == end).order_by(issues.c.number.desc()).limit(1)
    row = db.execute(found).one_or_none()
    return None if row is None else _stored(row)


def periods(db: Db) -> dict[int, Period]:
    """What each issue is about, by number; no content is read."""
    rows = db.execute(select(issues.c.number, issues.c.period_start, issues.c.period_end).order_by(issues.c.number))
    return {row.number: Period(row.period_start, row.period_end) for row in rows}


def states(db: Db) -> dict[int, IssueState]:
    """The state of each issue, by number; no content is read."""
    rows = db.execute(select(issues.c.number, issues.c.state).order_by(issues.c.number))
    return {row.number: row.state for row in rows}


def issue(db: Db, number: int) -> StoredIssue:
    """The issue with that number (NotFound)."""
    row = db.execute(select(issues).where(issues.c.number == number)).one_or_none()
    if row is None:
        raise NotFound(f"There is no issue {number}.")
    return _stored(row)


def has_issues(db: Db) -> bool:
    """Whether there is any issue."""
    return db.execute(select(issues.c.number).limit(1)).first() is not None


def newest(db: Db) -> tuple[int, IssueState, Period] | None:
    """Number, state and period of the issue with the highest number, without reading its content."""
    wanted = select(issues.c.number, issues.c.state, issues.c.period_start, issues.c.period_end)
    row = db.execute(wanted.order_by(issues.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else (row.number, row.state, Period(row.period_start, row.period_end))


def hold(db: Db, number: int) -> None:
    """Let nobody else change issue ``number`` until the transaction ends: what is read from here on stays true.

    It comes before the first look; SQLite's writers are alone anyway.
    """
    if db.is_postgres:
        db.execute(select(issues.c.number).where(issues.c.number == number).with_for_update())


def stamp(db: Db, number: int) -> tuple[datetime, IssueState, int]:
    """When issue ``number`` was drafted, its state and the number of its last Change (NotFound).

    As long as they are the same, so is everything about the issue.
    """
    last = select(func.max(change_rows.c.number)).where(change_rows.c.issue_number == number).scalar_subquery()
    asked = select(issues.c.drafted_at, issues.c.state, last.label("last")).where(issues.c.number == number)
    row = db.execute(asked).one_or_none()
    if row is None:
        raise NotFound(f"There is no issue {number}.")
    return row.drafted_at, row.state, row.last or 0


def stamps(db: Db, *, count: int) -> tuple[tuple[int, datetime, IssueState, int], ...]:
    """The numbers of the last ``count`` issues, each with its stamp, the newest first."""
    last = select(func.max(change_rows.c.number)).where(change_rows.c.issue_number == issues.c.number)
    asked = select(issues.c.number, issues.c.drafted_at, issues.c.state, last.scalar_subquery().label("last"))
    rows = db.execute(asked.order_by(issues.c.number.desc()).limit(count))
    return tuple((row.number, row.drafted_at, row.state, row.last or 0) for row in rows)


def approved_at(db: Db) -> dict[int, datetime]:
    """When each issue that is approved, and no more than that, was approved; by number."""
    asked = select(issues.c.number, issues.c.state_at).where(issues.c.state == "approved").order_by(issues.c.number)
    return {row.number: row.state_at for row in db.execute(asked)}


def numbers(db: Db) -> list[int]:
    """The numbers of all issues, in order."""
    return list(db.execute(select(issues.c.number).order_by(issues.c.number)).scalars())


def issues_before(db: Db, number: int, *, count: int) -> list[StoredIssue]:
    """The last ``count`` issues with a number under ``number``, the oldest first."""
    newest = select(issues).where(issues.c.number < number).order_by(issues.c.number.desc()).limit(count)
    return [_stored(row) for row in db.execute(newest)][::-1]


def step(db: Db, number: int, to: IssueState, *, now: datetime) -> StoredIssue:
    """Bring an issue into the state ``to``; WrongState when its state does not allow that step.

    Of two programs that try the same step, one does it and the other gets WrongState.
    """
    allowed = sorted(state for state, steps in STEPS.items() if to in steps)
    statement = update(issues).where(issues.c.number == number, issues.c.state.in_(allowed))
    if db.execute(statement.values(state=to, state_at=now)).rowcount == 0:
        found = issue(db, number)
        raise WrongState(f"Issue {number} is {found.state}; it cannot become {to} from there.")
    return issue(db, number)


def add_change(db: Db, number: int, change: Change) -> Change:
    """Append ``change`` to draft ``number`` under the next number, which the returned one carries.

    Raises NotFound, and WrongState when the issue is no draft any more.
    """
    return add_changes(db, number, [change])[0]


def add_changes(db: Db, number: int, made: Sequence[Change]) -> tuple[Change, ...]:
    """Append the changes of one act, as :func:`add_change` does; several share a batch."""
    row = db.execute(select(issues.c.state).where(issues.c.number == number).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"There is no issue {number}.")
    if row.state != "draft":
        raise WrongState(f"Issue {number} is {row.state}; only a draft can be changed. Take it back to draft first.")
    last = db.execute(select(func.max(change_rows.c.number)).where(change_rows.c.issue_number == number)).scalar() or 0
    numbered = [
        replace(each, number=last + place, batch=last + 1 if len(made) > 1 else each.batch)
        for place, each in enumerate(made, 1)
    ]
    rows = [{each.name: getattr(change, each.name) for each in fields(Change)} for change in numbered]
    if rows:
        db.execute(
            change_rows.insert(), [{"issue_number": number, **row, "revisions": list(row["revisions"])} for row in rows]
        )
    return tuple(numbered)


def changes(db: Db, number: int, *, after: int = 0) -> tuple[Change, ...]:
    """What editors did to an issue, in order; ``after`` leaves out the changes up to that number."""
    here = (change_rows.c.issue_number == number, change_rows.c.number > after)
    rows = db.execute(select(change_rows).where(*here).order_by(change_rows.c.number))
    return tuple(
        Change(
            row.number,
            row.editor,
            row.made_at,
            row.action,
            row.target,
            row.value,
            tuple(row.revisions or ()),
            row.batch,
        )
        for row in rows
    )


def has_changes(db: Db, *, but: str) -> bool:
    """Whether an editor changed any issue; changes of the action ``but`` do not count."""
    found = select(change_rows.c.number).where(change_rows.c.action != but).limit(1)
    return db.execute(found).one_or_none() is not None


def edited_before(db: Db, number: int, *, but: str) -> list[int]:
    """The numbers under ``number`` of issues that are no drafts any more, or that an editor changed; oldest first.

    Changes of the action ``but`` do not count.
    """
    changed = exists().where(change_rows.c.issue_number == issues.c.number, change_rows.c.action != but)
    asked = select(issues.c.number).where(issues.c.number < number)
    rows = db.execute(asked.where(or_(issues.c.state != "draft", changed)).order_by(issues.c.number))
    return list(rows.scalars())


def _stored(row: Any) -> StoredIssue:
    drafted = from_json(Issue, {**row.draft, "state": row.state})
    return StoredIssue(
        number=row.number,
        period=Period(row.period_start, row.period_end),
        state=row.state,
        title=row.title,
        publish_on=row.publish_on,
        issue=drafted,
        created_at=row.created_at,
        drafted_at=row.drafted_at,
        state_at=row.state_at,
    )
