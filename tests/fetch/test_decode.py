import contextlib
import gzip
import sys
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from newsletter.errors import TooLarge, Unreachable
from newsletter.fetch.decode import Unpacker
from tests.corpus import CORPUS, needs_corpus

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MIB = 1 << 20
TEXT = b"<rss>" + b"".join(b"<item>%d</item>" % number for number in range(40_000)) + b"</rss>"


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=3),
    "zstd": zstd.compress,
}


def unpack(encoding: str, data: bytes, *, limit: int = 8 * MIB, step: int = 1 << 16) -> bytes:
    unpacker = Unpacker(encoding, limit)
    pieces = [piece for start in range(0, len(data), step) for piece in unpacker.feed(data[start : start + step])]
    pieces += unpacker.finish()
    assert all(len(piece) <= 1 << 19 for piece in pieces)
    return b"".join(pieces)


@pytest.mark.parametrize("encoding", PACKERS)
@pytest.mark.parametrize("text", [b"", b"<", TEXT], ids=["empty", "short", "long"])
def test_each_encoding(encoding: str, text: bytes) -> None:
    assert unpack(encoding, PACKERS[encoding](text)) == text


@pytest.mark.parametrize("encoding", PACKERS)
def test_in_any_pieces(encoding: str) -> None:
    assert unpack(encoding, PACKERS[encoding](TEXT[:3000]), step=1) == TEXT[:3000]


def test_bare_deflate_and_names_in_any_spelling() -> None:
    assert unpack("deflate", bare_deflate(TEXT)) == TEXT
    assert unpack("GZip", gzip.compress(TEXT)) == TEXT
    assert unpack("identity", TEXT) == TEXT


def test_layers_are_undone_from_the_last() -> None:
    packed = brotli.compress(gzip.compress(zstd.compress(TEXT)))
    assert unpack("zstd, gzip, br", packed) == TEXT
    with pytest.raises(Unreachable, match="packed 5 times over"):
        unpack("gzip," * 5, packed)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "x-nobody", "gzip, br"])
@pytest.mark.parametrize("text", [b"", b"{", b"<rss/>", b"\xef\xbb\xbf<rss/>", TEXT])
def test_plain_text_under_a_false_name(encoding: str, text: bytes) -> None:
    assert unpack(encoding, text) == text


@pytest.mark.parametrize("encoding", PACKERS)
def test_what_is_cut_is_noticed(encoding: str) -> None:
    packed = PACKERS[encoding](TEXT)
    with pytest.raises(Unreachable, match="ends in the middle"):
        unpack(encoding, packed[: len(packed) // 2])


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_what_is_broken_is_noticed(encoding: str) -> None:
    packed = bytearray(PACKERS[encoding](TEXT))
    packed[len(packed) // 2 :] = b"\xff" * (len(packed) // 2)
    with pytest.raises(Unreachable, match=r"broken|in the middle"):
        unpack(encoding, bytes(packed))


def test_several_members_and_frames() -> None:
    assert unpack("gzip", gzip.compress(b"<a>") + gzip.compress(b"</a>")) == b"<a></a>"
    assert unpack("zstd", zstd.compress(b"<a>") + zstd.compress(b"</a>")) == b"<a></a>"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_what_follows_the_end_is_ignored(encoding: str) -> None:
    assert unpack(encoding, PACKERS[encoding](b"<rss/>") + b"\0\0 and more", step=7) == b"<rss/>"


@pytest.mark.parametrize("encoding", PACKERS)
def test_a_bomb_stops_at_the_limit(encoding: str) -> None:
    packed = PACKERS[encoding](bytes(16 * MIB))
    unpacker = Unpacker(encoding, 2 * MIB)
    taken: list[bytes] = []
    with pytest.raises(TooLarge, match="larger than 2 MiB unpacked"):
        taken.extend(unpacker.feed(packed))
    assert sum(map(len, taken)) <= 2 * MIB


@pytest.mark.slow
def test_a_layer_in_between_counts_too() -> None:
    nothing = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x03\x00" + bytes(8)
    with pytest.raises(TooLarge):
        unpack("gzip, gzip", gzip.compress(nothing * 200_000), limit=2 * MIB)


def test_a_zstd_window_for_which_the_web_has_no_use() -> None:
    parameters = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    packer = zstd.ZstdCompressor(options=parameters)
    with pytest.raises(Unreachable, match="broken"):
        unpack("zstd", packer.compress(TEXT) + packer.flush())


@given(data=some.binary(max_size=200), encoding=some.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br"]))
@settings(max_examples=200, deadline=None)
@pytest.mark.slow
def test_any_bytes_end_as_bytes_or_as_a_named_error(data: bytes, encoding: str) -> None:
    with contextlib.suppress(TooLarge, Unreachable):
        assert len(unpack(encoding, data, limit=MIB, step=50)) <= MIB


@needs_corpus
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "encoding", "end"),
    [
        ("zeros_256mib.gz", "gzip", TooLarge),
        ("zeros_256mib_twice.gz.gz", "gzip, gzip", TooLarge),
        ("zeros_64mib.deflate", "deflate", TooLarge),
        ("zeros_64mib.zlib", "deflate", TooLarge),
        ("feed_64mib.xml.gz", "gzip", TooLarge),
        ("truncated.gz", "gzip", TooLarge),
        ("bad_crc.gz", "gzip", Unreachable),
        ("trailing_junk.gz", "gzip", None),
        ("members_20000.gz", "gzip", None),
    ],
)
def test_recorded_bombs(name: str, encoding: str, end: type[Exception] | None) -> None:
    data = (CORPUS / "hostile" / "bombs" / name).read_bytes()
    if end is None:
        assert unpack(encoding, data)
        return
    with pytest.raises(end):
        unpack(encoding, data)
