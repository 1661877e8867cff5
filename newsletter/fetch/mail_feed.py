"""Mails that a list shows in a feed alone: entries become mails, threads are told by link or by subject."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from newsletter.fetch.kinds import Batch
from newsletter.fetch.mail import MailSettings, is_ignored
from newsletter.model.item import Item, Thread
from newsletter.text import canonical_url, one_line

_ANSWER = re.compile(
    r"(?:\s*(?:re|aw|sv|vs|antw|odp|fwd?|wg|tr)(?:\[\d+\]|\^\d+)?\s*[:：]|\s*\[[^\]]{1,60}\])*\s*", re.IGNORECASE
)
# A topic of Discourse with the number of a post; a topic of groups.io.
_TOPIC = re.compile(r"(?P<topic>/t/(?:[^/]+/)?\d+)(?:/\d+)?/?|(?P<group>/g/[^/]+/topic/(?:[^/]+/)?\d+).*")


async def mails_of(batches: AsyncIterator[Batch], settings: MailSettings) -> AsyncIterator[Batch]:
    """``batches`` of a feed with mails instead of its entries, without those that are to be left out."""
    async for batch in batches:
        mails = as_mails(batch.items, settings.kind)
        yield replace(batch, items=tuple(mail for mail in mails if not is_ignored(mail, settings)))


def as_mails(items: Sequence[Item], kind: str) -> tuple[Item, ...]:
    """``items`` of a feed as the mails of a list, each in its thread as far as the thread is among them."""
    members: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        members[thread_of(item)].append(item)
    threads = {root: _thread(root, found) for root, found in members.items()}
    return tuple(replace(item, kind=kind, form="mail", thread=threads[thread_of(item)]) for item in items)


def thread_of(item: Item) -> str:
    """A name for the thread of ``item``, the same for all its mails: its topic's address, or its plain subject."""
    parts = urlsplit(item.url or "")
    found = _TOPIC.fullmatch(unquote(parts.path))
    if found:
        return canonical_url(f"{parts.scheme}://{parts.netloc}{found['topic'] or found['group']}")
    subject = one_line(item.title[_matched(item.title) :]).casefold()
    return f"subject {subject}" if subject else item.native_keys[0]


def _matched(title: str) -> int:
    found = _ANSWER.match(title)
    return found.end() if found else 0


def _thread(root_id: str, mails: Sequence[Item]) -> Thread:
    times = [mail.published_at for mail in mails if mail.published_at]
    people = {mail.author.identity for mail in mails if mail.author}
    return Thread(root_id, len(mails) - 1, max(1, len(people)), min(times, default=None), max(times, default=None))
