"""One document or source read once, with no memory before or after: for looking at it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsletter.errors import FetchError, NotReadable
from newsletter.fetch.find import LookedAt, NotInThisVersion, find_reader
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Aside, Batch, Kind, KindInfo, find_kinds
from newsletter.fetch.local import LocalFile
from newsletter.fetch.run import Kept, fetch_source
from newsletter.fetch.web_settings import WebSettings
from newsletter.fetch.workers import worker_pool
from newsletter.model.item import Item
from newsletter.model.source import FetchState, Source

_EVER = datetime(1, 1, 2, tzinfo=UTC)
_FILE_KEYS = "a file", ("file", "mailbox", "url")
_FOLDER_KEYS = "a folder", ("folder", "mailbox")
_RECENT = timedelta(weeks=8)
_FOR_LONG = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a source holds: its items, oldest first, and the reader that read it.

    ``lists_sources`` says that the items are sources that a list names, of which none was asked.
    ``moved_to`` is where its address has moved for good.
    """

    reader: str
    items: tuple[Item, ...]
    warnings: tuple[str, ...] = ()
    lists_sources: bool = False
    moved_to: str | None = None


async def look_at_web(source: Source, settings: WebSettings) -> Looked:
    """Read the web address of ``source``. Raises FetchError."""
    # Whoever looks at a file, or may look at something later, needs no client for the web.
    from newsletter.fetch.client import WebClient

    async with WebClient(settings) as http:
        return await look(source, http, None)


async def look_at_file(source: Source, path: Path) -> Looked:
    """Read the file ``path`` as ``source``, everything in it. Raises FetchError."""
    local = LocalFile(path)
    return await look(replace(source, kind=await _kind_of(source.kind, local)), local, path)


async def look_at_folder(source: Source, path: Path) -> Looked:
    """Read the folder ``path`` as ``source``, everything in it. Raises FetchError."""
    kinds = [info for info in find_kinds().values() if source.kind in ("", info.word, info.reader)]
    if not source.kind:
        kinds = [info for info in kinds if _holds(info, path)]
        if not kinds:
            raise NotReadable(
                f"{path} is a folder with nothing in it that is read from folders: logs of a chat (.log, .txt, .html), "
                "or a Maildir (with “new” and “cur” in it). Name a file in it."
            )
    source = replace(source, kind=kinds[0].reader if kinds else source.kind)
    return await look(source, LocalFile(path), path)


def _holds(info: KindInfo, folder: Path) -> bool:
    return bool(getattr(info.cls, "recognises_folder", lambda _: False)(folder))


async def _kind_of(word: str, local: LocalFile) -> str:
    """``word``; a month of a list's archive is a file of mails, whatever the list is called, and says so itself."""
    mails = find_kinds()["mbox"]
    lists = {info.reader for info in find_kinds().values() if info.word == "mailing list"} | {"mailing list", ""}
    if word in lists and mails.cls.recognises(await local.get(local.url)):  # type: ignore[attr-defined]
        return mails.word
    return word


async def look_as_configured(source: Source, settings: WebSettings, *, now: datetime) -> Looked:
    """Read ``source`` with all its keys, at most its last eight weeks. Raises FetchError."""
    from newsletter.fetch.client import WebClient

    items: dict[str, Item] = {}

    async def keep(batch: Batch) -> Kept:
        items.update((item.id, item) for item in batch.items)
        return Kept(len(batch.items))

    state = FetchState(source.id, since=now - _RECENT)
    async with worker_pool(1), WebClient(settings) as http:
        result = await fetch_source(replace(source, paused=False), state, http, now=now, keep=keep)
    if result.is_failed or result.state.state == NotInThisVersion.state:
        raise NotReadable(f"“{source.name}”: {result.state.state_reason}")
    return Looked(result.state.reader, tuple(items.values()), result.warnings)


async def look(source: Source, http: Http, path: Path | None = None, *, since: datetime | None = None) -> Looked:
    """Read ``source`` over ``http``, or from ``path``, once; what is older than ``since`` may be left out."""
    async with worker_pool(1):
        found = await find_reader(source, http)
        if not found.info.can_read:
            raise NotInThisVersion(f"Sources of kind “{found.info.word}” are not readable in this version.")
        if found.reply is not None:
            http = LookedAt(http, source.address, found.reply)
        if names_sources := getattr(found.info.cls, "sources_in", None):
            reply = await http.get(source.address)
            listed = await names_sources(reply, source.id)
            return Looked(found.info.reader, listed, lists_sources=True, moved_to=reply.document.moved_to)
        settings = _settings(found.info, source.address, path)
        http = _Once(http) if "look_ahead" in _names(found.info) else http
        kind: Kind = found.info.cls(**settings)
        read = await _read(kind, http, FetchState(source.id, since=_EVER if path else since))
        warnings = list(read.warnings)
        if path is None and "look_ahead" in _names(found.info):
            whole = found.info.cls(**{**settings, "look_ahead": _FOR_LONG})
            warnings += await _out_of_sight(whole, http, source.id, read.items)
    told = tuple(dict.fromkeys(warnings))
    return Looked(found.info.reader, tuple(read.items.values()), told, moved_to=read.moved_to)


@dataclass(frozen=True, slots=True)
class _Read:
    items: Mapping[str, Item]
    warnings: tuple[str, ...]
    moved_to: str | None


async def _read(kind: Kind, http: Http, state: FetchState) -> _Read:
    """All there is: a reader that takes so many at a time is asked until nothing new comes."""
    items: dict[str, Item] = {}
    warnings: list[str] = []
    aside: list[Aside] = []
    moved_to: str | None = None
    count = -1
    while count < len(items):
        count = len(items)
        async for batch in kind.fetch(http, state):
            items.update((item.id, item) for item in batch.items)
            warnings += batch.warnings
            aside += batch.aside
            moved_to = batch.moved_to or moved_to
            state = replace(state, cursor=batch.cursor or state.cursor)
        if not getattr(kind, "mailbox", None):
            break
    if aside:
        warnings.append(f"{len(aside)} that cannot be read, the first: {aside[0].address}: {aside[0].reason}")
    return _Read(items, tuple(warnings), moved_to)


async def _out_of_sight(whole: Kind, http: Http, source_id: str, shown: Mapping[str, Item]) -> list[str]:
    """How many dates the same document holds that a source without keys of its own does not give."""
    try:
        everything = (await _read(whole, http, FetchState(source_id, since=_EVER))).items
    except FetchError:
        return []
    count = len(everything.keys() - shown.keys())
    if not count:
        return []
    usual = next(each.default for each in fields(type(whole)) if each.name == "look_ahead")  # type: ignore[arg-type]
    days = usual.days if isinstance(usual, timedelta) else 0
    span = f"{days // 7} weeks" if days % 7 == 0 else f"{days} days"
    events = "1 event is" if count == 1 else f"{count} events are"
    return [
        f"{events} not shown: over, or more than {span} away. "
        "“look ahead:” in feeds.yaml says how far a calendar is read."
    ]


class _Once:
    """An Http that asks for each document once and gives the same answer again."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._known: dict[str, Reply] = {}

    async def get(self, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """The answer of the first time; ``known`` is for those who were here before."""
        if url not in self._known:
            self._known[url] = await self._http.get(url, headers=headers)
        return self._known[url]

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        """As the real one."""
        return await self._http.post(url, body, headers=headers)

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        """As the real one."""
        return await self._http.download(url, known=known)


def _names(info: KindInfo) -> frozenset[str]:
    return frozenset(each.name for each in fields(info.cls))


def _settings(info: KindInfo, address: str, path: Path | None) -> dict[str, Any]:
    """The kind's own keys: a file is named as a file where the kind has that key, and nothing in it is left out."""
    names = _names(info)
    what: str = "an address"
    keys: tuple[str, ...] = ("url",)
    if path is not None:
        what, keys = _FOLDER_KEYS if path.is_dir() else _FILE_KEYS
    key = next((key for key in keys if key in names), None)
    if key is None:
        raise NotReadable(f"A source of kind “{info.word}” is not read from {what}.")
    if path is None:
        return {"url": address}
    settings: dict[str, Any] = {key: address if key == "url" else str(path.resolve())}
    if "look_ahead" in names:
        settings["look_ahead"] = _FOR_LONG
    if "take" in names:
        words: tuple[str, ...] = getattr(info.cls, "take_words", ())
        costly = getattr(info.cls, "costly_words", None)
        settings["take"] = tuple(word for word in words if (" " not in word if costly is None else word not in costly))
    return settings
