"""Files on this machine as an Http: for looking at a document before it becomes a source."""

import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path

from newsletter.errors import BadStatus, NotReadable, TooLarge
from newsletter.fetch.http import Document, Reply, body_hash
from newsletter.fetch.on_disk import on_disk, read_file

_LIMIT = 256 << 20


class LocalFile:
    """An :class:`newsletter.fetch.http.Http` on which only one file is, whatever is asked beside it or of it."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.url = self.path.as_uri()

    async def get(self, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """The file, unpacked when it is a gzip; any other address does not exist (404)."""
        if not url.startswith(self.url):
            raise BadStatus(404, f"{url} is not the file that is looked at")
        body = await on_disk(self._read)
        found = body_hash(body)
        is_same = known is not None and known.body_hash == found
        return Reply(url, 200, body, {}, Document(body_hash=found), is_same)

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        """A file answers no questions (404)."""
        raise BadStatus(404, f"{url} is not the file that is looked at")

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        """As :meth:`get`, the body left where it lies."""
        reply = await self.get(url, known=known)
        return Reply(reply.url, 200, b"", {}, reply.document, reply.is_unchanged, self.path)

    def _read(self) -> bytes:
        try:
            body = read_file(self.path, _LIMIT)
            if body[:2] == b"\x1f\x8b":
                with gzip.open(self.path) as packed:
                    body = packed.read(_LIMIT + 1)
        except (OSError, EOFError, zlib.error) as fault:
            raise NotReadable(f"{self.path} cannot be read: {fault}") from fault
        if len(body) > _LIMIT:
            raise TooLarge(f"{self.path} is larger than {_LIMIT >> 20} MiB when it is unpacked")
        return body
