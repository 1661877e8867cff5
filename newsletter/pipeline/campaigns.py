"""tend: an approved issue becomes campaigns at a service that sends in our place, and stays what it should be there.

What should be follows from the mailing alone, so that every look may be repeated: before its hour a campaign waits
for it there, one that was stopped is a draft again, and one that began is left alone.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from newsletter.config.campaigns import CampaignSettings
from newsletter.deliver.campaign import Aim, Service, Wish, fulfil
from newsletter.deliver.campaign_buttondown import ADDRESS, Buttondown
from newsletter.deliver.campaign_buttondown import LANGUAGE as FOR_BUTTONDOWN
from newsletter.deliver.campaign_listmonk import LANGUAGE as FOR_LISTMONK
from newsletter.deliver.campaign_listmonk import Listmonk
from newsletter.deliver.campaign_mailchimp import LANGUAGE as FOR_MAILCHIMP
from newsletter.deliver.campaign_mailchimp import Mailchimp
from newsletter.deliver.campaign_texts import in_html, in_subject, in_text
from newsletter.deliver.message import Edition, Personal
from newsletter.deliver.setup import Report
from newsletter.errors import NewsletterError, ServiceFault
from newsletter.model.campaign import Campaign, Remote
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.issue_preview import bodies_of
from newsletter.pipeline.letters import read_edition
from newsletter.pipeline.mailing import sender_of
from newsletter.pipeline.pinned import repair_issue
from newsletter.render.address import parse_address
from newsletter.store.campaigns import CampaignRow, campaigns_of, note_campaign
from newsletter.store.mailings import Mailing, edition_keys, state_of_mailing
from newsletter.store.outbox import PROGRAM

LANGUAGES = {"listmonk": FOR_LISTMONK, "buttondown": FOR_BUTTONDOWN, "mailchimp": FOR_MAILCHIMP}
AGAIN = timedelta(minutes=5)
"""After a trouble a service is asked again so much later."""
LOOK = timedelta(minutes=15)
"""So often a campaign that waits is looked at."""
SOON = timedelta(minutes=1)
PATIENCE = timedelta(hours=1)
"""A service that is away for so long after the hour has come is told to people."""
_BACK = timedelta(days=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong with a campaign."""

    text: str
    is_final: bool
    again_at: datetime


def service_of(app: Newsletter, rows: Sequence[CampaignRow], *, rest: Callable[[float], None] = time.sleep) -> Service:
    """The service that campaigns were approved for. Raises ServiceFault when feeds.yaml says another way by now."""
    settings = app.config.delivery.campaigns
    wanted = next((each.service for each in rows if settings is None or each.service != settings.service), None)
    if settings is None or wanted is not None:
        text = (
            f"It was approved to be handed over to {wanted}, and feeds.yaml says “by: {app.config.delivery.by}”. "
            "Write it back, or take the issue back and approve it again."
        )
        raise ServiceFault(text, is_final=True)
    return _service(settings, rest)


def _service(settings: CampaignSettings, rest: Callable[[float], None]) -> Service:
    if settings.service == "listmonk":
        return Listmonk(settings.address or "", settings.user or "", settings.key, rest)
    if settings.service == "buttondown":
        return Buttondown(settings.key, settings.address or ADDRESS, rest)
    return Mailchimp(settings.audience or "", settings.key, settings.address, rest)


def needs_care(app: Newsletter, mailing: Mailing, rows: Sequence[CampaignRow]) -> bool:
    """Whether anything is to be done at the service now, or nothing is left to be done there."""
    if mailing.state == "paused" and not _is_held(mailing):
        return False
    is_over = mailing.state == "sending" and all(_is_over(app, mailing, each) for each in rows)
    return is_over or any(_is_due(app, mailing, each) for each in rows)


def _is_over(app: Newsletter, mailing: Mailing, row: CampaignRow) -> bool:
    is_left_there = row.state == "draft" and not row.words and _aim(app, mailing) == "draft"
    return row.state in ("sent", "failed") or is_left_there


def _is_due(app: Newsletter, mailing: Mailing, row: CampaignRow) -> bool:
    if _is_held(mailing):
        return row.state in ("scheduled", "sending") and row.look_at <= app.now()
    if row.state in ("sent", "failed"):
        return False
    is_moved = mailing.state == "scheduled" and row.state == "scheduled" and row.handed != _mark(app, mailing, row)
    return row.look_at <= app.now() or (is_moved and not row.words)


def _is_held(mailing: Mailing) -> bool:
    """Whether a person said that nothing of it goes out."""
    return mailing.state == "stopped" or (mailing.state == "paused" and mailing.said_by != PROGRAM)


def tend(app: Newsletter, mailing: Mailing, *, rest: Callable[[float], None] = time.sleep) -> Report:
    """Bring the campaigns of a mailing to what they should be; how it stands. Twice the same is once."""
    with app.database.reading() as db:
        rows = campaigns_of(db, mailing.issue_number, mailing.kind)
    due = [each for each in rows if _is_due(app, mailing, each)]
    troubles: list[Trouble] = []
    try:
        service = service_of(app, rows, rest=rest)
        if due and not _is_held(mailing):
            repair_issue(app, mailing.issue_number)
    except NewsletterError as fault:
        return _with_trouble(app, mailing, due, fault)
    for row in due:
        try:
            (_hold if _is_held(mailing) else _bring)(app, service, mailing, row, rest)
        except NewsletterError as fault:
            troubles.append(_note_trouble(app, row, fault))
    return _report(app, mailing, troubles)


def _with_trouble(app: Newsletter, mailing: Mailing, due: Sequence[CampaignRow], fault: NewsletterError) -> Report:
    """Nothing could be done for one reason."""
    return _report(app, mailing, [_note_trouble(app, each, fault) for each in due])


def _bring(
    app: Newsletter, service: Service, mailing: Mailing, row: CampaignRow, rest: Callable[[float], None]
) -> None:
    """One campaign as it should be now."""
    mark = _mark(app, mailing, row)

    def note(remote: Remote, is_handed: bool) -> None:
        nonlocal row
        row = _note(app, mailing, row, remote, mark if is_handed else "")

    def may_go() -> bool:
        with app.database.reading() as db:
            return state_of_mailing(db, mailing.id) in ("scheduled", "sending")

    wish = Wish(
        _campaign(app, mailing, row),
        _aim(app, mailing),
        mailing.send_at,
        mailing.frozen_at - _BACK,
        row.remote_id,
        row.state,
        is_handed=row.handed == mark,
    )
    fulfil(service, wish, note=note, now=app.now, may_go=may_go, rest=rest)


def _hold(app: Newsletter, service: Service, mailing: Mailing, row: CampaignRow, rest: Callable[[float], None]) -> None:
    """Let nothing of one campaign go out any more."""
    remote = service.look(row.remote_id) if row.remote_id else None
    if remote is None:
        values = {"state": "waiting", "remote_id": None, "handed": "", "words": ""}
        with app.database.transaction() as db:
            note_campaign(db, row, {**values, "changed_at": app.now()})
        return
    if remote.state in ("scheduled", "sending"):
        remote = service.hold(remote)
    _note(app, mailing, row, remote, row.handed)


def _aim(app: Newsletter, mailing: Mailing) -> Aim:
    settings = app.config.delivery.campaigns
    if settings is not None and settings.is_draft:
        return "draft"
    return "now" if mailing.state == "sending" and mailing.said_by != PROGRAM else "scheduled"


def _mark(app: Newsletter, mailing: Mailing, row: CampaignRow) -> str:
    """A hash of what a campaign should hold, and when it should go."""
    with app.database.reading() as db:
        sha256 = edition_keys(db, mailing.id).get(row.edition, "")
    news = app.config.newsletter
    hour = "" if _aim(app, mailing) == "draft" else mailing.send_at.isoformat()
    said = [sha256, row.name, list(row.lists), news.sender, news.reply_to, news.name, hour]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _campaign(app: Newsletter, mailing: Mailing, row: CampaignRow) -> Campaign:
    """What is handed over: the edition as it was approved, no reader's token in it."""
    language, token = LANGUAGES[row.service], secrets.token_urlsafe(24)
    with app.database.reading() as db:
        sha256 = edition_keys(db, mailing.id)[row.edition]
    data = read_edition(app, mailing, row.edition, sha256)
    nobody = Personal("reader@newsletter.invalid", 0, "<campaign@newsletter.invalid>", token, token, token)
    eml = Edition.read(data).for_reader(nobody)
    html, text = bodies_of(eml)
    name, address = sender_of(app)
    answers = parse_address(app.config.newsletter.reply_to)
    return Campaign(
        name=row.name,
        subject=in_subject(_subject(eml), language),
        html=in_html(html, token, language),
        text=in_text(text, token, language),
        sender=(in_subject(name, language), address),
        reply_to=answers[1] if answers else None,
        lists=row.lists,
    )


def _subject(eml: bytes) -> str:
    # Only this command needs it.
    from email import message_from_bytes
    from email.policy import default

    return str(message_from_bytes(eml, policy=default)["Subject"])


def _note(app: Newsletter, mailing: Mailing, row: CampaignRow, remote: Remote, handed: str) -> CampaignRow:
    now = app.now()
    hour = remote.scheduled_at
    is_under_way = remote.state in ("sending", "paused") or (hour is not None and hour <= now)
    values: dict[str, Any] = {
        "state": remote.state,
        "remote_id": remote.id,
        "handed": handed,
        "page": remote.page,
        "scheduled_at": hour,
        "reader_count": remote.reader_count if remote.reader_count is not None else row.reader_count,
        "sent_count": remote.sent_count,
        "words": "",
        "changed_at": now if (remote.state, remote.id) != (row.state, row.remote_id) else row.changed_at,
        "look_at": now + SOON if is_under_way else min(now + LOOK, hour or now + LOOK),
    }
    with app.database.transaction() as db:
        note_campaign(db, row, values)
        return next(each for each in campaigns_of(db, row.issue_number, row.kind) if each.edition == row.edition)


def _note_trouble(app: Newsletter, row: CampaignRow, fault: NewsletterError) -> Trouble:
    wait = getattr(fault, "wait", None)
    again_at = app.now() + max(AGAIN, timedelta(seconds=min(wait or 0.0, 86_400.0)))
    with app.database.transaction() as db:
        note_campaign(db, row, {"words": str(fault), "look_at": again_at})
    log.warning("campaign not brought", issue=row.issue_number, kind=row.kind, name=row.name, trouble=str(fault))
    return Trouble(str(fault), not isinstance(fault, ServiceFault) or fault.is_final, again_at)


def _report(app: Newsletter, mailing: Mailing, troubles: Sequence[Trouble]) -> Report:
    """How the mailing stands, by what its campaigns are now."""
    with app.database.reading() as db:
        rows = campaigns_of(db, mailing.issue_number, mailing.kind)
    final = next((each.text for each in troubles if each.is_final), "")
    lost = next((each for each in rows if each.state == "failed"), None)
    if final or lost is not None:
        return Report("paused", final or f"The campaign was cancelled or failed there: {_place(lost)}")
    waits = next((each.words for each in rows if each.words), "")
    late = app.now() - max(mailing.send_at, mailing.started_at or mailing.send_at)
    if waits and late > PATIENCE:
        return Report("paused", waits)
    if not waits and all(_is_over(app, mailing, each) for each in rows):
        return Report("done")
    return Report("waiting", waits, min((each.look_at for each in rows), default=None))


def _place(row: CampaignRow | None) -> str:
    return "" if row is None else row.page or row.name
