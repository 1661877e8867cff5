"""Subscription lists (OPML): the feeds of one become sources of feeds.yaml, and the other way round."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from newsletter.config.written import Value, entry_lines
from newsletter.errors import FileFault, NotFound, NotReadable, Problem
from newsletter.fetch.opml import Listed, read_list
from newsletter.model.issue import SectionSettings
from newsletter.model.source import FetchState, Source
from newsletter.pipeline.adding import begin_quietly, free_name, save_with
from newsletter.pipeline.app import Newsletter
from newsletter.store.sources import load_states
from newsletter.text import canonical_url, host_of, is_web_url, one_line, slug, without_controls

LARGEST = 20 << 20
_OTHERS = "Other sources"


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list would bring: the new sources with their lines, those that are there already, lists it names."""

    title: str
    new: tuple[Source, ...] = ()
    there: tuple[tuple[str, str], ...] = ()
    """The address in the list, and the source that reads it."""
    lists: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    """Entries without an address that can be asked, as they are written."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import wrote; ``is_quiet`` when what the feeds hold now counts as seen."""

    listing: Listing
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """A list of feeds as bytes: how many it names, and the sources that are no feeds and stand in no such list."""

    content: bytes
    count: int
    left_out: tuple[str, ...] = ()


def read_listing(app: Newsletter, path: Path) -> Listing:
    """What the list at ``path`` would bring; nothing is written. Raises NotFound, FileFault when it is no list."""
    if not path.is_file():
        raise NotFound(f"There is no file {path}.")
    if path.stat().st_size > LARGEST:
        raise FileFault([Problem(path.name, 1, f"This file is larger than {LARGEST >> 20} MB. Is it the right one?")])
    try:
        found = read_list(path.read_bytes())
    except NotReadable as fault:
        said = "This is no list of feeds: it is neither OPML nor FOAF. Export it again from your reader."
        raise FileFault([Problem(path.name, 1, said)]) from fault
    there = _addresses(app)
    new: list[Source] = []
    known: list[tuple[str, str]] = []
    for each in found.feeds:
        key = canonical_url(each.url)
        if key in there:
            known.append((each.url, there[key]))
            continue
        source = _as_source(app, each, {slug(name) for name in there.values()})
        there[key] = source.name
        new.append(source)
    return Listing(found.title, tuple(new), tuple(known), tuple(each.url for each in found.lists), found.left_out)


def import_list(app: Newsletter, path: Path, *, by: str) -> Imported:
    """Write the feeds of a list that are not there yet into feeds.yaml. Raises as read_listing and save_feeds."""
    listing = read_listing(app, path)
    if not listing.new:
        return Imported(listing)
    is_quiet = begin_quietly(app, listing.new)
    save_with(app, [_lines(source) for source in listing.new], by=by, why=f"{len(listing.new)} feeds from {path.name}")
    return Imported(listing, is_quiet)


def _addresses(app: Newsletter) -> dict[str, str]:
    """By address in one spelling: the source that reads it, or that was read there before it moved."""
    with app.database.reading() as db:
        states = load_states(db)
    found: dict[str, str] = {}
    for source in app.config.sources:
        state = states.get(source.id, FetchState(source.id))
        for address in (source.address, state.moved_to or ""):
            if is_web_url(address):
                found.setdefault(canonical_url(address), source.name)
    return found


def _as_source(app: Newsletter, listed: Listed, taken: set[str]) -> Source:
    wanted = free_name(app, listed.title or host_of(listed.url))
    name, number = wanted, 2
    while slug(name) in taken:
        name, number = f"{wanted} {number}", number + 1
    section = next((found for folder in listed.folders if (found := _section(app.config.sections, folder))), None)
    return Source(slug(name), name, "feed", {"url": listed.url}, section=section)


def _section(sections: Iterable[SectionSettings], folder: str) -> str | None:
    """The section whose id or title a folder has."""
    return next((each.id for each in sections if slug(folder) in (slug(each.id), slug(each.title))), None)


def _lines(source: Source) -> tuple[str, ...]:
    entry: dict[str, Value] = {"name": source.name, "kind": source.kind, "url": source.address}
    if source.section:
        entry["section"] = source.section
    return entry_lines(entry)


def export_list(app: Newsletter) -> Exported:
    """The feeds of feeds.yaml as OPML 2.0, in a folder for each section; lists of feeds are named as lists."""
    with app.database.reading() as db:
        states = load_states(db)
    folders: dict[str, list[str]] = defaultdict(list)
    left_out: list[str] = []
    titles = {section.id: section.title for section in app.config.sections}
    for source in app.config.sources:
        line = _outline(source, states.get(source.id, FetchState(source.id)).reader)
        if line:
            folders[titles.get(source.section or "", source.section or _OTHERS)].append(line)
        else:
            left_out.append(source.name)
    count = sum(map(len, folders.values()))
    return Exported(_document(app.config.newsletter.name, folders, app.now()), count, tuple(left_out))


def _outline(source: Source, reader: str) -> str | None:
    """The line of a source; None when it is no feed."""
    if not is_web_url(source.address):
        return None
    name, url = _attribute(source.name), _attribute(source.address)
    kind = source.kind or reader or "feed"
    if kind == "feed":
        return f'<outline type="rss" text={name} title={name} xmlUrl={url}/>'
    return f'<outline type="include" text={name} url={url}/>' if kind == "opml" else None


def _document(title: str, folders: dict[str, list[str]], now: datetime) -> bytes:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">', "  <head>"]
    head = escape(without_controls(one_line(title)))
    lines += [
        f"    <title>{head}</title>",
        f"    <dateCreated>{format_datetime(now)}</dateCreated>",
        "  </head>",
        "  <body>",
    ]
    for folder, outlines in folders.items():
        lines += [f"    <outline text={_attribute(folder)}>", *(f"      {line}" for line in outlines), "    </outline>"]
    return ("\n".join([*lines, "  </body>", "</opml>"]) + "\n").encode("utf-8", "replace")


def _attribute(text: str) -> str:
    return quoteattr(without_controls(one_line(text)))
