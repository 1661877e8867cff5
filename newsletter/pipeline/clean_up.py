"""clean_up: what the queue left behind and nobody needs any more is let go of."""

from datetime import timedelta

from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.due_jobs import CARE, CHECK_LINKS, CLEAN_UP, READ, REMIND, SEND
from newsletter.pipeline.erase import finish_erasures
from newsletter.store.holds import forget_places
from newsletter.store.queue import forget_done

KEPT_FOR = timedelta(days=7)
_PASSING = (READ, CARE, SEND, REMIND, CHECK_LINKS, CLEAN_UP)
"""Jobs whose slot never comes again; drafts and what became public are remembered for good."""


def clean_up(app: Newsletter) -> int:
    """Forget jobs that were done a week ago, and places nobody takes any more; how many jobs that were."""
    finish_erasures(app)
    before = app.now() - KEPT_FOR
    with app.database.transaction() as db:
        forget_places(db, before=before)
        return forget_done(db, _PASSING, before=before)
