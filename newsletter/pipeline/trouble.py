"""tell_trouble(): editors are told of sources that broke, are gone or moved: each once, many in one mail."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from newsletter.deliver.notice import Notice
from newsletter.model.source import FetchState, Source
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.mailing import desk_address
from newsletter.pipeline.notices import tell_editors
from newsletter.pipeline.sources import source_health
from newsletter.pipeline.trouble_words import Story, trouble_mail
from newsletter.plugins import without_secrets
from newsletter.store import jobs
from newsletter.store.database import Db
from newsletter.store.sources import save_state
from newsletter.store.trouble import KeptNotice, keep_notice, last_notice_at, notices_since

TROUBLE = "trouble"
MOVED_READS = 3
"""Editors get a mail about a move once it stood at so many readings in a row; shown it is at once."""
APART = timedelta(hours=20)
"""So long after a mail about sources nobody gets another one: what broke meanwhile stands in the next."""
_SOON = timedelta(hours=2)
_PATIENCE = timedelta(hours=6)
"""While more sources are about to be told within ``_SOON``, the mail waits for them, so long at most."""
_TRIED_FOR = timedelta(days=3)

What = Literal["broken", "gone", "moved"]


@dataclass(frozen=True, slots=True)
class Outbreak:
    """A trouble of a source: ``key`` names this outbreak for good, ``due_at`` is when it is told."""

    key: str
    what: What
    source: Source
    state: FetchState
    since: datetime
    due_at: datetime


def outbreaks(app: Newsletter) -> list[Outbreak]:
    """Every trouble there is, told or not, the first due first; what is paused is nobody's trouble."""
    found = (
        _outbreak(source, state, app.now())
        for source, state in source_health(app)
        if state is not None and not source.paused
    )
    return sorted((each for each in found if each), key=lambda each: (each.due_at, each.key))


def _outbreak(source: Source, state: FetchState, now: datetime) -> Outbreak | None:
    since = state.failing_since or state.checked_at or now
    if state.state == "moved" and state.moved_count >= MOVED_READS:
        mark = hashlib.sha256((state.moved_to or "").encode()).hexdigest()[:16]
        return Outbreak(f"{source.id}:moved:{mark}", "moved", source, state, since, since)
    if state.state == "gone":
        return Outbreak(f"{source.id}:gone:{since:%Y%m%d%H%M%S}", "gone", source, state, since, since)
    if state.state in ("failing", "throttled"):
        key = f"{source.id}:broken:{since:%Y%m%d%H%M%S}"
        return Outbreak(key, "broken", source, state, since, since + source.broken_for)
    return None


def tell_trouble(app: Newsletter) -> tuple[str, ...]:
    """Tell every editor what broke since the last such mail, and let rest what feeds.yaml says; who was written to.

    An outbreak is told once. Mails are at least 20 hours apart, and a mail waits for sources that are about to
    be told as well, so that a broken line is one mail. What a mail server does not take is tried again.
    """
    now = app.now()
    known = outbreaks(app)
    with app.database.transaction() as db:
        db.lock(TROUBLE)
        told = jobs.done_slots(db, TROUBLE, [each.key for each in known])
        waiting = [each for each in known if each.key not in told]
        due = [each for each in waiting if each.due_at <= now]
        if due and _is_time(waiting, last_notice_at(db), now):
            keep_notice(db, _notice(app, due, known))
            for each in due:
                jobs.done(db, TROUBLE, each.key, now=now)
            told |= {each.key for each in due}
        _let_rest(db, [each for each in known if each.key in told])
        kept = notices_since(db, now - _TRIED_FOR)
    return tuple(
        address
        for each in kept
        for address in tell_editors(app, Notice(f"{TROUBLE}:{each.key}", each.subject, each.paragraphs))
    )


def _is_time(waiting: Sequence[Outbreak], last_at: datetime | None, now: datetime) -> bool:
    if last_at is not None and now < last_at + APART:
        return False
    comes_soon = any(now < each.due_at <= now + _SOON for each in waiting)
    return not comes_soon or now >= waiting[0].due_at + _PATIENCE


def _let_rest(db: Db, told: Sequence[Outbreak]) -> None:
    """What is to pause or to be dropped once it was broken so long is not asked any more."""
    for each in told:
        if each.what == "broken" and each.source.then in ("pause", "drop"):
            done = "paused" if each.source.then == "pause" else "dropped"
            days = f"broken since {each.since:%Y-%m-%d %H:%M} UTC"
            reason = f"{done}, as feeds.yaml says: {days}. {each.state.state_reason}"
            save_state(db, replace(each.state, state="paused", state_reason=reason, next_at=None))


def _notice(app: Newsletter, due: Sequence[Outbreak], known: Sequence[Outbreak]) -> KeptNotice:
    key = hashlib.sha256("\n".join(sorted(each.key for each in due)).encode()).hexdigest()[:24]
    stories = [_story(app, each) for each in due]
    broken_count = sum(each.what == "broken" for each in known)
    asked_count = sum(not source.paused for source in app.config.sources)
    subject, paragraphs = trouble_mail(
        app.config.newsletter.name, stories, broken=broken_count, asked=asked_count, desk=desk_address(app)
    )
    return KeptNotice(key, subject, paragraphs, app.now())


def _story(app: Newsletter, each: Outbreak) -> Story:
    source, state, zone = each.source, each.state, app.config.schedule.zone
    words = str(state.answer.get("words", ""))
    return Story(
        what=each.what,
        name=source.name,
        line=source.address_line or source.line,
        address=without_secrets(source.address, source.settings),
        since=f"{each.since.astimezone(zone):%A %d %B %Y, %H:%M} {zone.key}",
        reason=state.state_reason,
        said="" if not words or words in state.state_reason else words,
        tries=state.failures,
        then=source.then,
        new_address=state.moved_to or "",
        file=source.file,
    )
