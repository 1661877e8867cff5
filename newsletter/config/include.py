"""``include:``: further files with sources and rules, looked for beside feeds.yaml, and all of them as one text."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Protocol

from newsletter.config.encoding import LARGEST, too_large
from newsletter.config.nodes import Block
from newsletter.config.parts import Advice, Part
from newsletter.config.problems import Report, shown
from newsletter.config.tree import read_tree
from newsletter.config.values import Wrong, read_text

INCLUDE = "include"
MAY_HOLD = ("sources", "rules")
"""What an included file may have at its left edge."""
MOST_FILES = 100
MOST_TEXT = 1_000_000
"""So much all included files may hold together."""
ENDS = (".yaml", ".yml")
_OWN_FOLDER = "data"
_SIGN = re.compile(r"^#====\[ file (?P<name>[^\n]+) \]====$", re.MULTILINE)
_BETWEEN = re.compile(r"\n#====\[ file ([^\n]+) \]====\n")
_LEFT_EDGE = re.compile(r"^[^\s#-]")


class Files(Protocol):
    """Where included files come from."""

    def find(self, asked: Sequence[tuple[int, str]], report: Report) -> Mapping[str, bytes]:
        """The files that ``asked`` names, each (line, name or pattern); what is wrong with one goes to ``report``."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Files as they were once, whatever is on disk now."""

    files: Mapping[str, bytes]

    def find(self, asked: Sequence[tuple[int, str]], report: Report) -> Mapping[str, bytes]:
        """All of them."""
        return self.files


@dataclass(frozen=True, slots=True)
class OnDisk:
    """Files in the folder ``base``; those of ``instead`` are read as they stand there."""

    base: Path
    main: str = "feeds.yaml"
    instead: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))

    def find(self, asked: Sequence[tuple[int, str]], report: Report) -> Mapping[str, bytes]:
        """The files there are, in the order they are asked for, those of one pattern by name."""
        found: dict[str, bytes | None] = {}
        for line, text in asked:
            for name in self._names(line, text, report):
                if name not in found:
                    found[name] = self._read(name, line, report)
            if len(found) > MOST_FILES or sum(len(data or b"") for data in found.values()) > MOST_TEXT:
                least = f"{MOST_FILES} files or {MOST_TEXT // 1000} KB"
                report.tell(line, f"With this more than {least} would be included. Name fewer.")
                return {}
        return {name: data for name, data in found.items() if data is not None}

    def _names(self, line: int, text: str, report: Report) -> list[str]:
        is_pattern = "*" in text or "?" in text
        if not is_pattern and text == self.main:
            report.tell(line, f"{self.main} cannot include itself. Name other files.")
            return []
        names = sorted({*self.on_disk(text), *(each for each in self.instead if _fits(each, text))} - {self.main})
        if not names and is_pattern:
            report.warn(line, f'There is no file for "{shown(text)}" yet.')
        elif not names:
            report.tell(line, f'There is no file "{shown(text)}" beside {self.main}. Write it, or take its name out.')
        return names

    def on_disk(self, text: str) -> list[str]:
        """The files of the folder that a name or a pattern means; a file whose name begins with a dot is never one."""
        paths = self.base.glob(text) if "*" in text or "?" in text else [self.base / text]
        names = [path.relative_to(self.base).as_posix() for path in paths if path.exists() or path.is_symlink()]
        return [name for name in names if _fits(name, text)]

    def _read(self, name: str, line: int, report: Report) -> bytes | None:
        path = self.base / name
        try:
            if not path.resolve().is_relative_to(self.base.resolve()):
                report.tell(line, f'"{shown(name)}" leads out of the folder of this newsletter. Put the file into it.')
            elif name in self.instead:
                return self.instead[name]
            elif not path.is_file():
                report.tell(line, f'"{shown(name)}" is no file that can be read. Name a file.')
            elif path.stat().st_size > LARGEST:
                report.tell(line, f'"{shown(name)}" is too large. {too_large(path.stat().st_size)}')
            else:
                return path.read_bytes()
        except (OSError, RuntimeError) as fault:
            said = getattr(fault, "strerror", None) or str(fault)
            report.tell(line, f'"{shown(name)}" cannot be read: {said}. Let the program read it, or take it out.')
        return None


def _fits(name: str, pattern: str) -> bool:
    """Whether ``pattern`` means the file: "*" and "?" stand for no "/" and for no dot at the start of a name."""
    parts, wanted = name.split("/"), pattern.split("/")
    return (
        len(parts) == len(wanted)
        and all(fnmatchcase(part, each) for part, each in zip(parts, wanted, strict=True))
        and name.isprintable()
        and not any(part.startswith(".") for part in parts)
    )


def asked_for(part: Part) -> list[tuple[int, str]]:
    """What ``include:`` of the top part names, each with its line; what may not stand there is told."""
    return part.many_lines(INCLUDE, _name)


def _name(key: str, text: str) -> str | Wrong:
    read = read_text(key, text)
    if isinstance(read, Wrong):
        return read
    parts = PurePosixPath(read).parts
    said = f'"{shown(read)}"'
    if "\\" in read or read.startswith(("/", "~")) or ".." in parts or re.match(r"[A-Za-z]:", read):
        return Wrong(
            f"{said} leads out of the folder of this newsletter. Name files in it, for example more/lists.yaml."
        )
    if "**" in read or "[" in read:
        return Wrong(f'{said} cannot be a pattern: "*" stands for a part of one name. Write for example more/*.yaml.')
    if not read.endswith(ENDS):
        return Wrong(f"{said} must end with .yaml, as feeds.yaml does. Write for example more/lists.yaml.")
    if not parts or parts[0] == _OWN_FOLDER or any(each.startswith(".") for each in parts):
        return Wrong(f"{said} cannot be included: what lies there is the program's own. Put the file elsewhere.")
    return "/".join(parts)


def tell_marks(text: str, report: Report) -> None:
    """A line that only the program writes, between the files of a whole."""
    for found in _SIGN.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        report.tell_form([(line, "This line is one that the program keeps for itself. Remove it.")])


def bundle(texts: Mapping[str, str]) -> str:
    """A file, and those it includes, as one text; a file that includes none is that text itself."""
    (_, main), *others = texts.items()
    return "".join((main, *(f"\n#====[ file {name} ]====\n{text}" for name, text in others)))


def unbundle(whole: bytes) -> tuple[bytes, Kept]:
    """The first file of a bundle, and those it includes."""
    main, *rest = _BETWEEN.split(whole.decode("utf-8", "surrogateescape"))
    others = dict(zip(rest[::2], rest[1::2], strict=True))
    return _bytes(main), Kept({name: _bytes(text) for name, text in others.items()})


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def files_hash(files: Mapping[str, bytes]) -> str:
    """The hash of a file and of those it includes; of one alone its SHA-256."""
    main, *others = files.items()
    found = hashlib.sha256(main[1])
    for name, data in others:
        found.update(f"\0{name}\0{len(data)}\0".encode())
        found.update(data)
    return found.hexdigest()


def patterns_in(text: str) -> tuple[str, ...]:
    """What a feeds.yaml includes, read even when other places of it have mistakes."""
    lines = text.splitlines()
    start = next((at for at, line in enumerate(lines) if re.match(r"include\s*:", line, re.IGNORECASE)), None)
    if start is None:
        return ()
    after = (at for at in range(start + 1, len(lines)) if _LEFT_EDGE.match(lines[at]))
    root = read_tree("\n".join(lines[start : next(after, len(lines))])).root
    if not isinstance(root, Block):
        return ()
    part = Part(root, Report(""), what="", keys=(INCLUDE,), hint=lambda key: Advice(""))
    return tuple(text for _, text in asked_for(part))


def files_on_disk(base: Path, patterns: Sequence[str]) -> Iterator[Path]:
    """The files that ``patterns`` mean at this moment."""
    disk = OnDisk(base)
    for pattern in patterns:
        yield from (base / name for name in sorted(disk.on_disk(pattern)) if name != disk.main)
