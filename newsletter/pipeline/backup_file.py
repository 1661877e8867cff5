"""The file of a backup: a gzipped tar that is written and read from its beginning to its end, with little in memory.

The manifest stands last: it names every part with its hash, so a file without it, or with another part, is not whole.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from newsletter import __version__
from newsletter.errors import UsageError
from newsletter.model.codec import time_text
from newsletter.store.dump import TableInfo

FORMAT = 1
README, MANIFEST = "README.txt", "manifest.json"
HOME, DATABASE = "home/", "database/"
_LEVEL = 4
_BLOCK = 1 << 18
_LARGEST_MANIFEST = 256 << 20
_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError, UnicodeError, KeyError, TypeError, ValueError)


@dataclass(slots=True)
class Manifest:
    """What a backup holds and who wrote it."""

    newsletter: str
    made_at: datetime
    host: str
    schema: str
    database: str
    program: str = __version__
    format: int = FORMAT
    tables: list[TableInfo] = field(default_factory=list)
    parts: list[tuple[str, int, str]] = field(default_factory=list)
    """Name, size and SHA-256 of each, in the order they stand in the file."""

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return sum(each.rows for each in self.tables if each.name == table)

    def as_json(self) -> bytes:
        """The bytes that stand in the file."""
        return json.dumps({**asdict(self), "made_at": time_text(self.made_at)}, ensure_ascii=False, indent=1).encode()


class Writer:
    """Adds parts to a backup."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self._tar, self.manifest = tar, manifest

    def add(self, name: str, data: bytes) -> None:
        """A part whose bytes are here."""
        self.copy(name, io.BytesIO(data), len(data))

    def copy(self, name: str, file: IO[bytes], size: int) -> None:
        """A part of ``size`` bytes, read from ``file``."""
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(self.manifest.made_at.timestamp())
        reading = _Hashing(file)
        self._tar.addfile(info, reading)
        _forget(self._tar)
        if name not in (README, MANIFEST):
            self.manifest.parts.append((name, size, reading.hash.hexdigest()))


@contextmanager
def writing(path: Path, manifest: Manifest) -> Iterator[Writer]:
    """Write a backup to ``path``, which is whole or what it was before; only its owner may read it."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        with new.open("wb") as file:
            with (
                gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=_LEVEL, mtime=0) as packed,
                tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                writer = Writer(tar, manifest)
                writer.add(README, _readme(manifest).encode())
                yield writer
                writer.add(MANIFEST, manifest.as_json())
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as fault:
        raise UsageError(f"{path} cannot be written: {fault.strerror or fault}.") from fault
    finally:
        new.unlink(missing_ok=True)


def read_manifest(path: Path) -> Manifest:
    """What a backup says of itself, after every byte of it was compared. Raises UsageError when it is not whole."""
    try:
        parts, manifest = _read_all(path)
    except _DAMAGED as fault:
        raise UsageError(f"{path} is no backup of this program, or not whole. Take another copy.") from fault
    except FileNotFoundError as fault:
        raise UsageError(f"{path} is not there.") from fault
    if parts != manifest.parts:
        wrong = [str(each[0]) for each in manifest.parts if each not in parts] or ["the order of its parts"]
        raise UsageError(f"{path} is not what was written: {', '.join(wrong[:3])}. Take another copy.")
    return manifest


def _read_all(path: Path) -> tuple[list[tuple[str, int, str]], Manifest]:
    parts: list[tuple[str, int, str]] = []
    manifest: Manifest | None = None
    for name, file, size in _members(path):
        if manifest is not None:
            raise UsageError(f"{path} goes on behind its end. It is not whole, or was changed. Take another copy.")
        if name == MANIFEST:
            manifest = _manifest(path, file.read(min(size, _LARGEST_MANIFEST)))
        elif name != README:
            _check_name(path, name)
            parts.append((name, size, _hash(file)))
    if manifest is None:
        raise UsageError(f"{path} ends before its list of what is in it: it is not whole. Take another copy.")
    return parts, manifest


def read_parts(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The parts of a backup that :func:`read_manifest` found whole, each good until the next one is asked for."""
    for name, file, _ in _members(path):
        if name not in (README, MANIFEST):
            yield name, file


class _Hashing:
    """Reads on behalf of tar, and hashes what it read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.hash.update(data)
        return data


def _forget(tar: tarfile.TarFile) -> None:
    """A tar remembers every part it saw: years of issues are many thousands."""
    tar.members = []  # type: ignore[attr-defined]


def _members(path: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    with gzip.open(path, "rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
        while (info := tar.next()) is not None:
            _forget(tar)
            file = tar.extractfile(info) if info.isreg() else None
            if file is None:
                raise UsageError(f"{path} holds “{info.name}”, which is no file. It is no backup of this program.")
            yield info.name, file, info.size


def _manifest(path: Path, data: bytes) -> Manifest:
    found: Mapping[str, Any] = json.loads(data)
    if found["format"] > FORMAT:
        text = f"{path} was written by a newer newsletter ({found['program']}; this one is {__version__})."
        raise UsageError(f"{text} Install that one.")
    return Manifest(
        **{
            **found,
            "made_at": datetime.fromisoformat(found["made_at"]),
            "tables": [TableInfo(**each) for each in found["tables"]],
            "parts": [(name, size, sha256) for name, size, sha256 in found["parts"]],
        }
    )


def _check_name(path: Path, name: str) -> None:
    pure = PurePosixPath(name)
    is_ours = name.startswith((HOME, DATABASE)) and not pure.is_absolute() and ".." not in pure.parts
    if not is_ours or pure.as_posix() != name or "\0" in name:
        raise UsageError(f"{path} holds “{name}”, which belongs nowhere. It is no backup of this program.")


def _hash(file: IO[bytes]) -> str:
    found = hashlib.sha256()
    while data := file.read(_BLOCK):
        found.update(data)
    return found.hexdigest()


def _readme(manifest: Manifest) -> str:
    return (
        f"A backup of {manifest.newsletter}, made {time_text(manifest.made_at)} on {manifest.host} by newsletter "
        f"{manifest.program}.\nPut it back with: newsletter restore THIS-FILE --home DIR\n"
        "It holds the addresses of readers, the passwords of editors as hashes, and what links are signed with:\n"
        "keep it where only you read it.\n"
    )
