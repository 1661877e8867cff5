"""change_hour: an issue goes out at another hour, this once. What it covers stays, so nothing is lost or told twice."""

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


def _check(app: Newsletter, period_end: datetime, moment: datetime) -> None:
    schedule = app.config.schedule
    if moment <= app.now():
        raise UsageError("That hour has passed. Choose a later one.")
    if moment < period_end:
        raise UsageError(f"Until {period_end.astimezone(schedule.zone):%A %H:%M} it is still collected. Choose later.")
    following = publish_time(schedule, next_period(schedule, period_end + timedelta(microseconds=1)))
    if moment >= following:
        shown = f"{following.astimezone(schedule.zone):%A %d %B, %H:%M}"
        raise UsageError(f"On {shown} the next issue goes out already. Choose an hour before.")
