"""What managers are told about a mailing: it was paused, or its hour has passed."""

import hashlib

from newsletter.deliver.notice import Notice
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.mailing import desk_address
from newsletter.pipeline.notices import tell_managers
from newsletter.store.database import Db
from newsletter.store.mailings import ISSUE, Mailing
from newsletter.store.runs import runs_of


def name_of(mailing: Mailing) -> str:
    """The mailing, for people."""
    if mailing.kind == ISSUE:
        return f"issue {mailing.issue_number}"
    return f"erratum {mailing.kind.rpartition('-')[2]} of issue {mailing.issue_number}"


def tell_paused(app: Newsletter, mailing: Mailing) -> None:
    """The program stopped by itself, for too much went wrong."""
    name, number = app.config.newsletter.name, mailing.issue_number
    told = (
        f"The mail of {name_of(mailing)} is paused: {mailing.reason}",
        "No reader was marked for it. Nobody gets it twice when it goes on.",
        f"When the cause is mended, “newsletter send {number}” goes on; “newsletter deliveries {number}” shows more.",
        desk_address(app) or "",
    )
    subject = f"{name}: the mail of {name_of(mailing)} is paused"
    tell_managers(app, Notice(f"paused:{mailing.id}:{_runs(app, mailing)}", subject, tuple(filter(None, told))))


def tell_not_handed(app: Newsletter, mailing: Mailing, why: str) -> None:
    """The service that sends in our place does not take it, and its hour comes."""
    zone, name, number = app.config.schedule.zone, app.config.newsletter.name, mailing.issue_number
    hour = f"{mailing.send_at.astimezone(zone):%A %d %B, %H:%M} {zone.key}"
    told = (
        f"{name_of(mailing).capitalize()} is due on {hour} and could not be handed over: {why}",
        f"It is tried again every few minutes. “newsletter deliveries {number}” shows how it stands.",
        desk_address(app) or "",
    )
    key = f"not handed:{mailing.id}:{hashlib.sha256(why.encode()).hexdigest()[:16]}"
    subject = f"{name}: {name_of(mailing)} could not be handed over"
    tell_managers(app, Notice(key, subject, tuple(filter(None, told))))


def tell_asking(app: Newsletter, mailing: Mailing) -> None:
    """Its hour passed while nobody was there to send it."""
    zone, name, number = app.config.schedule.zone, app.config.newsletter.name, mailing.issue_number
    hour = f"{mailing.send_at.astimezone(zone):%A %d %B, %H:%M} {zone.key}"
    told = (
        f"{name_of(mailing).capitalize()} was due on {hour} and is not sent: {mailing.reason}.",
        f"“newsletter send {number}” sends it now; “newsletter stop {number}” leaves it.",
        desk_address(app) or "",
    )
    subject = f"{name}: {name_of(mailing)} is late, shall it go out?"
    key = f"asking:{mailing.id}:{mailing.send_at:%Y%m%d%H%M}:{_runs(app, mailing)}"
    tell_managers(app, Notice(key, subject, tuple(filter(None, told))))


def _runs(app: Newsletter, mailing: Mailing) -> int:
    with app.database.reading() as db:
        return _count(db, mailing)


def _count(db: Db, mailing: Mailing) -> int:
    return len(runs_of(db, mailing.id))
