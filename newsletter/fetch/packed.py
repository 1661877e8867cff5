"""Packed files, unpacked while they are read: gzip, bzip2 and xz. What else is packed says how to unpack it."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import SEEK_SET
from pathlib import Path
from typing import IO, Any, Protocol

from newsletter.errors import NotReadable

CUT = "the packed archive ends in the middle"
DAMAGED = "the packed archive is damaged"
TWICE = "it is packed twice: unpack it once"

_HEAD = 8
_OPENERS: Mapping[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
_OTHERS = {
    b"PK\x03\x04": "it is a zip file: unpack it, and name what is in it",
    b"PK\x05\x06": "it is an empty zip file",
    b"7z\xbc\xaf\x27\x1c": "it is a 7z file: unpack it, and name what is in it",
    b"\x28\xb5\x2f\xfd": "it is packed with zst, which is not read here: unpack it, or pack it with gzip, bzip2 or xz",
    b"\x1f\x9d": "it is packed with compress, which is not read here: unpack it, or pack it with gzip, bzip2 or xz",
}


class Readable(Protocol):
    """What is asked of an open document; offsets are those of its unpacked bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; none at the end."""

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        """Go on reading from ``offset``."""


@contextmanager
def unpacked(source: Path | bytes) -> Iterator[Readable]:
    """``source``, unpacked while it is read. Raises NotReadable for what is packed in a way that is not read."""
    try:
        file = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except OSError as error:
        raise NotReadable(f"{error.filename} cannot be read: {error.strerror or error}") from error
    with file:
        head = file.read(_HEAD)
        file.seek(0)
        if reason := next((reason for sign, reason in _OTHERS.items() if head.startswith(sign)), ""):
            raise NotReadable(reason)
        opener = _opener(head)
        if opener is None:
            yield file
            return
        packed = Unpacked(file, opener)
        if is_packed(packed.read(_HEAD)):
            raise NotReadable(TWICE)
        packed.seek(0)
        yield packed


def is_packed(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is packed in one of the ways that are known here."""
    return _opener(head) is not None or head.startswith(tuple(_OTHERS))


def fault_of(file: Readable) -> str:
    """Why ``file`` ended where it ended; "" when that is its end."""
    return file.fault if isinstance(file, Unpacked) else ""


class Unpacked:
    """The bytes in a packed file; one that ends early, or is followed by something else, ends there (``fault``)."""

    def __init__(self, file: IO[bytes], opener: Callable[[IO[bytes]], Any]) -> None:
        self._packed, self._opener = file, opener
        self._file = opener(file)
        self.fault = ""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; none at the end."""
        pieces: list[bytes] = []
        left = size
        while left and not self.fault and (piece := self._piece(left)):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def _piece(self, size: int) -> bytes:
        piece: bytes = self._tried(lambda: self._file.read1(size), b"")
        return piece

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        """Go on reading from ``offset``."""
        if self.fault:
            # Where a reader stands that met a fault is anybody's guess.
            self.fault = ""
            self._packed.seek(0)
            self._file = self._opener(self._packed)
        at: int = self._tried(lambda: self._file.seek(offset, whence), offset)
        return at

    def _tried(self, ask: Callable[[], Any], otherwise: Any) -> Any:
        """What ``ask`` gives; ``otherwise``, and a fault to tell, when the file is not what it should be."""
        try:
            return ask()
        except EOFError:
            self.fault = CUT
        except (zlib.error, lzma.LZMAError):
            self.fault = DAMAGED
        except OSError as error:
            # What the disk has to say has a number.
            if error.errno is not None:
                raise
            self.fault = DAMAGED
        return otherwise


def _opener(head: bytes) -> Callable[[IO[bytes]], Any] | None:
    return next((opener for sign, opener in _OPENERS.items() if head.startswith(sign)), None)
