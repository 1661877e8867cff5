"""Pads: pages that many people write together."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from newsletter.errors import BadStatus, Gone, NotReadable
from newsletter.fetch.added import Additions
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.mail_head import decode_text
from newsletter.fetch.pad import PadNews, export_urls, is_pad_text, read_pad
from newsletter.fetch.permission import Permission
from newsletter.fetch.workers import in_worker
from newsletter.model.source import FetchState

_INLINE = 256 * 1024
FIRST = "it can be read; no lines of the pad are known yet: the next gather asks for it and remembers them"
NO_NEWS = "it can be read, and every line of it is known by now"


@kind("pad")
@dataclass(frozen=True, slots=True)
class Pad:
    """What was added this week to the pad at ``url``: Etherpad, HedgeDoc, CodiMD, HackMD.

        - name: Summit topics
          kind: pad
          url: https://etherpad.example.org/p/SubmittedTopics

    The text export of the pad is read and compared with the lines known from before. All that is
    added within a week is one item, which grows. A line that was moved is not new; one that was
    changed is. The first reading only remembers what is there. Who wrote a line is not in the
    export. The robots.txt of the host is obeyed.
    """

    url: str

    replays_documents: ClassVar[bool] = True
    address_shape: ClassVar[str] = (
        r"^https?://(ether)?pad\.|/p/[^/]+$|^https?://(hackmd\.io|(codimd|hedgedoc)\.[^/]+)/."
    )

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the one item of the week, when something was added."""
        cursor: Mapping[str, Any] = state.cursor
        asking = Permission(http, dict(cursor.get("robots", {})))
        reply, export = await self._read(asking, cursor)
        seen = {"export": export, "documents": {export: reply.document.as_json()}, "robots": asking.as_json()}
        before = Additions.from_json(cursor.get("lines"))
        if reply.is_unchanged and before is not None:
            yield Batch(cursor={**cursor, **seen}, is_unchanged=True, moved_to=None)
            return
        news = await self._news(reply.body, state.source_id, before)
        warnings: tuple[str, ...] = ()
        if before is None:
            lines = "one line is" if news.lines_count == 1 else f"{news.lines_count} lines are"
            warnings = (f"read for the first time: its {lines} known now, what is added is told",)
        yield Batch(
            (news.item,) if news.item else (),
            {**seen, "lines": news.additions.as_json()},
            warnings,
            is_unchanged=news.item is None,
        )

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """The text of the pad, compared with the lines that are known. Raises NotReadable for anything else."""
        media_type = aside.content_type.partition(";")[0].strip().lower()
        if not is_pad_text(aside.data, media_type):
            raise NotReadable("it is not the text of a pad; gather the source to ask for that again")
        before = Additions.from_json(state.cursor.get("lines"))
        news = await self._news(aside.data, state.source_id, before)
        said = FIRST if before is None else "" if news.item else NO_NEWS
        yield Batch((news.item,) if news.item else (), warnings=(said,) if said else ())

    async def _news(self, body: bytes, source_id: str, before: Additions | None) -> PadNews:
        text, now = decode_text(body), datetime.now(UTC)
        if len(body) <= _INLINE:
            return read_pad(text, self.url, source_id, before, now)
        return await in_worker(read_pad, text, self.url, source_id, before, now)

    async def _read(self, asking: Permission, cursor: Mapping[str, Any]) -> tuple[Reply, str]:
        """The text of the pad and where it lies: where it lay the last time, else where such pads have it."""
        documents: Mapping[str, Any] = cursor.get("documents", {})
        fault: BadStatus | Gone | None = None
        for export in [cursor["export"]] if cursor.get("export") else export_urls(self.url):
            try:
                reply = await asking.get(export, known=Document.from_json(documents.get(export)))
            except (BadStatus, Gone) as error:
                if isinstance(error, BadStatus) and error.status not in (400, 404, 405):
                    raise
                fault = error
                continue
            if reply.is_unchanged or is_pad_text(reply.body, reply.media_type):
                return reply, export
        if fault is not None and cursor.get("export"):
            raise fault
        raise NotReadable(
            f"{self.url} is no pad that gives its text (Etherpad at …/p/NAME/export/txt, HedgeDoc at …/download)"
        )
