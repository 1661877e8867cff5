"""What a kind asks of the web: Http, and the Reply and Document it works with."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Document:
    """What is remembered of one address between two fetches (RFC 9110, section 13)."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    moved_to: str | None = None
    """Where a permanent redirect (301, 308) pointed; asked instead from then on."""

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> "Document":
        """The document stored as ``value``; an empty one for None."""
        return cls(**{name: (value or {}).get(name) for name in cls.__slots__})

    def as_json(self) -> dict[str, str]:
        """The fields that are known, for a cursor."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that can be used.

    ``url`` is where the body came from, after redirects. ``is_unchanged`` is true for 304 and
    for a body with the hash that ``known`` had; then ``body`` may be empty. ``document`` is what
    to remember. ``path`` is set instead of ``body`` by :meth:`Http.download`.
    """

    url: str
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    document: Document = Document()
    is_unchanged: bool = False
    path: Path | None = None

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters, in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    def header(self, name: str) -> str:
        """The header of that name (any case), or ""."""
        name = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == name), "")


class Http(Protocol):
    """The web as a kind sees it. Every trouble is a :class:`newsletter.errors.FetchError`."""

    async def get(self, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask for ``url``, conditionally if ``known`` has validators; the body is decoded and bounded.

        Raises Unreachable, AddressRefused, TooLarge, BadStatus, Throttled, Gone.
        """

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        """Say ``body`` (JSON unless ``headers`` name another type) to ``url``, for questions too long for an address.

        Guarded, bounded and throttled as :meth:`get`, with the same errors; no redirect is followed.
        """

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        """As :meth:`get`, with the body (decoded of Content-Encoding) in a file that lives until the gather ends."""


def body_hash(body: bytes) -> str:
    """The hash by which two bodies are compared."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()
