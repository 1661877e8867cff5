"""What happened to the pages of a wiki, summed up: one Item for a page and a week (or a day). Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Any

from newsletter.fetch.clean import is_safe_url
from newsletter.model.item import Item, Person, item_id
from newsletter.model.period import monday_of
from newsletter.text import host_of, one_line, shorten

NEW_PAGE = "new page"

_ANONYMOUS = "somebody without an account"
_ADDRESS = re.compile(r"\d{1,3}(?:\.(?:\d{1,3}|x+)){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}|~\d{4}-[\d-]+")
_COMMENTS = 12
_PEOPLE = 200
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one page. ``key`` tells it from all others; what the wiki does not say is None or ""."""

    key: str
    page: str
    at: datetime
    person: str = ""
    comment: str = ""
    size: int | None = None
    """By how many bytes the page grew."""
    is_new: bool = False
    is_minor: bool = False
    is_robot: bool = False
    revision: int | None = None
    before: int | None = None
    """The revision it replaced."""
    url: str = ""
    diff: str = ""


@dataclass(frozen=True, slots=True)
class PageEdits:
    """All changes of one page in one span of time, as far as they were read."""

    page: str
    span: str
    """Its first day."""
    count: int = 0
    people: tuple[str, ...] = ()
    comments: tuple[tuple[str, str], ...] = ()
    size: int | None = None
    is_new: bool = False
    first_at: str = ""
    last_at: str = ""
    revision: int | None = None
    before: int | None = None
    url: str = ""
    diff: str = ""

    def with_edit(self, edit: Edit) -> "PageEdits":
        """The same with one change more."""
        at = edit.at.isoformat()
        comment = (edit.person, shorten(edit.comment, 300))
        revisions = [each for each in (self.revision, edit.revision) if each]
        olders = [each for each in (self.before, edit.before) if each]
        people = self.people if edit.person in self.people else (*self.people, edit.person)
        sizes = [each for each in (self.size, edit.size) if each is not None]
        return replace(
            self,
            count=self.count + 1,
            people=people[:_PEOPLE],
            comments=(*self.comments, comment)[-_COMMENTS:] if comment[1] else self.comments,
            size=sum(sizes) if sizes else None,
            is_new=self.is_new or edit.is_new,
            first_at=min(self.first_at, at) if self.first_at else at,
            last_at=max(self.last_at, at),
            revision=max(revisions, default=None),
            before=min(olders, default=None),
            url=edit.url or self.url,
            diff=edit.diff or self.diff,
        )

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in values.items() if value not in (None, "", (), False)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "PageEdits":
        """The changes stored as ``value``."""
        known = {name: value[name] for name in cls.__slots__ if name in value}
        known["people"] = tuple(value.get("people", ()))
        known["comments"] = tuple((who, said) for who, said in value.get("comments", ()))
        return cls(**known)


def span_of(at: datetime, summed_by: str) -> str:
    """The first day of the span that a change counts in."""
    day = at.astimezone(UTC).date()
    return (day if summed_by == "day" else monday_of(day)).isoformat()


def add_edits(
    known: Mapping[tuple[str, str], PageEdits], edits: Iterable[Edit], summed_by: str
) -> dict[tuple[str, str], PageEdits]:
    """The pages that ``edits`` changed, by page and span, with what was ``known`` of them before."""
    changed: dict[tuple[str, str], PageEdits] = {}
    for edit in edits:
        key = (edit.page, span_of(edit.at, summed_by))
        before = changed.get(key) or known.get(key) or PageEdits(*key)
        changed[key] = before.with_edit(edit)
    return changed


def page_item(edits: PageEdits, source_id: str, *, url: str, diff: str, project: str | None = None) -> Item:
    """The changes of a page in one span as one Item, revised as they become more."""
    key = f"{edits.span} {edits.page}"
    count = len(edits.people)
    lone = edits.people[0] if count == 1 else ""
    host = host_of(url)
    diff = diff if is_safe_url(diff) else ""
    said = [f"{shown_name(who)}: {one_line(comment)}" for who, comment in edits.comments]
    head = f"{_heads(edits)}{_size(edits.size)}."
    rows = "".join(f"<li>{escape(line)}</li>" for line in said)
    compare = f'<p><a href="{escape(diff)}">What changed</a></p>' if diff else ""
    return Item(
        id=item_id(source_id, key),
        source_id=source_id,
        kind="wiki",
        form="page",
        native_keys=(key,),
        title=_title(edits),
        url=url if is_safe_url(url) else None,
        author=Person(shown_name(lone), "" if _is_anonymous(lone) else f"{lone}@{host}".lower()) if lone else None,
        published_at=datetime.fromisoformat(edits.first_at),
        updated_at=datetime.fromisoformat(edits.last_at),
        text="\n".join((head, *(("", *(f"- {line}" for line in said)) if said else ()))),
        html=f"<p>{escape(head)}</p>{f'<ul>{rows}</ul>' if rows else ''}{compare}",
        links=(diff,) if diff else (),
        project=project,
        labels=(NEW_PAGE,) if edits.is_new else (),
    )


def new_pages_first(edits: Iterable[PageEdits]) -> list[PageEdits]:
    """New pages, then the others, the earliest changed first."""
    return sorted(edits, key=lambda each: (not each.is_new, each.last_at, each.page))


def is_over(edits: PageEdits, newest: datetime) -> bool:
    """Whether nothing can be added to the span any more, once there are changes as new as ``newest``."""
    return date.fromisoformat(edits.span) + timedelta(days=8) < newest.astimezone(UTC).date()


def shown_name(name: str) -> str:
    """A name as readers may see it: an address of a machine is nobody's name."""
    return _ANONYMOUS if _is_anonymous(name) else shorten(name, 80)


def _is_anonymous(name: str) -> bool:
    return not name or bool(_ADDRESS.fullmatch(name))


def _title(edits: PageEdits) -> str:
    page = shorten(edits.page, 300)
    if edits.is_new:
        return f"New page: {page}"
    return f"{page}: {_count(edits.count)} by {_who(edits.people)}"


def _heads(edits: PageEdits) -> str:
    names = list(dict.fromkeys(shown_name(each) for each in edits.people))
    if len(names) > _NAMED:
        names = [*names[: _NAMED - 1], f"{len(edits.people) - _NAMED + 1} more"]
    by = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0] if names else _ANONYMOUS
    begun = "Begun, then " if edits.is_new and edits.count > 1 else ""
    count = "Begun" if edits.is_new and edits.count == 1 else _count(edits.count)
    return f"{begun}{count} by {by}"


def _who(people: tuple[str, ...]) -> str:
    return shown_name(people[0]) if len(people) == 1 else f"{len(people)} people"


def _count(count: int) -> str:
    return "1 edit" if count == 1 else f"{count} edits"


def _size(size: int | None) -> str:
    if not size:
        return ""
    return f"; {abs(size):,} bytes {'more' if size > 0 else 'less'}"
