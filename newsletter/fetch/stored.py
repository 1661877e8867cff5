"""What was set aside, as an Http: for reading it again without the web."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from newsletter.errors import BadStatus
from newsletter.fetch.http import Document, Reply, body_hash
from newsletter.fetch.robots import ROBOTS
from newsletter.model.aside import Aside
from newsletter.plugins import without_secrets


class StoredHttp:
    """An :class:`newsletter.fetch.http.Http` that has one document, and answers 404 to every other question."""

    def __init__(self, aside: Aside, folder: Path, settings: Mapping[str, Any]) -> None:
        self._aside, self._folder, self._settings = aside, folder, settings
        self.given_count = 0
        self.refused: list[str] = []

    async def get(self, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """The document, if it is the one at ``url``."""
        url = without_secrets(url, self._settings)
        if url != self._aside.address:
            # It was allowed when the document was asked for.
            self.refused += [url] if urlsplit(url).path != ROBOTS else []
            raise BadStatus(404, f"{url} is not what was set aside")
        self.given_count += 1
        data = self._aside.data
        headers = {"content-type": self._aside.content_type} if self._aside.content_type else {}
        # Links in it begin where it stood, as they did the first time.
        return Reply(self._aside.final_url or url, 200, data, headers, Document(body_hash=body_hash(data)))

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        """Never: what was said to the server was not kept."""
        self.refused.append(url)
        raise BadStatus(404, f"{url} is not what was set aside")

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        """As :meth:`get`, in a file."""
        reply = await self.get(url)
        path = self._folder / str(self.given_count)
        path.write_bytes(reply.body)
        return replace(reply, body=b"", path=path)
