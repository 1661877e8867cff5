"""freeze: who gets a mailing is fixed in the transaction that approves it, a row a reader."""

from collections.abc import Callable, Mapping
from datetime import datetime

from newsletter.errors import NotFound, WrongState
from newsletter.model.subscriber import Choice
from newsletter.pipeline.editions import edition_key, edition_name
from newsletter.store.approvals import Pinned, pinned
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


def freeze_erratum(db: Db, issue_number: int, kind: str, *, edition: Made, now: datetime) -> Mailing:
    """Fix that an erratum goes to those who got the issue. Raises WrongState while that goes out."""
    whole = known_mailing(db, issue_number)
    if whole.state not in ("done", "stopped"):
        raise WrongState(f"Issue {issue_number} is still going out. Its erratum can follow when that is over.")
    made = add_mailing(db, issue_number, kind, send_at=now, now=now)
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


def _edition_of(choice: Choice, pinned: Mapping[str, Pinned]) -> Made:
    """The edition for a choice, by the hash under which its file was pinned."""
    key = edition_key(choice)
    file = pinned[edition_name(key)]
    return Made(key, file.sha256, file.size)
