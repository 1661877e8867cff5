"""What the sample community's review server answers: the part of Gerrit's REST interface that lists changes."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from newsletter.demo.changes import ReviewedChange, all_changes
from newsletter.demo.clock import DEMO_NOW
from newsletter.demo.pages import Page

PREFIX = ")]}'\n"
PAGE_LIMIT = 25
_JSON = "application/json; charset=UTF-8"
_TOKEN = re.compile(r'-?\(|\)|-?\w+:(?:"[^"]*"|\{[^}]*\}|[^\s()]+)|[^\s()]+')
_UNITS = {"d": 1, "day": 1, "w": 7, "week": 7, "mon": 30, "month": 30, "y": 365, "year": 365}
_STATUS = {
    "open": {"NEW"},
    "new": {"NEW"},
    "pending": {"NEW"},
    "closed": {"MERGED", "ABANDONED"},
    "merged": {"MERGED"},
    "abandoned": {"ABANDONED"},
    "wip": set[str](),
    "private": set[str](),
}

Test = Callable[[ReviewedChange], bool]


class BadQuery(ValueError):
    """A search that the server does not understand."""


def answer(path: str, query: Mapping[str, Sequence[str]]) -> Page | None:
    """The page at ``path`` of the review server, None when there is none."""
    if path.rstrip("/") == "/config/server/version":
        return _page('"3.11.4"')
    if path.rstrip("/") != "/changes":
        return None
    options = {option.upper() for option in query.get("o", ())}
    try:
        start = int((query.get("S") or query.get("start") or ["0"])[0])
        limit = min(int((query.get("n") or query.get("limit") or ["500"])[0]), PAGE_LIMIT)
        lists = [_listed(text, start, max(limit, 1), options) for text in query.get("q") or ["status:open"]]
    except ValueError as fault:
        return Page(f"{fault}\n".encode(), "text/plain; charset=UTF-8", DEMO_NOW, status=400)
    return _page(json.dumps(lists[0] if len(lists) == 1 else lists, ensure_ascii=False, indent=1))


def search(text: str) -> list[ReviewedChange]:
    """The changes that a search finds, the one touched last first. Raises BadQuery."""
    tokens = _TOKEN.findall(text)
    test, end = _any(tokens, 0)
    if not tokens or end < len(tokens):
        raise BadQuery("line 1:0 no viable alternative at the end of the query")
    return [change for change in all_changes() if test(change)]


def record(change: ReviewedChange, options: set[str]) -> dict[str, object]:
    """The change as the server writes it; ``options`` ask for more."""
    person: dict[str, object] = {"_account_id": change.owner.number}
    if options & {"DETAILED_ACCOUNTS", "LABELS", "DETAILED_LABELS"}:
        person |= {"name": change.owner.name, "email": change.owner.address, "username": change.owner.key}
    found: dict[str, object] = {
        "id": f"{quote(change.project, safe='')}~main~{change.change_id}",
        "project": change.project,
        "branch": "main",
        "hashtags": [],
        "change_id": change.change_id,
        "subject": change.subject,
        "status": change.status,
        "created": _time(change.created_at),
        "updated": _time(change.updated_at),
        "insertions": change.lines_added,
        "deletions": change.lines_removed,
        "total_comment_count": change.number % 7,
        "unresolved_comment_count": 0,
        "has_review_started": True,
        "_number": change.number,
        "owner": person,
    }
    if change.status == "MERGED":
        found |= {"submitted": _time(change.updated_at), "submitter": {"_account_id": 1000}}
    if options & {"CURRENT_REVISION", "ALL_REVISIONS"}:
        found |= {"current_revision": change.revision, "revisions": {change.revision: _revision(change, options)}}
    return found


def _revision(change: ReviewedChange, options: set[str]) -> dict[str, object]:
    found: dict[str, object] = {
        "kind": "REWORK",
        "_number": 1 + change.number % 5,
        "created": _time(change.created_at),
        "uploader": {"_account_id": change.owner.number},
        "ref": f"refs/changes/{change.number % 100:02}/{change.number}/1",
    }
    if options & {"CURRENT_FILES", "ALL_FILES"}:
        found["files"] = {path: {"lines_inserted": 1, "size_delta": 9, "size": 99} for path in change.files}
    return found


def _listed(text: str, start: int, limit: int, options: set[str]) -> list[dict[str, object]]:
    """One page of what a search finds; the last record says whether there is more."""
    found = search(text)
    shown = [record(change, options) for change in found[start : start + limit]]
    if shown and start + limit < len(found):
        shown[-1]["_more_changes"] = True
    return shown


def _page(body: str) -> Page:
    return Page((PREFIX + body + "\n").encode(), _JSON, DEMO_NOW, is_living=True)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}.000000000"


def _any(tokens: Sequence[str], at: int) -> tuple[Test, int]:
    """The test from place ``at`` to a closing bracket, and where it ends; OR binds weaker than nearness."""
    choices: list[list[Test]] = [[]]
    while at < len(tokens) and tokens[at] != ")":
        token = tokens[at]
        at += 1
        if token == "OR":
            choices.append([])
        elif token in ("(", "-("):
            inner, at = _any(tokens, at)
            at += 1
            choices[-1].append(_not(inner) if token == "-(" else inner)
        elif token != "AND":
            choices[-1].append(_term(token))
    return (lambda change: any(all(test(change) for test in tests) for tests in choices)), at


def _not(test: Test) -> Test:
    return lambda change: not test(change)


def _term(token: str) -> Test:
    """One operator, such as ``status:merged`` or ``-owner:self``."""
    if token.startswith("-"):
        return _not(_term(token[1:]))
    name, _, value = token.partition(":")
    value = value.strip('"{}')
    make = _OPERATORS.get(name)
    if make is None or not value:
        raise BadQuery(f"Unsupported operator {token}")
    return make(value)


def _with_status(value: str) -> Test:
    if value.lower() not in _STATUS:
        raise BadQuery(f"unrecognized value: {value}")
    wanted = _STATUS[value.lower()]
    return lambda change: change.status in wanted


def _older(value: str) -> Test:
    """``age:14d``: untouched for that long."""
    found = re.fullmatch(r"(\d+)\s*([a-z]+?)s?", value)
    if not found or found[2] not in _UNITS:
        raise BadQuery(f"unsupported age: {value}")
    until = DEMO_NOW - timedelta(days=int(found[1]) * _UNITS[found[2]])
    return lambda change: change.updated_at <= until


def _moment(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value.split(".")[0])
    except ValueError:
        raise BadQuery(f"cannot parse date {value}") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _after(value: str) -> Test:
    at = _moment(value)
    return lambda change: change.updated_at >= at


def _before(value: str) -> Test:
    at = _moment(value)
    return lambda change: change.updated_at <= at


def _merged_after(value: str) -> Test:
    at = _moment(value)
    return lambda change: change.status == "MERGED" and change.updated_at >= at


def _merged_before(value: str) -> Test:
    at = _moment(value)
    return lambda change: change.status == "MERGED" and change.updated_at <= at


def _owned_by(value: str) -> Test:
    wanted = value.casefold()

    def test(change: ReviewedChange) -> bool:
        owner = change.owner
        return wanted in (str(owner.number), owner.address, owner.key, owner.name.casefold())

    return test


def _numbered(value: str) -> Test:
    return lambda change: value in (str(change.number), change.change_id)


def _in_project(value: str) -> Test:
    if value.startswith("^"):
        return lambda change: re.fullmatch(value[1:], change.project) is not None
    return lambda change: change.project == value


_OPERATORS: Mapping[str, Callable[[str], Test]] = {
    "status": _with_status,
    "is": _with_status,
    "project": _in_project,
    "p": _in_project,
    "repo": _in_project,
    "projects": lambda value: lambda change: change.project.startswith(value),
    "branch": lambda value: lambda change: value in ("main", "refs/heads/main"),
    "age": _older,
    "after": _after,
    "since": _after,
    "before": _before,
    "until": _before,
    "mergedafter": _merged_after,
    "mergedbefore": _merged_before,
    "owner": _owned_by,
    "o": _owned_by,
    "change": _numbered,
    "limit": lambda value: lambda change: True,
}
