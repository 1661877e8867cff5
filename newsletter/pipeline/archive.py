"""search_archive: what earlier issues told, by words, year, section, person and project."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from newsletter.edit.changes import fold
from newsletter.edit.corrections import correct
from newsletter.model.issue import Issue
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.going_public import hidden_numbers
from newsletter.pipeline.publish import press_of
from newsletter.render.press import Press
from newsletter.render.views import issue_context
from newsletter.store import archive, corrections, issues
from newsletter.store.archive import ArchivedIssue, ArchiveLine, Hit, Query
from newsletter.store.database import Db
from newsletter.text import search_words

__all__ = ["PAGE", "ArchivedIssue", "Found", "Hit", "Query", "Shelf", "refresh_archive", "search_archive", "shelf_of"]

PAGE = 50
"""Hits on one page."""
_LONGEST_QUERY = 200
_MOST_WORDS = 8
_NEAR, _LIKE = 3, 0.72
_MOST_NEAR = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: the hits of one page, how many there are in all; without any, words that are near."""

    query: Query
    hits: tuple[Hit, ...]
    count: int
    page: int = 1
    near: tuple[str, ...] = ()

    @property
    def has_more(self) -> bool:
        """Whether there is a page after this one."""
        return self.page * PAGE < self.count


@dataclass(frozen=True, slots=True)
class Shelf:
    """All issues, the newest first, and what can be chosen from."""

    issues: tuple[ArchivedIssue, ...]
    years: tuple[int, ...]
    sections: tuple[tuple[str, str], ...]


def refresh_archive(app: Newsletter) -> int:
    """Read again what changed since the archive saw it; how many issues."""
    with app.database.reading() as db:
        stale = archive.stale(db)
    press = press_of(app.templates.forgiving(), app.config)
    for number, stamp in stale.items():
        with app.database.reading() as db:
            stored = issues.issue(db, number)
            told = correct(fold(stored.issue, issues.changes(db, number)), corrections.corrections_of(db, number))
        lines = lines_of(press, told)
        with app.database.transaction() as db:
            archive.save_archived(db, told, lines, stamp=stamp)
    return len(stale)


def lines_of(press: Press, issue: Issue) -> tuple[ArchiveLine, ...]:
    """What the page of ``issue`` shows, entry by entry."""
    return tuple(
        ArchiveLine(
            anchor=entry.id,
            title=entry.title,
            summary=entry.summary,
            section=section.id,
            section_title=section.title,
            project=group.title,
            person=entry.author,
            words=_spaced(entry.title, entry.summary, entry.author, entry.source, group.title, section.title),
            person_words=_spaced(entry.author),
            project_words=_spaced(group.title),
        )
        for section in issue_context(press, issue).sections
        for group in section.groups
        for entry in group.entries
    )


def search_archive(app: Newsletter, query: Query, *, page: int = 1) -> Found:
    """What the archive holds for ``query``, brought up to date before; near words where nothing was found."""
    refresh_archive(app)
    words = " ".join(search_words(query.words[:_LONGEST_QUERY])[:_MOST_WORDS])
    page = max(1, page)
    with app.database.reading() as db:
        asked = replace(query, words=words, hidden=_hidden(app, db, with_drafts=query.with_drafts))
        hits = tuple(archive.find_lines(db, asked, limit=PAGE, offset=(page - 1) * PAGE))
        is_all = page == 1 and len(hits) < PAGE
        count = len(hits) if is_all else archive.count_lines(db, asked)
        near: tuple[str, ...] = ()
        if not count and words:
            near = _near(words.split(), known=_known(archive.known_words(db, asked)))
    return Found(query, hits, count, page, near)


def shelf_of(app: Newsletter, *, with_drafts: bool) -> Shelf:
    """Everything there is, brought up to date before."""
    refresh_archive(app)
    with app.database.reading() as db:
        asked = Query(with_drafts=with_drafts, hidden=_hidden(app, db, with_drafts=with_drafts))
        found, sections = archive.archived_issues(db, asked), archive.sections_of(db, asked)
    years = sorted({each.published_on.year for each in found}, reverse=True)
    return Shelf(tuple(found), tuple(years), tuple(sections.items()))


def _hidden(app: Newsletter, db: Db, *, with_drafts: bool) -> frozenset[int]:
    """What waits for its hour waits for readers alone."""
    return frozenset() if with_drafts else hidden_numbers(app, db)


def _spaced(*texts: str) -> str:
    """The words of ``texts``, each with a space before and after it."""
    words = search_words(" ".join(texts))
    return f" {' '.join(words)} " if words else " "


def _known(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in text.split()}


def _near(words: list[str], *, known: set[str]) -> tuple[str, ...]:
    """For every word that nothing begins with: words of the archive that look like it; at most five in all."""
    found: dict[str, None] = {}
    for word in words:
        if any(each.startswith(word) for each in known):
            continue
        like = [each for each in known if abs(len(each) - len(word)) <= _NEAR and each[:1] == word[:1]]
        like = like or [each for each in known if abs(len(each) - len(word)) <= 1]
        found.update(dict.fromkeys(get_close_matches(word, sorted(like), n=_NEAR, cutoff=_LIKE)))
    return tuple(found)[:_MOST_NEAR]
