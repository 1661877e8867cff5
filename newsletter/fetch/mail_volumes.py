"""Archives with one text of mails for each span of time, mostly a month: finished ones are never read again."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from newsletter.errors import BadStatus, FetchError, NotReadable, TooLarge
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Aside, Batch
from newsletter.fetch.mail import MailSettings
from newsletter.fetch.mail_archive import Part, Progress, read_archive
from newsletter.fetch.packed import CUT
from newsletter.model.item import Item
from newsletter.model.source import FetchState

_OWN_FAULT = 500
"""From this status on the server says that it is its own fault, and may do better next time."""


@dataclass(frozen=True, slots=True, order=True)
class Volume:
    """One text of an archive, mostly a month: from ``begins_on`` until before ``ends_on``."""

    begins_on: date
    ends_on: date
    name: str
    file: str

    def ends_before(self, at: datetime) -> bool:
        """Whether all of it is older than ``at``; servers sort mails by their own zone."""
        return datetime(self.ends_on.year, self.ends_on.month, self.ends_on.day, tzinfo=UTC) + timedelta(days=1) <= at


@dataclass(slots=True)
class VolumeCursor:
    """What is remembered: validators, the texts that were listed, how far each that still grows was read."""

    documents: dict[str, Document]
    base: str
    files: list[str]
    progress: dict[str, Progress]
    done: set[str]
    since: datetime | None

    @classmethod
    def read(cls, state: FetchState) -> "VolumeCursor":
        """The stored cursor. The first reading settles how far back the source goes; a later one may go further."""
        value: Mapping[str, Any] = state.cursor
        since = state.since
        if "base" in value:
            before = datetime.fromisoformat(value["since"]) if value.get("since") else None
            since = min(before, since or before) if before else None
        return cls(
            {url: Document.from_json(each) for url, each in value.get("documents", {}).items()},
            value.get("base", ""),
            list(value.get("files", ())),
            {name: Progress.from_json(each) for name, each in value.get("months", {}).items()},
            set(value.get("done", ())),
            since,
        )

    def document(self, url: str) -> Document | None:
        """What is known of the document at ``url``."""
        return self.documents.get(url)

    def due(self, volumes: Sequence[Volume]) -> list[Volume]:
        """The texts to ask for."""
        left = (volume for volume in volumes if volume.name not in self.done)
        return [volume for volume in left if self.since is None or not volume.ends_before(self.since)]

    def finish(self, volume: Volume) -> None:
        """``volume`` was read to its end and will not grow any more."""
        self.done.add(volume.name)
        self.forget(volume.name)

    def note(self, volume: Volume, url: str, document: Document) -> None:
        """``volume`` was read to its present end from ``url``."""
        self._forget_documents(volume.name)
        self.documents[url] = document

    def forget(self, name: str) -> None:
        """Nothing that is known of the text of that name is of use any more."""
        self.progress.pop(name, None)
        self._forget_documents(name)

    def _forget_documents(self, name: str) -> None:
        for url in [url for url in self.documents if _file_of(url).partition(".")[0] == name]:
            del self.documents[url]

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {
            "documents": {url: document.as_json() for url, document in self.documents.items()},
            "base": self.base,
            "files": list(self.files),
            "months": {name: progress.as_json() for name, progress in self.progress.items()},
            "done": sorted(self.done),
            "since": self.since.isoformat() if self.since else None,
        }


class Shelf(Protocol):
    """What an archive software is asked about its texts."""

    def url_of(self, volume: Volume) -> str:
        """The address of a text."""

    def is_open(self, volume: Volume) -> bool:
        """Whether mails may still be added to it."""

    async def linked(self, volume: Volume, items: tuple[Item, ...], *, is_end: bool) -> tuple[Item, ...]:
        """``items`` with the addresses of their pages. ``is_end``: they are the last ones of the text."""


@dataclass(slots=True)
class VolumeReader:
    """Reads the texts of one archive.

    ``first_is_from``: "From:" is the first header of every mail (Mailman 2). ``gives_up_on``: the
    statuses after which no other text is asked for when none could be read. ``found_count`` are
    the mails that were given, ``read_count`` the texts that were read or are unchanged.
    """

    http: Http
    cursor: VolumeCursor
    settings: MailSettings
    shelf: Shelf
    first_is_from: bool = False
    gives_up_on: Collection[int] = ()
    found_count: int = 0
    read_count: int = 0
    fault: FetchError | None = None
    _missing: list[Volume] = field(default_factory=list)

    async def batches(self, volumes: Sequence[Volume]) -> AsyncIterator[Batch]:
        """What is new in ``volumes``. Raises what the last of them raised when none can be read."""
        for volume in self.cursor.due(volumes):
            try:
                async for batch in self._read(volume):
                    self.found_count += len(batch.items)
                    yield batch
            except (BadStatus, NotReadable) as error:
                yield self._failed(volume, error)
                if isinstance(error, BadStatus) and error.status in self.gives_up_on and not self.read_count:
                    raise
                continue
            self.read_count += 1
            if not self.shelf.is_open(volume):
                self.cursor.finish(volume)
        if self.fault is not None and not self.read_count:
            raise self.fault
        for volume in self._missing:
            self.cursor.finish(volume)

    def _failed(self, volume: Volume, error: BadStatus | NotReadable) -> Batch:
        self.fault = error
        is_for_good = error.status < _OWN_FAULT if isinstance(error, BadStatus) else str(error) != CUT
        if is_for_good and not self.shelf.is_open(volume):
            self._missing.append(volume)
        aside = error.aside if isinstance(error, _Unreadable) else ()
        return Batch((), self.cursor.as_json(), (f"{volume.file} could not be read: {error}",), aside=aside)

    async def _read(self, volume: Volume) -> AsyncIterator[Batch]:
        """What is new in the text ``volume``."""
        url, cursor = self.shelf.url_of(volume), self.cursor
        reply = await self._text(url)
        known = cursor.progress.get(volume.name)
        if reply.is_unchanged and known is not None:
            cursor.note(volume, url, reply.document)
            return
        async for part in self._parts(reply, replace(self.settings, address=url), known):
            cursor.progress[volume.name] = part.progress
            if part.is_last:
                # Counts only now, or a killed run would lose the rest of the text.
                cursor.note(volume, url, reply.document)
            items = await self.shelf.linked(volume, part.items, is_end=known is not None) if part.items else ()
            yield Batch(items, cursor.as_json(), part.warnings, aside=part.aside)

    async def _parts(self, reply: Reply, settings: MailSettings, known: Progress | None) -> AsyncIterator[Part]:
        source = reply.path or reply.body
        try:
            async for part in read_archive(source, settings, progress=known, is_pipermail=self.first_is_from):
                yield part
        except NotReadable as error:
            raise _Unreadable(str(error), (Aside(settings.address, str(error), reply.body),)) from error

    async def _text(self, url: str) -> Reply:
        known = self.cursor.document(url)
        try:
            return await self.http.get(url, known=known)
        except TooLarge:
            return await self.http.download(url, known=known)


class _Unreadable(NotReadable):
    """A whole text that is no archive of mails; it is set ``aside``."""

    def __init__(self, text: str, aside: tuple[Aside, ...]) -> None:
        self.aside = aside
        super().__init__(text)


def _file_of(url: str) -> str:
    """The name of the file that ``url`` is of."""
    return url.partition("?")[0].rpartition("/")[2]
