"""One document or source read once, with no memory before or after: for looking at it."""

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsletter.errors import NotReadable
from newsletter.fetch.client import WebClient, WebSettings
from newsletter.fetch.find import LookedAt, NotInThisVersion, find_reader
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Kind, KindInfo, find_kinds
from newsletter.fetch.local import LocalFile
from newsletter.fetch.workers import worker_pool
from newsletter.model.item import Item
from newsletter.model.source import FetchState, Source

_EVER = datetime(1, 1, 2, tzinfo=UTC)
_FOR_LONG = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a source holds: its items, oldest first, and the reader that read it."""

    reader: str
    items: tuple[Item, ...]
    warnings: tuple[str, ...] = ()


async def look_at_web(source: Source, settings: WebSettings) -> Looked:
    """Read the web address of ``source``. Raises FetchError."""
    async with WebClient(settings) as http:
        return await _look(source, http, None)


async def look_at_file(source: Source, path: Path) -> Looked:
    """Read the file ``path`` as ``source``, everything in it. Raises FetchError."""
    local = LocalFile(path)
    return await _look(replace(source, kind=await _kind_of(source.kind, local)), local, path)


async def _kind_of(word: str, local: LocalFile) -> str:
    """``word``; a month of a list's archive is a file of mails, whatever the list is called, and says so itself."""
    mails = find_kinds()["mbox"]
    lists = {info.reader for info in find_kinds().values() if info.word == "mailing list"} | {"mailing list", ""}
    if word in lists and mails.cls.recognises(await local.get(local.url)):  # type: ignore[attr-defined]
        return mails.word
    return word


async def _look(source: Source, http: Http, path: Path | None) -> Looked:
    async with worker_pool(1):
        found = await find_reader(source, http)
        if not found.info.can_read:
            raise NotInThisVersion(f"Sources of kind “{found.info.word}” are not readable in this version.")
        if found.reply is not None:
            http = LookedAt(http, source.address, found.reply)
        kind: Kind = found.info.cls(**_settings(found.info, source.address, path))
        items: dict[str, Item] = {}
        warnings: list[str] = []
        async for batch in kind.fetch(http, FetchState(source.id, since=_EVER if path else None)):
            items.update((item.id, item) for item in batch.items)
            warnings += batch.warnings
    return Looked(found.info.reader, tuple(items.values()), tuple(dict.fromkeys(warnings)))


def _settings(info: KindInfo, address: str, path: Path | None) -> dict[str, Any]:
    """The kind's own keys: a file is named as a file where the kind has that key, and nothing in it is left out."""
    names = {each.name for each in fields(info.cls)}
    key = next((key for key in (("url",) if path is None else ("file", "mailbox", "url")) if key in names), None)
    if key is None:
        raise NotReadable(f"A source of kind “{info.word}” is not read from {'a file' if path else 'an address'}.")
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
