"""What Bugzilla's REST API and its lists answer, made into Tickets. Pure."""

import csv
import html as entities
import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from newsletter.errors import NotReadable
from newsletter.fetch.dates import parse_date
from newsletter.fetch.rest import Record, records
from newsletter.fetch.tracker import Comment, Ticket
from newsletter.model.item import Person
from newsletter.text import host_of, one_line

KIND = "bugzilla"
SEVERITIES = (
    *("blocker", "S1", "critical", "S2", "urgent", "major", "high", "normal", "S3", "medium", "minor", "low"),
    *("trivial", "S4", "enhancement"),
)
_NOTHING = frozenset(("", "-", "--", "---", "n/a", "unspecified"))
_ROW = re.compile(rb"<tr\b[^>]{0,200}>(.*?)</tr\s*>", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(rb"<td\b[^>]{0,200}>(.*?)</td\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(rb"<[^<>]{0,2000}>")
_ROW_CELLS, _MORE_CELLS = 5, 3


def known(text: str) -> str:
    """A value that somebody chose; "" for what stands there when nobody did."""
    said = one_line(text)
    return "" if said.lower() in _NOTHING else said


def person(login: str, name: str, base: str) -> Person | None:
    """Somebody of the server at ``base``; an address is a key, and nothing to show."""
    login, name = one_line(login), one_line(name)
    shown = login.partition("@")[0] if not name or name == login else name
    key = login if "@" in login or not login else f"{login}@{host_of(base)}"
    return Person(shown, key.lower()) if shown else None


def bug_ticket(bug: Record, base: str, comments: tuple[Comment, ...] | None = None) -> Ticket | None:
    """A bug of the REST API; None when it has no number."""
    number = bug.whole("id")
    if number is None:
        return None
    status, resolution = known(bug.text("status")), known(bug.text("resolution"))
    login = bug.line("creator") or bug.line("creator_detail", "name")
    count = bug.whole("comment_count")
    return Ticket(
        key=f"bug {number}",
        number=number,
        title=bug.line("summary"),
        url=f"{base}/show_bug.cgi?id={number}",
        project=bug.line("product") or None,
        status=f"{status} {resolution}".strip(),
        importance=known(bug.text("severity")),
        author=person(login, bug.line("creator_detail", "real_name"), base),
        created_at=bug.when("creation_time"),
        updated_at=bug.when("last_change_time"),
        fixed_at=bug.when("cf_last_resolved") if resolution == "FIXED" else None,
        text=bug.text("description"),
        labels=tuple(label for label in (known(bug.text("component")), *bug.texts("keywords")) if label),
        comments=comments,
        # The first comment is the description.
        comment_count=max(0, count - 1) if count is not None else None,
    )


def is_for_everybody(bug: Record) -> bool:
    """Whether a bug is in no group whose members alone may see it."""
    return not bug.texts("groups")


def refusal(value: Any) -> str:
    """What the server says went wrong, "" when nothing did."""
    answer = Record(value if isinstance(value, dict) else {})
    return answer.line("message") or "an error" if answer.is_true("error") else ""


def read_comments(value: Any, base: str) -> dict[int, tuple[Comment, ...]]:
    """The public comments of each bug, the oldest first, without its description."""
    found: dict[int, tuple[Comment, ...]] = {}
    for key, each in _by_number(value):
        said = records(each.get("comments") if isinstance(each, dict) else None)
        is_counted = any(one.whole("count") is not None for one in said)
        said = tuple(one for one in said if one.whole("count") != 0) if is_counted else said[1:]
        found[key] = tuple(
            Comment(person(one.line("creator"), "", base), one.when("creation_time") or one.when("time"))
            for one in said
            if not one.is_true("is_private")
        )
    return found


def _by_number(value: Any) -> list[tuple[int, Any]]:
    bugs = value.get("bugs") if isinstance(value, dict) else None
    pairs = bugs.items() if isinstance(bugs, dict) else ()
    return [(int(key), each) for key, each in pairs if isinstance(key, str) and re.fullmatch("[0-9]{1,18}", key)]


def read_history(value: Any) -> dict[int, datetime | None]:
    """When each bug was resolved as fixed for the last time, None if it never was."""
    bugs = records(value.get("bugs") if isinstance(value, dict) else None)
    return {number: _fixed(each) for each in bugs if (number := each.whole("id")) is not None}


def _fixed(bug: Record) -> datetime | None:
    times = [
        event.when("when")
        for event in bug.records("history")
        for change in event.records("changes")
        if change.text("field_name") == "resolution" and change.text("added") == "FIXED"
    ]
    return max((at for at in times if at), default=None)


def read_activity(page: bytes) -> datetime | None:
    """When a bug was resolved as fixed for the last time, by the table of its changes; None if it never was."""
    found: list[datetime] = []
    when = ""
    for row in _ROW.findall(page):
        cells = [_text(each) for each in _CELL.findall(row)]
        if len(cells) == _ROW_CELLS:
            when = cells[1]
        if len(cells) in (_ROW_CELLS, _MORE_CELLS) and cells[-3] == "Resolution" and cells[-1] == "FIXED":
            at = parse_date(when)
            found += [at] if at else []
    return max(found, default=None)


def _text(cell: bytes) -> str:
    return one_line(entities.unescape(_TAG.sub(b" ", cell).decode("utf-8", "replace")))


def read_list(body: bytes, base: str) -> list[Ticket]:
    """The bugs of a list as CSV. Its times say no zone, so they are not taken. Raises NotReadable."""
    rows = _rows(body)
    if not rows or "bug_id" not in rows[0]:
        raise NotReadable("this is no list of bugs as CSV")
    header = rows[0]
    found = [_listed(dict(zip(header, row, strict=False)), base) for row in rows[1:] if row]
    return [each for each in found if each]


def _rows(body: bytes) -> Sequence[list[str]]:
    text = body.decode("utf-8-sig", "replace").replace("\0", "")
    try:
        return list(csv.reader(io.StringIO(text)))
    except csv.Error as fault:
        raise NotReadable(f"this is no list of bugs as CSV: {fault}") from fault


def _listed(row: Mapping[str, str], base: str) -> Ticket | None:
    if not re.fullmatch("[0-9]{1,18}", row.get("bug_id", "")):
        return None
    number = int(row["bug_id"])
    status = f"{known(row.get('bug_status', ''))} {known(row.get('resolution', ''))}".strip()
    return Ticket(
        key=f"bug {number}",
        number=number,
        title=one_line(row.get("short_desc")),
        url=f"{base}/show_bug.cgi?id={number}",
        project=one_line(row.get("product")) or None,
        status=status,
        importance=known(row.get("bug_severity", "")),
        labels=tuple(label for label in (known(row.get("component", "")),) if label),
    )
