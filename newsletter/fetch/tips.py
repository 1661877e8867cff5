"""A mail that somebody sent as a tip becomes an Item, or is set aside when no person wrote it. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message
from email.parser import BytesHeaderParser
from urllib.parse import quote

from newsletter.errors import NotReadable
from newsletter.fetch.dates import believed
from newsletter.fetch.mail import NO_MAIL, read_mail
from newsletter.fetch.mail_head import read_head
from newsletter.model.item import Item, Person, item_id
from newsletter.text import is_web_url, one_line, shorten

TIP = "tip"
LEFT_OUT = "(address left out)"
MAIL_CUT = "a long mail was cut"
LARGEST_MAIL = 1 << 20
"""So much of a mail is read; what follows is an attachment nearly always."""

_HEAD = 256 << 10
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_LINK = re.compile(r"https?://(?![^\s/?#]*@)\w[^\s<>\"'`|\\^{}\[\]]*")
_YES = re.compile(r"\s*(?:yes|true|1)\b", re.IGNORECASE)
_BOUNCER = re.compile(r"\b(?:mailer-daemon|postmaster|mail-daemon)\b", re.IGNORECASE)
_MOST_LINKS = 100
_AHEAD = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class SetAside:
    """Why a mail is no tip."""

    reason: str


def read_tip(data: bytes, source_id: str, now: datetime, own_address: str = "") -> Item | SetAside:
    """The tip in the mail ``data``. ``own_address`` is where tips are sent to: a list of that name is no bulk mail."""
    head = BytesHeaderParser().parsebytes(data[:_HEAD])
    if reason := why_no_tip(head, own_address):
        return SetAside(reason)
    if not read_head(data)[0]:
        return SetAside(NO_MAIL)
    try:
        mail = read_mail(data)
    except (NotReadable, ValueError, LookupError, RecursionError) as error:
        return SetAside(str(error) or type(error).__name__)
    if not mail.text.strip():
        return SetAside("it says nothing")
    own = mail.author.key if mail.author else ""
    title, text = _without_addresses(mail.title, own), _without_addresses(mail.text, own)
    published_at, warning = believed(mail.published_at, now)
    warnings = [*mail.warnings, *([warning] if warning else []), *([LEFT_OUT.strip("()")] if LEFT_OUT in text else [])]
    links = dict.fromkeys(each.rstrip(".,;:!?)*_") for each in _LINK.findall(text))
    return Item(
        id=item_id(source_id, mail.key),
        source_id=source_id,
        kind="inbox",
        form="mail",
        native_keys=(mail.key,),
        title=title,
        author=Person(_without_addresses(mail.author.name, own), mail.author.key) if mail.author else None,
        published_at=published_at,
        text=text,
        links=tuple(each for each in links if is_web_url(each))[:_MOST_LINKS],
        labels=(TIP,),
        warnings=tuple(warnings if len(data) < LARGEST_MAIL else [*warnings, MAIL_CUT]),
    )


def why_no_tip(head: Message, own_address: str = "") -> str:
    """Why the mail with these headers was not written by a person to us; "" when it may be."""
    if any(_YES.match(_value(head, name)) for name in ("X-Spam-Flag", "X-Spam-Status", "X-Spam", "X-Spam-Result")):
        return "the mail server calls it spam"
    sender = f"{_value(head, 'From')} {_value(head, 'Sender')}"
    is_empty_path = "Return-Path" in head and _value(head, "Return-Path") in ("<>", "")
    if is_empty_path or _BOUNCER.search(sender) or "report-type=" in _value(head, "Content-Type").lower():
        return "it is a bounce"
    submitted = _value(head, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return f"a program sent it (Auto-Submitted: {shorten(submitted, 40)})"
    for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response"):
        if name in head:
            return f"a program sent it ({name})"
    return _why_bulk(head, own_address)


def _why_bulk(head: Message, own_address: str) -> str:
    local = own_address.partition("@")[0].lower()
    lists = f"{_value(head, 'List-Post')} {_value(head, 'List-Id')}".lower()
    if local and re.search(rf"\b{re.escape(local)}\b", lists):
        # Many addresses of teams are lists themselves.
        return ""
    for name in ("List-Unsubscribe", "List-Id", "Feedback-ID", "X-Campaign-ID"):
        if name in head:
            return f"it was sent to many ({name})"
    precedence = _value(head, "Precedence").lower()
    return f"it was sent to many (Precedence: {precedence})" if precedence in ("bulk", "junk", "list") else ""


def _value(head: Message, name: str) -> str:
    return one_line(str(head.get(name, "")))[:1_000]


def _without_addresses(text: str, own: str) -> str:
    """``text`` without mail addresses; in a link only that of the sender goes."""
    if "@" not in text and "%40" not in text:
        return text
    if own:
        text = re.sub(f"{re.escape(own)}|{re.escape(quote(own))}", LEFT_OUT, text, flags=re.IGNORECASE)
    parts = re.split(rf"({_LINK.pattern})", text)
    return "".join(part if at % 2 else _ADDRESS.sub(LEFT_OUT, part) for at, part in enumerate(parts))
