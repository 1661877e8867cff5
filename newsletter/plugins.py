"""Plug-ins: what other packages bring through entry points; one that fails never stops the others."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from urllib.parse import quote, quote_plus

from newsletter.errors import PluginFault
from newsletter.model.rule import Amount
from newsletter.text import one_line, shorten

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

KINDS, TARGETS, DELIVERIES = "newsletter.kinds", "newsletter.targets", "newsletter.deliveries"
WHAT: Mapping[str, str] = {KINDS: "kind", TARGETS: "target", DELIVERIES: "delivery"}
"""The groups of entry points, and what each of them brings."""
_PAPERS = (".dist-info", ".egg-info", ".egg", "egg-info")
_NAME = re.compile(r"[a-z0-9]+(?:[ _-][a-z0-9]+)*")
_VALUES = (str, bool, int, timedelta, Amount)
_VALUES_TOLD = "str, bool, int, timedelta, Amount, a Literal of words, or a tuple of those"

_SECRETS = ("token", "password")
_SECRET_ENDS = tuple(f"{sign}{word}" for sign in "_ " for word in (*_SECRETS, "key", "secret"))

_HIDDEN = "•••"
_LONGEST_WORDS = 300
_LONGEST_NAME = 80

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point: what it brings, its name, and the package that has it (where it lies, if nothing names it)."""

    group: str
    name: str
    package: str
    version: str

    def __str__(self) -> str:
        return f"{WHAT[self.group]} “{self.name}” of {self.package} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A plug-in that cannot be used, and why."""

    plugin: Plugin
    reason: str

    def __str__(self) -> str:
        package = self.plugin.package
        how = f"Install a version of {package} that works with this newsletter, or take it out: pip uninstall {package}"
        if not self.plugin.version:
            how = "Its papers are not whole: install it again, or delete what is left of it there"
        return f"The {self.plugin} cannot be used: {self.reason.rstrip('.')}. {how}."


@dataclass(frozen=True, slots=True)
class Outside(Generic[_Thing]):
    """What the packages of one group bring: the things that can be used by their names, and the others."""

    found: Mapping[str, tuple[Plugin, _Thing]] = field(default_factory=dict)
    troubles: tuple[Trouble, ...] = ()

    def trouble_of(self, name: str) -> Trouble | None:
        """Why the plug-in of that name cannot be used; None when there is none."""
        return next((each for each in self.troubles if each.plugin.name == name), None)


def load_plugins(
    group: str, accept: Callable[[Plugin, Any], _Thing], drop: Callable[[], None] = lambda: None
) -> Outside[_Thing]:
    """Import everything in ``group``; ``accept`` makes it what is used, or raises PluginFault.

    ``drop`` is called after each that fails, to take away what it left. Of two with one name the package that comes
    first in the alphabet has it.
    """
    found: dict[str, tuple[Plugin, _Thing]] = {}
    troubles = []
    for plugin, point in plugins_in(group):
        try:
            if plugin.name in found:
                raise PluginFault(f"{found[plugin.name][0].package} has something of that name already")
            found[plugin.name] = plugin, accept(plugin, point.load())
            continue
        except PluginFault as fault:
            troubles.append(Trouble(plugin, str(fault)))
        except (Exception, SystemExit) as fault:
            troubles.append(Trouble(plugin, f"it does not load ({said_by(fault)})"))
        drop()
    return Outside(found, tuple(troubles))


def plugins_in(group: str) -> Iterator[tuple[Plugin, "EntryPoint"]]:
    """The entry points of ``group``, by package and name; nothing of them is imported."""
    rows = [(_plugin(point), point) for point in _points() if point.group == group]
    yield from sorted(rows, key=lambda row: (row[0].package.casefold(), row[0].name))


@cache
def _points() -> tuple["EntryPoint", ...]:
    """Every entry point for us, looked for once."""
    if not any(map(_may_hold_plugins, dict.fromkeys(sys.path))):
        return ()
    from importlib.metadata import entry_points  # reads the papers of all packages: only where one names us

    every = entry_points()
    return tuple(point for group in WHAT for point in every.select(group=group))


def _may_hold_plugins(place: str) -> bool:
    """Whether a package in ``place`` (of sys.path) names a group of ours; also when a look at files cannot tell."""
    try:
        with os.scandir(place or ".") as found:
            papers = [Path(each.path) for each in found if each.name.lower().endswith(_PAPERS)]
    except NotADirectoryError:
        return True
    except OSError:
        return False
    return any(path.suffix.lower() == ".egg" or _names_group(path / "entry_points.txt") for path in papers)


def _names_group(path: Path) -> bool:
    try:
        papers = path.read_bytes()
        return any(group.encode() in papers for group in WHAT)
    except OSError:
        return False


def _plugin(point: "EntryPoint") -> Plugin:
    package, version = _named_in_papers(point.dist, "name"), _named_in_papers(point.dist, "version")
    place = point.dist.locate_file("") if point.dist else "an unknown place"
    return Plugin(point.group, point.name, package or f"a package in {place}", version)


def _named_in_papers(dist: "Distribution | None", what: str) -> str:
    """The name or the version; a package that was taken out by half may have neither, though types promise both."""
    try:
        return str(getattr(dist, what, None) or "")
    except (LookupError, OSError, Warning):
        return ""


def not_installed(group: str, name: str) -> str:
    """That no package brings what feeds.yaml names, as the beginning of a sentence."""
    return f"No installed package has the {WHAT[group]} “{shorten(one_line(name), _LONGEST_NAME)}”"


def check_name(name: str, taken: tuple[str, ...]) -> None:
    """Raises PluginFault when ``name`` cannot be written in feeds.yaml, or is one of ours, which are ``taken``."""
    if not _NAME.fullmatch(name):
        raise PluginFault(f"“{name}” is no name: small letters and digits, with single spaces, “-” or “_” between")
    if name in taken:
        raise PluginFault(f"“{name}” is a name of the newsletter's own, and stays with it")


def check_keys(cls: object, *, taken: tuple[str, ...] = ()) -> None:
    """Raises PluginFault unless ``cls`` is a dataclass whose fields can be keys of feeds.yaml, none ``taken``."""
    if not (isinstance(cls, type) and is_dataclass(cls)):
        raise PluginFault(f"{_named(cls)} is no dataclass, and its fields would be the keys")
    try:
        hints = get_type_hints(cls)
    except Exception as fault:
        raise PluginFault(f"the types of the fields of {cls.__name__} cannot be read ({fault})") from fault
    for each in fields(cls):
        if not each.init:
            continue
        if each.name.replace("_", " ") in taken:
            raise PluginFault(f"its field {each.name} would be a key that the newsletter has itself")
        if not _can_be_key(hints[each.name]):
            raise PluginFault(f"its field {each.name} is none of the types a key can have: {_VALUES_TOLD}")


def is_secret(name: str) -> bool:
    """Whether a field, or a key, of that name holds what is never written into feeds.yaml nor shown."""
    return name in _SECRETS or name.endswith(_SECRET_ENDS)


def without_secrets(text: str, settings: Mapping[str, Any]) -> str:
    """``text`` without the secrets that stand in ``settings``, however they are written."""
    found = set()
    for name, value in settings.items():
        for each in (value if isinstance(value, tuple) else (value,)) if is_secret(name) else ():
            if isinstance(each, str) and each.strip():
                found |= {each, quote(each, safe=""), quote_plus(each)}
    for each in sorted(found, key=len, reverse=True):
        text = text.replace(each, _HIDDEN)
    return text


def fit_to_tell(text: object, settings: Mapping[str, Any], *, longest: int = _LONGEST_WORDS) -> str:
    """What a plug-in with these ``settings`` says, as it may be stored and shown: one line, and none of its secrets."""
    return shorten(without_secrets(str(text), settings), longest)


def said_by(fault: BaseException, settings: Mapping[str, Any] = MappingProxyType({})) -> str:
    """What a plug-in raised, as :func:`fit_to_tell`."""
    return fit_to_tell(f"{type(fault).__name__}: {fault}", settings)


def missing_keys(cls: Any, settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that ``cls`` cannot be without and that are not in ``settings``, as they are written."""
    return tuple(
        each.name.replace("_", " ")
        for each in fields(cls)
        if each.init and each.default is MISSING and each.default_factory is MISSING and each.name not in settings
    )


def _can_be_key(hint: Any) -> bool:
    if get_origin(hint) in (Union, UnionType):
        inner = [each for each in get_args(hint) if each is not NoneType]
        return len(inner) == 1 and _can_be_key(inner[0])
    if get_origin(hint) in (tuple, list, frozenset):
        inner = [each for each in get_args(hint) if each is not Ellipsis]
        return len(inner) == 1 and _is_value(inner[0])
    return _is_value(hint)


def _is_value(hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return all(isinstance(each, str) for each in get_args(hint))
    return hint in _VALUES


def _named(thing: object) -> str:
    return str(getattr(thing, "__name__", type(thing).__name__))
