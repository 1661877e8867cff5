"""jobs_due: what is to be done now, each as a job with the slot that makes it one; and when to look again."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.due import due_period, next_draft
from newsletter.pipeline.going_public import due_ones, going_public
from newsletter.pipeline.notices import notices_to_send
from newsletter.pipeline.reading_times import due_now, reading_times
from newsletter.pipeline.readings_aside import READ, slot_of
from newsletter.pipeline.sending import handed_over
from newsletter.store.mailings import mailings_in
from newsletter.store.queue import Job

DRAFT, REMIND, SEND, CARE = "make draft", "remind", "send", "care"
PUBLISH, CLEAN_UP, CHECK_LINKS = "publish", "clean up", "check links"
NAMES = (READ, DRAFT, REMIND, SEND, CARE, PUBLISH, CLEAN_UP, CHECK_LINKS)
ANYWHERE = (READ, CHECK_LINKS)
"""What workers do where there is a queue; the rest is done where the files of the home are."""
CARE_EVERY = timedelta(minutes=15)
_SEND_EVERY = timedelta(seconds=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def jobs_due(app: Newsletter) -> list[Job]:
    """What is due now, in the order in which it is best done. The same question twice gives the same slots."""
    now = app.now()
    found = list(_readings(app))
    with app.database.reading() as db:
        found += [Job(PUBLISH, each.slot, {"issue": each.number}) for each in due_ones(app, db)]
    period = due_period(app)
    if period is not None:
        found.append(Job(DRAFT, period.end.isoformat(), {"period": period.end.isoformat()}))
    if told := notices_to_send(app):
        digest = hashlib.blake2b("\0".join(told[1]).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        found.append(Job(REMIND, f"{told[0]} {digest}", {"notice": told[0]}))
    care_at = _grid(now, CARE_EVERY)
    found.append(Job(CARE, care_at, {"at": care_at}))
    day = clean_up_day(app)
    found.append(Job(CLEAN_UP, day, {"day": day}))
    return found


def clean_up_day(app: Newsletter) -> str:
    """The day whose clean-up is due, in the newsletter's own time zone."""
    return f"{app.now().astimezone(app.config.schedule.zone):%Y-%m-%d}"


def next_care(now: datetime) -> datetime:
    """When the mails that came back are read next."""
    return _EPOCH + ((now - _EPOCH) // CARE_EVERY + 1) * CARE_EVERY


def sending_due(app: Newsletter) -> Job | None:
    """The job that sends, when something is due or under way, here or at a service that sends in our place.

    What only waits for a person is looked at seldom.
    """
    now = app.now()
    with app.database.reading() as db:
        waiting = mailings_in(db, "scheduled", "sending", "asking", "paused")
    is_pressing = any(
        each.state == "sending" or (each.state == "scheduled" and each.send_at <= now) for each in waiting
    )
    if is_pressing or handed_over(app):
        return Job(SEND, _grid(now, _SEND_EVERY), {"at": _grid(now, _SEND_EVERY)})
    if any(each.state in ("asking", "paused") for each in waiting):
        return Job(SEND, f"told {_grid(now, CARE_EVERY)}", {"at": _grid(now, CARE_EVERY)})
    return None


def next_due_at(app: Newsletter) -> datetime:
    """When something new will be due, as far as it is known now; the past when something is due already."""
    now = app.now()
    found = [next_draft(app), next_care(now)]
    with app.database.reading() as db:
        found += [each.at for each in going_public(app, db)]
        found += [each.send_at for each in mailings_in(db, "scheduled")]
    found += [each.at for each in reading_times(app)]
    remind = app.config.schedule.remind_reviewer
    if remind is not None:
        found.append(remind.next_after(now, app.config.schedule.zone))
    return min(found)


def _readings(app: Newsletter) -> Iterator[Job]:
    """The sources that are due, in turns: the one that waited longest first."""
    for each in due_now(app):
        slot = slot_of(each.source, each.checked_at)
        yield Job(READ, slot, {"id": each.source.id, "slot": slot})


def _grid(now: datetime, every: timedelta) -> str:
    return f"{_EPOCH + (now - _EPOCH) // every * every:%Y-%m-%dT%H:%M:%S}"
