"""Which way mails go, and who the editors are that a notice reaches."""

from newsletter.deliver.by_way import ByWay
from newsletter.deliver.transport import Outbox, Smtp, SmtpSettings, Transport
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.editors import all_editors
from newsletter.render.address import parse_address

DESK_VARIABLE = "NEWSLETTER_DESK_URL"
"""Where editors find the desk, when it is not "desk/" of the site."""


def transport_of(app: Newsletter) -> Transport:
    """The way single mails go: the mail server of feeds.yaml, else the way of another package that it names, else the
    folder ``data/outbox``.
    """
    delivery = app.config.delivery
    if delivery.by != "folder" and delivery.server:
        return Smtp(SmtpSettings(delivery.server, delivery.port, delivery.user, delivery.password))
    if delivery.way is not None:
        return ByWay(delivery.way)
    return Outbox(app.data / "outbox")


def sender_of(app: Newsletter) -> tuple[str, str]:
    """Name and address that notices come from: those of the newsletter."""
    name, address = parse_address(app.config.newsletter.sender) or ("", "nobody@newsletter.invalid")
    return name or app.config.newsletter.name, address


def editors_of(app: Newsletter) -> tuple[str, ...]:
    """The addresses of the editors; while none is known, where answers to the newsletter go."""
    known = tuple(editor.address for editor in all_editors(app) if editor.address)
    if known:
        return known
    found = parse_address(app.config.newsletter.reply_to) or parse_address(app.config.newsletter.sender)
    return (found[1],) if found else ()


def managers_of(app: Newsletter) -> tuple[str, ...]:
    """The addresses of the managers; while none is known, those of :func:`editors_of`."""
    known = tuple(editor.address for editor in all_editors(app) if editor.address and editor.is_manager)
    return known or editors_of(app)


def desk_address(app: Newsletter) -> str | None:
    """Where editors find the desk; None when nothing says so."""
    named = app.environ.get(DESK_VARIABLE)
    if named:
        return named
    site = app.config.newsletter.site
    return f"{site.rstrip('/')}/desk/" if site else None
