"""The mails about a subscription itself: each a notice to one address, with one link in it."""

from typing import Literal

from newsletter.deliver.notice import Notice, notice_mail
from newsletter.deliver.tokens import CONFIRM_DAYS, Purpose, make_token
from newsletter.deliver.transport import Transport
from newsletter.model.address import masked
from newsletter.model.subscriber import Subscriber
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.mailing import sender_of, transport_of
from newsletter.render.press import safe_url
from newsletter.render.subscription_words import choice_words
from newsletter.store.database import Db
from newsletter.store.secrets import secret
from newsletter.text import one_line

LINKS = "links"
"""The name of the secret that tokens are made with."""
_PATHS: dict[Purpose, str] = {"confirm": "c", "move": "c", "preferences": "r", "unsubscribe": "u"}

Mail = tuple[Notice, str]
"""A notice and the address it goes to."""


def base_of(app: Newsletter, here: str | None = None) -> str | None:
    """Where the links of mails begin: the site; without one ``here``, where the program itself is reached."""
    site = safe_url(app.config.newsletter.site) or here
    return f"{site.rstrip('/')}/" if site else None


def link(app: Newsletter, db: Db, purpose: Purpose, number: int, *, epoch: int, base: str) -> str:
    """The address with which the reader (or the wish) ``number`` may do what ``purpose`` names; made today."""
    on = app.now().date()
    token = make_token(secret(db, LINKS), purpose, subscriber_id=number, epoch=epoch, on=on)
    return f"{base}{_PATHS[purpose]}/{token}"


def confirm_mail(app: Newsletter, db: Db, reader: Subscriber, *, base: str) -> Mail:
    """Asks whoever reads mail at the address whether they want the newsletter."""
    url = link(app, db, "confirm", reader.id, epoch=reader.epoch, base=base)
    told = (
        f"Somebody, we hope you, asked for {_name(app)} at this address: {_chosen(app, reader)}.",
        "Nothing comes before you say yes. Open this page and press its button:",
        url,
        f"The link works for {CONFIRM_DAYS} days. If it was not you, do nothing: you get nothing more.",
    )
    return _mail(app, "confirm", f"Confirm your subscription to {_name(app)}", told, reader.address)


def known_mail(app: Newsletter, db: Db, reader: Subscriber, *, base: str) -> Mail:
    """Says to who subscribed again that they are subscribed; whoever filled in the form learns nothing."""
    url = link(app, db, "preferences", reader.id, epoch=reader.epoch, base=base)
    told = (
        f"Somebody, we hope you, asked for {_name(app)} at this address. You get it already: {_chosen(app, reader)}.",
        "Nothing was changed. Here you choose what you get, pause or leave:",
        url,
        "If it was not you, there is nothing to do.",
    )
    return _mail(app, "known", f"You are subscribed to {_name(app)} already", told, reader.address)


def link_mail(app: Newsletter, db: Db, reader: Subscriber, *, base: str) -> Mail:
    """A fresh link to the preferences, for who has only an old one."""
    url = link(app, db, "preferences", reader.id, epoch=reader.epoch, base=base)
    told = ("Here you choose what you get, pause, leave, or take your data out:", url, "Older links do not work.")
    return _mail(app, "link", f"Your subscription to {_name(app)}", told, reader.address)


def move_mail(app: Newsletter, db: Db, reader: Subscriber, *, wish: int, to: str, base: str) -> Mail:
    """Asks whoever reads mail at a new address whether the newsletter should come there."""
    url = link(app, db, "move", wish, epoch=reader.epoch, base=base)
    told = (
        f"A reader of {_name(app)} wants to get it at this address from now on, in place of {masked(reader.address)}.",
        "If this is you, open this page and press its button:",
        url,
        f"The link works for {CONFIRM_DAYS} days. If it was not you, do nothing: you get nothing more.",
    )
    return _mail(app, "move", f"Get {_name(app)} at this address?", told, to)


def moved_mail(app: Newsletter, old: str, new: str) -> Mail:
    """Tells the old address where the newsletter goes from now on."""
    told = (
        f"From now on {_name(app)} goes to {masked(new)} and not to this address any more, as you asked.",
        "Links in older mails do not work any more. If it was not you, answer this mail: a person reads it.",
    )
    return _mail(app, "moved", f"{_name(app)} goes to your new address", told, old)


def send(app: Newsletter, mails: tuple[Mail, ...], transport: Transport | None = None) -> None:
    """Hand mails over (MailFault)."""
    sender, way = sender_of(app), transport or transport_of(app)
    for notice, to in mails:
        mail = notice_mail(notice, sender=sender, to=to, at=app.now())
        if app.config.newsletter.reply_to:
            mail["Reply-To"] = app.config.newsletter.reply_to
        way.send(mail, sender=sender[1], to=[to])


def _mail(
    app: Newsletter,
    kind: Literal["confirm", "known", "link", "move", "moved"],
    subject: str,
    told: tuple[str, ...],
    to: str | None,
) -> Mail:
    assert to is not None, "a mail needs an address"
    # The time is part of its name: asked for twice, it is two mails, and a mail server must not take them for one.
    return Notice(f"subscription {kind} {app.now().isoformat()}", subject, told), to


def _name(app: Newsletter) -> str:
    return one_line(app.config.newsletter.name)


def _chosen(app: Newsletter, reader: Subscriber) -> str:
    return choice_words(reader.choice, app.config.sections, app.config.schedule)
