"""Jobs that failed again and again: listed with the reason, tried again after a fix, or let go."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.readings_aside import READ
from newsletter.store import jobs
from newsletter.store.queue import Job, jobs_aside, try_again
from newsletter.store.sources import load_state, save_state


def all_jobs_aside(app: Newsletter) -> list[Job]:
    """The jobs that are set aside, the oldest first."""
    with app.database.reading() as db:
        return jobs_aside(db)


def chosen_jobs(app: Newsletter, names: Sequence[str], *, is_all: bool) -> tuple[list[Job], tuple[str, ...]]:
    """The jobs whose ids ``names`` begin, or all; and the names that begin none, which documents may have."""
    found = all_jobs_aside(app)
    if is_all:
        return found, ()
    chosen = {name: [job for job in found if job.id.startswith(name.strip().lower())] for name in names}
    # One letter that begins several is not a name: what says so looks among the documents.
    picked = {name: jobs[0] for name, jobs in chosen.items() if len(jobs) == 1 and name.strip()}
    return list({job.id: job for job in picked.values()}.values()), tuple(name for name in names if name not in picked)


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
