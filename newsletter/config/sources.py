"""The parts "defaults" and "sources": every place to read, with the keys of its kind."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from newsletter.config.amounts import span
from newsletter.config.kind_keys import all_kind_keys, kind_keys, kind_word, kinds_with, settings_of
from newsletter.config.kind_mistakes import tell_missing_files, tell_mistakes, warn_of_own_network
from newsletter.config.nodes import Block, Text
from newsletter.config.parts import Advice, AnyKey, Part, advice_on, keys_in, node_under, tell_misplaced
from newsletter.config.problems import Report, listed, shown
from newsletter.config.surroundings import Surroundings
from newsletter.config.values import Wrong, limit, one_of, read_text, whole, word_count, yes_or_no
from newsletter.fetch.kinds import load_outside, perhaps_failing
from newsletter.model.source import Source
from newsletter.plugins import KINDS, not_installed
from newsletter.text import canonical_url, slug

DEFAULT_KEYS = (
    *("section", "weight", "check every", "at most per week", "quote at most", "when broken for", "then", "show as"),
    *("paused", "at most per vendor", "hold bursts", "check at least every"),
)
SOURCE_KEYS = ("name", "kind", *DEFAULT_KEYS, "vendor", "vendor hosts")
SHOW_AS = ("line", "short", "digest with link", "picture with link")
THEN = ("tell the editor", "pause", "drop")
_LONGEST_NAME = 100
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_SAID_OTHERWISE: Mapping[str, str] = {
    **dict.fromkeys(("type", "format", "reader"), "kind"),
    **dict.fromkeys(("link", "uri", "feed", "feed url", "web address", "location"), "url"),
    **dict.fromkeys(("interval", "frequency", "every", "refresh"), "check every"),
    **dict.fromkeys(("category", "group", "folder name"), "section"),
    **dict.fromkeys(("priority", "score", "boost"), "weight"),
    **dict.fromkeys(("title", "id", "label"), "name"),
    **dict.fromkeys(("company", "sponsor"), "vendor"),
    **dict.fromkeys(("enabled", "disabled", "active", "off"), "paused"),
}
_OF_SOURCES = ("url", "file", "kind")
_WHAT_IS_READ = ("projects", "repositories", "organisation", "take", "watch")
_CHECK_EVERY = span(timedelta(minutes=1), timedelta(weeks=5), "2 hours")
_CHECK_AT_LEAST = span(timedelta(minutes=1), timedelta(weeks=5), "12 hours")
_BROKEN_FOR = span(timedelta(hours=1), timedelta(weeks=52), "3 days")


def read_defaults(block: Block | None, around: Surroundings) -> Source:
    """What holds for every source that does not say otherwise, as a source without a name."""
    usual = Source(id="", name="")
    if block is None:
        return usual
    return _with_common(usual, Part(block, around.report, what='"defaults"', keys=DEFAULT_KEYS), around)


def read_sources(
    blocks: list[Block], defaults: Source, around: Surroundings, *, before: Sequence[Source] = ()
) -> tuple[Source, ...]:
    """All sources of a file in their order; names and addresses of those ``before`` may not stand there again."""
    found: list[Source] = []
    seen = _Seen(around.report)
    for each in before:
        seen.remember(each)
    for block in blocks:
        if _is_rule(block):
            tell_misplaced(block, around.report, what="rule", part="rules")
            continue
        source = _read_source(block, defaults, around)
        if source.name:
            seen.look_at(source)
            found.append(source)
        if around.report.is_full:
            break
    return tuple(found)


def _is_rule(block: Block) -> bool:
    """Whether the lines are those of a rule."""
    if not any(isinstance(key, Text) and key.value[:1] in "mM" for key, _ in block.pairs):
        return False
    keys = keys_in(block)
    return "match" in keys and keys.isdisjoint(_OF_SOURCES)


def _read_source(block: Block, defaults: Source, around: Surroundings) -> Source:
    kind = _peek_kind(block)
    if not kind and (lost := _peek_lost(block, around)):
        return _lost_source(block, lost, defaults, around)
    known = kind_keys(kind).keys
    part = Part(block, around.report, what="a source", keys=(*SOURCE_KEYS, *known), hint=_OtherKinds(kind))
    name = _name(part)
    told = part.optional("kind", kind_word)
    settings = settings_of(part, kind, known, around.manner)
    if "kind" not in part or told:
        _tell_missing(part, kind, name)
        if around.manner.how == "try":
            tell_mistakes(part, kind, settings)
            tell_missing_files(part, settings)
            warn_of_own_network(part, settings, around.manner.environ)
    address = next((part.line_of(key) for key in ("url", "file", "address") if key in part), block.line)
    source = replace(
        defaults,
        id=slug(name),
        name=name,
        kind=kind,
        settings=settings,
        line=block.line,
        file=around.report.file,
        address_line=address,
        vendor=part.optional("vendor", _read_name),
        vendor_hosts=_vendor_hosts(part),
    )
    return _with_common(source, part, around)


def _peek_kind(block: Block) -> str:
    """The kind a source says it has, "" when it says none or none that there is."""
    node = node_under(block, "kind")
    found = kind_word("kind", node.value.strip()) if isinstance(node, Text) else ""
    return "" if isinstance(found, Wrong) else found


def _peek_lost(block: Block, around: Surroundings) -> str:
    """A kind that nobody knows here, where it may be one of a package that cannot be used, or is not there any more."""
    if around.manner.how != "past" and not load_outside().troubles:
        return ""
    node = node_under(block, "kind")
    found = read_text("kind", node.value.strip()) if isinstance(node, Text) else ""
    return "" if isinstance(found, Wrong) else found


def _lost_source(block: Block, kind: str, defaults: Source, around: Surroundings) -> Source:
    """A source of such a kind: it alone fails; where every mistake is told, this one is."""
    part = Part(block, around.report, what="a source", keys=AnyKey())
    if around.manner.how == "try":
        part.tell("kind", perhaps_failing(kind))
    name = _name(part)
    if around.manner.how == "past" and not load_outside().troubles:
        part.report.warn(part.line_of("kind"), f"{not_installed(KINDS, kind)}, so “{shown(name)}” is not read.")
    lost = replace(defaults, id=slug(name), name=name, kind=kind, line=block.line, file=around.report.file)
    return _with_common(replace(lost, address_line=block.line), part, around)


class _OtherKinds:
    """What to say about a key that only sources of other kinds can have."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, key: str) -> Advice:
        others = kinds_with(key)
        if others:
            return Advice(f" Only sources of these kinds can: {listed(others)}.")
        meant = _SAID_OTHERWISE.get(key)
        if meant:
            return Advice.asking(meant)
        known = tuple(kind_keys(self.kind).keys)
        return advice_on(key, (*SOURCE_KEYS, *known), told=(*SOURCE_KEYS, *(known if self.kind else ("url",))))


def _name(part: Part) -> str:
    if "name" not in part:
        part.report.tell(part.line, 'This source has no "name:". Give it one that readers understand.')
        return ""
    return part.value("name", _read_name, "")


def _read_name(key: str, text: str) -> str | Wrong:
    if len(text) > _LONGEST_NAME:
        return Wrong(f"{key} is longer than {_LONGEST_NAME} letters. Shorten it.")
    return read_text(key, text)


def _vendor_hosts(part: Part) -> tuple[str, ...]:
    if "vendor hosts" in part and "vendor" not in part:
        part.tell("vendor hosts", '"vendor hosts:" needs "vendor:" with the name of the company.')
    return part.many("vendor hosts", _read_host)


def _read_host(key: str, text: str) -> str | Wrong:
    host = text.casefold().removeprefix("www.").strip(".")
    if _HOST.fullmatch(host) and len(host) <= 253:
        return host
    return Wrong(f'{key} must be names of hosts such as company.example, not "{shown(text)}".')


def _tell_missing(part: Part, kind: str, name: str) -> None:
    """Tell what a source of this kind needs and does not have, all in one sentence."""
    whose = f'"{shown(name)}"' if name else "This source"
    if not kind:
        addresses = ("url", "file")
        if not any(key in part for key in all_kind_keys()):
            part.report.tell(part.line, f'{whose} has no address. Write "url:" and the address to read.')
        elif not any(key in part for key in addresses):
            part.report.tell(part.line, f'{whose} has no "kind:". Without an address it cannot be found by looking.')
        return
    found = kind_keys(kind)
    missing = [f'"{name}:"' for name, key in found.keys.items() if key.is_needed and name not in part]
    groups = [" or ".join(f'"{name}:"' for name in group) for group in found.one_of if not _has_any(part, group)]
    if missing or groups:
        needs = " and ".join([*missing, *groups])
        part.report.tell(part.line, f"{whose} has no {needs}, and a source of kind {kind} needs it.")


def _has_any(part: Part, names: tuple[str, ...]) -> bool:
    return any(name in part for name in names)


def _with_common(source: Source, part: Part, around: Surroundings) -> Source:
    per_week = part.optional("at most per week", limit(0, 10_000))
    per_vendor = part.optional("at most per vendor", limit(0, 10_000))
    changes = {
        "section": part.optional("section", around.section),
        "weight": part.optional("weight", whole(-50, 50, "0 is the middle.")),
        "check_every": part.optional("check every", _CHECK_EVERY),
        "check_at_least_every": part.optional("check at least every", _CHECK_AT_LEAST),
        "quote_at_most": part.optional("quote at most", word_count),
        "broken_for": part.optional("when broken for", _BROKEN_FOR),
        "then": part.optional("then", one_of(*THEN)),
        "show_as": part.optional("show as", one_of(*SHOW_AS)),
        "paused": part.optional("paused", yes_or_no),
        "hold_bursts": part.optional("hold bursts", yes_or_no),
    }
    if per_week is not None:
        source = replace(source, at_most_per_week=None if per_week < 0 else per_week)
    if per_vendor is not None:
        source = replace(source, at_most_per_vendor=None if per_vendor < 0 else per_vendor)
    said = {name: value for name, value in changes.items() if value is not None}
    return replace(source, **said) if said else source  # type: ignore[arg-type]


class _Seen:
    """Names and addresses that were read already; each may stand once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._names: dict[str, Source] = {}
        self._addresses: dict[tuple[Any, ...], Source] = {}

    def remember(self, source: Source) -> None:
        """Take note of a source of which all was said."""
        self._names.setdefault(source.id, source)
        if source.address:
            self._addresses.setdefault(_what_is_read(source), source)

    def look_at(self, source: Source) -> None:
        """Tell it when the name or the address was there before."""
        first = self._names.setdefault(source.id, source)
        if first is not source:
            same = first.name.casefold() == source.name.casefold()
            where = self._place(first, first.line)
            said = (
                f'Two sources are called "{shown(source.name)}"; the first is on {where}.'
                if same
                else f'"{shown(source.name)}" is too much like "{shown(first.name)}" on {where}.'
            )
            self.report.tell(source.line, f"{said} Give one another name.")
        elif source.address:
            self._look_at_address(source)

    def _look_at_address(self, source: Source) -> None:
        first = self._addresses.setdefault(_what_is_read(source), source)
        if first is not source:
            self.report.tell(
                source.address_line,
                f'"{shown(source.name)}" reads the same address as "{shown(first.name)}" on '
                f"{self._place(first, first.address_line)}. Every item would come twice. Remove one.",
            )

    def _place(self, source: Source, line: int) -> str:
        return f"line {line}" if source.file == self.report.file else f"line {line} of {source.file}"


def _what_is_read(source: Source) -> tuple[Any, ...]:
    """Two sources with the same one read the same: one server may still be read for two projects."""
    parts = []
    for name in _WHAT_IS_READ:
        value = source.settings.get(name, ())
        parts.append(tuple(sorted(value)) if isinstance(value, tuple) else value)
    return (canonical_url(source.address), *parts)
