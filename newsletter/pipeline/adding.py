"""Adding a source by its address: look what lies there, then write its lines into feeds.yaml.

``probe(app, address)`` stores nothing and says what an editor wants to know before saying yes. When the
address is a page that names several feeds, only ``choices`` are filled: probe the chosen one.
``add(app, found, by=…)`` writes the lines (:mod:`newsletter.config.splice`), saves the file with its history
(:mod:`newsletter.pipeline.feeds_file`) and lets the source start quietly: what its first reading finds is
its back catalogue (:mod:`newsletter.pipeline.catalogue`), which no draft offers as news.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from newsletter.config.splice import add_items
from newsletter.config.written import Value, entry_lines
from newsletter.errors import BadStatus, FeedsChanged, FetchError, Gone, NotReadable, Unreachable, UsageError
from newsletter.fetch.feed_page import FeedLink
from newsletter.fetch.kinds import find_kinds
from newsletter.fetch.probe import Probed, probe_web
from newsletter.model.item import Item
from newsletter.model.source import Source
from newsletter.pipeline.app import Newsletter, web_settings
from newsletter.pipeline.feeds_file import Saved, read_feeds, save_feeds
from newsletter.pipeline.preview import Previewed, kind_of_word
from newsletter.pipeline.rhythm import dates_of, per_week
from newsletter.store.issues import has_issues
from newsletter.store.overlap import carried_by
from newsletter.store.sources import load_states, start_quietly
from newsletter.text import canonical_url, host_of, is_web_url, one_line, shorten, slug

SHOWN = 5
_REACHES_BACK = timedelta(weeks=8)
_LONGEST_NAME = 60
_LATER = "The server is in trouble; try again later"
_HOW = (
    (Unreachable, "Look whether the address is right; if it is, try again later"),
    (Gone, "Find its new address"),
)
_SAME_FROM = 0.5
"""A source that has so many of the items as well is said to carry the same."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """A source that carries the same: ``shared`` of the ``of`` items that were looked at."""

    name: str
    shared: int
    of: int


@dataclass(frozen=True, slots=True)
class Probe:
    """What lies at an address. ``address`` is what would be written; ``page`` the page that named it, if one did.

    ``newest`` are the newest five items, the newest first; ``per_week`` is None when nothing is dated.
    ``is_there`` is the source of feeds.yaml that reads this address already, "" if none does.
    """

    address: str
    kind: str = ""
    reader: str = ""
    title: str = ""
    name: str = ""
    page: str = ""
    newest: tuple[Item, ...] = ()
    items_count: int = 0
    newest_at: datetime | None = None
    per_week: float | None = None
    choices: tuple[FeedLink, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    is_there: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def needs_choice(self) -> bool:
        """Whether one of ``choices`` is to be probed first."""
        return bool(self.choices)


@dataclass(frozen=True, slots=True)
class Added:
    """A source that was added: its name, its lines as they stand in the file, and what saving gave."""

    name: str
    lines: tuple[str, ...]
    saved: Saved = field(repr=False)
    is_quiet: bool = False
    """Whether what is there now counts as seen."""


def probe(app: Newsletter, address: str, *, kind: str = "") -> Probe:
    """Look what lies at ``address``. Raises UsageError, and FetchError with the reason in words for editors."""
    address = _as_address(address)
    word = kind_of_word(kind)
    now = app.now()
    found = _found(app, address, word, since=now - _REACHES_BACK)
    there = _is_there(app, found.url) or _is_there(app, address)
    if found.looked is None:
        return Probe(found.url, title=found.title, page=found.page, choices=found.choices, is_there=there)
    looked = found.looked
    newest = Previewed("", looked.reader, looked.items, (), looked.lists_sources).newest(SHOWN, now=now)
    dates = [at for at in dates_of(looked.items) if at <= now]
    return Probe(
        address=found.url,
        kind=find_kinds()[looked.reader].word,
        reader=looked.reader,
        title=found.title,
        name=free_name(app, found.title or _name_from(found)),
        page=found.page if found.page != found.url else "",
        newest=tuple(reversed(newest)),
        items_count=len(looked.items),
        newest_at=max(dates, default=None),
        per_week=None if looked.lists_sources else per_week(dates, now),
        overlaps=_overlaps(app, looked.items),
        is_there=there,
        warnings=(*_moved(found), *looked.warnings),
    )


def _found(app: Newsletter, address: str, word: str, *, since: datetime) -> Probed:
    """What lies at ``address``; where nothing can be read, why, and what to do: nobody asks again by themselves."""
    try:
        return asyncio.run(probe_web(address, word, web_settings(app.environ), since=since))
    except FetchError as fault:
        how = next((how for kind, how in _HOW if isinstance(fault, kind)), "")
        if isinstance(fault, BadStatus):
            how = _LATER if (fault.status or 0) >= 500 else fault.how
        if not how:
            raise
        raise NotReadable(f"{str(fault).rstrip('.')}. {how}.") from fault


def _moved(found: Probed) -> tuple[str, ...]:
    return (f"{found.old} has moved for good; the address it has now is {found.url}.",) if found.old else ()


def source_lines(found: Probe, *, name: str = "", settings: Mapping[str, Value] | None = None) -> tuple[str, ...]:
    """The lines that :func:`add` would write, without their note; ``settings`` are further keys."""
    entry: dict[str, Value] = {"name": one_line(name) or found.name, "kind": found.kind, "url": found.address}
    return entry_lines({**entry, **(settings or {})})


def noted(app: Newsletter, lines: Sequence[str], *, by: str) -> tuple[str, ...]:
    """``lines`` as they stand in the file: the first one with its note."""
    return (f"{lines[0]}  # {_note(app, by)}", *lines[1:])


def add(
    app: Newsletter,
    found: Probe,
    *,
    by: str,
    name: str = "",
    settings: Mapping[str, Value] | None = None,
    fresh_from: datetime | None = None,
) -> Added:
    """Write what was found into feeds.yaml, noted with the day and ``by``; ``settings`` are further keys.

    What is dated from ``fresh_from`` on may be in the next issue; all else that is there now is seen, once a first
    issue was made.
    Raises ConfigError (the file would have mistakes, as an unknown section; or has some), UsageError,
    SpliceFault, FeedsChanged.
    """
    if found.needs_choice:
        raise UsageError(f"{found.address} names {len(found.choices)} feeds. Choose one of them.")
    name = one_line(name) or found.name
    if _called_alike(app, name):
        raise UsageError(f"There is a source called “{name}” already. Give this one another name.")
    lines = source_lines(found, name=name, settings=settings)
    is_quiet = begin_quietly(app, [Source(slug(name), name, settings={"url": found.address})], fresh_from=fresh_from)
    saved = save_with(app, [lines], by=by, why=f"added “{name}”")
    return Added(name, noted(app, lines, by=by), saved, is_quiet)


def begin_quietly(app: Newsletter, sources: Sequence[Source], *, fresh_from: datetime | None = None) -> bool:
    """Let new sources begin with a back catalogue, before they stand in the file; not before the first issue is made.

    A newsletter that begins has nothing but what its sources hold. Gives whether it was done.
    """
    with app.database.transaction() as db:
        if not has_issues(db):
            return False
        for source in sources:
            start_quietly(db, source, fresh_from=fresh_from)
    return True


def save_with(app: Newsletter, entries: Sequence[tuple[str, ...]], *, by: str, why: str) -> Saved:
    """feeds.yaml with the lines of more sources; once more when somebody saved it in this very moment."""
    try:
        return _save_once(app, entries, by=by, why=why)
    except FeedsChanged:
        return _save_once(app, entries, by=by, why=why)


def _save_once(app: Newsletter, entries: Sequence[tuple[str, ...]], *, by: str, why: str) -> Saved:
    base = read_feeds(app.home)
    text = add_items(base.text, "sources", entries, note=_note(app, by))
    return save_feeds(app, text, base_hash=base.hash, by=by, note=why)


def _note(app: Newsletter, by: str) -> str:
    """The day and who adds it."""
    return f"{app.now().astimezone(app.config.schedule.zone):%Y-%m-%d}, {one_line(by)}"


def free_name(app: Newsletter, wanted: str) -> str:
    """``wanted``, or with a number behind it the first that no source has."""
    name = shorten(one_line(re.sub(r"[<>\"“”]", "", wanted)), _LONGEST_NAME) or "New source"
    number, found = 2, name
    while _called_alike(app, found):
        found = f"{name} {number}"
        number += 1
    return found


def _called_alike(app: Newsletter, name: str) -> bool:
    return any(slug(source.name) == slug(name) for source in app.config.sources)


def _name_from(found: Probed) -> str:
    words = [word for word in re.split(r"[/?#]+", found.url.partition("://")[2]) if word]
    return " ".join(words[:3]) or found.url


def _as_address(text: str) -> str:
    """What was pasted, as a web address."""
    text = re.sub(r"^(?:feed:(?://)?|webcals?://)(?!https?:)", "https://", text.strip())
    text = re.sub(r"^feed:(?=https?:)", "", text)
    if "://" not in text and re.match(r"[\w-]+(\.[\w-]+)+([:/?]|$)", text):
        text = f"https://{text}"
    if not is_web_url(text) or not host_of(text):
        raise UsageError(f"“{shorten(text, 100)}” is no web address. Paste one that begins with https://.")
    return text


def _is_there(app: Newsletter, address: str) -> str:
    """The source that reads ``address``, or read it before it moved."""
    wanted = canonical_url(address)
    with app.database.reading() as db:
        states = load_states(db)
    for source in app.config.sources:
        state = states.get(source.id)
        moved = [state.moved_to] if state and state.moved_to else []
        if any(is_web_url(each) and canonical_url(each) == wanted for each in (source.address, *moved)):
            return source.name
    return ""


def _overlaps(app: Newsletter, items: tuple[Item, ...]) -> tuple[Overlap, ...]:
    """The sources of feeds.yaml that have at least half of ``items`` as well."""
    if not items:
        return ()
    names = {source.id: source.name for source in app.config.sources}
    with app.database.reading() as db:
        shared = carried_by(db, items)
    found = [Overlap(names[each], count, len(items)) for each, count in shared.items() if each in names]
    return tuple(sorted((each for each in found if each.shared >= _SAME_FROM * each.of), key=lambda each: -each.shared))
