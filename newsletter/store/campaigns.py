"""Campaigns: what was handed over to a service that sends in our place, a row an edition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select, update

from newsletter.model.campaign import CampaignState
from newsletter.store.campaign_tables import campaigns
from newsletter.store.database import Db
from newsletter.store.mail_tables import editions, mailings
from newsletter.store.mailings import Made, Mailing


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as it is known here; see the table."""

    issue_number: int
    kind: str
    edition: str
    service: str
    name: str
    lists: tuple[str, ...]
    state: CampaignState
    remote_id: str | None
    handed: str
    page: str | None
    scheduled_at: datetime | None
    reader_count: int | None
    sent_count: int | None
    words: str
    changed_at: datetime
    look_at: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """An edition and the lists of the service that get it; without lists everybody there does."""

    edition: Made
    rhythm: str
    sections: tuple[str, ...] | None
    lists: tuple[str, ...]
    name: str


def add_campaigns(db: Db, mailing: Mailing, shares: Sequence[Share], *, service: str, now: datetime) -> None:
    """Fix that a service sends a mailing: the editions of it, and which lists get which."""
    made = [
        {
            "mailing_id": mailing.id,
            "key": each.edition.key,
            "rhythm": each.rhythm,
            "sections": None if each.sections is None else list(each.sections),
            "sha256": each.edition.sha256,
            "size": each.edition.size,
        }
        for each in shares
    ]
    db.insert_new(editions, made)
    row: dict[str, Any] = {"issue_number": mailing.issue_number, "kind": mailing.kind, "service": service}
    empty = {"state": "waiting", "handed": "", "words": "", "changed_at": now, "look_at": now}
    rows = [
        {**row, **empty, "edition": each.edition.key, "name": each.name, "lists": list(each.lists)} for each in shares
    ]
    if rows:
        db.execute(insert(campaigns), rows)


def campaigns_of(db: Db, issue_number: int, kind: str | None = None) -> tuple[CampaignRow, ...]:
    """The campaigns of a mailing, or of all mailings about an issue; none where the program sends itself."""
    asked = select(campaigns).where(campaigns.c.issue_number == issue_number)
    if kind is not None:
        asked = asked.where(campaigns.c.kind == kind)
    rows = db.execute(asked.order_by(campaigns.c.kind, campaigns.c.name))
    return tuple(CampaignRow(**{**row._mapping, "lists": tuple(row.lists)}) for row in rows)


def campaigns_open(db: Db) -> tuple[tuple[Mailing, tuple[CampaignRow, ...]], ...]:
    """What a service may have to be told about outside of a sending, by the mailings: what is over there is left out.

    Of a stopped mailing only what still goes out there, or is to.
    """
    here = and_(campaigns.c.issue_number == mailings.c.issue_number, campaigns.c.kind == mailings.c.kind)
    open_here = or_(
        and_(mailings.c.state.in_(("scheduled", "paused")), campaigns.c.state.not_in(("sent", "failed"))),
        and_(mailings.c.state == "stopped", campaigns.c.state.in_(("scheduled", "sending"))),
    )
    asked = select(mailings.c.id).join(campaigns, here).where(open_here).distinct()
    found = db.execute(select(mailings).where(mailings.c.id.in_(asked)).order_by(mailings.c.send_at, mailings.c.id))
    return tuple(
        (each, campaigns_of(db, each.issue_number, each.kind)) for each in (Mailing(**row._mapping) for row in found)
    )


def note_campaign(db: Db, row: CampaignRow, values: Mapping[str, Any]) -> None:
    """Write down what became of a campaign."""
    here = (
        campaigns.c.issue_number == row.issue_number,
        campaigns.c.kind == row.kind,
        campaigns.c.edition == row.edition,
    )
    db.execute(update(campaigns).where(*here).values(**values))


def forget_campaigns(db: Db, issue_number: int) -> None:
    """Let go of the campaigns of an issue that is a draft again."""
    db.execute(delete(campaigns).where(campaigns.c.issue_number == issue_number))
