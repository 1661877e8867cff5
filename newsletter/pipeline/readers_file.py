"""Readers into a file: everybody who is not erased, as CSV that no spreadsheet computes with."""

import csv
import io
from collections.abc import Iterable, Iterator

import structlog

from newsletter.deliver.csv_cells import safe_row
from newsletter.model.codec import time_text
from newsletter.model.subscriber import Consent, Subscriber
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.reader_choices import today
from newsletter.store.subscriber_lists import Filter, everybody

HEADINGS = (
    *("address", "state", "sections", "rhythm", "paused_until", "created_at", "agreed_at", "agreed_how", "left_at"),
    "source",
)
EVERYBODY = Filter()
_AT_ONCE = 200

log = structlog.get_logger()


def export_readers(app: Newsletter, wanted: Filter = EVERYBODY, *, by: str) -> Iterator[str]:
    """The lines of the file, some at a time; who took it out is in the log."""
    log.info("readers taken out", by=by, which=_said_of(wanted))
    yield _lines([HEADINGS])
    part: list[tuple[object, ...]] = []
    with app.database.reading() as db:
        for reader, consent in everybody(db, wanted, today=today(app)):
            if reader.address is not None:
                part.append(_cells(reader, consent))
            if len(part) == _AT_ONCE:
                yield _lines(part)
                part = []
    yield _lines(part)


def _said_of(wanted: Filter) -> str:
    """Which readers are wanted, in words; what somebody searched for may be an address and is not repeated."""
    parts = [
        wanted.state and f"state {wanted.state}",
        wanted.rhythm and f"rhythm {wanted.rhythm}",
        wanted.section and f"section {wanted.section}",
        wanted.text and "found by a search",
    ]
    return ", ".join(filter(None, parts)) or "all"


def _cells(reader: Subscriber, consent: Consent | None) -> tuple[object, ...]:
    sections = ";".join(reader.choice.sections) if reader.choice.sections is not None else "all"
    return (
        reader.address,
        reader.state,
        sections,
        reader.choice.rhythm,
        reader.paused_until,
        time_text(reader.created_at),
        time_text(reader.confirmed_at or (consent.at if consent else None)),
        consent.wording if consent else "",
        time_text(reader.left_at),
        reader.source,
    )


def _lines(rows: Iterable[Iterable[object]]) -> str:
    made = io.StringIO(newline="")
    csv.writer(made).writerows(map(safe_row, rows))
    return made.getvalue()
