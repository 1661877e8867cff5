"""Readers out of a file: looked at first, then brought in by the thousand.

Each thousand is stored for itself, so that nobody else has to wait. An import that was broken off goes on when it is
begun again: whoever is there already is known by then.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import IO

import structlog

from newsletter.deliver.csv_cells import safe_row
from newsletter.deliver.reader_columns import Columns, guess_columns
from newsletter.deliver.reader_file import Form, Row, form_of, rows
from newsletter.deliver.reader_rows import ReadRow, RowReader, day_order
from newsletter.errors import NotFound, UsageError
from newsletter.model.address import address_key
from newsletter.model.codec import time_text
from newsletter.model.subscriber import Choice, Subscriber
from newsletter.pipeline.app import Newsletter
from newsletter.render.subscription_words import choice_words
from newsletter.store import imported
from newsletter.store.database import Db, in_parts
from newsletter.store.imported import NewReader
from newsletter.store.subscribers import known_addresses
from newsletter.store.suppression import suppress_all, suppressed_keys

BATCH = 1_000
SHOWN_ROWS = 5
SHOWN_LINES = 20
_SAMPLE = 200

log = structlog.get_logger()


@dataclass(slots=True)
class Report:
    """What a file holds, or what became of it; counts of readers, and of lines that are none."""

    form: Form
    columns: Columns
    shown: tuple[tuple[str, str, str], ...] = ()
    """The first readers: address, what they get, since when they agree."""
    lines: int = 0
    new: int = 0
    known: int = 0
    agreed: int = 0
    """Known ones who waited for a word on how they agreed."""
    left: int = 0
    unconfirmed: int = 0
    twice: int = 0
    failed: int = 0
    failed_lines: list[tuple[int, str]] = field(default_factory=list)
    """The first lines that failed, each with its reason."""
    is_cancelled: bool = False

    @property
    def summary(self) -> str:
        """4,790 new, 22 known, 12 had left before and stay out, 3 are not addresses (lines 7, 90, 141)."""
        said = [f"{self.new:,} new", f"{self.known:,} known"]
        if self.agreed:
            said.append(f"{self.agreed:,} of the known may get mail from now on")
        if self.left:
            said.append(f"{self.left:,} had left before and stay{'s' if self.left == 1 else ''} out")
        if self.unconfirmed:
            said.append(f"{self.unconfirmed:,} never confirmed and stay{'s' if self.unconfirmed == 1 else ''} out")
        if self.twice:
            said.append(f"{self.twice:,} stand{'s' if self.twice == 1 else ''} there twice")
        return ", ".join([*said, *self._failures()])

    def _failures(self) -> Iterator[str]:
        if not self.failed:
            return
        shown = [str(line) for line, _ in self.failed_lines]
        more = ", …" if self.failed > len(shown) else ""
        are_addresses = all(why in ("not an address", "no address") for _, why in self.failed_lines)
        one, many = ("is not an address", "are not addresses") if are_addresses else ("cannot be read",) * 2
        word = "line" if self.failed == 1 else "lines"
        yield f"{self.failed:,} {one if self.failed == 1 else many} ({word} {', '.join(shown)}{more})"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is brought in. ``agreed`` says how its people agreed; without it they get no mail yet."""

    source: str
    agreed: str = ""
    failed_to: Path | None = None
    """Where the lines that failed are written, with their reasons."""
    is_trial: bool = False
    """Whether it is only looked at: nothing is stored."""


def import_readers(
    app: Newsletter, path: Path, wanted: Wanted, *, may_go_on: Callable[[Report], bool] = lambda report: True
) -> Report:
    """Bring the readers of the file at ``path`` in, or look what would become of them.

    ``may_go_on`` is asked after each thousand lines. Raises NotFound, UsageError when no column holds addresses.
    """
    try:
        form = form_of(path)
        sample = [row.cells for row in islice(rows(path, form), _SAMPLE) if not row.problem]
    except OSError as fault:
        raise NotFound(f"{path.name} cannot be read: {fault.strerror or fault}.") from fault
    columns = guess_columns(sample)
    if columns.address is None:
        raise UsageError("No column of this file holds mail addresses.")
    dates = (row[columns.date] for row in sample if columns.date is not None and columns.date < len(row))
    sections = {each.id: each.title for each in app.config.sections}
    reader = RowReader(columns, sections, app.now(), day_order(dates))
    run = _Run(app, wanted, Report(form, columns), reader)
    with _Failures(wanted.failed_to, columns) as failures:
        body = islice(rows(path, form), 1 if columns.has_heading else 0, None)
        for batch in in_parts(body, BATCH):
            run.take(batch, failures)
            if not may_go_on(run.report):
                run.report.is_cancelled = True
                break
    if not wanted.is_trial:
        made = run.report
        log.info("readers brought in", source=wanted.source, new=made.new, known=made.known, failed=made.failed)
    return run.report


class _Run:
    """One import, batch by batch."""

    def __init__(self, app: Newsletter, wanted: Wanted, report: Report, reader: RowReader) -> None:
        self.app, self.wanted, self.report, self.reader = app, wanted, report, reader
        self._met: set[int] = set()

    def take(self, batch: list[Row], failures: "_Failures") -> None:
        """Store a batch, or only look at it."""
        found: dict[str, ReadRow] = {}
        report = self.report
        for row in batch:
            report.lines += 1
            read = ReadRow("failed", problem=row.problem) if row.problem else self.reader.read(row.cells)
            if read.fate == "failed":
                self._fail(row, read.problem, failures)
            elif self._is_new_here(key := address_key(read.address)):
                found[key] = read
        self._show(found.values())
        if self.wanted.is_trial:
            with self.app.database.reading() as db:
                self._sort(db, found)
            return
        with self.app.database.transaction() as db:
            new, agreeing, gone = self._sort(db, found)
            self._store(db, new, agreeing, gone)

    def _sort(self, db: Db, found: dict[str, ReadRow]) -> tuple[list[ReadRow], list[int], list[str]]:
        """Count who is new, known or out; the new ones, those who agree now, and addresses that get nothing."""
        known: dict[str, Subscriber] = {}
        for part in in_parts(found):
            known.update(known_addresses(db, part))
        silent = suppressed_keys(db, found)
        new: list[ReadRow] = []
        agreeing: list[int] = []
        gone: list[str] = []
        for key, read in found.items():
            there = known.get(key)
            if there is not None and there.state in ("active", "waiting"):
                self.report.known += 1
                if there.state == "waiting" and self.wanted.agreed and read.fate == "in":
                    agreeing.append(there.id)
            elif there is not None or key in silent or read.fate == "left":
                self.report.left += 1
                if there is None and key not in silent:
                    gone.append(read.address)
            elif read.fate == "unconfirmed":
                self.report.unconfirmed += 1
            else:
                self.report.new += 1
                new.append(read)
        if self.wanted.is_trial and agreeing:
            self.report.agreed += imported.agreeing_count(db, agreeing)
        return new, agreeing, gone

    def _store(self, db: Db, new: list[ReadRow], agreeing: list[int], gone: list[str]) -> None:
        now, wanted = self.app.now(), self.wanted
        made = [NewReader(each.address, each.choice, each.agreed_at) for each in new]
        imported.add_imported(db, made, source=wanted.source, wording=wanted.agreed, at=now)
        self.report.agreed += imported.agree(db, agreeing, wording=wanted.agreed, at=now)
        suppress_all(db, gone, f"had left: {wanted.source}", now)

    def _is_new_here(self, key: str) -> bool:
        """Whether the file did not name the address before."""
        mark = hash(key)
        if mark in self._met:
            self.report.twice += 1
            return False
        self._met.add(mark)
        return True

    def _fail(self, row: Row, problem: str, failures: "_Failures") -> None:
        self.report.failed += 1
        if len(self.report.failed_lines) < SHOWN_LINES:
            self.report.failed_lines.append((row.line, problem))
        failures.write(row, problem)

    def _show(self, found: Iterable[ReadRow]) -> None:
        missing = SHOWN_ROWS - len(self.report.shown)
        if missing > 0:
            config = self.app.config

            def words(choice: Choice) -> str:
                return choice_words(choice, config.sections, config.schedule)

            def day(read: ReadRow) -> str:
                return (time_text(read.agreed_at) or "")[:10]

            first = islice((each for each in found if each.fate == "in"), missing)
            self.report.shown += tuple((each.address, words(each.choice), day(each)) for each in first)


class _Failures:
    """The file of lines that failed, made with the first of them; for its owner's eyes only."""

    def __init__(self, path: Path | None, columns: Columns) -> None:
        self.path, self._columns = path, columns
        self._file: IO[str] | None = None

    def __enter__(self) -> "_Failures":
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, row: Row, problem: str) -> None:
        """Write down a line with its reason."""
        if self.path is None:
            return
        if self._file is None:
            self.path.touch(mode=0o600)
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(safe_row(("line", "reason", *self._columns.headings)))
        csv.writer(self._file).writerow(safe_row((row.line, problem, *(cell[:1_000] for cell in row.cells))))


def state_agreement(app: Newsletter, source: str, wording: str) -> int:
    """Say how those agreed whom ``source`` brought and who wait for that; how many get mail from now on."""
    if not wording.strip():
        raise UsageError("Say how they agreed, in a sentence that you could show to one of them.")
    now = app.now()
    with app.database.transaction() as db:
        count = imported.agree(db, imported.waiting_from(db, source), wording=wording.strip(), at=now)
    log.info("agreement stated", source=source, count=count)
    return count


def waiting_imports(app: Newsletter) -> list[tuple[str, int]]:
    """Where those came from who wait for a word on how they agreed, with how many they are."""
    with app.database.reading() as db:
        return imported.waiting_sources(db)


def with_failures(wanted: Wanted, path: Path) -> Wanted:
    """``wanted``, with the failed lines of ``path`` going to a file beside it."""
    return replace(wanted, failed_to=path.with_name(f"{path.name}.failed.csv"))
