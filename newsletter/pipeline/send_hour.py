"""change_hour, send_now: an issue goes out at another hour, this once; what it covers stays: nothing is lost."""

from datetime import UTC, datetime, timedelta

from newsletter.edit.changes import fold
from newsletter.edit.desk import Desk
from newsletter.errors import UsageError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.review import Wish, act, open_desk
from newsletter.pipeline.times import next_period, publish_time, send_time
from newsletter.store import issues

_LONGEST_NOTE = 1_000


def change_hour(app: Newsletter, number: int, *, at: str, editor: str, note: str = "", seen: int | None = None) -> Desk:
    """Issue ``number`` goes out at ``at``, an hour in the newsletter's zone such as 2026-10-17T09:00.

    ``note`` is put under the editor's note, for readers. Raises UsageError for an hour that has passed or at which
    the next issue would go out, NotFound, WrongState, ChangedMeanwhile.
    """
    zone = app.config.schedule.zone
    try:
        day = datetime.fromisoformat(at).replace(tzinfo=None)
    except ValueError:
        raise UsageError(f"“{at}” is no hour. Write it as 2026-10-17T09:00.") from None
    moment = day.replace(tzinfo=zone).astimezone(UTC)
    with app.database.reading() as db:
        stored = issues.issue(db, number)
        issue = fold(stored.issue, issues.changes(db, number))
    _check(app, issue.period.end, moment)
    if len(note) > _LONGEST_NOTE:
        raise UsageError(f"The note has {len(note):,} letters; {_LONGEST_NOTE:,} are the most. Shorten it.")
    wishes: list[Wish] = []
    if moment != send_time(app.config.schedule, issue):
        wishes.append(("send at", "issue", {"at": moment.isoformat(), "on": day.date().isoformat()}))
    is_noted = bool(note.strip()) and issue.note.strip().endswith(note.strip())
    if note.strip() and not is_noted:
        text = "\n\n".join(filter(None, (issue.note.strip(), note.strip())))
        wishes.append(("note", "issue", {"text": text, "by": issue.note_by or editor}))
    if not wishes and is_noted:
        return open_desk(app, number)  # the form came twice
    if not wishes:
        raise UsageError("That is its hour already. Choose another one, or write a note.")
    return act(app, number, wishes, editor=editor, seen=seen)


def send_now(app: Newsletter, number: int, *, editor: str, seen: int | None = None) -> Desk:
    """The hour of issue ``number`` is now: whoever approves it lets it out at once. An hour that passed stays.

    Raises UsageError while its period is still collected, NotFound, WrongState, ChangedMeanwhile.
    """
    with app.database.reading() as db:
        issue = fold(issues.issue(db, number).issue, issues.changes(db, number))
    now, zone = app.now(), app.config.schedule.zone
    _check_collected(app, issue.period.end, now)
    if send_time(app.config.schedule, issue) <= now:
        return act(app, number, (), editor=editor, seen=seen)
    value = {"at": now.isoformat(), "on": now.astimezone(zone).date().isoformat()}
    return act(app, number, [("send at", "issue", value)], editor=editor, seen=seen)


def _check(app: Newsletter, period_end: datetime, moment: datetime) -> None:
    schedule = app.config.schedule
    if moment <= app.now():
        raise UsageError("That hour has passed. Choose a later one.")
    _check_collected(app, period_end, moment)
    following = publish_time(schedule, next_period(schedule, period_end + timedelta(microseconds=1)))
    if moment >= following:
        shown = f"{following.astimezone(schedule.zone):%A %d %B, %H:%M}"
        raise UsageError(f"On {shown} the next issue goes out already. Choose an hour before.")


def _check_collected(app: Newsletter, period_end: datetime, moment: datetime) -> None:
    if moment < period_end:
        until = period_end.astimezone(app.config.schedule.zone)
        raise UsageError(f"Until {until:%A %H:%M} it is still collected. Choose later.")
