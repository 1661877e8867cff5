"""A mail that was set aside, or a whole archive of mails, read again: the same for all readers of mails."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from newsletter.fetch.kinds import Aside, Batch
from newsletter.fetch.mail import MailSettings, parse_mails
from newsletter.fetch.mail_archive import read_archive
from newsletter.model.item import Item
from newsletter.text import is_web_url

WORDS = ("mailing list", "mbox")
"""The kinds whose records are mails."""


async def mails_again(source_id: str, word: str, aside: Aside, *, ignore: Iterable[str] = ()) -> AsyncIterator[Batch]:
    """The mails in ``aside`` of a source that is read as ``word``. Mails without a page show the archive."""
    url = aside.address.partition("#")[0]
    words = tuple(each.lower() for each in ignore if each.strip())
    name = urlsplit(url).path.rpartition("/")[0].rpartition("/")[2]
    settings = MailSettings(source_id, word, name, words, datetime.now(UTC), url)
    has_any = False
    async for part in read_archive(aside.data, settings):
        has_any = has_any or bool(part.items or part.aside)
        yield Batch(_shown(part.items, url), {}, part.warnings, aside=part.aside)
    if not has_any:
        # The bytes of one mail, as an archive was taken apart: they need not look like an archive.
        parsed = parse_mails(aside.data, (0,), settings)
        yield Batch(_shown(parsed.items, url), {}, parsed.warnings, aside=parsed.aside)


def _shown(items: tuple[Item, ...], url: str) -> tuple[Item, ...]:
    return tuple(item if item.url or not is_web_url(url) else replace(item, url=url) for item in items)
