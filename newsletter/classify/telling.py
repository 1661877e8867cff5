"""How a group of items is told: the original in front, its real author, every place once, counts over its threads."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from newsletter.classify.events import is_aside
from newsletter.classify.joining import is_reply
from newsletter.classify.origins import Origin, origin_of
from newsletter.classify.titles import clean_title, is_terse, tags
from newsletter.model.item import Item, Person, Thread
from newsletter.model.robots import is_robot
from newsletter.model.source import Source
from newsletter.model.story import Place, Story, place_label
from newsletter.text import canonical_url, host_of, shorten

_MOST_PLACES = 8
_TITLE_OF_TEXT = 80
_NAME = re.compile(r"\b([^\W\d_][\w-]*)(:?)")
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Telling:
    """What is known beside the items: threads counted over the whole store, sources, projects."""

    threads: Mapping[str, Thread] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    projects: Mapping[str, str] = field(default_factory=dict)
    """The projects that have items of their own, by their name in lower case."""


def tell(items: Sequence[Item], telling: Telling, because: tuple[str, ...]) -> Story:
    """The story of ``items``, still without an id."""
    ordered = _lead_first(items, telling.sources)
    lead, origin = ordered[0], origin_of(ordered[0]) or Origin()
    author = _author(ordered, origin)
    threads = _threads(ordered, telling.threads)
    times = [at for item in ordered if (at := item.published_at)]
    starts = times + [thread.first_at for thread in threads if thread.first_at]
    ends = times + [thread.last_at for thread in threads if thread.last_at]
    return Story(
        id="",
        items=tuple(ordered),
        title=_title(lead, author),
        url=origin.url or lead.url or next((item.url for item in ordered if item.url), None),
        places=_places(ordered, origin),
        author=author,
        first_at=min(starts, default=None),
        last_at=max(ends, default=None),
        reply_count=sum(thread.reply_count for thread in threads),
        people_count=_people(ordered, threads),
        project=_project(ordered, telling.projects),
        event=next((item.event for item in ordered if item.event and not is_aside(item)), None),
        because=because,
    )


def _title(lead: Item, author: Person | None) -> str:
    """The headline; its first words for an item without a title."""
    title = lead.title or shorten(lead.text, _TITLE_OF_TEXT)
    return clean_title(title, author=author.name if author else None, is_mail=lead.form == "mail")


def known_projects(items: Iterable[Item], sources: Iterable[Source] = ()) -> dict[str, str]:
    """The projects that ``items`` are of and ``sources`` ask for, by the last part of their name in lower case."""
    found: dict[str, str] = {}
    for item in items:
        if item.project:
            found.setdefault(item.project.rsplit("/", 1)[-1].casefold(), item.project)
    for source in sources:
        for name in source.settings.get("projects") or ():
            last = str(name).rstrip("/").rsplit("/", 1)[-1]
            found.setdefault(last.casefold(), last)
    return found


def _lead_first(items: Sequence[Item], sources: Mapping[str, Source]) -> list[Item]:
    """The original: no reply, no copy, told by its own host, with a title that says something, the earliest."""
    if len(items) == 1:
        return list(items)
    keys = {item.id: _lead_key(item, sources) for item in items}
    lead = min(items, key=lambda item: keys[item.id])
    rest = sorted((item for item in items if item is not lead), key=lambda item: (item.published_at or _NEVER, item.id))
    return [lead, *rest]


def _lead_key(item: Item, sources: Mapping[str, Source]) -> tuple[bool, bool, int, bool, datetime, str]:
    return (
        is_reply(item),
        not is_reply(item) and origin_of(item) is not None,
        _distance(item, sources.get(item.source_id)),
        is_terse(item.title),
        item.published_at or _NEVER,
        item.id,
    )


def _distance(item: Item, source: Source | None) -> int:
    """How far the source is from the item's own host: planets and searches pass on what others published."""
    told_by = host_of(source.address) if source and item.form == "post" else ""
    host = host_of(item.url or "")
    if not told_by or not host or host == told_by:
        return 0
    return 1 if _site(host) == _site(told_by) else 2


def _site(host: str) -> str:
    return ".".join(host.split(".")[-2:])


def _author(items: Sequence[Item], origin: Origin) -> Person | None:
    """The one who wrote it, not the one who passed it on."""
    if origin.author:
        known = (item.author for item in items if item.author and item.author.name == origin.author)
        return next(known, Person(origin.author))
    lead = items[0]
    if lead.author:
        return lead.author
    own = canonical_url(lead.url) if lead.url else None
    copies = (item.author for item in items if item.author and item.url and canonical_url(item.url) == own)
    return next(copies, None)


def _threads(items: Sequence[Item], counted: Mapping[str, Thread]) -> list[Thread]:
    """Each thread of the story once; one that went to two lists counts where it is longest."""
    found: dict[str, Thread] = {}
    for item in items:
        if item.thread:
            thread = counted.get(item.thread.root_id, item.thread)
            known = found.get(thread.root_id)
            if known is None or thread.reply_count > known.reply_count:
                found[thread.root_id] = thread
    return list(found.values())


def _people(items: Sequence[Item], threads: Sequence[Thread]) -> int:
    named = {item.author.identity for item in items if item.author and not is_robot(item.author)}
    return max([len(named), 1, *(thread.people_count for thread in threads)])


def _project(items: Sequence[Item], projects: Mapping[str, str]) -> str | None:
    named = next((item.project for item in items if item.project), None)
    if named:
        return named
    tagged = next((projects[tag] for item in items for tag in tags(item.title) if tag in projects), None)
    return tagged or _named_in(items[0].title, projects)


def _named_in(title: str, projects: Mapping[str, str]) -> str | None:
    """The first project that ``title`` names as a name: with a capital, or as "name:"."""
    for found in _NAME.finditer(title):
        project = projects.get(found[1].casefold())
        if project and (found[1][0].isupper() or found[2]):
            return project
    return None


def _places(items: Sequence[Item], origin: Origin) -> tuple[Place, ...]:
    """Each address once, the original's first; a thread by the mail that stands for it."""
    lead = items[0]
    found: dict[str, Place] = {}
    if origin.url:
        found[canonical_url(origin.url)] = Place(place_label(lead), origin.url)
    told: set[str] = set()
    for item in (lead, *sorted(items[1:], key=is_reply)):
        root = item.thread.root_id if item.thread else item.id
        if item.url and root not in told:
            told.add(root)
            found.setdefault(canonical_url(item.url), Place(place_label(item), item.url))
    return tuple(found.values())[:_MOST_PLACES]
