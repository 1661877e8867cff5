"""Jobs that failed again and again: listed with the reason, tried again after a fix, or let go."""

from collections.abc import Iterable
from dataclasses import replace

from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.due_jobs import READ
from newsletter.store import jobs
from newsletter.store.queue import Job, jobs_aside, try_again
from newsletter.store.sources import load_state, save_state


def all_jobs_aside(app: Newsletter) -> list[Job]:
    """The jobs that are set aside, the oldest first."""
    with app.database.reading() as db:
        return jobs_aside(db)


def try_jobs_again(app: Newsletter, wanted: Iterable[Job]) -> None:
    """Let whoever runs jobs try these again, as often as at first."""
    with app.database.transaction() as db:
        for job in wanted:
            try_again(db, job, now=app.now())


def drop_jobs(app: Newsletter, wanted: Iterable[Job]) -> None:
    """Count these as done: a source is read again at its next turn."""
    usual = {source.id: source for source in app.config.sources}
    with app.database.transaction() as db:
        for job in wanted:
            jobs.done(db, job.name, job.slot, now=app.now())
            source = usual.get(str(job.args.get("id"))) if job.name == READ else None
            if source is not None:
                state = load_state(db, source.id)
                save_state(db, replace(state, checked_at=app.now(), next_at=app.now() + source.check_every))
