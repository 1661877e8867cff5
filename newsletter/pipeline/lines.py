"""Files with one JSON object a line, packed with gzip or not, whose mistakes are told at their line."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsletter.errors import FileFault, NotFound, Problem
from newsletter.text import shorten

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Line:
    """An object of a file, and where it stands. Its fields are asked for with their type."""

    file: str
    number: int
    fields: Mapping[str, Any]

    def problem(self, text: str) -> FileFault:
        """``text`` as a mistake at this line."""
        return FileFault([Problem(self.file, self.number, text)])

    def text(self, name: str, *, is_needed: bool = False) -> str:
        """A text, "" for none (FileFault when it is needed and missing, or is something else)."""
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
    """The objects of ``path``. Raises NotFound, and FileFault at the first line that is none."""
    for number, raw in numbered_lines(path):
        found = read_object(raw)
        if isinstance(found, str):
            raise FileFault([Problem(str(path), number, found)])
        yield Line(str(path), number, found)


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, with their numbers; unpacked if the file is gzip, whatever its name.

    Raises NotFound, and FileFault where a packed file is damaged.
    """
    number = 0
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(2) == _GZIP
            raw.seek(0)
            lines = gzip.GzipFile(fileobj=raw) if is_packed else raw
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, line
    except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
        text = f"From here on the file is damaged: {fault}. Make or fetch it again."
        raise FileFault([Problem(str(path), number + 1, text)]) from fault
    except OSError as fault:
        raise NotFound(f"{path} cannot be read: {fault.strerror or fault}.") from fault


def read_object(line: bytes) -> dict[str, Any] | str:
    """The object in ``line``, or what is wrong with it and how to mend it."""
    try:
        found = json.loads(line)
    except UnicodeDecodeError:
        return "The line is not UTF-8. Save the file as UTF-8."
    except ValueError as fault:
        where = f" at character {fault.pos + 1}" if isinstance(fault, json.JSONDecodeError) else ""
        return f"The line is not JSON{where}. Write one JSON object a line."
    except RecursionError:
        return "The line holds JSON in too many layers. Write one flat JSON object a line."
    return found if isinstance(found, dict) else "The line is no JSON object. Write {…} with the fields of one item."


def _shown(value: Any) -> str:
    return shorten(json.dumps(value, ensure_ascii=False), 40)
