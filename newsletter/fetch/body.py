"""Where a body goes while it streams: memory that spills into a file, or a file that stays."""

import hashlib
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

from newsletter.fetch.http import body_hash

_SPILL = 1 << 20


class Sink(Protocol):
    """Takes a body piece by piece."""

    limit: int

    def clear(self) -> None:
        """Forget what came so far; another answer begins."""

    def write(self, piece: bytes) -> None:
        """Take the next piece."""

    def finish(self) -> tuple[bytes, str, Path | None]:
        """The body (empty when it is in a file), its hash, and its file."""


class MemorySink:
    """A body as bytes. Above 1 MiB it waits in a file, so that one that never ends costs no memory."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._pieces: list[bytes] = []
        self._size = 0
        self._file: IO[bytes] | None = None

    def clear(self) -> None:
        """Forget what came so far."""
        self._pieces, self._size = [], 0
        self.close()

    def close(self) -> None:
        """Remove the file, if there is one."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > _SPILL:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="newsletter-", buffering=0)  # noqa: SIM115
            self._file.writelines(self._pieces)
            self._pieces, self._size = [], 0

    def finish(self) -> tuple[bytes, str, Path | None]:
        """The body and its hash."""
        if self._file is None:
            body = b"".join(self._pieces)
        else:
            self._file.writelines(self._pieces)
            self._file.seek(0)
            body = self._file.read()
        self.clear()
        return body, body_hash(body), None


class FileSink(AbstractContextManager["FileSink"]):
    """A body in the file ``path``."""

    def __init__(self, path: Path, limit: int) -> None:
        self.limit = limit
        self._path = path
        self._file = path.open("wb")
        self._hash = hashlib.blake2b(digest_size=16)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if error is not None:
            self._path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget what came so far."""
        self._file.seek(0)
        self._file.truncate()
        self._hash = hashlib.blake2b(digest_size=16)

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        self._file.write(piece)
        self._hash.update(piece)

    def finish(self) -> tuple[bytes, str, Path | None]:
        """The hash and the file."""
        self._file.flush()
        return b"", self._hash.hexdigest(), self._path
