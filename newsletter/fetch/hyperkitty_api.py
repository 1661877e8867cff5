"""What HyperKitty's REST API says about threads and mails. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from newsletter.errors import NotReadable
from newsletter.fetch.mail import make_mail
from newsletter.fetch.mail_threads import Mail
from newsletter.fetch.rest import Record, records

_HASH = re.compile(r"/(?:thread|email)/([A-Z0-9]{20,64})/?$")
_NAME = re.compile(r"[A-Z0-9]{20,64}")
_MOST_ABOVE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A thread as a list of threads shows it: its last activity (``stamp`` as it stands there), how many mails."""

    thread_id: str
    stamp: str = ""
    count: int | None = None
    active_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A mail as the list of a thread's mails names it; ``parent`` is the hash of the one it answers."""

    hash: str
    message_id: str
    at: datetime | None
    parent: str = ""


def api_address(base: str) -> str:
    """Where the API tells about the list whose archive is at ``base``."""
    head, _, name = base.rstrip("/").rpartition("/list/")
    return f"{head}/api/list/{name}/"


def archive_of(url: str) -> str | None:
    """The archive of the list that the API tells about at ``url``; None when it is no address of the API."""
    head, sign, rest = url.partition("/api/list/")
    return f"{head}/list/{rest.partition('/')[0]}/" if sign else None


def found_records(value: Any) -> tuple[Record, ...]:
    """The records of an answer, which newer servers give page by page. Raises NotReadable when it is another one."""
    if isinstance(value, dict) and isinstance(value.get("results"), list):
        return records(value["results"])
    if isinstance(value, list):
        return records(value)
    raise NotReadable("the answer is not a list as HyperKitty's API gives it")


def following(value: Any, url: str) -> str | None:
    """The address of the next page of the answer at ``url``, on the same host or none."""
    found = value.get("next") if isinstance(value, dict) else None
    if not isinstance(found, str) or not found:
        return None
    there, here = urlsplit(urljoin(url, found)), urlsplit(url)
    # Behind a proxy the server may believe that it is asked without TLS.
    is_same = there.hostname == here.hostname
    return there._replace(scheme=here.scheme, netloc=here.netloc).geturl() if is_same else None


def read_rows(found: Iterable[Record]) -> Iterator[Row]:
    """The threads among the records."""
    for each in found:
        thread_id = each.key("thread_id") or _hash_in(each.text("url"))
        replies = each.whole("replies_count")
        if _NAME.fullmatch(thread_id):
            count = replies + 1 if replies is not None else None
            yield Row(thread_id, each.line("date_active"), count, each.when("date_active"))


def read_named(found: Iterable[Record]) -> dict[str, Named]:
    """The mails of a thread by their hashes."""
    named = {}
    for each in found:
        own = each.key("message_id_hash") or _hash_in(each.text("url"))
        if _NAME.fullmatch(own):
            named[own] = Named(own, each.line("message_id"), each.when("date"), _hash_in(each.text("parent")))
    return named


def read_mail_record(each: Record, named: Mapping[str, Named], base: str, list_name: str) -> Mail:
    """A mail with its text; ``named`` are all of its thread. Raises NotReadable."""
    own = each.key("message_id_hash") or _hash_in(each.text("url"))
    if not _NAME.fullmatch(own):
        raise NotReadable("it is no mail: the hash that names it is missing")
    address = each.line("sender", "address").replace(" (a) ", "@")
    name = each.line("sender_name") or each.line("sender", "name")
    head = {"subject": each.text("subject"), "from": f"{name} <{address}>" if address else name}
    if message_id := each.line("message_id"):
        head["message-id"] = f"<{message_id}>"
    if above := list(_above(own, named)):
        head["references"] = " ".join(f"<{message_id}>" for message_id in reversed(above))
    mail = make_mail(head, each.text("content"), list_name)
    mail.published_at = each.when("date")
    mail.url = urljoin(base, f"message/{own}/")
    mail.key = mail.key if message_id else f"hash {own}"
    return mail


def _above(own: str, named: Mapping[str, Named]) -> Iterator[str]:
    """The ids of the mails that one answers, the nearest first."""
    passed = {own}
    parent = named[own].parent if own in named else ""
    while parent in named and parent not in passed and len(passed) < _MOST_ABOVE:
        passed.add(parent)
        if named[parent].message_id:
            yield named[parent].message_id
        parent = named[parent].parent


def _hash_in(url: str) -> str:
    found = _HASH.search(url)
    return found[1] if found else ""
