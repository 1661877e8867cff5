"""An archive of mails, packed or plain, read from where the last reading ended: read_archive()."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from newsletter.errors import NotReadable
from newsletter.fetch.kinds import Aside
from newsletter.fetch.mail import MailSettings, ParsedMails, mail_aside, parse_mails
from newsletter.fetch.mbox_split import Pack, Trace, is_mail, is_mbox, split_mails
from newsletter.fetch.on_disk import each_on_disk
from newsletter.fetch.packed import Readable, fault_of, unpacked
from newsletter.fetch.workers import in_worker
from newsletter.model.item import Item

MAIL_CUT = "a mail larger than 4 MiB was cut"
NO_MAILS = "this is no archive of mails: no mail begins in it"

_HEAD = 4_096
_LARGEST_MAIL = 4 << 20
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
    fault = ""
    async with aclosing(_taken(_packs_in(source, progress or Progress(), is_pipermail=is_pipermail), source)) as packs:
        async for pack in packs:
            if isinstance(pack, str):
                fault = pack
                continue
            if not pack.starts:
                import asyncio

                await asyncio.sleep(0)
                continue
            if waiting is not None:
                yield waiting
            waiting = await _part(pack, settings)
    waiting = waiting or Part((), Progress())
    yield replace(waiting, warnings=(*waiting.warnings, fault) if fault else waiting.warnings, is_last=True)


async def _taken(packs: Iterator[Pack | str], source: Path | bytes) -> AsyncGenerator[Pack | str, None]:
    """The packs; those of a file are read where a disk that hangs keeps nobody waiting."""
    if isinstance(source, Path):
        async with aclosing(each_on_disk(packs)) as found:
            async for pack in found:
                yield pack
        return
    for pack in packs:
        yield pack


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


def _packs_in(source: Path | bytes, progress: Progress, *, is_pipermail: bool) -> Iterator[Pack | str]:
    """The packs to read, and behind them why the archive ended early, if it did. Raises NotReadable."""
    try:
        with unpacked(source) as file:
            has_mails = False
            for pack in _packs(file, progress, is_pipermail=is_pipermail):
                has_mails = has_mails or bool(pack.starts)
                yield pack
            if fault := fault_of(file):
                if not has_mails:
                    raise NotReadable(fault)
                yield fault
    except OSError as error:
        raise NotReadable(f"the archive cannot be read: {error.strerror or error}") from error


def _packs(file: Readable, progress: Progress, *, is_pipermail: bool) -> Iterator[Pack]:
    head = file.read(_HEAD)
    if is_mail(head):
        yield _single(head, file)
        return
    if not is_mbox(head) and head.strip() and b"\nFrom " not in head:
        raise NotReadable(fault_of(file) or NO_MAILS)
    has_mails = False
    for pack in split_mails(file, trace=_resumed(file, progress), is_pipermail=is_pipermail):
        has_mails = has_mails or bool(pack.starts)
        yield pack
    if not has_mails and head.strip() and not fault_of(file):
        raise NotReadable(NO_MAILS)


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
