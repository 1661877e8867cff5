"""Packed archives: read where they can be, with a reason where they cannot."""

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.kinds import Batch
from newsletter.fetch.kinds.mbox import Mbox
from newsletter.fetch.packed import CUT, DAMAGED, TWICE, fault_of, unpacked
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

MAIL = b"From ada@a.example Mon Mar  2 10:00:00 2026\nFrom: ada@a.example\nSubject: %d\nMessage-ID: <%d@a>\n\nHigh.\n\n"
DATA = b"".join(MAIL % (each, each) for each in range(400))
PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name in names:
            packed.writestr(name, DATA)
    return file.getvalue()


async def batches(path: Path, cursor: dict[str, object] | None = None) -> list[Batch]:
    return [batch async for batch in Mbox(file=str(path)).fetch(FakeHttp(), FetchState("a", cursor or {}))]


@pytest.mark.parametrize("ending", PACKERS)
async def test_whole_and_grown(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.mbox.{ending}"
    path.write_bytes(PACKERS[ending](DATA))
    [batch] = await batches(path)
    assert len(batch.items) == 400
    assert batch.warnings == ()
    path.write_bytes(PACKERS[ending](DATA + MAIL % (400, 400)))
    [grown] = await batches(path, dict(batch.cursor))
    assert [item.title for item in grown.items] == ["399", "400"]


@pytest.mark.parametrize("ending", PACKERS)
async def test_cut_in_the_middle(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.mbox.{ending}"
    whole = PACKERS[ending](DATA)
    path.write_bytes(whole[: len(whole) - 20])
    if ending == "bz2":
        # It gives nothing of a block that is not whole.
        with pytest.raises(NotReadable, match=CUT):
            await batches(path)
        return
    found = await batches(path)
    assert found[-1].warnings == (CUT,)
    assert found[0].items


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x1f\x8bjunk", CUT),
        (b"\x1f\x8bjunk and more junk", DAMAGED),
        (b"BZh9junk and more of it", DAMAGED),
        (b"\xfd7zXZ\x00junk and more of it", DAMAGED),
        (gzip.compress(gzip.compress(DATA)), TWICE),
        (gzip.compress(zipped("a.mbox")), TWICE),
        (zipped("a.mbox", "b.mbox"), "it is a zip file"),
        (zipped("a.mbox", "b.mbox")[:50], "it is a zip file"),
        (zipped(), "it is an empty zip file"),
        (b"\x28\xb5\x2f\xfdjunk", "packed with zst"),
        (b"7z\xbc\xaf\x27\x1cjunk", "it is a 7z file"),
        (gzip.compress(b"words and more words"), "no mail begins in it"),
        (b"root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/bin/false\n", None),
    ],
)
async def test_what_cannot_be_read_says_why(tmp_path: Path, data: bytes, reason: str | None) -> None:
    path = tmp_path / "a.mbox.gz"
    path.write_bytes(data)
    if reason is None:
        [batch] = await batches(path)
        assert [aside.reason.partition(" (")[0] for aside in batch.aside] == [
            "it is no mail: none of the headers of a mail stands in it"
        ]
        return
    with pytest.raises(NotReadable) as caught:
        await batches(path)
    assert reason in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\n\n", gzip.compress(b""), bz2.compress(b"\n")])
async def test_an_empty_one_says_so(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.mbox"
    path.write_bytes(data)
    [batch] = await batches(path)
    [again] = await batches(path, dict(batch.cursor))
    assert again.is_unchanged
    assert batch.warnings == again.warnings == ("a.mbox is empty: no mail is in it",)
    assert batch.items == ()


def test_a_fault_is_met_anew_after_going_back() -> None:
    with unpacked(gzip.compress(DATA)[:-9]) as file:
        first = file.read()
        assert (fault_of(file), len(first)) == (CUT, len(DATA))
        assert file.read() == b""
        file.seek(0)
        assert fault_of(file) == ""
        assert file.read() == first
        assert fault_of(file) == CUT
        file.seek(len(DATA) + 1)
        assert fault_of(file) == CUT


def test_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="none cannot be read"), unpacked(tmp_path / "none"):
        pass
