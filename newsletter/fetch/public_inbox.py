"""Archives that public-inbox shows: their addresses, and what their Atom feed of the newest mails says."""

import html
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote, unquote, urljoin, urlsplit

from newsletter.errors import NotReadable
from newsletter.fetch.dates import parse_date
from newsletter.fetch.feed import parse_feed
from newsletter.fetch.feed_items import Naming
from newsletter.fetch.mail import MailSettings, make_mail
from newsletter.fetch.mail_threads import Mail
from newsletter.model.item import Item

_ENTRY = b"<entry>"
_HEAD = 20_000
_SPAN = timedelta(days=7)
_MOST_SPANS = 50
_UPDATED = re.compile(rb"<updated>\s*([^<]{1,60}?)\s*</updated>")
_LINK = re.compile(rb"""<link\s[^>]{0,500}?href=["']([^"']{1,2000})["']""")
_ANSWERS = re.compile(rb"""<thr:in-reply-to\s[^>]{0,2000}?href=["']([^"']{1,2000})["']""")
_FILE = re.compile(r"/(?:new\.(?:atom|html)|all\.mbox\.gz|index\.html|topics_\w+\.\w+)$")
_MESSAGE = re.compile(r"/[^/]*(?:@|%40)[^/]*(?:/.*)?$")
_SAFE = "-._~!$&';()*+,=:@"
"""What public-inbox itself leaves as it is in the addresses of mails."""
_SIGNS = (b'href="new.atom"', b"href='new.atom'", b"href=new.atom", b"href=\nnew.atom", b'"new.atom"')
_MADE = re.compile(rb"public-inbox|_/text/(?:help|mirror|config)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A mail that the feed names: its Message-ID, the one it answers, and when the archive took it."""

    message_id: str
    at: datetime
    parent: str = ""


def archive_address(url: str) -> str:
    """The folder of the archive, whichever of its pages was named."""
    url = url.partition("?")[0].partition("#")[0]
    host, path = url[: url.find("/", 8) + 1 or len(url)], url[url.find("/", 8) + 1 or len(url) :]
    path = _MESSAGE.sub("/", _FILE.sub("/", f"/{path}"))
    return f"{host.rstrip('/')}{path if path.endswith('/') else f'{path}/'}"


def looks_like_archive(page: bytes) -> bool:
    """Whether ``page`` was made by public-inbox for one list."""
    head = page[:300_000]
    return any(sign in head for sign in _SIGNS) and _MADE.search(head) is not None


def mail_url(base: str, message_id: str, file: str = "") -> str:
    """The page of a mail, or a ``file`` of it: "raw", "t.mbox.gz"."""
    return urljoin(base, f"./{quote(message_id, safe=_SAFE)}/{file}")


def feed_url(base: str, before: datetime | None = None) -> str:
    """The feed of the newest mails, or of the newest ones ``before`` a time."""
    asked = f"?t={before.astimezone(UTC):%Y%m%d%H%M%S}" if before else ""
    return urljoin(base, f"new.atom{asked}")


def query_url(base: str, begins_on: date, ends_on: date | None) -> str:
    """Where to ask (by POST) for an mbox of the mails dated from one day to another, or to this day.

    Days of eight digits are understood by all versions; both ends may or may not count.
    """
    return urljoin(base, f"?q=d:{begins_on:%Y%m%d}..{f'{ends_on:%Y%m%d}' if ends_on else ''}&x=m")


def spans(begins_on: date, today: date) -> list[tuple[date, date | None]]:
    """The time from a day on in pieces of a week or longer, the oldest first, the last one without an end."""
    found: list[tuple[date, date | None]] = []
    length = max(_SPAN, (today - begins_on) / _MOST_SPANS)
    while today - begins_on > length:
        found.append((begins_on, begins_on + length))
        begins_on += length
    return [*found, (begins_on, None)]


def halves(begins_on: date, ends_on: date | None, today: date) -> list[tuple[date, date | None]]:
    """A piece of time in two; nothing when it is a day."""
    last = ends_on or today + timedelta(days=1)
    middle = begins_on + (last - begins_on) // 2
    return [(begins_on, middle), (middle, ends_on)] if middle > begins_on else []


def read_entries(feed: bytes) -> tuple[Entry, ...]:
    """The mails that the feed names, the newest first. Raises NotReadable when it is no feed."""
    if b"<feed" not in feed[:2_000]:
        raise NotReadable("the document is not the feed of a list's archive")
    entries = (_entry(part.partition(b"<content")[0][:_HEAD]) for part in feed.split(_ENTRY)[1:])
    return tuple(sorted((entry for entry in entries if entry), key=lambda entry: entry.at, reverse=True))


def _entry(head: bytes) -> Entry | None:
    link, updated, answers = _LINK.search(head), _UPDATED.search(head), _ANSWERS.search(head)
    at = parse_date(updated[1].decode("ascii", "replace")) if updated else None
    message_id = _named(link[1]) if link else ""
    return Entry(message_id, at, _named(answers[1]) if answers else "") if message_id and at else None


def _named(link: bytes) -> str:
    """The Message-ID in the address of a mail's page."""
    path = urlsplit(html.unescape(link.decode("utf-8", "replace"))).path
    return unquote(path.rstrip("/").rpartition("/")[2])


def threads_of(entries: Iterable[Entry]) -> list[tuple[str, ...]]:
    """The ids of new mails, together those that answer each other or the same mail; all as they came."""
    waiting = sorted(entries, key=lambda entry: entry.at)
    parents = {entry.message_id: entry.parent for entry in waiting if entry.parent}
    groups: dict[str, list[str]] = {}
    for entry in waiting:
        top, passed = entry.message_id, set()
        while (above := parents.get(top)) and top not in passed:
            passed.add(top)
            top = above
        groups.setdefault(min(passed) if top in passed else top, []).append(entry.message_id)
    return [tuple(found) for found in groups.values()]


def needs_thread(group: Sequence[str], parents: Mapping[str, str], known: Collection[str]) -> bool:
    """Whether the whole thread of new mails is worth asking for, not each of them alone."""
    above = parents.get(group[0], "")
    return len(group) > 1 or bool(above and above not in known)


def mails_of_feed(feed: bytes, url: str, settings: MailSettings) -> tuple[Mail, ...]:
    """The mails as the feed itself shows them, for archives that give no others; attachments stand in the text."""
    entries = {entry.message_id: entry for entry in read_entries(feed)}
    parsed = parse_feed(feed, Naming(settings.source_id, url, settings.now or datetime.now(UTC)))
    found = ((item, entries.get(_named((item.url or "").encode()))) for item in parsed.items)
    return tuple(_mail(item, entry, settings) for item, entry in found if entry)


def _mail(item: Item, entry: Entry, settings: MailSettings) -> Mail:
    head = {"subject": item.title, "message-id": f"<{entry.message_id}>"}
    if item.author:
        head["from"] = f"{item.author.name} <{item.author.key}>" if item.author.key else item.author.name
    if entry.parent:
        head["in-reply-to"] = f"<{entry.parent}>"
    mail = make_mail(head, item.text, settings.list_name)
    mail.published_at = entry.at
    return mail
