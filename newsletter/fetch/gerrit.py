"""What a Gerrit server answers, read into Changes, and Changes made into Items. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from newsletter.errors import NotReadable
from newsletter.fetch.waiting import Waiting, short_project
from newsletter.fetch.waiting import waiting_item as waiting_sum
from newsletter.model.item import Item, Person, Review, item_id
from newsletter.text import one_line, shorten, without_controls

_PREFIX = b")]}'"
_STATES = {"NEW": "open", "DRAFT": "open", "SUBMITTED": "open", "MERGED": "merged", "ABANDONED": "abandoned"}
_TRAILER = re.compile(r"[A-Z][\w-]*(?:-[\w-]+)?: \S")
_LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Change:
    """A change as Gerrit tells it."""

    number: int
    project: str
    subject: str
    state: str
    owner: Person | None
    account: int | None
    created_at: datetime | None
    updated_at: datetime | None
    merged_at: datetime | None
    lines_added: int | None
    lines_removed: int | None
    files_count: int | None
    message: str
    hashtags: tuple[str, ...]
    waits_for_its_author: bool
    """Whether it is unfinished, or somebody voted against it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of changes; ``count`` is how many entries it had, and ``unread`` holds those that could not be read."""

    changes: tuple[Change, ...]
    count: int
    has_more: bool
    unread: tuple[bytes, ...] = ()


def read_page(body: bytes, host: str) -> Page:
    """The changes of an answer to ``/changes/``. Raises NotReadable when it is no such answer."""
    body = body.lstrip()
    if body.startswith(_PREFIX):
        body = body[len(_PREFIX) :]
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise NotReadable(f"this is not an answer of Gerrit's changes API: {_reason(fault)}") from fault
    if not isinstance(rows, list):
        raise NotReadable("this is not an answer of Gerrit's changes API: no list of changes")
    found = [_change_in(row, host) for row in rows]
    unread = (json.dumps(row).encode() for row, change in zip(rows, found, strict=True) if change is None)
    has_more = bool(rows) and isinstance(rows[-1], dict) and rows[-1].get("_more_changes") is True
    return Page(tuple(each for each in found if each), len(rows), has_more, tuple(unread))


def _change_in(row: Any, host: str) -> Change | None:
    """The change in ``row``; None too when something in it is as nobody thought it could be."""
    try:
        return _change(row, host) if isinstance(row, dict) else None
    except (ValueError, TypeError, LookupError, ArithmeticError):
        return None


def _reason(fault: Exception) -> str:
    return "nested too deeply" if isinstance(fault, RecursionError) else shorten(str(fault), 80)


def _change(row: Mapping[str, Any], host: str) -> Change | None:
    number, project = _count(row.get("_number")), _text(row.get("project"))
    if number is None or not project:
        return None
    owner = _table(row.get("owner"))
    revision = _table(_table(row.get("revisions")).get(_text(row.get("current_revision"))))
    status = _text(row.get("status"))
    return Change(
        number=number,
        project=project,
        subject=one_line(_text(row.get("subject"))),
        state=_STATES.get(status, status.lower()),
        owner=_person(owner, host),
        account=_count(owner.get("_account_id")),
        created_at=_time(row.get("created")),
        updated_at=_time(row.get("updated")),
        merged_at=_time(row.get("submitted")) if status == "MERGED" else None,
        lines_added=_count(row.get("insertions")),
        lines_removed=_count(row.get("deletions")),
        files_count=_files_count(revision),
        message=_message(_text(_table(revision.get("commit")).get("message"))),
        hashtags=tuple(one_line(each) for each in _list(row.get("hashtags")) if isinstance(each, str)),
        waits_for_its_author=row.get("work_in_progress") is True or status == "DRAFT" or _is_objected(row),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def _time(value: Any) -> datetime | None:
    """Gerrit writes UTC without saying so, with nine digits after the second."""
    try:
        return datetime.fromisoformat(_text(value)[:26]).replace(tzinfo=UTC)
    except ValueError:
        return None


def _person(owner: Mapping[str, Any], host: str) -> Person | None:
    """The owner; an account keeps its number when its name or address changes."""
    account = _count(owner.get("_account_id"))
    login = one_line(_text(owner.get("email")) or _text(owner.get("username")))
    name = one_line(_text(owner.get("name")) or _text(owner.get("display_name")) or _text(owner.get("username")))
    key = f"{account}@{host}" if account is not None else login
    return Person(name, key.lower()) if name or key else None


def _files_count(revision: Mapping[str, Any]) -> int | None:
    files = revision.get("files")
    return sum(not name.startswith("/") for name in files) if isinstance(files, dict) else None


def _message(text: str) -> str:
    """The commit message without its subject and its closing lines of names and numbers."""
    paragraphs = re.split(r"\n[ \t]*\n", without_controls(text[:_LONGEST_TEXT]).strip())[1:]
    if paragraphs and all(_TRAILER.match(line) for line in paragraphs[-1].strip().splitlines()):
        paragraphs.pop()
    return "\n\n".join(each.strip() for each in paragraphs)


def _is_objected(row: Mapping[str, Any]) -> bool:
    labels = _table(row.get("labels")).values()
    return any("rejected" in label or "disliked" in label for label in labels if isinstance(label, dict))


def by_age(change: Change) -> tuple[datetime, int]:
    """Sorts changes: the one that rests longest first."""
    return (change.updated_at or datetime.min.replace(tzinfo=UTC), change.number)


def change_url(base: str, change: Change) -> str:
    """Where a change can be read."""
    return f"{base}/c/{quote(change.project)}/+/{change.number}"


def change_item(change: Change, source_id: str, base: str, *, is_first: bool | None = None) -> Item:
    """The change as an Item; said when it was merged, created or, abandoned, last touched."""
    said = {"merged": change.merged_at or change.updated_at, "abandoned": change.updated_at}
    key = str(change.number)
    return Item(
        id=item_id(source_id, key),
        source_id=source_id,
        kind="gerrit",
        form="review",
        native_keys=(key,),
        title=change.subject or f"Change {change.number}",
        url=change_url(base, change),
        author=change.owner,
        published_at=said.get(change.state, change.created_at),
        updated_at=change.updated_at,
        text=change.message,
        review=Review(
            state=change.state,
            project=change.project,
            number=change.number,
            created_at=change.created_at,
            merged_at=change.merged_at,
            lines_added=change.lines_added,
            lines_removed=change.lines_removed,
            files_count=change.files_count,
            is_first_contribution=is_first,
        ),
        project=short_project(change.project),
        labels=change.hashtags,
    )


def waiting_item(changes: Sequence[Change], days: int, source_id: str, base: str, *, week: date | None) -> Item:
    """One Item for all ``changes`` that wait; see :func:`newsletter.fetch.waiting.waiting_item`."""
    found = [
        Waiting(
            each.project,
            each.subject,
            each.owner.name if each.owner else "",
            each.updated_at,
            change_url(base, each),
            each.number,
        )
        for each in changes
    ]
    url = f"{base}/q/{quote(f'status:open -is:wip age:{days}d')}"
    return waiting_sum(found, days, source_id=source_id, kind="gerrit", url=url, week=week)
