"""preview: one source read once, nothing stored."""

import asyncio
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from pathlib import Path

from newsletter.classify.several import find_events
from newsletter.config.kind_keys import unknown_kind
from newsletter.errors import NotFound, UsageError
from newsletter.fetch.kinds import find_kinds
from newsletter.fetch.once import look_as_configured, look_at_file, look_at_folder, look_at_web
from newsletter.model.item import Event, Item
from newsletter.model.source import Source
from newsletter.pipeline.app import Newsletter, web_settings
from newsletter.text import host_of, is_web_url, slug

_TELLS_SEVERAL = ("mail", "post", "page")


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a source holds: its items, oldest first, and which reader read it.

    ``lists_sources`` says that the items are sources that a list names, of which none was asked.
    """

    name: str
    reader: str
    items: tuple[Item, ...]
    warnings: tuple[str, ...] = ()
    lists_sources: bool = False

    def newest(self, count: int, *, now: datetime) -> tuple[Item, ...]:
        """Up to ``count`` items, oldest first: the newest ones; of dates the next ones, and of a list the first."""
        if self.lists_sources:
            return self.items[:count]
        dated, last = [], datetime.min.replace(tzinfo=UTC)
        for item in self.items:
            # What has no date stands where its source has it.
            last = _moment(moment_of(item)) or last
            dated.append((last, item))
        dated.sort(key=lambda pair: pair[0])
        past = sum(at <= now for at, _ in dated)
        start = max(0, min(past, len(dated) - count))
        return tuple(item for _, item in dated[start : start + count])


def moment_of(item: Item) -> datetime | date | None:
    """When an item was published, or when the date takes place that it is."""
    return item.event.starts_at if item.event and (item.form == "event" or not item.published_at) else item.published_at


def _moment(at: datetime | date | None) -> datetime | None:
    if at is None:
        return None
    whole = at if isinstance(at, datetime) else datetime.combine(at, time())
    return whole if whole.tzinfo else whole.replace(tzinfo=UTC)


def announced_events(item: Item) -> tuple[Event, ...]:
    """The events that ``item`` announces when its text tells several: a newsletter, a page, a long mail."""
    if item.event is not None or item.form not in _TELLS_SEVERAL:
        return ()
    found = find_events(item, now=datetime.now(UTC))
    return found if len(found) > 1 else ()


def preview_address(address: str, *, kind: str = "", environ: Mapping[str, str] = os.environ) -> Previewed:
    """Read ``address``, a web address, a file or a folder. Raises FetchError, NotFound, UsageError."""
    word = kind_of_word(kind)
    if is_web_url(re.sub("^webcals?:", "https:", address)):
        source = Source(slug(address), host_of(address) or address, word, {"url": address})
        looked = asyncio.run(look_at_web(source, web_settings(environ)))
    else:
        path = Path(address)
        if not (path.is_file() or path.is_dir()):
            raise NotFound(f"{address} is neither a web address (https://…) nor a file or folder that is there.")
        name = path.resolve().name
        source = Source(slug(name), name, word, {"url": path.resolve().as_uri()})
        looked = asyncio.run((look_at_folder if path.is_dir() else look_at_file)(source, path))
    return Previewed(source.name, looked.reader, looked.items, looked.warnings, looked.lists_sources)


def preview_source(app: Newsletter, name: str) -> Previewed:
    """Read the source called ``name`` with its settings in feeds.yaml, from its beginning; nothing is stored.

    Raises FetchError, NotFound.
    """
    wanted = _plain(name)
    source = next((each for each in app.config.sources if wanted in (_plain(each.name), each.id)), None)
    if source is None:
        near = get_close_matches(name, [each.name for each in app.config.sources], n=1)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        said = "is neither a web address (https://…) nor a file or folder that is there, nor a source of feeds.yaml"
        raise NotFound(f"{name} {said}.{hint}")
    looked = asyncio.run(look_as_configured(source, web_settings(app.environ), now=app.now()))
    return Previewed(source.name, looked.reader, looked.items, looked.warnings)


def kind_of_word(kind: str) -> str:
    """The kind as it is registered, whatever its spelling; "" for none (UsageError)."""
    wanted = _plain(kind)
    known = {_plain(name): name for info in find_kinds().values() for name in (info.reader, info.word)}
    if wanted and wanted not in known:
        raise UsageError(unknown_kind(kind))
    return known.get(wanted, "")


def _plain(kind: str) -> str:
    return " ".join(kind.replace("_", " ").replace("-", " ").casefold().split())
