"""freeze: who gets a mailing is fixed in the transaction that approves it, a row a reader, or a list of a service."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from newsletter.config.campaigns import CampaignSettings
from newsletter.errors import NotFound, WrongState
from newsletter.model.campaign import Segment
from newsletter.model.subscriber import Choice
from newsletter.pipeline.editions import edition_key, edition_name
from newsletter.store.approvals import Pinned, pinned
from newsletter.store.campaigns import Share, add_campaigns, campaigns_of, forget_campaigns
from newsletter.store.database import Db
from newsletter.store.mailings import (
    ISSUE,
    Made,
    Mailing,
    add_audience,
    add_audience_of,
    add_mailing,
    choices_reached,
    forget_mailing,
    known_mailing,
    mailing,
    mailings_of,
)
from newsletter.store.secrets import secret
from newsletter.text import one_line, shorten

_MARK_LETTERS = 8
_NAME_LETTERS = 60


def freeze(
    db: Db, issue_number: int, *, pin: Callable[[], None], send_at: datetime, now: datetime, with_monthly: bool
) -> Mailing:
    """Fix who gets an issue, each with the edition of their choice; monthly readers with the last one of a month.

    ``pin`` pins an edition for each choice of this moment. Readers may choose anew meanwhile: the one who has another
    choice each time that is looked is in the audience when it is looked once more.
    """
    made = add_mailing(db, issue_number, ISSUE, send_at=send_at, now=now)
    on = send_at.date()
    while choices := choices_reached(db, made.id, on=on, with_monthly=with_monthly):
        pin()
        files = pinned(db, issue_number)
        editions = {each: _edition_of(each, files) for each in choices if edition_name(edition_key(each)) in files}
        add_audience(db, made.id, editions, on=on, with_monthly=with_monthly, now=now)
    return made


def freeze_campaigns(
    db: Db, issue_number: int, settings: CampaignSettings, *, name: str, send_at: datetime, now: datetime
) -> Mailing:
    """The same where a service sends in our place: fix which of its lists gets which edition.

    ``name`` is the newsletter's, for people who see the campaigns there.
    """
    made, files = add_mailing(db, issue_number, ISSUE, send_at=send_at, now=now), pinned(db, issue_number)
    shares = [_share(db, made, each, _edition_of(each.choice, files), name=name) for each in settings.segments]
    add_campaigns(db, made, shares, service=settings.service, now=now)
    return made


def _share(db: Db, mailing: Mailing, segment: Segment, edition: Made, *, name: str) -> Share:
    """A campaign and its name, by which it is found again: nobody else's, and the same after each crash."""
    mark = hmac.digest(secret(db, "campaigns"), b"name", hashlib.sha256).hex()[:_MARK_LETTERS]
    what = f"{mailing.issue_number}" if mailing.kind == ISSUE else f"{mailing.issue_number} {mailing.kind}"
    called = f"{shorten(one_line(name), _NAME_LETTERS)} {what} [{mark}-{edition.key[:_MARK_LETTERS]}]"
    return Share(edition, segment.choice.rhythm, segment.choice.sections, segment.lists, called)


def freeze_erratum(db: Db, issue_number: int, kind: str, *, edition: Made, name: str, now: datetime) -> Mailing:
    """Fix that an erratum goes to those who got the issue. Raises WrongState while that goes out."""
    whole = known_mailing(db, issue_number)
    if whole.state not in ("done", "stopped"):
        raise WrongState(f"Issue {issue_number} is still going out. Its erratum can follow when that is over.")
    made = add_mailing(db, issue_number, kind, send_at=now, now=now)
    if handed := campaigns_of(db, issue_number, ISSUE):
        lists = () if any(not each.lists for each in handed) else _together([each.lists for each in handed])
        shares = [_share(db, made, Segment(lists), edition, name=name)]
        add_campaigns(db, made, shares, service=handed[0].service, now=now)
        return made
    if not add_audience_of(db, made.id, whole.id, edition, now=now):
        raise NotFound(f"Nobody got issue {issue_number} by mail, so nobody gets its erratum.")
    return made


def thaw(db: Db, issue_number: int) -> None:
    """Let go of the audience of an issue that is a draft again. Raises WrongState when it began to go out."""
    found = mailing(db, issue_number)
    if found is None:
        return
    if len(mailings_of(db, issue_number)) > 1 or not forget_mailing(db, found.id):
        raise WrongState(f"Issue {issue_number} began to go out; it cannot be taken back any more.")
    forget_campaigns(db, issue_number)


def _together(lists: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in lists for name in each))


def _edition_of(choice: Choice, pinned: Mapping[str, Pinned]) -> Made:
    """The edition for a choice, by the hash under which its file was pinned."""
    key = edition_key(choice)
    file = pinned[edition_name(key)]
    return Made(key, file.sha256, file.size)
