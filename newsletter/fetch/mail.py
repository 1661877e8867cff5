"""Mails become Items: read_mail() one, parse_mails() a pack of them."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from newsletter.errors import NotReadable
from newsletter.fetch.dates import DATE_IN_FUTURE, DATE_UNREADABLE
from newsletter.fetch.losses import text_losses
from newsletter.fetch.mail_head import answered_ids, date, message_id, read_head, subject
from newsletter.fetch.mail_parts import body_text
from newsletter.fetch.mail_people import author
from newsletter.fetch.mail_text import split_text, without_quote_signs
from newsletter.fetch.mail_threads import Mail, join_threads
from newsletter.fetch.mending import hide_addresses
from newsletter.model.aside import Aside
from newsletter.model.item import Item, Thread, item_id
from newsletter.text import is_web_url, shorten, without_controls

NO_MAIL = "it is no mail: none of the headers of a mail stands in it (From, Subject, Date)"

_AHEAD = timedelta(days=2)
_MOST_ANSWERED = 60
_MOST_LINKS = 100
_LONGEST_TEXT = 200_000
_TITLE_OF_TEXT = 80
_ESCAPED_FROM = re.compile(rb"(?m)^>(>*From )")
# No name and password before the host, as in the addresses of tricksters.
_LINK = re.compile(r"https?://(?![^\s/?#]*@)\w[\w.-]*(?::\d{1,5})?(?:[/?#][^\s<>\"'`|\\^{}\[\]]*)?")
_FORWARD = re.compile(r"(?:\[[^\]]*\]\s*)*(?:fwd?|wg|tr|rv|enc|i)\s*:", re.IGNORECASE)
_PLAIN = bytes(range(32, 127)) + b"\t\n"
_BARE_HEAD = 500


@dataclass(frozen=True, slots=True)
class MailSettings:
    """What holds for all mails of a source.

    ``ignore``: words that keep a mail out, in lower case. A date after ``now`` is not believed.
    ``address`` is where the document that is read stands.
    """

    source_id: str
    kind: str
    list_name: str = ""
    ignore: tuple[str, ...] = ()
    now: datetime | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class ParsedMails:
    """The items of some mails, in their order, and what could not be read, with the reason."""

    items: tuple[Item, ...] = ()
    aside: tuple[Aside, ...] = ()
    ignored_count: int = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """A line for each mail that was set aside."""
        return tuple(f"a mail was set aside: {each.reason}" for each in self.aside)


def parse_mails(data: bytes, starts: Sequence[int], settings: MailSettings, offset: int = 0) -> ParsedMails:
    """The mails that begin in ``data`` at ``starts``; ``offset`` is where ``data`` stands in the document."""
    mails: list[Mail] = []
    aside: list[Aside] = []
    ignored = 0
    for start, end in zip(starts, (*starts[1:], len(data)), strict=True):
        try:
            mail = read_mail(data[start:end], settings.list_name)
        except (NotReadable, ValueError, LookupError, RecursionError) as error:
            aside.append(mail_aside(error, data[start:end], settings, offset + start))
            continue
        if is_ignored(mail, settings):
            ignored += 1
            continue
        mails.append(with_believed_date(mail, settings))
    return ParsedMails(mail_items(mails, settings), tuple(aside), ignored)


def is_ignored(mail: Mail | Item, settings: MailSettings) -> bool:
    """Whether ``mail`` holds a word that keeps it out."""
    if not settings.ignore:
        return False
    said = f"{mail.title}\n{mail.text}".lower()
    return any(word in said for word in settings.ignore)


def with_believed_date(mail: Mail, settings: MailSettings) -> Mail:
    """``mail``, its date left out and told about when it lies in the future."""
    if settings.now and mail.published_at and mail.published_at > settings.now + _AHEAD:
        warning = f"{DATE_IN_FUTURE}: {mail.published_at:%Y-%m-%d}"
        return replace(mail, published_at=None, warnings=(warning, *mail.warnings))
    return mail


def mail_aside(error: Exception, data: bytes, settings: MailSettings, at: int) -> Aside:
    """The mail ``data``, which begins at byte ``at`` of its document, with the reason why it is no item."""
    return Aside(f"{settings.address}#byte={at}", f"{error or type(error).__name__} (byte {at})", data)


def mail_items(mails: Sequence[Mail], settings: MailSettings) -> tuple[Item, ...]:
    """``mails`` as Items, each in its thread as far as the thread is among them."""
    threads = join_threads(mails)
    return tuple(_item(mail, thread, settings) for mail, thread in zip(mails, threads, strict=True))


def read_mail(data: bytes, list_name: str = "") -> Mail:
    """One mail, with or without a "From " line before it. Raises NotReadable when it is none."""
    head, at = read_head(data)
    text = _body(head, data[at:])
    if not head and not text.strip() and data.strip():
        raise NotReadable(NO_MAIL)
    return make_mail(head, text, list_name)


def make_mail(head: dict[str, str], text: str, list_name: str = "") -> Mail:
    """The mail with the headers ``head`` (names in lower case) that says ``text``. Raises NotReadable for nothing."""
    if not head and not text.strip():
        raise NotReadable("it is empty")
    title = subject(head)
    said = split_text(text, is_forward=_FORWARD.match(title) is not None)
    own_id = message_id(head)
    answered = _answered(head, own_id)
    # A mail that is nothing but quotes shows somebody's words to the list, unless it answers them.
    body = hide_addresses(said.body or ("" if answered else without_quote_signs(said.quoted)))
    published_at = date(head["date"]) if "date" in head else None
    has_bad_date = published_at is None and head.get("date", "").strip()
    return Mail(
        key=own_id or _made_key(head, text),
        title=title or shorten(body[:1_000], _TITLE_OF_TEXT) or "(no subject)",
        text=body,
        author=author(head, list_name),
        published_at=published_at,
        answered=answered,
        url=_archived_at(head) if "archived-at" in head else None,
        warnings=(DATE_UNREADABLE, *text_losses(body)) if has_bad_date else text_losses(body),
    )


def _item(mail: Mail, thread: Thread, settings: MailSettings) -> Item:
    return Item(
        id=item_id(settings.source_id, mail.key),
        source_id=settings.source_id,
        kind=settings.kind,
        form="mail",
        native_keys=(mail.key,),
        title=mail.title,
        url=mail.url,
        author=mail.author,
        published_at=mail.published_at,
        text=mail.text,
        links=_links(mail.text) if "://" in mail.text else (),
        thread=thread,
        warnings=mail.warnings,
        in_reply_to=mail.answered,
    )


def _body(head: dict[str, str], body: bytes) -> str:
    """The text of the whole mail, without what nobody can see."""
    if b"\n>From " in body or body.startswith(b">From "):
        body = _ESCAPED_FROM.sub(rb"\1", body)
    has_mime = "content-type" in head or "content-transfer-encoding" in head or b"\nContent-" in body[:_BARE_HEAD]
    if not has_mime and not body.translate(None, _PLAIN):
        return body[:_LONGEST_TEXT].decode("ascii")
    return without_controls(body_text(head, body)[:_LONGEST_TEXT])


def _answered(head: dict[str, str], own_id: str) -> tuple[str, ...]:
    """The Message-IDs the mail answers, each once, the nearest first, the root last."""
    if "in-reply-to" not in head and "references" not in head:
        return ()
    found = tuple(each for each in dict.fromkeys(answered_ids(head)) if each != own_id)
    return found if len(found) <= _MOST_ANSWERED else (*found[: _MOST_ANSWERED - 1], found[-1])


def is_made_key(key: str) -> bool:
    """Whether ``key`` was made for a mail that has no Message-ID."""
    return key.startswith("mail ")


def _made_key(head: dict[str, str], text: str) -> str:
    """A key for a mail without Message-ID: the same whenever the mail is read."""
    said = "\0".join((head.get("from", ""), head.get("date", ""), head.get("subject", ""), text[:2_000]))
    return f"mail {hashlib.sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


def _archived_at(head: dict[str, str]) -> str | None:
    url = head["archived-at"].strip().strip("<>")
    return url if is_web_url(url) else None


def _links(text: str) -> tuple[str, ...]:
    found = dict.fromkeys(each.rstrip(".,;:!?)*_>") for each in _LINK.findall(text))
    return tuple(found)[:_MOST_LINKS]
