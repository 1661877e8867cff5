"""The draft whose hour has come, once; and since when a home is served."""

from datetime import datetime, timedelta

from structlog.contextvars import bound_contextvars

from newsletter.model.issue import Issue
from newsletter.model.period import Period
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.publish import publish_site, render_issue
from newsletter.pipeline.times import draft_time, is_skipped, newest_period, next_period
from newsletter.store import jobs
from newsletter.store.database import Db
from newsletter.store.issues import has_issues, issue_about

DRAFT = "draft"
_BEGUN = ("run", "begun")


def begin(app: Newsletter) -> bool:
    """Remember that the service of a home without any issue begins now; whether it is its first time.

    Hours before that were not missed: nobody waits for their drafts.
    """
    with app.database.transaction() as db:
        if has_begun(db):
            return False
        jobs.done(db, *_BEGUN, now=app.now())
    return True


def has_begun(db: Db) -> bool:
    """Whether the home has an issue, or its service ran before."""
    return has_issues(db) or jobs.is_done(db, *_BEGUN)


def next_draft(app: Newsletter) -> datetime:
    """When the next draft is made, in UTC."""
    schedule = app.config.schedule
    period = newest_period(schedule, app.now())
    while is_skipped(schedule, period) or draft_time(schedule, period) <= app.now():
        period = next_period(schedule, period.end)
    return draft_time(schedule, period)


def due_period(app: Newsletter) -> Period | None:
    """The period whose draft should be there by now and is not; only the newest one is ever made up."""
    schedule = app.config.schedule
    period = newest_period(schedule, app.now())
    if draft_time(schedule, period) > app.now():
        period = newest_period(schedule, period.end - timedelta(microseconds=1))
    if is_skipped(schedule, period):
        return None
    with app.database.reading() as db:
        found = issue_about(db, period)
        is_made = jobs.is_done(db, DRAFT, _slot(period)) or (found is not None and found.state != "draft")
        begun_at = jobs.done_at(db, *_BEGUN)
    was_before = begun_at is not None and draft_time(schedule, period) < begun_at
    return None if is_made or was_before else period


def draft_if_due(app: Newsletter) -> Issue | None:
    """Make, render and publish the draft whose hour has come, and remember that it was; None when there is none.

    Whoever calls it holds the job of that period. Done twice it is the same issue: one that fell in its middle is begun
    again whole.
    """
    period = due_period(app)
    if period is None:
        return None
    issue = make_draft(app, period)
    with bound_contextvars(issue=issue.number):
        render_issue(app, issue.number)
        publish_site(app)
    with app.database.transaction() as db:
        jobs.done(db, DRAFT, _slot(period), now=app.now())
    return issue


def _slot(period: Period) -> str:
    return period.end.isoformat()
