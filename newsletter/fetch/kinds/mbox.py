"""Archives of mails in one file, on this machine or at an address."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from newsletter.errors import NotReadable
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, kind
from newsletter.fetch.mail import MailSettings
from newsletter.fetch.mail_archive import Progress, read_archive
from newsletter.fetch.mbox_split import is_mbox
from newsletter.fetch.on_disk import on_disk
from newsletter.fetch.packed import fault_of, unpacked
from newsletter.model.source import FetchState

_Cursor = dict[str, Any]
_BEGINNING = 4_096


@kind("mbox")
@dataclass(frozen=True, slots=True)
class Mbox:
    """The mails of an mbox, plain or packed with gzip, bzip2 or xz: a ``file`` beside feeds.yaml, or one at ``url``.

    ``digest threads with`` says how many replies make a thread worth a digest of its own ("20
    replies or more"). Mails that hold one of the words of ``ignore`` are left out.
    """

    url: str | None = None
    file: str | None = None
    digest_threads_with: str | None = None
    ignore: tuple[str, ...] = ()

    one_of: ClassVar[tuple[str, ...]] = ("file", "url")
    address_shape: ClassVar[str] = r"\.mbox(\.(gz|bz2|xz|zst))?$"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the mails that were added since the last time, in the order of the file."""
        path, seen, is_unchanged, moved_to = await self._look(http, state.cursor)
        if is_unchanged or path is None:
            told = await self._said_of(path)
            yield Batch(cursor={**state.cursor, **seen}, warnings=told, is_unchanged=True, moved_to=moved_to)
            return
        words = tuple(word.lower() for word in self.ignore if word.strip())
        address = self.url or Path(self.file or "").name
        settings = MailSettings(state.source_id, "mbox", ignore=words, now=datetime.now(UTC), address=address)
        known = Progress.from_json(state.cursor.get("progress"))
        # What was seen of the file counts only when all of it was read, or a killed run would lose the rest.
        before = {key: value for key, value in state.cursor.items() if key not in seen}
        empty = await self._said_of(path)
        async for part in read_archive(path, settings, progress=known):
            progress = {"progress": part.progress.as_json()}
            cursor = {**before, **seen, **progress} if part.is_last else {**before, **progress}
            yield Batch(part.items, cursor, (*empty, *part.warnings), moved_to=moved_to, aside=part.aside)

    async def _said_of(self, path: Path | None) -> tuple[str, ...]:
        """That nothing is in the file, each time it is looked at."""
        if path is None or not await on_disk(_is_empty, path):
            return ()
        return (f"{self.url or Path(self.file or '').name} is empty: no mail is in it",)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A document that begins as an mbox does; a packed one is known by its address."""
        return is_mbox(reply.body[:2_000])

    async def _look(self, http: Http, cursor: Mapping[str, Any]) -> tuple[Path | None, _Cursor, bool, str | None]:
        """The file, what is to be remembered of it, whether it is what it was, and where it moved."""
        if self.file:
            path = Path(self.file)
            seen = {"seen": await on_disk(_seen, path)}
            return path, seen, seen["seen"] == cursor.get("seen"), None
        if not self.url:
            raise NotReadable('An mbox needs a "file:" or a "url:".')
        documents: Mapping[str, Any] = cursor.get("documents", {})
        reply = await http.download(self.url, known=Document.from_json(documents.get(self.url)))
        document = {"documents": {self.url: reply.document.as_json()}}
        return reply.path, document, reply.is_unchanged, reply.document.moved_to


def _seen(path: Path) -> list[int]:
    """Size and time of the file."""
    try:
        found = path.stat()
    except OSError as error:
        raise NotReadable(f"{path} cannot be read: {error.strerror or error}") from error
    if not path.is_file():
        raise NotReadable(f"{path} is not a file")
    return [found.st_size, found.st_mtime_ns]


def _is_empty(path: Path) -> bool:
    """Whether nothing but empty lines stands in the file, packed or not."""
    with unpacked(path) as file:
        return not fault_of(file) and not file.read(_BEGINNING).strip() and not fault_of(file)
