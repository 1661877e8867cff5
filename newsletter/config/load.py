"""feeds.yaml and the environment become a Config, or every mistake is told at once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from newsletter.config.encoding import decode
from newsletter.config.kind_keys import all_kind_keys
from newsletter.config.look import Words, look
from newsletter.config.nodes import Block, Listing, Node, Text, Tree, is_parsable, read_tree
from newsletter.config.parts import Part, item_blocks
from newsletter.config.problems import Report, shown
from newsletter.config.rules import MATCH_KEYS, RULE_KEYS, Known, read_rules
from newsletter.config.schedule import SCHEDULE_KEYS, read_schedule
from newsletter.config.sections import SECTION_KEYS, read_sections, section_reader
from newsletter.config.settings import (
    DELIVERY_KEYS,
    NEWSLETTER_KEYS,
    DeliverySettings,
    read_delivery,
    read_newsletter,
)
from newsletter.config.sources import DEFAULT_KEYS, SOURCE_KEYS, Surroundings, read_defaults, read_sources
from newsletter.errors import NotFound, Problem
from newsletter.model.issue import SectionSettings
from newsletter.model.rule import Rule
from newsletter.model.settings import DEFAULT_SECTIONS, NewsletterSettings, Schedule
from newsletter.model.source import Source

PARTS = ("newsletter", "schedule", "sections", "defaults", "sources", "rules", "delivery")
"""What may stand at the left edge."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything feeds.yaml says, with its defaults. ``text`` is the file itself, ``file_hash`` its SHA-256."""

    newsletter: NewsletterSettings
    schedule: Schedule = Schedule()
    sections: tuple[SectionSettings, ...] = DEFAULT_SECTIONS
    sources: tuple[Source, ...] = ()
    rules: tuple[Rule, ...] = ()
    delivery: DeliverySettings = DeliverySettings()
    warnings: tuple[Problem, ...] = ()
    text: str = ""
    file_hash: str = ""

    def with_sources(self, sources: Sequence[Source]) -> "Config":
        """The same with other ``sources``, such as those that keep an older id."""
        return replace(self, sources=tuple(sources))


def load_config(path: Path, environ: Mapping[str, str], *, try_sources: bool = False) -> Config:
    """The configuration in the file at ``path``. Raises ConfigError with every mistake, NotFound without a file.

    With ``try_sources`` a source that its kind can make nothing of, or whose file is not there, is a mistake, too;
    without, it is for that source alone to fail.
    """
    try:
        data = path.read_bytes()
    except PermissionError as error:
        raise NotFound(f"{path} may not be read by you. Allow it: chmod u+r {path}, or ask its owner.") from error
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror or error}. Look at the disk it lies on.") from error
    return read_config(data, file=path.name, environ=environ, base=path.parent, try_sources=try_sources)


def read_config(data: bytes, *, file: str, environ: Mapping[str, str], base: Path, try_sources: bool = False) -> Config:
    """The configuration that ``data`` holds; files it names are looked for in ``base``.

    Raises ConfigError with the first mistakes in file order; for ``try_sources`` see :func:`load_config`.
    """
    report = Report(file)
    decoded = decode(data)
    if decoded.fault:
        report.tell_form([(decoded.line, decoded.fault)])
    if decoded.text is None:
        raise report.fault
    tree = _read(decoded.text, report)
    config = _config(tree, report, environ=environ, base=base, try_sources=try_sources)
    if report.mistakes:
        raise report.fault
    return replace(config, warnings=report.warnings, text=decoded.text, file_hash=hashlib.sha256(data).hexdigest())


def known_words(file: str) -> Words:
    """Every key of the language, for the look at the text."""
    inner = {
        "newsletter": NEWSLETTER_KEYS,
        "schedule": SCHEDULE_KEYS,
        "sections": SECTION_KEYS,
        "defaults": DEFAULT_KEYS,
        "sources": (*SOURCE_KEYS, *all_kind_keys()),
        "rules": RULE_KEYS,
        "match": MATCH_KEYS,
        "delivery": DELIVERY_KEYS,
    }
    return Words(PARTS, inner, file)


def _read(text: str, report: Report) -> Tree:
    looked = look(text, known_words(report.file))
    is_read_as_it_is = any(fault.is_form for fault in looked.faults) and is_parsable(text)
    report.tell_form((fault.line, fault.text) for fault in looked.faults if not (fault.is_form and is_read_as_it_is))
    tree = read_tree(looked.text)
    report.tell_form(tree.faults)
    return tree


def _config(tree: Tree, report: Report, *, environ: Mapping[str, str], base: Path, try_sources: bool) -> Config:
    if tree.root is None and tree.faults:
        return Config(NewsletterSettings("", ""))
    parts = Part(_top(tree.root, report), report, what=report.file, keys=PARTS)
    if not isinstance(tree.root, Block) and tree.root is not None:
        return Config(NewsletterSettings("", ""))
    lost = tree.lost

    def items(name: str) -> list[Block]:
        return item_blocks(parts.node(name), parts.line_of(name), report, name=name)

    section_items = items("sections")
    sections = read_sections(section_items, report)
    is_sure = "sections" not in lost and len(section_items) in (0, len(sections))
    section = section_reader(sections, is_sure=is_sure)
    around = Surroundings(report, base, environ, section, try_sources=try_sources)
    sources = read_sources(items("sources"), read_defaults(parts.block("defaults"), around), around)
    _warn_without_sources(parts, sources, report, is_sure="sources" not in lost)
    names = None if "sources" in lost else tuple(source.name for source in sources)
    return Config(
        newsletter=_newsletter(parts, report, environ, is_lost="newsletter" in lost),
        schedule=read_schedule(parts.block("schedule"), report),
        sections=sections,
        sources=sources,
        rules=read_rules(items("rules"), Known(report, section, names)),
        delivery=read_delivery(parts.block("delivery"), report, environ, section=section),
    )


def _newsletter(parts: Part, report: Report, environ: Mapping[str, str], *, is_lost: bool) -> NewsletterSettings:
    line = parts.line_of("newsletter")
    if parts.node("newsletter") is None and not is_lost:
        report.tell(line, 'There is no "newsletter:" with "name:" and "from:" under it. Write it at the top.')
    block = parts.block("newsletter")
    if block is None or is_lost:
        return NewsletterSettings("", "")
    return read_newsletter(block, report, line=line, environ=environ)


def _top(root: Node | None, report: Report) -> Block:
    if isinstance(root, Block):
        return root
    if isinstance(root, Listing):
        report.tell(root.line, 'A list stands here at the left edge. Write "sources:" on a line above it.')
    elif isinstance(root, Text) and root.value.strip():
        said = shown(root.value)
        report.tell(root.line, f'"{said}" is no "key: value". The file begins with "newsletter:".')
    return Block(1)


def _warn_without_sources(parts: Part, sources: Sequence[Source], report: Report, *, is_sure: bool) -> None:
    if is_sure and not sources and not report.mistakes:
        report.warn(parts.line_of("sources"), 'There is no source yet. Write one under "sources:".')
