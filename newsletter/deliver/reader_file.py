"""A file with readers as rows: which encoding, what stands between the cells, and each row with its line.

Nothing in it can make the reading slow or large: a row has at most 64 KB and 50 lines.
"""

import codecs
import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LONGEST_ROW = 64 * 1024
_MOST_LINES = 50
_CHUNK = 64 * 1024
_BETWEEN = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE_LINES = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it begins, and its cells; or what is wrong with it."""

    line: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written."""

    encoding: str
    delimiter: str

    @property
    def words(self) -> str:
        """UTF-8, cells between semicolons."""
        name = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}.get(self.encoding, self.encoding.upper())
        return f"{name}, cells between {_BETWEEN[self.delimiter]}"


class _Unclosed(Exception):
    """A quotation mark was opened and not closed within what one row may have."""


def form_of(path: Path) -> Form:
    """How the file at ``path`` is written."""
    encoding = _encoding(path)
    with _opened(path, encoding) as file:
        lines = [line for _ in range(_SAMPLE_LINES) if (line := file.readline(LONGEST_ROW).strip())]
    return Form(encoding, _delimiter(lines))


def rows(path: Path, form: Form) -> Iterator[Row]:
    """The rows of the file, empty ones left out; what cannot be read is a row with its problem."""
    with _opened(path, form.encoding) as file:
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=form.delimiter)
        while True:
            lines.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (_Unclosed, csv.Error) as fault:
                number, text = lines.give_back()
                is_open = isinstance(fault, _Unclosed) and len(text) < LONGEST_ROW
                why = "a quotation mark is opened and never closed" if is_open else "the line is longer than 64 KB"
                yield Row(number, (text[:200].strip(),), why)
                reader = csv.reader(lines, delimiter=form.delimiter)
                continue
            if any(cell.strip() for cell in cells):
                yield Row(lines.first, tuple(cells))


class _Lines:
    """The lines of a file, of which some can be given back."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._number = file, 0
        self._back: list[tuple[int, str]] = []
        self._taken: list[tuple[int, str]] = []
        self._size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        number, text = self._back.pop() if self._back else self._read()
        if not text:
            if self._taken:
                raise _Unclosed
            raise StopIteration
        self._taken.append((number, text))
        self._size += len(text)
        if self._size >= LONGEST_ROW or len(self._taken) > _MOST_LINES:
            raise _Unclosed
        return text

    def begin(self) -> None:
        """A new row begins with the next line."""
        self._taken, self._size = [], 0

    @property
    def first(self) -> int:
        """The line on which the row began."""
        return self._taken[0][0]

    def give_back(self) -> tuple[int, str]:
        """The first line of the row; the others are read again, each for itself."""
        first, *others = self._taken
        self._back += others[::-1]
        return first

    def _read(self) -> tuple[int, str]:
        self._number += 1
        text = self._file.readline(LONGEST_ROW)
        rest = text
        while len(rest) == LONGEST_ROW and not rest.endswith(("\n", "\r")):
            rest = self._file.readline(LONGEST_ROW)
        return self._number, text


def _opened(path: Path, encoding: str) -> IO[str]:
    return path.open(encoding=encoding, errors="replace", newline="")


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4096)
        for mark, name in _BOMS:
            if start.startswith(mark):
                return name
        if start.count(0) > len(start) // 4:
            return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _delimiter(lines: Iterable[str]) -> str:
    """What stands in most lines equally often; commas when nothing does."""
    found = list(lines)
    best, most = ",", 0
    for each in _BETWEEN:
        times = Counter(line.count(each) for line in found)
        times.pop(0, None)
        agreeing = max(times.values(), default=0)
        if agreeing > most:
            best, most = each, agreeing
    return best
