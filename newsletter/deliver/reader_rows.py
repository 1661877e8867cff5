"""What a row of a file of readers says: an address, what it wants, since when, and whether it may be written to."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from newsletter.deliver.csv_cells import plain_cell
from newsletter.deliver.reader_columns import ACTIVE, LEFT, WAITING, Columns, word_of
from newsletter.model.address import find_address
from newsletter.model.subscriber import Choice, Rhythm

Fate = Literal["in", "left", "unconfirmed", "failed"]
_RHYTHMS: Mapping[str, Rhythm] = {
    **dict.fromkeys(("monthly", "month", "everymonth", "onceamonth"), "monthly"),
    **dict.fromkeys(("monatlich", "mensual", "mensuel", "mensile", "mensal"), "monthly"),
    **dict.fromkeys(("highlights", "highlightsonly", "onlyhighlights", "summary", "best"), "highlights"),
}
_BETWEEN = re.compile(r"\s*[;|,\n]\s*")
_DAY = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})")
_ORDER = Literal["day first", "month first"]


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row as it was understood; ``problem`` says why it failed."""

    fate: Fate
    address: str = ""
    choice: Choice = Choice()
    agreed_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the rows of one file. ``sections`` are those of the newsletter: id and title."""

    columns: Columns
    sections: Mapping[str, str]
    now: datetime
    day_order: _ORDER | None = None

    def read(self, cells: Sequence[str]) -> ReadRow:
        """What the row says; never raises."""
        columns = self.columns

        def cell(at: int | None) -> str:
            return plain_cell(cells[at].strip(" ")) if at is not None and at < len(cells) else ""

        text = cell(columns.address)
        address = find_address(text)
        if address is None:
            return ReadRow("failed", problem="not an address" if text.strip() else "no address")
        state = word_of(cell(columns.state))
        if cell(columns.left).strip() or state in LEFT:
            return ReadRow("left", address)
        if state in WAITING:
            return ReadRow("unconfirmed", address)
        if state and state not in ACTIVE:
            return ReadRow("failed", address, problem=f"the state “{cell(columns.state)[:40]}” is not known")
        choice = Choice(_RHYTHMS.get(word_of(cell(columns.rhythm)), "weekly"), self._sections(cell(columns.sections)))
        return ReadRow("in", address, choice, read_day(cell(columns.date), order=self.day_order, now=self.now))

    def _sections(self, text: str) -> tuple[str, ...] | None:
        """The sections that are named; None, which is all, when none of ours is."""
        if not text:
            return None
        named = {word_of(each) for each in _BETWEEN.split(text) if each}
        found = tuple(each for each, title in self.sections.items() if {word_of(each), word_of(title)} & named)
        return found if found and len(found) < len(self.sections) else None


def day_order(texts: Iterable[str]) -> _ORDER | None:
    """Whether days such as 3/4/2024 begin with the day or the month, if one of them shows it."""
    for text in texts:
        found = _DAY.match(text.strip())
        if found and len(found[1]) <= 2 and len(found[4]) == 4 and found[2] == "/":
            if int(found[1]) > 12:
                return "day first"
            if int(found[3]) > 12:
                return "month first"
    return None


def read_day(text: str, *, order: _ORDER | None, now: datetime) -> datetime | None:
    """The time that ``text`` names, UTC where it names no zone; None when it cannot be known, or is not over yet."""
    found = _iso(text.strip()) or _numbers(text.strip(), order) or _mail_date(text)
    return found if found is not None and datetime(1990, 1, 1, tzinfo=UTC) <= found <= now else None


def _iso(text: str) -> datetime | None:
    # PostgreSQL writes 2024-01-31 10:00:00.123+00, Go writes "+0000 UTC" after it.
    plain = re.sub(r"\s*(?:UTC|GMT|Z)$", "+00:00", re.sub(r"\s[+-]\d{4}\sUTC$", "Z", text))
    plain = re.sub(r"([+-]\d\d)$", r"\1:00", plain) if ":" in plain else plain
    try:
        found = datetime.fromisoformat(plain)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _numbers(text: str, order: _ORDER | None) -> datetime | None:
    found = _DAY.match(text)
    if found is None:
        return None
    first, second, third = int(found[1]), int(found[3]), int(found[4])
    if len(found[1]) == 4:
        year, month, day = first, second, third
    elif found[2] in ".-" or order == "day first" or first == second:
        day, month, year = first, second, third
    elif order == "month first":
        month, day, year = first, second, third
    else:
        return None
    try:
        made = date(year, month, day)
    except ValueError:
        return None
    return datetime(made.year, made.month, made.day, tzinfo=UTC)


def _mail_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
