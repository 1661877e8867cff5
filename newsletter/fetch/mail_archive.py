"""An archive of mails, packed or plain, read from where the last reading ended: read_archive()."""

import asyncio
import gzip
import io
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import SEEK_SET
from pathlib import Path
from typing import IO, Any

from newsletter.errors import NotReadable
from newsletter.fetch.kinds import Aside
from newsletter.fetch.mail import MailSettings, ParsedMails, mail_aside, parse_mails
from newsletter.fetch.mbox_split import Pack, Readable, Trace, is_mail, is_mbox, split_mails
from newsletter.fetch.workers import in_worker
from newsletter.model.item import Item

MAIL_CUT = "a mail larger than 4 MiB was cut"
ARCHIVE_CUT = "the packed archive ends in the middle"

_HEAD = 4_096
_LARGEST_MAIL = 4 << 20
_GZIP = b"\x1f\x8b"
_INLINE = 64 << 10


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an archive was read: the byte at which its last mail begins, and the trace of what stood before."""

    offset: int = 0
    before: str = ""

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> "Progress":
        """The progress stored as ``value``; none for None."""
        return cls(value["offset"], value["before"]) if value else cls()

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {"offset": self.offset, "before": self.before}


@dataclass(frozen=True, slots=True)
class Part:
    """The mails of a pack, and how far the archive was read with them. ``is_last``: nothing follows."""

    items: tuple[Item, ...]
    progress: Progress
    warnings: tuple[str, ...] = ()
    is_last: bool = False
    aside: tuple[Aside, ...] = ()


async def read_archive(
    source: Path | bytes, settings: MailSettings, *, progress: Progress | None = None, is_pipermail: bool = False
) -> AsyncIterator[Part]:
    """The mails of ``source`` that stand behind ``progress``, and the last one before it, in packs.

    An archive that is not what it was before ``progress`` is read from its beginning. The last
    part may be without items. Raises NotReadable when there is no mail in it.
    """
    waiting: Part | None = None
    with _opened(source) as file:
        for pack in _packs(file, progress or Progress(), is_pipermail=is_pipermail):
            if not pack.starts:
                await asyncio.sleep(0)
                continue
            if waiting is not None:
                yield waiting
            waiting = await _part(pack, settings)
        is_cut = _is_cut(file)
    if waiting is None:
        if is_cut:
            raise NotReadable(ARCHIVE_CUT)
        waiting = Part((), Progress())
    yield replace(waiting, warnings=(*waiting.warnings, ARCHIVE_CUT) if is_cut else waiting.warnings, is_last=True)


async def _part(pack: Pack, settings: MailSettings) -> Part:
    parsed = await _parsed(pack.data, pack.starts, settings, pack.offset)
    warnings = (*parsed.warnings, MAIL_CUT) if pack.is_cut else parsed.warnings
    return Part(parsed.items, Progress(pack.last, pack.before_last), warnings, aside=parsed.aside)


async def _parsed(data: bytes, starts: tuple[int, ...], settings: MailSettings, offset: int) -> ParsedMails:
    """The mails of a pack. One that a worker cannot bear is set aside, the others are read without it."""
    if not _is_heavy(data, starts):
        return parse_mails(data, starts, settings, offset)
    try:
        return await in_worker(parse_mails, data, starts, settings, offset)
    except NotReadable as error:
        if len(starts) == 1:
            return ParsedMails((), (mail_aside(error, data, settings, offset),))
    middle = len(starts) // 2
    at = starts[middle]
    first = await _parsed(data[:at], starts[:middle], settings, offset)
    second = await _parsed(data[at:], tuple(start - at for start in starts[middle:]), settings, offset + at)
    ignored = first.ignored_count + second.ignored_count
    return ParsedMails((*first.items, *second.items), (*first.aside, *second.aside), ignored)


def _is_heavy(data: bytes, starts: tuple[int, ...]) -> bool:
    """Whether a mail may hold much HTML; all others take 0.1 ms each, and as much to carry to a worker and back."""
    sizes = zip(starts, (*starts[1:], len(data)), strict=True)
    return any(end - start > _INLINE and b"text/html" in data[start:end].lower() for start, end in sizes)


def _packs(file: Readable, progress: Progress, *, is_pipermail: bool) -> Iterator[Pack]:
    """The packs to read."""
    try:
        head = file.read(_HEAD)
        if is_mail(head):
            yield _single(head, file)
            return
        if not is_mbox(head) and head.strip() and b"\nFrom " not in head:
            raise NotReadable(ARCHIVE_CUT if _is_cut(file) else "this is no archive of mails: no mail begins in it")
        yield from split_mails(file, trace=_resumed(file, progress), is_pipermail=is_pipermail)
    except OSError as error:
        raise NotReadable(f"the archive cannot be read: {error.strerror or error}") from error


def _single(head: bytes, file: Readable) -> Pack:
    data = head + file.read(_LARGEST_MAIL)
    return Pack(data, (0,), is_cut=len(data) > _LARGEST_MAIL)


def _resumed(file: Readable, progress: Progress) -> Trace:
    """The trace to go on with; ``file`` then stands where a mail begins."""
    if progress.offset:
        trace = Trace.of(file, progress.offset)
        if trace.size == progress.offset and str(trace) == progress.before:
            return trace
    file.seek(0)
    return Trace()


@contextmanager
def _opened(source: Path | bytes) -> Iterator[Readable]:
    """``source``, unpacked while it is read."""
    try:
        file = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except OSError as error:
        raise NotReadable(f"{error.filename} cannot be read: {error.strerror or error}") from error
    with file:
        is_packed = file.read(len(_GZIP)) == _GZIP
        file.seek(0)
        yield _Unpacked(file) if is_packed else file


class _Unpacked:
    """The bytes in a gzip file; one that ends early, or is followed by something else, ends there."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = gzip.GzipFile(fileobj=file)
        self.is_cut = False

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; none at the end."""
        pieces: list[bytes] = []
        left = size
        try:
            while left and not self.is_cut and (piece := self._file.read1(left)):
                pieces.append(piece)
                left -= len(piece)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            self.is_cut = True
        return b"".join(pieces)

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        """Go on reading from ``offset``."""
        try:
            self.is_cut = False
            return self._file.seek(offset, whence)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            self.is_cut = True
            return offset


def _is_cut(file: Readable) -> bool:
    return isinstance(file, _Unpacked) and file.is_cut
