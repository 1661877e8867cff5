"""Files with one JSON object a line, packed with gzip or not, whose mistakes are told at their line."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from newsletter.errors import ConfigError, NotFound, Problem
from newsletter.text import shorten

_GZIP = b"\x1f\x8b"
_LONGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """An object of a file, and where it stands. Its fields are asked for with their type."""

    file: str
    number: int
    fields: Mapping[str, Any]

    def problem(self, text: str) -> ConfigError:
        """``text`` as a mistake at this line."""
        return ConfigError([Problem(self.file, self.number, text)])

    def text(self, name: str, *, is_needed: bool = False) -> str:
        """A text, "" for none (ConfigError when it is needed and missing, or is something else)."""
        found = self.fields.get(name)
        if found is None and not is_needed:
            return ""
        if isinstance(found, str):
            return found
        if isinstance(found, int | float) and not isinstance(found, bool):
            return str(found)
        raise self.problem(f'"{name}" must be a text, not {_shown(found)}. Write "{name}": "…".')

    def number_of(self, name: str, default: float = 0) -> float:
        """A number; ``default`` when it is missing."""
        found = self.fields.get(name)
        if found is None:
            return default
        if isinstance(found, int | float) and not isinstance(found, bool) and abs(found) < 1e15:
            return found
        raise self.problem(f'"{name}" must be a number, not {_shown(found)}.')

    def count(self, name: str, default: int = 0) -> int:
        """A whole number that is not negative."""
        return max(0, int(self.number_of(name, default)))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; none when it is missing."""
        found = self.fields.get(name)
        if found is None:
            return ()
        if isinstance(found, list) and all(isinstance(each, str) for each in found):
            return tuple(found)
        raise self.problem(f'"{name}" must be a list of texts, not {_shown(found)}.')

    def record(self, name: str) -> "Line":
        """An object within the object."""
        found = self.fields.get(name)
        if isinstance(found, dict):
            return Line(self.file, self.number, found)
        raise self.problem(f'"{name}" must be an object, {{…}}, not {_shown(found)}.')

    def is_true(self, name: str) -> bool:
        """Whether a field is true; false when it is missing."""
        found = self.fields.get(name, False)
        if isinstance(found, bool):
            return found
        raise self.problem(f'"{name}" must be true or false, not {_shown(found)}.')


def read_lines(path: Path) -> Iterator[Line]:
    """The objects of ``path``. Raises NotFound, and ConfigError at the first line that is none."""
    with _opened(path) as file:
        number = 0
        while True:
            try:
                raw = file.readline(_LONGEST)
            except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
                text = "The packed file ends in the middle or is damaged. Pack it again with gzip."
                raise ConfigError([Problem(str(path), number + 1, text)]) from fault
            if not raw:
                return
            number += 1
            if raw.strip():
                yield _line(path, number, raw)


def _line(path: Path, number: int, raw: bytes) -> Line:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as fault:
        start = shorten(raw.decode("utf-8", "replace").strip(), 40)
        text = f"This is no JSON: “{start}”. Each line holds one object, {{…}}."
        raise ConfigError([Problem(str(path), number, text)]) from fault
    if not isinstance(found, dict):
        raise ConfigError([Problem(str(path), number, f"Each line holds one object, {{…}}, not {_shown(found)}.")])
    return Line(str(path), number, found)


def _shown(value: Any) -> str:
    return shorten(json.dumps(value, ensure_ascii=False), 40)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        file = path.open("rb")
    except OSError as fault:
        raise NotFound(f"{path} cannot be read: {fault.strerror or fault}.") from fault
    with file:
        is_packed = file.read(2) == _GZIP
        file.seek(0)
        if is_packed:
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield unpacked  # type: ignore[misc]
        else:
            yield file
