"""preview: one source read once, nothing stored."""

import asyncio
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from newsletter.classify.several import find_events
from newsletter.errors import NotFound, UsageError
from newsletter.fetch.kinds import find_kinds, kind_words
from newsletter.fetch.once import look_at_file, look_at_web
from newsletter.model.item import Event, Item
from newsletter.model.source import Source
from newsletter.pipeline.app import web_settings
from newsletter.text import host_of, is_web_url, slug

_TELLS_SEVERAL = ("mail", "post", "page")


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a source holds: its items, oldest first, and which reader read it."""

    name: str
    reader: str
    items: tuple[Item, ...]
    warnings: tuple[str, ...] = ()


def announced_events(item: Item) -> tuple[Event, ...]:
    """The events that ``item`` announces when its text tells several: a newsletter, a page, a long mail."""
    if item.event is not None or item.form not in _TELLS_SEVERAL:
        return ()
    found = find_events(item, now=datetime.now(UTC))
    return found if len(found) > 1 else ()


def preview_address(address: str, *, kind: str = "", environ: Mapping[str, str] = os.environ) -> Previewed:
    """Read ``address``, a web address or a file. Raises FetchError, NotFound, UsageError."""
    word = _word(kind)
    if is_web_url(re.sub("^webcals?:", "https:", address)):
        source = Source(slug(address), host_of(address) or address, word, {"url": address})
        looked = asyncio.run(look_at_web(source, web_settings(environ)))
    else:
        path = Path(address)
        if not path.is_file():
            raise NotFound(f"{address} is neither a web address (https://…) nor a file that is there.")
        source = Source(slug(path.name), path.name, word, {"url": path.resolve().as_uri()})
        looked = asyncio.run(look_at_file(source, path))
    return Previewed(source.name, looked.reader, looked.items, looked.warnings)


def _word(kind: str) -> str:
    """The kind as it is registered, whatever its spelling."""
    wanted = _plain(kind)
    known = {_plain(name): name for info in find_kinds().values() for name in (info.reader, info.word)}
    if wanted and wanted not in known:
        raise UsageError(f"There is no kind “{kind}”. Kinds: {', '.join(kind_words())}.")
    return known.get(wanted, "")


def _plain(kind: str) -> str:
    return " ".join(kind.replace("_", " ").replace("-", " ").casefold().split())
