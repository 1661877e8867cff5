"""Readings of sources that failed so often that they were set aside: shown at the source, and begun again."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from newsletter.model.source import FetchState, Source, is_stopped
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.in_force import FEEDS
from newsletter.pipeline.sources import source_health
from newsletter.store.queue import Job, jobs_aside, try_again
from newsletter.text import one_line

READ = "read source"
_NO_SOURCE = "There is no source with the id "


def slot_of(source: Source, checked_at: datetime | None) -> str:
    """The name of the next reading: that after the last one, at this address."""
    address = hashlib.blake2b(source.address.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{source.id} {address} {checked_at.isoformat() if checked_at else 'never read'}"


def unknown_words(source_id: str) -> str:
    """Why a reading fails whose source does not stand in the feeds.yaml of who was to do it."""
    return f"{_NO_SOURCE}“{source_id}” in {FEEDS} of this machine."


def standing_health(app: Newsletter) -> list[tuple[Source, FetchState | None]]:
    """As source_health(); a source whose next reading is set aside is failing, and says what begins it again.

    Only for showing: nothing of it is stored.
    """
    with app.database.reading() as db:
        aside = {job.slot: job for job in jobs_aside(db) if job.name == READ}
    return [(source, _standing(source, state, aside)) for source, state in source_health(app)]


def _standing(source: Source, state: FetchState | None, aside: dict[str, Job]) -> FetchState | None:
    known = state or FetchState(source.id)
    job = aside.get(slot_of(source, known.checked_at))
    if job is None or source.paused or is_stopped(known):
        return state
    reason = f"set aside; “newsletter aside replay {job.id}” tries it again: {one_line(job.reason)}"
    return replace(known, state="failing", state_reason=reason, next_at=None)


def begin_unknown_again(app: Newsletter) -> int:
    """Let readings that failed because a machine did not know their source be tried again, as it is known here.

    For a process that begins, or whose feeds.yaml changed: its copy of the file may be the one that lacked it.
    """
    with app.database.reading() as db:
        found = list(_unknown(jobs_aside(db), {source.id for source in app.config.sources}))
    if found:
        with app.database.transaction() as db:
            for job in found:
                try_again(db, job, now=app.now())
    return len(found)


def _unknown(aside: Iterable[Job], known: set[str]) -> Iterable[Job]:
    return (
        job for job in aside if job.name == READ and job.reason.startswith(_NO_SOURCE) and job.args.get("id") in known
    )
