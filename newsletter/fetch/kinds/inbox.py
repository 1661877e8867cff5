"""Tips that readers send by mail."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from newsletter.errors import NotReadable
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.on_disk import each_on_disk, on_disk
from newsletter.fetch.workers import in_worker
from newsletter.model.item import Item
from newsletter.model.source import FetchState
from newsletter.text import one_line, shorten

if TYPE_CHECKING:
    from newsletter.fetch.mail_store import Arrived

_INLINE = 64 << 10


@kind("inbox")
@dataclass(frozen=True, slots=True)
class Inbox:
    """Tips that readers send to an ``address``, read by IMAP, or that lie in a ``mailbox`` on disk (Maildir or mbox).

        - name: Tips from readers
          kind: inbox
          address: news-tips@example.org
          server: imap.example.org
          password: from TIPS_PASSWORD
          section: general

    ``user`` is the address if left out; ``port`` follows from ``encryption``: ``tls`` (993),
    ``starttls`` (143), or ``none`` for a server on this machine. ``imap folder`` is INBOX if left out.

    Each mail is a tip: it waits below the line of its section until an editor takes it, and is
    shown nowhere before. The sender's name is kept, mail addresses are not printed. Bounces,
    automatic answers, bulk mail and what the server calls spam are set aside with the reason. The
    mailbox is only looked at; nothing in it is marked, moved or deleted. Attachments are not read.
    """

    address: str | None = None
    mailbox: str | None = None
    server: str | None = None
    port: int = 0
    encryption: Literal["tls", "starttls", "none"] = "tls"
    user: str | None = None
    password: str | None = None
    imap_folder: str = "INBOX"
    publish_without_review: Literal["never"] = "never"

    one_of: ClassVar[tuple[str, ...]] = ("address", "mailbox")

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the tips that came since the last time, in the order they came."""
        arriving, now = self._arriving(state.cursor, state.since), datetime.now(UTC)
        # A mail that comes while the others are read is for the next time.
        stamp = await on_disk(self._stamp)
        cursor: Mapping[str, Any] = {name: value for name, value in state.cursor.items() if name != "stamp"}
        has_news = False
        taken = each_on_disk(arriving) if self.mailbox else _each_answer(arriving)
        async with contextlib.aclosing(taken) as packs:
            async for arrived in packs:
                items, aside = await self._read(arrived, state.source_id, now)
                cursor = arrived.cursor
                has_news = has_news or bool(items)
                yield Batch(items, cursor, aside=aside)
        # A file counts as looked at only when all of it was read.
        yield Batch((), {**cursor, **stamp}, is_unchanged=not has_news)

    @classmethod
    def recognises_folder(cls, folder: Path) -> bool:
        """A Maildir."""
        return (folder / "cur").is_dir() and (folder / "new").is_dir()

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One mail. Raises NotReadable when it still is no tip."""
        from newsletter.fetch.tips import SetAside, read_tip

        found = read_tip(aside.data, state.source_id, datetime.now(UTC), self.address or "")
        if isinstance(found, SetAside):
            raise NotReadable(found.reason)
        yield Batch((found,))

    def _arriving(self, cursor: Mapping[str, Any], since: datetime | None) -> "Iterator[Arrived]":
        from newsletter.fetch.mail_store import ImapSettings, read_imap, read_mailbox

        if self.mailbox:
            return read_mailbox(Path(self.mailbox), cursor, since)
        if not self.address or not self.server or not self.password:
            raise NotReadable(
                'An inbox with an "address:" is read by IMAP: it needs "server:" and "password: from NAME" too '
                '("user:" is the address if left out). Or name a "mailbox:" on disk.'
            )
        settings = ImapSettings(
            self.server, self.user or self.address, self.password, self.port, self.encryption, self.imap_folder
        )
        return read_imap(settings, cursor, since)

    def _stamp(self) -> dict[str, Any]:
        """Size and time of an mbox, by which one that did not change is known."""
        path = Path(self.mailbox) if self.mailbox else None
        if path is None or not path.is_file():
            return {}
        found = path.stat()
        return {"stamp": [found.st_size, found.st_mtime_ns]}

    async def _read(
        self, arrived: "Arrived", source_id: str, now: datetime
    ) -> tuple[tuple[Item, ...], tuple[Aside, ...]]:
        from newsletter.fetch.tips import SetAside, read_tip

        items: dict[str, Item] = {}
        aside: list[Aside] = []
        for where, data in arrived.mails:
            try:
                if len(data) <= _INLINE:
                    found = read_tip(data, source_id, now, self.address or "")
                else:
                    found = await in_worker(read_tip, data, source_id, now, self.address or "")
            except NotReadable as error:
                found = SetAside(str(error))
            except Exception as error:
                # One mail that nobody thought of keeps no other one waiting.
                found = SetAside(shorten(one_line(f"{type(error).__name__}: {error}"), 200))
            if isinstance(found, SetAside):
                aside.append(Aside(f"{self.address or self.mailbox}: {where}", found.reason, data))
            else:
                items[found.id] = found
        return tuple(items.values()), tuple(aside)


async def _each_answer(arriving: "Iterator[Arrived]") -> "AsyncGenerator[Arrived, None]":
    """What a server gives; how long each answer may take is its client's affair."""
    try:
        while (arrived := await asyncio.to_thread(next, arriving, None)) is not None:
            yield arrived
    finally:
        await asyncio.to_thread(_close, arriving)


def _close(arriving: "Iterator[Arrived]") -> None:
    """End the reading, and with it the connection to the server."""
    close = getattr(arriving, "close", None)
    # One that is still waiting for the server in its thread ends when that answers or not.
    with contextlib.suppress(ValueError):
        if close is not None:
            close()
