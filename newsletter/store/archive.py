"""The archive: one line for every entry of every issue, found by its words; the same on both databases."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, delete, func, select

from newsletter.model.issue import Issue
from newsletter.store.database import Db
from newsletter.store.tables import archive_issues, archive_lines, changes, corrections, issues
from newsletter.text import search_words

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that put no space between words: they are found anywhere, others from the beginning of a word."""


@dataclass(frozen=True, slots=True)
class ArchiveLine:
    """An entry as readers see it; ``anchor`` is its name on the issue's page."""

    anchor: str
    title: str
    summary: str
    section: str
    section_title: str
    project: str
    person: str
    words: str
    """All its words as they are looked for, with a space before and after each; so the two below."""
    person_words: str
    project_words: str


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; what is empty does not count. ``with_drafts``: for editors."""

    words: str = ""
    year: int | None = None
    section: str = ""
    person: str = ""
    project: str = ""
    with_drafts: bool = False
    hidden: frozenset[int] = frozenset()
    """Approved issues that wait for their hour: not for readers either."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that was found, and its issue."""

    number: int
    published_on: date
    line: ArchiveLine


@dataclass(frozen=True, slots=True)
class ArchivedIssue:
    """An issue in the archive."""

    number: int
    title: str
    state: str
    published_on: date
    entries_count: int
    corrections_count: int = 0


def stale(db: Db) -> dict[int, str]:
    """The issues that are not in the archive as they are now, each with its present stamp, the newest first."""
    last = _counted(db, select(changes.c.issue_number, func.max(changes.c.number)).group_by(changes.c.issue_number))
    corrected = _counted(db, _corrections())
    known = dict(_pairs(db, select(archive_issues.c.issue_number, archive_issues.c.stamp)))
    # Put in order here: asked for it, SQLite reads the drafts instead of an index.
    rows = db.execute(select(issues.c.number, issues.c.state, issues.c.drafted_at))
    found = {
        row.number: f"{row.state} {row.drafted_at.isoformat()} {last.get(row.number, 0)} {corrected.get(row.number, 0)}"
        for row in sorted(rows, key=lambda row: row.number, reverse=True)
    }
    return {number: stamp for number, stamp in found.items() if known.get(number) != stamp}


def save_archived(db: Db, issue: Issue, lines: Sequence[ArchiveLine], *, stamp: str) -> None:
    """Put the lines of an issue in the place of those that were there."""
    db.lock("archive")
    row = {"issue_number": issue.number, "stamp": stamp, "title": issue.title, "state": issue.state}
    db.upsert(archive_issues, [row | {"published_on": issue.publish_on, "entries_count": len(lines)}])
    db.execute(delete(archive_lines).where(archive_lines.c.issue_number == issue.number))
    names = [each.name for each in fields(ArchiveLine)]
    rows = [
        {"issue_number": issue.number, "place": place, **{name: getattr(line, name) for name in names}}
        for place, line in enumerate(lines)
    ]
    if rows:
        db.execute(archive_lines.insert(), rows)


def find_lines(db: Db, query: Query, *, limit: int, offset: int = 0) -> list[Hit]:
    """The lines that have every word, the newest issues first, in reading order."""
    asked = _where(select(archive_lines, archive_issues.c.published_on), query)
    order = (archive_lines.c.issue_number.desc(), archive_lines.c.place)
    names = [each.name for each in fields(ArchiveLine)]
    return [
        Hit(row.issue_number, row.published_on, ArchiveLine(**{name: getattr(row, name) for name in names}))
        for row in db.execute(asked.order_by(*order).limit(limit).offset(offset))
    ]


def count_lines(db: Db, query: Query) -> int:
    """How many lines have every word."""
    found: int = db.execute(_where(select(func.count()), query)).scalar_one()
    return found


def known_words(db: Db, query: Query) -> Iterator[str]:
    """The words of every line that who asks ``query`` may see, one text after the other."""
    yield from db.execute(_where(select(archive_lines.c.words), _anything(query))).scalars()


def archived_issues(db: Db, query: Query) -> list[ArchivedIssue]:
    """The issues of the archive that who asks ``query`` may see, the newest first."""
    corrected = _counted(db, _corrections())
    asked = _visible(select(archive_issues).order_by(archive_issues.c.issue_number.desc()), query)
    return [
        ArchivedIssue(
            row.issue_number,
            row.title,
            row.state,
            row.published_on,
            row.entries_count,
            corrected.get(row.issue_number, 0),
        )
        for row in db.execute(asked)
    ]


def sections_of(db: Db, query: Query) -> dict[str, str]:
    """Id and title of every section of an issue that who asks ``query`` may see; the newest title counts."""
    named = (archive_lines.c.section, archive_lines.c.section_title)
    asked = _where(select(*named, func.max(archive_lines.c.issue_number).label("last")), _anything(query))
    rows = db.execute(asked.group_by(*named).order_by("last"))
    return {row.section: row.section_title for row in rows}


def _where(asked: Select[Any], query: Query) -> Select[Any]:
    asked = asked.select_from(archive_lines).join(
        archive_issues, archive_issues.c.issue_number == archive_lines.c.issue_number
    )
    asked = _visible(asked, query)
    if query.year is not None:
        first, last = date(query.year, 1, 1), date(query.year, 12, 31)
        asked = asked.where(archive_issues.c.published_on.between(first, last))
    if query.section:
        asked = asked.where(archive_lines.c.section == query.section)
    wanted = (
        (query.words, archive_lines.c.words),
        (query.person, archive_lines.c.person_words),
        (query.project, archive_lines.c.project_words),
    )
    for text, column in wanted:
        asked = asked.where(*(_has(column, word) for word in dict.fromkeys(search_words(text))))
    return asked


def _visible(asked: Select[Any], query: Query) -> Select[Any]:
    if not query.with_drafts:
        asked = asked.where(archive_issues.c.state != "draft")
    return asked.where(archive_issues.c.issue_number.not_in(query.hidden)) if query.hidden else asked


def _anything(query: Query) -> Query:
    return Query(with_drafts=query.with_drafts, hidden=query.hidden)


def _has(column: Column[str], word: str) -> ColumnElement[bool]:
    """Whether the text has the word: letters and digits only, so no sign of LIKE is in it."""
    return column.like(f"%{word}%" if _UNSPACED.search(word) else f"% {word}%")


def _corrections() -> Select[Any]:
    return select(corrections.c.issue_number, func.count()).group_by(corrections.c.issue_number)


def _counted(db: Db, asked: Select[Any]) -> dict[int, int]:
    return dict(_pairs(db, asked))


def _pairs(db: Db, asked: Select[Any]) -> list[tuple[Any, Any]]:
    return [tuple(row) for row in db.execute(asked)]
