"""Which reader serves a source: by the editor's word, by the shape of the address, by looking."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from newsletter.errors import FetchError, NotReadable
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import KindInfo, find_kinds, kind_words, perhaps_failing
from newsletter.fetch.mishap import log_mishap
from newsletter.model.source import Source
from newsletter.plugins import KINDS, not_installed

_QUERY = re.compile(r"[?#].*$", re.DOTALL)


class NotInThisVersion(FetchError):
    """The source is valid, and its reader is not part of this version."""

    state = "not readable in this version"


@dataclass(frozen=True, slots=True)
class Found:
    """The reader for a source, and the answer that was looked at to find it, if one was."""

    info: KindInfo
    reply: Reply | None = None


async def find_reader(source: Source, http: Http, *, known: str = "") -> Found:
    """The reader of ``source``; ``known`` is the one that served it last time.

    Raises NotInThisVersion, NotReadable, and what ``http`` raises.
    """
    if not source.kind:
        kinds = find_kinds()
        return Found(kinds[known]) if known in kinds else await find_kind(source.address, http)
    named = [info for info in find_kinds().values() if source.kind in (info.word, info.reader)]
    if not named:
        said = not_installed(KINDS, source.kind)
        gone = f"{said[0].lower()}{said[1:]}. Kinds: {', '.join(kind_words())}."
        raise NotReadable(perhaps_failing(source.kind) or gone)
    if not any(info.can_read for info in named):
        raise NotInThisVersion(f'sources of kind "{source.kind}" are not readable in this version')
    # A reader that does not know a key of the source cannot be the one that is meant.
    named = [info for info in named if set(source.settings) <= set(info.keys)] or named
    for info in named:
        if len(named) == 1 or info.reader == known:
            return Found(info)
    return await _choose(source.address, named, http, source.kind)


async def find_kind(url: str, http: Http) -> Found:
    """The reader for ``url`` when nobody said what it is. Raises as :func:`find_reader` does."""
    return await _choose(url, list(find_kinds().values()), http, "")


async def _choose(url: str, kinds: Iterable[KindInfo], http: Http, word: str) -> Found:
    """The one of ``kinds`` whose addresses look so, else the one that knows the document."""
    by_reader = {info.reader: info for info in kinds}
    shaped = reader_by_shape(url, by_reader)
    if shaped is not None:
        info = by_reader[shaped]
        if not info.can_read:
            raise NotInThisVersion(f'{url} is for the reader "{info.reader}", which is not in this version')
        return Found(info)
    readable = [info for info in by_reader.values() if info.can_read]
    reply = await http.get(url)
    for info in readable:
        if _recognises(info, reply):
            return Found(info, reply)
    if not word and "feed" in by_reader and looks_like_markup(reply):
        # The reader of feeds knows best what to say about a page that is none.
        return Found(by_reader["feed"], reply)
    if word:
        raise NotReadable(
            f"{url} is no {word} that this version can read ({', '.join(info.reader for info in readable)}). "
            "Give the address of the archive itself."
        )
    raise NotReadable(f'{url} is nothing that can be told by looking. Write its "kind:": {", ".join(kind_words())}.')


def reader_by_shape(url: str, kinds: Mapping[str, KindInfo]) -> str | None:
    """The reader whose addresses look like ``url``.

    A kind says so by ``address_shape``, a pattern for what stands before "?" and "#".
    """
    plain = _QUERY.sub("", url)
    shapes = ((reader, getattr(info.cls, "address_shape", None)) for reader, info in kinds.items())
    return next((reader for reader, shape in shapes if shape and re.search(shape, plain, re.IGNORECASE)), None)


def looks_like_markup(reply: Reply) -> bool:
    """Whether the document is HTML or XML of some sort."""
    return "html" in reply.media_type or "xml" in reply.media_type or reply.body[:512].lstrip()[:1] == b"<"


def _recognises(info: KindInfo, reply: Reply) -> bool:
    try:
        return bool(getattr(info.cls, "recognises", lambda _: False)(reply))
    except Exception:
        log_mishap("kind_failed", reader=info.reader, url=reply.url)
        return False


class LookedAt:
    """An Http that gives the answer already there for the first question about its address."""

    def __init__(self, http: Http, url: str, reply: Reply) -> None:
        self._http, self._url = http, url
        self._reply: Reply | None = reply

    async def get(self, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """The answer that was looked at, once; then as the real one."""
        if self._reply is not None and url == self._url and not headers:
            reply, self._reply = self._reply, None
            return reply
        return await self._http.get(url, known=known, headers=headers)

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        """As the real one."""
        return await self._http.post(url, body, headers=headers)

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        """As the real one."""
        return await self._http.download(url, known=known)

    @property
    def inner(self) -> Http:
        """The real one."""
        return self._http
