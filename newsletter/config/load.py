"""feeds.yaml and the environment become a Config, or every mistake is told at once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from newsletter.config.delivery_keys import DELIVERY_KEYS
from newsletter.config.encoding import decode
from newsletter.config.include import (
    INCLUDE,
    MAY_HOLD,
    Files,
    OnDisk,
    asked_for,
    bundle,
    files_hash,
    tell_marks,
    unbundle,
)
from newsletter.config.keep import KEEP_KEYS, KeepSettings, read_keep
from newsletter.config.kind_keys import all_kind_keys
from newsletter.config.look import Words, look
from newsletter.config.nodes import Block, Listing, Node, Text, Tree
from newsletter.config.parts import Advice, Hint, Part, item_blocks
from newsletter.config.problems import Report, fault_of, shown, warnings_of
from newsletter.config.rules import MATCH_KEYS, RULE_KEYS, Known, read_rules
from newsletter.config.schedule import SCHEDULE_KEYS, days_without_issue, read_schedule
from newsletter.config.sections import SECTION_KEYS, read_sections, section_reader
from newsletter.config.settings import NEWSLETTER_KEYS, DeliverySettings, read_delivery, read_newsletter
from newsletter.config.sources import DEFAULT_KEYS, SOURCE_KEYS, read_defaults, read_sources
from newsletter.config.surroundings import Manner, Strictness, Surroundings
from newsletter.config.tree import is_parsable, read_tree
from newsletter.errors import NotFound, Problem
from newsletter.model.issue import SectionSettings
from newsletter.model.rule import Rule
from newsletter.model.settings import DEFAULT_SECTIONS, NewsletterSettings, Schedule
from newsletter.model.source import Source

PARTS = ("newsletter", "schedule", "sections", "defaults", "sources", "rules", "delivery")
"""What may stand at the left edge."""
NO_SOURCE = 'There is no source yet. Write one under "sources:".'
FURTHER = ("keep", INCLUDE)
"""What may stand beside the parts and is seldom needed: messages do not name it."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything feeds.yaml says, with its defaults.

    ``text`` is the file itself, with those that it includes; :func:`read_whole` reads it again. ``files`` are their
    bytes by name, feeds.yaml first, ``file_hash`` is the hash of them all, and ``includes`` is what "include:" names.
    """

    newsletter: NewsletterSettings
    schedule: Schedule = Schedule()
    sections: tuple[SectionSettings, ...] = DEFAULT_SECTIONS
    sources: tuple[Source, ...] = ()
    rules: tuple[Rule, ...] = ()
    delivery: DeliverySettings = DeliverySettings()
    keep: KeepSettings = KeepSettings()
    warnings: tuple[Problem, ...] = ()
    text: str = ""
    file_hash: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    includes: tuple[str, ...] = ()

    def warnings_at(self, now: datetime) -> tuple[Problem, ...]:
        """The warnings, and which days to come that are to be skipped skip nothing."""
        today, file = now.astimezone(self.schedule.zone).date(), next(iter(self.files), "feeds.yaml")
        idle = [Problem(file, *each, is_warning=True) for each in days_without_issue(self.schedule, today)]
        return (*self.warnings, *idle)

    def with_sources(self, sources: Sequence[Source]) -> "Config":
        """The same with other ``sources``, such as those that keep an older id."""
        return replace(self, sources=tuple(sources))


def load_config(path: Path, environ: Mapping[str, str], *, how: Strictness = "run") -> Config:
    """The configuration in the file at ``path``. Raises ConfigError with every mistake, NotFound without a file.

    To "try" it, a source that its kind can make nothing of, or whose file is not there, is a mistake, too; to "run"
    it, that is for that source alone to fail.
    """
    try:
        data = path.read_bytes()
    except PermissionError as error:
        raise NotFound(f"{path} may not be read by you. Allow it: chmod u+r {path}, or ask its owner.") from error
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror or error}. Look at the disk it lies on.") from error
    return read_config(data, file=path.name, environ=environ, base=path.parent, how=how)


def read_config(
    data: bytes,
    *,
    file: str,
    environ: Mapping[str, str],
    base: Path,
    how: Strictness = "run",
    files: Files | None = None,
) -> Config:
    """The configuration that ``data`` holds; what it includes comes from ``files``, else from the folder ``base``.

    Raises ConfigError with the first mistakes in the order of the files; for ``how`` see :func:`load_config`.
    """
    return _read_all(data, file, Manner(environ, base, how), files or OnDisk(base, file))


def read_whole(data: bytes, *, file: str, environ: Mapping[str, str], base: Path, how: Strictness = "run") -> Config:
    """The configuration in the ``text`` of a Config: a file with all that it included. Raises as read_config."""
    main, kept = unbundle(data)
    return _read_all(main, file, Manner(environ, base, how), kept or OnDisk(base, file))


def _read_all(data: bytes, file: str, manner: Manner, files: Files) -> Config:
    main = _take_apart(data, file, (*PARTS, *FURTHER))
    if main.parts is None:
        raise main.report.fault
    told = main.report.total
    asked = asked_for(main.parts)
    beside = files.find(asked, main.report) if asked else {}
    found = [main, *(_take_apart(each, name, MAY_HOLD, hint=_not_included) for name, each in beside.items())]
    is_whole = main.report.total == told and all(each.parts is not None for each in found)
    config = _config(found, manner, is_whole=is_whole)
    reports = [each.report for each in found]
    if any(report.mistakes for report in reports):
        raise fault_of(reports)
    every = {file: data, **beside}
    return replace(
        config,
        warnings=warnings_of(reports),
        text=bundle({each.report.file: each.text for each in found}),
        file_hash=files_hash(every),
        files=every,
        includes=tuple(text for _, text in asked),
    )


@dataclass(frozen=True, slots=True)
class _File:
    """One file: its ``parts``, None when they cannot be read, and those in which something is ``lost``."""

    report: Report
    text: str
    parts: Part | None = None
    lost: frozenset[str] = frozenset()


def _take_apart(data: bytes, name: str, keys: Sequence[str], *, hint: Hint | None = None) -> _File:
    report = Report(name)
    decoded = decode(data)
    if decoded.fault:
        report.tell_form([(decoded.line, decoded.fault)])
    if decoded.text is None:
        return _File(report, "")
    tell_marks(decoded.text, report)
    tree = _read(decoded.text, report)
    if tree.root is None and tree.faults:
        return _File(report, decoded.text)
    parts = Part(_top(tree.root, report, keys), report, what=name, keys=keys, hint=hint)
    # What is no block and was not told says nothing, as an empty file does.
    is_read = isinstance(tree.root, Block) or not report.total
    return _File(report, decoded.text, parts if is_read else None, tree.lost)


def _not_included(key: str) -> Advice | None:
    if key == INCLUDE:
        return Advice(" An included file includes no others: name them in feeds.yaml.")
    if key in (*PARTS, *FURTHER):
        return Advice(f' It can hold sources and rules. "{key}:" belongs into feeds.yaml.')
    return None


class _SourceKeys(Collection[str]):
    """What may stand in a source; the keys of all kinds are only looked up for one that no other part has."""

    def __contains__(self, key: object) -> bool:
        return key in SOURCE_KEYS or key in all_kind_keys()

    def __iter__(self) -> Iterator[str]:
        return iter((*SOURCE_KEYS, *all_kind_keys()))

    def __len__(self) -> int:
        return len(SOURCE_KEYS) + len(all_kind_keys())


def known_words(file: str) -> Words:
    """Every key of the language, for the look at the text."""
    inner = {
        "newsletter": NEWSLETTER_KEYS,
        "schedule": SCHEDULE_KEYS,
        "sections": SECTION_KEYS,
        "defaults": DEFAULT_KEYS,
        "rules": RULE_KEYS,
        "match": MATCH_KEYS,
        "delivery": DELIVERY_KEYS,
        "keep": KEEP_KEYS,
        "sources": _SourceKeys(),
    }
    return Words(PARTS, inner, file, also=FURTHER)


def _read(text: str, report: Report) -> Tree:
    looked = look(text, known_words(report.file))
    faults = [fault for fault in looked.faults if not fault.is_warning]
    is_read_as_it_is = any(fault.is_form for fault in faults) and is_parsable(text)
    report.tell_form((fault.line, fault.text) for fault in faults if not (fault.is_form and is_read_as_it_is))
    for fault in looked.faults:
        if fault.is_warning:
            report.warn(fault.line, fault.text)
    tree = read_tree(looked.text)
    report.tell_form(tree.faults)
    return tree


def _config(files: Sequence[_File], manner: Manner, *, is_whole: bool) -> Config:
    main = files[0]
    parts, report, lost = main.parts, main.report, main.lost
    assert parts is not None
    section_items = _items(main, "sections")
    sections = read_sections(section_items, report)
    is_sure = "sections" not in lost and len(section_items) in (0, len(sections))
    section = section_reader(sections, is_sure=is_sure)
    around = Surroundings(report, section, manner)
    defaults = read_defaults(parts.block("defaults"), around)
    sources: tuple[Source, ...] = ()
    for each in files:
        within = replace(around, report=each.report)
        sources += read_sources(_items(each, "sources"), defaults, within, before=sources)
    is_sure = is_whole and not any("sources" in each.lost for each in files)
    _warn_without_sources(parts, sources, report, is_sure=is_sure)
    names = tuple(source.name for source in sources) if is_sure else None
    rules: tuple[Rule, ...] = ()
    for each in files:
        rules += read_rules(_items(each, "rules"), Known(each.report, section, names), before=rules)
    return Config(
        newsletter=_newsletter(parts, report, manner.environ, is_lost="newsletter" in lost),
        schedule=read_schedule(parts.block("schedule"), report),
        sections=sections,
        sources=sources,
        rules=rules,
        delivery=read_delivery(parts.block("delivery"), around),
        keep=read_keep(parts.block("keep"), report),
    )


def _items(file: _File, name: str) -> list[Block]:
    if file.parts is None:
        return []
    return item_blocks(file.parts.node(name), file.parts.line_of(name), file.report, name=name)


def _newsletter(parts: Part, report: Report, environ: Mapping[str, str], *, is_lost: bool) -> NewsletterSettings:
    line = parts.line_of("newsletter")
    if parts.node("newsletter") is None and not is_lost:
        report.tell(line, 'There is no "newsletter:" with "name:" and "from:" under it. Write it at the top.')
    block = parts.block("newsletter")
    if block is None or is_lost:
        return NewsletterSettings("", "")
    return read_newsletter(block, report, line=line, environ=environ)


def _top(root: Node | None, report: Report, keys: Sequence[str]) -> Block:
    if isinstance(root, Block):
        return root
    if isinstance(root, Listing):
        report.tell(root.line, 'A list stands here at the left edge. Write "sources:" on a line above it.')
    elif isinstance(root, Text) and root.value.strip():
        said = shown(root.value)
        report.tell(root.line, f'"{said}" is no "key: value". The file begins with "{keys[0]}:".')
    return Block(1)


def _warn_without_sources(parts: Part, sources: Sequence[Source], report: Report, *, is_sure: bool) -> None:
    if is_sure and not sources and not report.mistakes:
        report.warn(parts.line_of("sources"), NO_SOURCE)
