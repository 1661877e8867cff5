"""Subscribing, step by step: asking, confirming, choosing, pausing, moving, leaving; each by a link in a mail."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

import structlog

from newsletter.deliver import subscription as rules
from newsletter.deliver.tokens import CONFIRM_DAYS, Claim, Purpose, read_token
from newsletter.errors import MailFault, NotFound, UsageError
from newsletter.model.address import address_key, read_address
from newsletter.model.codec import time_text
from newsletter.model.subscriber import Choice, Consent, Subscriber
from newsletter.pipeline import subscription_mails as mails
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.reader_choices import fitted, today
from newsletter.render.subscription_words import choice_words
from newsletter.store import subscriber_lists, subscribers
from newsletter.store.database import Db
from newsletter.store.secrets import known_secret
from newsletter.text import one_line

FORM, DESK = "form", "desk"
"""By which way somebody came."""
Standing = Literal["good", "stale", "unknown"]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a link names: ``stale`` when it is older than what it leads to, ``unknown`` when it leads nowhere."""

    standing: Standing
    reader: Subscriber | None = None

    @property
    def good(self) -> Subscriber:
        """The reader of a good link."""
        assert self.reader is not None
        return self.reader


@dataclass(frozen=True, slots=True)
class Confirming:
    """What a link to confirm would do: begin a subscription, or move one ``to`` another address."""

    found: Found
    to: str | None = None
    is_done: bool = False


UNKNOWN = Found("unknown")


def wording_of(app: Newsletter) -> str:
    """What who subscribes agrees to; it stands beside the button, and with the consent."""
    return f"Send me {one_line(app.config.newsletter.name)} by mail. I can leave at any time, with one click."


def ask(app: Newsletter, text: str, choice: Choice, *, base: str, way: str = FORM, by: str = "") -> None:
    """Ask for the newsletter at an address; whether it is known, or gets nothing, shows only in the mail it gets.

    Raises UsageError for what is no address, MailFault when no mail can go out now.
    """
    address = checked_address(text)
    now = app.now()
    wording = f"{wording_of(app)} ({choice_words(choice, app.config.sections, app.config.schedule)})"
    with app.database.transaction() as db:
        subscribers.drop_unconfirmed(db, source=FORM, before=now - timedelta(days=CONFIRM_DAYS))
        known = subscribers.by_address(db, address)
        if rules.on_ask(known) == "is known" and known is not None:
            mail = mails.known_mail(app, db, known, base=base)
        else:
            reader = known or subscribers.add_waiting(db, address, choice, source=way, at=now)
            since = now if reader.state == "waiting" else reader.created_at
            # The address as it was just written is the one that will have been confirmed.
            reader = replace(reader, address=address, choice=choice, created_at=since)
            subscribers.save(db, reader)
            subscribers.add_consent(db, reader.id, Consent(now, "asked", wording, f"{way} {by}".strip()))
            mail = mails.confirm_mail(app, db, reader, base=base)
    _send_unseen(app, mail)


def checked_address(text: str) -> str:
    """The address that ``text`` is (UsageError)."""
    address = read_address(text)
    if address is None:
        raise UsageError("This is not a mail address that mail can go to. Write it as name@example.org.")
    return address


def find(app: Newsletter, purpose: Purpose, token: str) -> Found:
    """The reader whom a link of a mail names."""
    with app.database.reading() as db:
        return _find(app, db, purpose, token)


def confirming(app: Newsletter, token: str) -> Confirming:
    """What a link to confirm would do; nothing is done."""
    with app.database.reading() as db:
        return _confirming(app, db, token)


def confirm(app: Newsletter, token: str) -> Confirming:
    """Do what a link to confirm asks for; the same link again does nothing more."""
    told: tuple[mails.Mail, ...] = ()
    with app.database.transaction() as db:
        wanted = _confirming(app, db, token)
        if wanted.found.standing != "good" or wanted.is_done:
            return wanted
        reader = wanted.found.good
        if wanted.to is not None:
            told = (_move(app, db, reader, wanted.to),)
        else:
            _begin(app, db, reader)
    try:
        mails.send(app, told)
    except MailFault as fault:
        log.warning("old address not told", subscriber=reader.id, trouble=str(fault))
    log.info("subscription confirmed", subscriber=reader.id, moved=wanted.to is not None)
    return replace(wanted, is_done=True)


def choose(app: Newsletter, number: int, choice: Choice, *, way: str = "preferences") -> Subscriber:
    """Change what a reader gets (WrongState)."""
    words = choice_words(choice, app.config.sections, app.config.schedule)
    with app.database.transaction() as db:
        before = _reader(db, number)
        after = rules.changed(before, choice)
        return _kept(db, before, after, Consent(app.now(), "changed", f"Send me {words}.", way))


def pause(app: Newsletter, number: int, weeks: int, *, way: str = "preferences") -> Subscriber:
    """Send a reader nothing for so many weeks (UsageError, WrongState)."""
    with app.database.transaction() as db:
        before = _reader(db, number)
        after = rules.paused(before, weeks, today(app))
        wording = f"Send me nothing before {after.paused_until}."
        return _kept(db, before, after, Consent(app.now(), "paused", wording, way))


def resume(app: Newsletter, number: int, *, way: str = "preferences") -> Subscriber:
    """End a reader's pause."""
    with app.database.transaction() as db:
        before = _reader(db, number)
        return _kept(db, before, rules.resumed(before), Consent(app.now(), "changed", "Send me mail again now.", way))


def ask_move(app: Newsletter, number: int, text: str, *, base: str) -> None:
    """Ask at a new address whether the newsletter should come there; until then it goes where it went.

    Whether somebody reads it at the new address already shows only in the mail that goes there.
    """
    address = checked_address(text)
    with app.database.transaction() as db:
        reader = _reader(db, number)
        rules.changed(reader, reader.choice)  # only who gets mail can move it
        if reader.address is None or address_key(reader.address) == address_key(address):
            raise UsageError("The newsletter goes to this address already.")
        other = subscribers.by_address(db, address)
        if rules.on_ask(other) == "is known" and other is not None:
            mail = mails.known_mail(app, db, other, base=base)
        else:
            wish = subscribers.add_move(db, number, address, at=app.now())
            mail = mails.move_mail(app, db, reader, wish=wish, to=address, base=base)
    _send_unseen(app, mail)


def leave(app: Newsletter, number: int, *, way: str) -> Subscriber:
    """End a subscription, at once; who is out already stays so. A new subscription is always possible."""
    with app.database.transaction() as db:
        before = _reader(db, number)
        after = rules.left(before, app.now())
        if after is before or before.address is None:
            return before
        subscribers.drop_moves(db, number)
        subscribers.suppress(db, before.address, "left", app.now())
        log.info("subscriber left", subscriber=number, way=way)
        return _kept(db, before, after, Consent(app.now(), "left", "Send me nothing any more.", way))


def erase(app: Newsletter, number: int, *, way: str) -> None:
    """Take an address out of everything; the count stays, and a file brings it back no more."""
    with app.database.transaction() as db:
        reader = _reader(db, number)
        if reader.address is None:
            return
        subscribers.suppress(db, reader.address, "erased", app.now())
        subscribers.add_consent(db, number, Consent(app.now(), "erased", "Erase my address everywhere.", way))
        subscribers.erase(db, reader)
    log.info("subscriber erased", subscriber=number, way=way)


def mail_link(app: Newsletter, number: int, *, base: str) -> None:
    """Mail a fresh link to a reader's address, as it is now."""
    with app.database.transaction() as db:
        reader = _reader(db, number)
        mail = None if reader.address is None else mails.link_mail(app, db, reader, base=base)
    if mail:
        _send_unseen(app, mail)


def my_data(app: Newsletter, number: int) -> dict[str, Any]:
    """Everything that is known of a reader, for them to take out."""
    with app.database.reading() as db:
        reader = _reader(db, number)
        told, got = subscribers.consents_of(db, number), subscriber_lists.received(db, [number])
    return {
        "newsletter": one_line(app.config.newsletter.name),
        "address": reader.address,
        "state": reader.state,
        "sections": "all" if reader.choice.sections is None else list(reader.choice.sections),
        "rhythm": reader.choice.rhythm,
        "paused_until": reader.paused_until.isoformat() if reader.paused_until else None,
        "source": reader.source,
        "created_at": time_text(reader.created_at),
        "confirmed_at": time_text(reader.confirmed_at),
        "left_at": time_text(reader.left_at),
        "consents": [
            {"at": time_text(each.at), "what": each.what, "wording": each.wording, "source": each.source}
            for each in told
        ],
        "mails": [
            {"issue": each.issue_number, "kind": each.kind, "state": each.state, "at": time_text(each.changed_at)}
            for each in got
        ],
    }


def _begin(app: Newsletter, db: Db, reader: Subscriber) -> None:
    after = rules.confirmed(reader, app.now())
    after = replace(after, choice=fitted(app, after.choice))
    assert after.address is not None
    subscribers.lift(db, after.address)
    _kept(db, reader, after, Consent(app.now(), "confirmed", wording_of(app), "link in a mail"))


def _move(app: Newsletter, db: Db, reader: Subscriber, to: str) -> mails.Mail:
    """Let the newsletter go to another address; links in mails at the old one end."""
    other = subscribers.by_address(db, to)
    if other is not None:
        subscribers.erase(db, other)
    old = reader.address
    assert old is not None
    subscribers.lift(db, to)
    after = replace(reader, address=to, epoch=reader.epoch + 1)
    _kept(db, reader, after, Consent(app.now(), "changed", "Send it to this address.", "link in a mail"))
    return mails.moved_mail(app, old, to)


def _confirming(app: Newsletter, db: Db, token: str) -> Confirming:
    found = _find(app, db, "confirm", token)
    if found.reader is not None:
        reader = found.reader
        if found.standing == "good" and not rules.can_confirm(reader, subscribers.asked_at(db, reader.id)):
            return Confirming(Found("stale", reader))
        return Confirming(found, is_done=reader.state == "active")
    claim = _claim(app, db, "move", token)
    wish = subscribers.find_move(db, claim.subscriber_id) if claim else None
    reader_or_none = subscribers.by_id(db, wish.subscriber_id) if wish else None
    if claim is None or wish is None or reader_or_none is None:
        return Confirming(UNKNOWN)
    if address_key(reader_or_none.address or "") == address_key(wish.address):
        return Confirming(Found("good", reader_or_none), to=wish.address, is_done=True)
    other = subscribers.by_address(db, wish.address)
    if reader_or_none.state != "active" or (other is not None and other.state == "active"):
        return Confirming(UNKNOWN)
    return Confirming(_standing(claim, reader_or_none), to=wish.address)


def _find(app: Newsletter, db: Db, purpose: Purpose, token: str) -> Found:
    claim = _claim(app, db, purpose, token)
    reader = subscribers.by_id(db, claim.subscriber_id) if claim else None
    if claim is None or reader is None or reader.state == "erased":
        return UNKNOWN
    return _standing(claim, reader)


def _standing(claim: Claim, reader: Subscriber) -> Found:
    return Found("good" if claim.epoch == reader.epoch & 0xFFFF else "stale", reader)


def _claim(app: Newsletter, db: Db, purpose: Purpose, token: str) -> Claim | None:
    key = known_secret(db, mails.LINKS)
    return read_token(key, purpose, token, now=app.now()) if key else None


def _reader(db: Db, number: int) -> Subscriber:
    found = subscribers.by_id(db, number)
    if found is None:
        raise NotFound("There is no reader of that number.")
    return found


def _kept(db: Db, before: Subscriber, after: Subscriber, consent: Consent) -> Subscriber:
    if after != before:
        subscribers.save(db, after)
        subscribers.add_consent(db, after.id, consent)
    return after


def _send_unseen(app: Newsletter, mail: mails.Mail) -> None:
    """Hand a mail over; that a mail server knows no such address is told to nobody (MailFault otherwise)."""
    try:
        mails.send(app, (mail,))
    except MailFault as fault:
        if not fault.is_final:
            raise
        log.warning("mail refused", trouble=fault.__class__.__name__)
