"""An mbox taken apart at its "From " lines, in packs of whole mails; memory stays the same for any size."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.fetch.packed import Readable

MAILS_A_PACK = 1_000
_PIECE = 1 << 19
_PACK_SIZE = 1 << 21
_LARGEST_MAIL = 1 << 22
_KEPT = 1 << 20
_LOOK_AHEAD = 2_000
_HASHED = 8 << 20
_NEAR = 4_096

_MONTHS = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TIME = rb"\d{1,2}:\d\d(?::\d\d)?"
_ZONE = rb"(?:[ \t]+[A-Z+-][A-Za-z0-9+:-]{0,8})"
# Who sent it may hold anything, spaces ("name at host") and foreign letters too; the date makes the line one of these.
_ENVELOPE = (
    rb"From (?P<sender>\S{1,300}(?: at \S{1,300})?|[^\n]{0,400}?)[ \t]+(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]+"
    rb"(?:" + _MONTHS + rb"[ \t]+\d{1,2},?[ \t]+" + _TIME + _ZONE + rb"{0,2}[ \t]+\d{4}"
    rb"|\d{1,2}[ \t]+" + _MONTHS + rb"[ \t]+\d{4}[ \t]+" + _TIME + rb")"
    rb"(?:" + _ZONE + rb"|[ \t]+remote from [^\n]{1,200})?[ \t]*\r?\n"
)
_FIRST_LINE = re.compile(_ENVELOPE)
_MAIL_START = re.compile(_ENVELOPE + rb"(?:>From |[A-Za-z][\w.-]{0,80}[ \t]*:)")
# Pipermail writes the headers itself, From: the first.
_PIPERMAIL_START = re.compile(_ENVELOPE + rb"From:")
# "git format-patch" begins every patch like a mail in an mbox; in a mail it is a part of the text.
_PATCH = re.compile(rb"[0-9a-f]{40,64}")
_SHORTEST_HASH = 40
# Of a mail alone; some programs keep the "From " line of its envelope without the date.
_HEADER = re.compile(rb"(?:From [^\n]{1,300}\n)?[A-Za-z][\w.-]{0,80}[ \t]*:")


class Trace:
    """What stood in a document before a byte of it, remembered in a few letters.

    Of a document larger than 8 MiB its beginning counts, and what stood just before the byte.
    """

    def __init__(self) -> None:
        self.size = 0
        self._hash = hashlib.blake2b(digest_size=16)
        self._near = b""

    @classmethod
    def of(cls, file: Readable, size: int) -> "Trace":
        """The trace of the first ``size`` bytes of ``file``, which then stands behind them."""
        trace = cls()
        file.seek(0)
        while trace.size < min(size, _HASHED) and (piece := file.read(min(size, _HASHED) - trace.size)):
            trace.add(piece)
        if size > trace.size == _HASHED:
            trace.size = max(trace.size, size - _NEAR)
            file.seek(trace.size)
            trace.add(file.read(size - trace.size))
        return trace

    def add(self, data: bytes) -> None:
        """The bytes that come next."""
        if self.size < _HASHED:
            self._hash.update(data[: _HASHED - self.size])
        self._near = (self._near + data[-_NEAR:])[-_NEAR:]
        self.size += len(data)

    def __str__(self) -> str:
        known = self._hash.copy()
        if self.size > _HASHED:
            known.update(self._near[-min(_NEAR, self.size - _HASHED) :])
        return f"{known.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Pack:
    """Whole mails that follow each other: ``data`` from byte ``offset`` of the document on.

    ``starts`` are the places in ``data`` where a mail begins. Of a mail larger than 4 MiB only
    the first MiB is there (``is_cut``), in a pack of its own. A pack without mails says that
    nothing whole was read yet. ``last`` is the byte of the document where the last mail of the
    pack begins, ``before_last`` the trace of all that stands before that mail.
    """

    data: bytes = b""
    starts: tuple[int, ...] = ()
    offset: int = 0
    last: int = 0
    before_last: str = ""
    is_cut: bool = False


_NOTHING = Pack()


def is_mbox(head: bytes) -> bool:
    """Whether a document that begins with ``head`` is an mbox."""
    return _FIRST_LINE.match(head.lstrip()[:1_000] + b"\n") is not None


def is_mail(head: bytes) -> bool:
    """Whether a document that begins with ``head`` is one mail, not several in an mbox."""
    return _HEADER.match(head.lstrip(b"\r\n \t\xef\xbb\xbf")) is not None and not is_mbox(head)


def split_mails(file: Readable, *, trace: Trace | None = None, is_pipermail: bool = False) -> Iterator[Pack]:
    """The mails of ``file``, which stands where a mail begins: behind all that ``trace`` is of.

    ``is_pipermail`` says that "From:" is the first header of every mail.
    """
    return _Splitter(file, trace or Trace(), _PIPERMAIL_START if is_pipermail else _MAIL_START).packs()


class _Splitter:
    """A window on the document that begins with a mail, and the beginnings of mails found in it."""

    def __init__(self, file: Readable, trace: Trace, start: re.Pattern[bytes]) -> None:
        self._file, self._trace, self._start = file, trace, start
        self._data = b""
        self._is_over = False
        self._has_patches: bool | None = None
        self._scanned = 0
        self._found: list[int] = []

    def packs(self) -> Iterator[Pack]:
        """The packs in order."""
        yield from self._skip_to_first()
        while not self._is_over:
            self._fill()
            self._scan()
            is_full = len(self._data) > _LARGEST_MAIL
            if len(self._found) > MAILS_A_PACK or self._found[-1] >= _PACK_SIZE or (is_full and self._found[1:]):
                yield from self._whole()
            elif is_full:
                yield from self._oversized()
        self._scan()
        self._found.append(len(self._data))
        yield from self._whole()

    def _fill(self) -> None:
        piece = self._file.read(_PIECE)
        self._data += piece
        self._is_over = not piece

    def _skip_to_first(self) -> Iterator[Pack]:
        """Leave out what stands before the first mail."""
        self._fill()
        while not self._is_start(start := self._first()) and not self._is_over:
            yield _NOTHING
            self._drop(max(0, len(self._data) - _LOOK_AHEAD))
            self._fill()
        self._drop(start)
        if self._is_start(0):
            self._found = [0]
            self._scanned = 1

    def _first(self) -> int:
        at = 0
        while at >= 0 and not self._is_start(at):
            at = self._data.find(b"\nFrom ", at) + 1 or -1
        return len(self._data) if at < 0 else at

    def _is_start(self, at: int) -> bool:
        found = self._start.match(self._data, at)
        if found is None:
            return False
        begin, end = found.span("sender")
        is_patch = end - begin >= _SHORTEST_HASH and _PATCH.fullmatch(self._data, begin, end) is not None
        if self._has_patches is None:
            self._has_patches = is_patch
        return self._has_patches or not is_patch

    def _scan(self) -> None:
        """Note where mails begin, as far as the lines that tell it are there."""
        last = len(self._data) if self._is_over else len(self._data) - _LOOK_AHEAD
        at = self._data.find(b"\nFrom ", self._scanned)
        while 0 <= at < last:
            if self._is_start(at + 1):
                self._found.append(at + 1)
            at = self._data.find(b"\nFrom ", at + 1)
        self._scanned = max(self._scanned, last if at < 0 else min(last, at), 0)

    def _whole(self) -> Iterator[Pack]:
        """Packs of the mails whose end is known: all but the one that begins last."""
        while len(self._found) > 1:
            count = min(MAILS_A_PACK, len(self._found) - 1)
            yield self._give(self._found[:count], self._found[count])

    def _oversized(self) -> Iterator[Pack]:
        """The beginning of a mail that is too large to hold; the rest of it is read and forgotten."""
        pack = Pack(self._data[:_KEPT], (0,), self._trace.size, self._trace.size, str(self._trace), is_cut=True)
        self._found = []
        while not self._found and not self._is_over:
            yield _NOTHING
            self._drop(max(0, self._scanned - 1))
            self._fill()
            self._scan()
        yield pack
        self._drop(self._found[0] if self._found else len(self._data))

    def _give(self, starts: list[int], end: int) -> Pack:
        data, offset = self._data[:end], self._trace.size
        self._found = self._found[len(starts) :]
        self._drop(starts[-1])
        before_last = str(self._trace)
        self._drop(end - starts[-1])
        return Pack(data, tuple(starts), offset, offset + starts[-1], before_last)

    def _drop(self, count: int) -> None:
        """Move the window on by ``count`` bytes."""
        self._trace.add(self._data[:count])
        self._data = self._data[count:]
        self._scanned = max(0, self._scanned - count)
        self._found = [start - count for start in self._found]
