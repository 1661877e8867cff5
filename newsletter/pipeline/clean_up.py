"""clean_up: what nobody needs any more is let go of, as "keep:" of feeds.yaml says, a few rows at a time."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from newsletter.pipeline import subscribing
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.due_jobs import CARE, CHECK_LINKS, CLEAN_UP, REMIND, SEND
from newsletter.pipeline.erase import finish_erasures
from newsletter.pipeline.readings_aside import READ
from newsletter.pipeline.tips import tip_sources
from newsletter.store import letting_go
from newsletter.store.database import Db
from newsletter.store.holds import forget_places
from newsletter.store.queue import forget_done

KEPT_FOR = timedelta(days=7)
_PASSING = (READ, CARE, SEND, REMIND, CHECK_LINKS, CLEAN_UP)
"""Jobs whose slot never comes again; drafts and what became public are remembered for good."""
_MOST_BATCHES = 100
"""So many small transactions a sort and day: what is left waits for tomorrow."""
_RETENTION = "kept long enough"

log = structlog.get_logger()


def clean_up(app: Newsletter) -> int:
    """Forget jobs that were done a week ago, places nobody takes any more, and what was kept long enough.

    How many jobs that were.
    """
    finish_erasures(app)
    let_go(app)
    before = app.now() - KEPT_FOR
    with app.database.transaction() as db:
        forget_places(db, before=before)
        return forget_done(db, _PASSING, before=before)


def let_go(app: Newsletter) -> dict[str, int]:
    """Let go of what "keep:" names; how much of each. Nobody waits longer than one batch takes."""
    keep, now = app.config.keep, app.now()
    counts = {
        "documents set aside": _batches(
            app, lambda db: letting_go.forget_documents(db, before=now - keep.documents_set_aside)
        ),
        "sign-ins": _batches(app, lambda db: letting_go.forget_sign_ins(db, before=now - keep.sign_ins)),
        "senders of tips": _batches(
            app, lambda db: letting_go.forget_senders(db, tip_sources(app), before=now - keep.tips)
        ),
        "readers who left": _readers(app),
        "mail answers": _batches(app, lambda db: letting_go.forget_answers(db, before=now - keep.mail_answers)),
        "deliveries": _batches(app, lambda db: letting_go.forget_deliveries(db, before=now - keep.deliveries)),
        "texts of items": _items(app),
    }
    counts = {name: count for name, count in counts.items() if count}
    if counts:
        with app.database.transaction() as db:
            letting_go.note_counts(db, counts, at=now)
        log.info("let go", **{name.replace(" ", "_").replace("-", "_"): count for name, count in counts.items()})
    return counts


def _batches(app: Newsletter, batch: Callable[[Db], int]) -> int:
    count = 0
    for _ in range(_MOST_BATCHES):
        with app.database.transaction() as db:
            done = batch(db)
        count += done
        if not done:
            break
    return count


def _readers(app: Newsletter) -> int:
    """Those who left long ago are erased: a hash of the address stays, so that no file brings them back."""
    count = 0
    for _ in range(_MOST_BATCHES):
        with app.database.reading() as db:
            found = letting_go.gone_readers(db, before=app.now() - app.config.keep.readers_who_left)
        for number in found:
            subscribing.erase(app, number, way=_RETENTION)
        count += len(found)
        if not found:
            break
    return count


def _items(app: Newsletter) -> int:
    count, before = 0, app.now() - app.config.keep.items
    for _ in range(_MOST_BATCHES):
        with app.database.transaction() as db:
            looked, done = letting_go.empty_items(db, before=before)
        count += done
        if not looked:
            break
    return count
