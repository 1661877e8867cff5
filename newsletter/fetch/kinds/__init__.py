"""Kinds: how to read a sort of source. One file a kind, found by looking at this folder.

A kind is a frozen dataclass under ``@kind("word")``. Its fields are the keys feeds.yaml may hold
for it, its docstring is its documentation, ``fetch`` is its behaviour. A kind outside this
project registers through the entry-point group ``newsletter.kinds``.
"""

import importlib
import pkgutil
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from newsletter.errors import PluginFault
from newsletter.fetch.http import Http, Reply
from newsletter.model.aside import Aside as Aside
from newsletter.model.item import Item
from newsletter.model.source import FetchState
from newsletter.plugins import KINDS, Outside, Plugin, check_keys, load_plugins
from newsletter.text import one_line, shorten


@dataclass(frozen=True, slots=True)
class Batch:
    """Items of one document (at most 1,000), and the cursor to store with them.

    ``cursor`` replaces the stored one. ``is_unchanged`` says that the source had nothing to
    give. ``gone_keys`` are native keys that the source has withdrawn. ``warnings`` are about
    the source as a whole; what is set ``aside`` waits for somebody to look at it.
    """

    items: tuple[Item, ...] = ()
    cursor: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    is_unchanged: bool = False
    moved_to: str | None = None
    aside: tuple[Aside, ...] = ()


@dataclass(frozen=True, slots=True)
class Mistake:
    """A value in feeds.yaml that its kind can make nothing of: the ``field`` it stands in, what is wrong and how to
    mend it (``text``), and the ``value`` itself when the field holds several.
    """

    field: str
    text: str
    value: str = ""


class Kind(Protocol):
    """How to read a sort of source.

    A kind that sets records of documents aside may have, beside what stands here, a
    ``replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]`` that reads one record
    again; the state holds the source's cursor, which is only looked at. Without it
    :mod:`newsletter.fetch.replay` reads a mail as a mail, and lets ``fetch`` read other bytes as a
    document. A kind whose documents say something only beside what its cursor remembers has
    ``replays_documents = True``: whole documents go to its ``replay``, too. Warnings of the batches are
    what there is to say about it. :mod:`newsletter.fetch.records` does what kinds that read JSON have in common.

    A kind whose service can list the things of a period may have a
    ``proof_url(self, asked: ProofAsked) -> str | None``: the address at which everybody sees exactly
    what is asked for. Where more or less would stand there, it is None; nothing is fetched for it.

    A kind whose keys can be wrong in ways their types do not show may have a
    ``mistakes(self) -> Iterable[Mistake]``; it asks nobody, and ``newsletter check`` tells them with their lines.
    A kind that reads folders may have a class method ``recognises_folder(folder: Path) -> bool``, and one that
    names sources a ``sources_in(reply, source_id)`` that gives those of a list as items; both are for ``preview``.
    """

    word: ClassVar[str]
    reader: ClassVar[str]

    def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield what is new since ``state``, oldest first. Raises FetchError; never sleeps."""

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """Whether the document at an address without ``kind:`` is for this kind."""


@dataclass(frozen=True, slots=True)
class KindInfo:
    """A registered kind: the editor's ``word``, the name of its ``reader``, and its class.

    ``can_read`` is false for a kind whose keys are known and whose reader is not in this version.
    Several readers may share one word ("mailing list" is read by pipermail and others).
    """

    word: str
    reader: str
    cls: type
    can_read: bool

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys feeds.yaml may hold for it, as field names."""
        return tuple(item.name for item in fields(self.cls))


_REGISTERED: dict[str, KindInfo] = {}
_LOADING: list[str] = []
"""Not empty while other packages are imported: they may not replace what is here."""
_Class = TypeVar("_Class", bound=type)


def kind(word: str, *, reader: str | None = None, can_read: bool = True) -> Callable[[_Class], _Class]:
    """Register a frozen dataclass as the kind that feeds.yaml calls ``word``.

    One from outside may have neither word nor reader of a kind that is here already (PluginFault).
    """

    def register(cls: _Class) -> _Class:
        name = reader or word
        if _LOADING and not _is_own(cls):
            _refuse_if_taken(cls, word, name)
        cls.word, cls.reader = word, name  # type: ignore[attr-defined]
        _REGISTERED[name] = KindInfo(word, name, cls, can_read)
        return cls

    return register


@cache
def find_kinds() -> Mapping[str, KindInfo]:
    """Every kind by the name of its reader: those in this folder and those of other packages."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    load_outside()
    return dict(sorted(_REGISTERED.items()))


@cache
def load_outside() -> Outside[tuple[str, ...]]:
    """Register the kinds of other packages; by the names of their entry points the readers that each brings."""
    kept = set(_REGISTERED)

    def accept(plugin: Plugin, thing: object) -> tuple[str, ...]:
        brought = _brought_by(thing)
        kept.difference_update(brought)
        _check(brought)
        kept.update(_REGISTERED)
        return tuple(brought)

    def drop() -> None:
        # A module registers its kinds while it is imported: of one that cannot be used they are there by now.
        for name in [name for name, info in _REGISTERED.items() if name not in kept and not _is_own(info.cls)]:
            del _REGISTERED[name]

    _LOADING.append(KINDS)
    try:
        return load_plugins(KINDS, accept, drop)
    finally:
        _LOADING.pop()


def _brought_by(thing: object) -> dict[str, KindInfo]:
    """By its reader every kind in the module that was loaded. Raises PluginFault when there is none."""
    package = str(getattr(thing, "__module__", None) or getattr(thing, "__name__", ""))
    brought = {name: info for name, info in _REGISTERED.items() if _is_of(info.cls, package)}
    if not brought:
        raise PluginFault("it registers no kind: a class under @kind is what is looked for")
    return brought


def _check(brought: Mapping[str, KindInfo]) -> None:
    """Raises PluginFault when one of them cannot be used."""
    for info in brought.values():
        check_keys(info.cls)
        if not callable(getattr(info.cls, "fetch", None)):
            raise PluginFault(f"{info.cls.__name__} has no fetch")


def _is_own(cls: type) -> bool:
    return cls.__module__.startswith(f"{__name__}.")


def _is_of(cls: type, module: str) -> bool:
    """Whether ``cls`` stands in ``module``, or beneath it when that is a package."""
    return f"{cls.__module__}.".startswith(f"{module}.")


def _refuse_if_taken(cls: type, word: str, reader: str) -> None:
    for own in _said_in_files().values():
        for name in (name for pair in own for name in pair if name in (word, reader)):
            raise PluginFault(f"“{name}” is a kind of the newsletter's own, and stays with it")
    other = _REGISTERED.get(reader)
    if other is not None and (other.cls.__module__, other.cls.__qualname__) != (cls.__module__, cls.__qualname__):
        raise PluginFault(f"{other.cls.__module__} has a kind “{reader}” already")


def kinds_called(name: str) -> tuple[KindInfo, ...]:
    """The kinds whose word or reader is ``name``. Files that say in their text that they hold others are not imported:
    whoever only looks at a feeds.yaml of five kinds does not pay for all of them.
    """
    for module, pairs in _said_in_files().items():
        if not pairs or any(name in pair for pair in pairs):
            importlib.import_module(f"{__name__}.{module}")
    load_outside()
    return tuple(info for _, info in sorted(_REGISTERED.items()) if name in (info.word, info.reader))


def kind_pairs() -> tuple[tuple[str, str], ...]:
    """Reader and word of every kind, sorted by reader; no file is imported that says them in its text."""
    found: dict[str, str] = {}
    for module, pairs in _said_in_files().items():
        if not pairs:
            importlib.import_module(f"{__name__}.{module}")
        found.update(pairs)
    load_outside()
    found.update((info.reader, info.word) for info in _REGISTERED.values())
    return tuple(sorted(found.items()))


_SAID = re.compile(r'^@kind\((?:"([^"\n]+)"|(\w+))(?:, reader="([^"\n]+)")?(?:, can_read=\w+)?\)$', re.MULTILINE)


@cache
def _said_in_files() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """By the file: reader and word of the kinds in it; none when its text does not say them plainly."""
    return {module.name: _said(Path(__path__[0]) / f"{module.name}.py") for module in pkgutil.iter_modules(__path__)}


def _said(path: Path) -> tuple[tuple[str, str], ...]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return ()
    found = []
    for written, named, reader in _SAID.findall(text):
        constant = re.search(rf'^{named} = "([^"\n]+)"$', text, re.MULTILINE) if named else None
        word = written or (constant[1] if constant else "")
        found.append((reader or word, word))
    is_plain = len(found) == text.count("\n@kind") and all(word for _, word in found)
    return tuple(found) if is_plain else ()


def perhaps_failing(word: str) -> str:
    """What to say about a kind that nobody knows here, when a package that cannot be used may have it; else ""."""
    said = " ".join(map(str, load_outside().troubles))
    there_is_none = f'There is no kind "{shorten(one_line(word), 80)}" here, and a package that may have it fails.'
    return f"{there_is_none} {said}" if said else ""


def kind_words() -> tuple[str, ...]:
    """The editor's words for all kinds, each once."""
    return tuple(dict.fromkeys(info.word for info in find_kinds().values()))
