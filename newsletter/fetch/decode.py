"""Content-Encoding undone while it streams, within a limit: gzip, deflate, br, zstd, in layers."""

import sys
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import brotli  # type: ignore[import-untyped]

from newsletter.errors import TooLarge, Unreachable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_PIECE = 1 << 18
_SLICE = 1 << 16
_MOST_LAYERS = 4
_SIGN_LENGTH = 4
_MOST_DOUBT = 1 << 18
_TEXT_STARTS = frozenset((b"", b"<", b"{", b"[", b" ", b"\t", b"\r", b"\n", b"\xef"))
# A zstd window on the web is at most 8 MiB (RFC 9659); documents sent as one segment, up to the size that is
# read at all, exceed it in practice. The library's own limit is 128 MiB of memory for each answer.
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 25}


class Unpacker:
    """Takes packed bytes, gives unpacked ones in pieces; no layer may give more than ``limit`` bytes.

    An encoding nobody knows, and data that is not packed as its encoding says, pass as they are.
    """

    def __init__(self, encodings: str, limit: int) -> None:
        names = [name for part in encodings.lower().split(",") if (name := part.strip()) not in ("", "identity")]
        if len(names) > _MOST_LAYERS:
            raise Unreachable(f"the answer is packed {len(names)} times over")
        self._layers = [_Layer(made, limit) for name in reversed(names) if (made := _METHODS.get(name))]

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that ``data`` completes. Raises TooLarge, and Unreachable for broken data."""
        for start in range(0, len(data), _SLICE):
            yield from _through(self._layers, data[start : start + _SLICE])

    def finish(self) -> Iterator[bytes]:
        """What is left when no more comes. Raises Unreachable when something is missing."""
        for number, layer in enumerate(self._layers):
            for piece in layer.finish():
                yield from _through(self._layers[number + 1 :], piece)
        if any(layer.is_cut for layer in self._layers):
            raise Unreachable("the packed answer ends in the middle")


class _Method(Protocol):
    """One way of packing; ``is_whole`` once its end was seen."""

    @property
    def is_whole(self) -> bool: ...

    @staticmethod
    def fits(start: bytes) -> bool:
        """Whether data that begins with these four bytes can be packed this way."""

    def unpack(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` completes, in pieces of at most _PIECE bytes."""


class _Layer:
    """One layer of packing, and how much it has given."""

    def __init__(self, make: type[_Method], limit: int) -> None:
        self._make, self._limit = make, limit
        self._method: _Method | None = None
        self._is_plain = False
        self._taken = b""
        self._given = 0

    @property
    def is_cut(self) -> bool:
        """Whether the data ended before it was whole."""
        return self._method is not None and not self._method.is_whole

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that ``data`` completes."""
        if self._method is None and not self._is_plain:
            self._taken += data
            if len(self._taken) >= _SIGN_LENGTH:
                data, self._taken = self._taken, b""
                yield from self._begin(data)
        elif self._is_plain:
            yield data
        else:
            yield from self._unpack(data)

    def finish(self) -> Iterator[bytes]:
        """What is left when no more comes."""
        if self._method is None and not self._is_plain and self._taken:
            data, self._taken = self._taken, b""
            yield from self._begin(data)
        if self.is_cut and self._may_be_plain:
            yield self._taken
            self._method = None

    def _begin(self, data: bytes) -> Iterator[bytes]:
        # Some servers name an encoding and send plain text all the same.
        if self._make.fits(data):
            self._method = self._make()
            yield from self._unpack(data)
        else:
            self._is_plain = True
            yield data

    def _unpack(self, data: bytes) -> Iterator[bytes]:
        assert self._method is not None
        if self._may_be_plain:
            self._taken += data
        try:
            for piece in self._method.unpack(data):
                self._given += len(piece)
                if self._given > self._limit:
                    raise TooLarge(f"the document is larger than {self._limit / (1 << 20):g} MiB unpacked")
                yield piece
        except (zlib.error, brotli.error, zstd.ZstdError) as error:
            if not self._may_be_plain:
                raise Unreachable(f"the packed answer is broken ({error})") from error
            self._is_plain, self._method = True, None
            yield self._taken

    @property
    def _may_be_plain(self) -> bool:
        """Whether what came so far gave nothing and begins as text does."""
        return not self._given and len(self._taken) < _MOST_DOUBT and self._taken[:1] in _TEXT_STARTS


def _through(layers: Sequence[_Layer], data: bytes) -> Iterator[bytes]:
    if not layers:
        yield data
        return
    for piece in layers[0].feed(data):
        yield from _through(layers[1:], piece)


class _Gzip:
    """gzip, with several members (RFC 1952, 2.2); whatever else follows them is ignored."""

    def __init__(self) -> None:
        self._object: Any = zlib.decompressobj(31)
        self._is_over = False
        self.is_whole = False

    @staticmethod
    def fits(start: bytes) -> bool:
        """Whether it begins as gzip."""
        return start[:2] == b"\x1f\x8b"

    def unpack(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` completes."""
        is_full = False
        while (data or is_full) and not self._is_over:
            if self._object is None:
                if data[:2] not in (b"\x1f", b"\x1f\x8b"):
                    self._is_over = True
                    return
                self._object, self.is_whole = zlib.decompressobj(31), False
            piece = self._object.decompress(data, _PIECE)
            is_full, data = len(piece) == _PIECE, self._object.unconsumed_tail
            if self._object.eof:
                data, is_full, self.is_whole = self._object.unused_data, False, True
                self._object = None
            if piece:
                yield piece


class _Deflate:
    """deflate: in a zlib frame as RFC 9110 says, or bare as some servers send it."""

    def __init__(self) -> None:
        self._object: Any = None

    @staticmethod
    def fits(start: bytes) -> bool:
        """Bare deflate has no sign of its own: anything; plain text is noticed when it fails."""
        return True

    @property
    def is_whole(self) -> bool:
        """Whether the end was seen."""
        return self._object is not None and bool(self._object.eof)

    def unpack(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` completes."""
        if self._object is None:
            is_framed = data[0] & 0x0F == 8 and len(data) > 1 and (data[0] << 8 | data[1]) % 31 == 0
            self._object = zlib.decompressobj(15 if is_framed else -15)
        is_full = False
        while (data or is_full) and not self._object.eof:
            piece = self._object.decompress(data, _PIECE)
            is_full, data = len(piece) == _PIECE, self._object.unconsumed_tail
            if piece:
                yield piece


class _Brotli:
    """br (RFC 7932)."""

    def __init__(self) -> None:
        self._object: Any = brotli.Decompressor()

    @staticmethod
    def fits(start: bytes) -> bool:
        """Brotli has no sign of its own: anything; plain text is noticed when it fails."""
        return True

    @property
    def is_whole(self) -> bool:
        """Whether the end was seen."""
        return bool(self._object.is_finished())

    def unpack(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` completes."""
        has_more = True
        while has_more and not self._object.is_finished():
            piece = self._object.process(data, output_buffer_limit=_PIECE)
            # The last piece before the limit may leave output inside, whatever it says of its input.
            has_more, data = bool(piece) or not self._object.can_accept_more_data(), b""
            if piece:
                yield piece


class _Zstd:
    """zstd (RFC 8878), several frames included; whatever else follows them is ignored."""

    def __init__(self) -> None:
        self._object: Any = zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
        self._is_over = False

    @staticmethod
    def fits(start: bytes) -> bool:
        """Whether it begins as a frame, a skippable one included."""
        return start[:4] == b"\x28\xb5\x2f\xfd" or (start[0] & 0xF0 == 0x50 and start[1:4] == b"\x2a\x4d\x18")

    @property
    def is_whole(self) -> bool:
        """Whether the end was seen."""
        return bool(self._object.eof)

    def unpack(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` completes."""
        while (data or not (self._object.needs_input or self._object.eof)) and not self._is_over:
            if self._object.eof:
                if not self.fits(data[:4]):
                    self._is_over = True
                    return
                self._object = zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
            piece = self._object.decompress(data, _PIECE)
            data = self._object.unused_data if self._object.eof else b""
            if piece:
                yield piece


_METHODS: dict[str, type[_Method]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}
