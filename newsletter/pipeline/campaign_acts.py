"""What follows for campaigns from what people say: stop, take back, and go on."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import structlog

from newsletter.deliver.campaign import Service
from newsletter.errors import ServiceFault, WrongState
from newsletter.model.campaign import BEGUN
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.campaigns import service_of, tend
from newsletter.pipeline.send_right import NotTheSender, sending_alone
from newsletter.store.campaigns import CampaignRow, campaigns_of, note_campaign
from newsletter.store.database import Db
from newsletter.store.mailings import ISSUE, Mailing, mailing

_TRIES = 20
_PAUSE_SECONDS = 0.5

log = structlog.get_logger()


def hold_campaigns(app: Newsletter, stopped: Mailing) -> None:
    """Let go out nothing more of what was handed over, as the mailing was stopped or paused.

    Where another process is at it, that one does. Raises ServiceFault when the service cannot be told.
    """
    with app.database.reading() as db:
        rows = campaigns_of(db, stopped.issue_number, stopped.kind)
    if not any(each.state in ("scheduled", "sending") for each in rows):
        return
    with app.database.transaction() as db:
        for each in rows:
            note_campaign(db, each, {"look_at": app.now()})
    try:
        with sending_alone(app):
            report = tend(app, stopped)
    except NotTheSender as fault:
        log.info("held by another process", issue=stopped.issue_number, reason=str(fault))
        return
    if report.reason:
        pages = ", ".join(each.page or each.name for each in rows)
        raise ServiceFault(f"It is stopped here, but not there: {report.reason} Stop it there: {pages}")


def let_go_again(db: Db, issue_number: int, kind: str) -> None:
    """A person wants it to go: what was in its way is asked about anew, what was deleted there is made anew."""
    for row in campaigns_of(db, issue_number, kind):
        if row.state in ("waiting", "draft", "scheduled"):
            anew = {"state": "waiting", "remote_id": None, "handed": ""}
            note_campaign(db, row, {"words": "", "look_at": row.changed_at, **(anew if row.words else {})})
        elif row.state == "paused":
            note_campaign(db, row, {"words": "", "look_at": row.changed_at})


@contextmanager
def withdrawn(app: Newsletter, number: int) -> Iterator[None]:
    """Nobody sends issue ``number`` in our place while, and after, it is taken back: its campaigns are deleted there.

    Raises WrongState when a service began to send it, ServiceFault when it cannot be told.
    """
    with app.database.reading() as db:
        found, rows = mailing(db, number), campaigns_of(db, number, ISSUE)
    if not rows or found is None or found.started_at is not None:
        yield
        return
    with _alone(app):
        with app.database.reading() as db:
            handed = [each for each in campaigns_of(db, number, ISSUE) if each.remote_id]
        if handed:
            _take_away(app, service_of(app, handed), handed)
        yield


def _take_away(app: Newsletter, service: Service, handed: Sequence[CampaignRow]) -> None:
    """Delete campaigns at the service, all or, where one began, none."""
    there = [(row, service.look(row.remote_id or "")) for row in handed]
    begun = next((each for _, each in there if each is not None and each.state in BEGUN), None)
    if begun is not None:
        text = f"{service.name} began to send issue {handed[0].issue_number}; it cannot be taken back any more."
        raise WrongState(f"{text} {begun.page or ''}".strip())
    for row, remote in there:
        if remote is not None:
            service.delete(service.hold(remote) if remote.state == "scheduled" else remote)
        with app.database.transaction() as db:
            note_campaign(db, row, {"state": "waiting", "remote_id": None, "handed": "", "words": ""})


@contextmanager
def _alone(app: Newsletter) -> Iterator[None]:
    """As ``sending_alone``; a process that is just at it is waited for."""
    with ExitStack() as stack:
        for attempt in range(1, _TRIES + 1):
            try:
                stack.enter_context(sending_alone(app))
                break
            except NotTheSender:
                if attempt == _TRIES:
                    raise
            time.sleep(_PAUSE_SECONDS)
        yield
