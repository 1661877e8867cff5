"""JSON over HTTP, as code hosts, forums and trackers serve it: asked page by page, read without trust."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urljoin

from newsletter.errors import BadStatus, Gone, NotReadable
from newsletter.fetch.dates import parse_date
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.workers import in_worker
from newsletter.text import host_of, one_line, shorten

FORM = "application/x-www-form-urlencoded"
"""The type of a form's fields in the body of a question."""
MOST_PAGES = 100
PAGE_REPEATED = "the server repeats a page; what comes after it was not read"
TOO_MANY_PAGES = f"more than {MOST_PAGES} pages at once; the rest was left out"

_INLINE = 256 << 10
_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s,;\"]*))*)")
_REL_NEXT = re.compile(r";\s*rel\s*=\s*(?:\"(?:[^\"]*\s)?next(?:\s[^\"]*)?\"|next\b)", re.IGNORECASE)
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: the ``value`` in the JSON, None when the document is unchanged."""

    value: Any
    reply: Reply


@dataclass(frozen=True, slots=True)
class Record:
    """An object of somebody's JSON. A field that is missing or of another type is nothing, never an error.

    Each method follows ``path`` into objects within objects.
    """

    fields: Mapping[str, Any]

    def _at(self, path: tuple[str, ...]) -> Any:
        found: Any = self.fields
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def __bool__(self) -> bool:
        return bool(self.fields)

    def text(self, *path: str) -> str:
        """A text as it stands, "" for none."""
        found = self._at(path)
        return found if isinstance(found, str) else ""

    def line(self, *path: str) -> str:
        """A text on one line."""
        return one_line(self.text(*path))

    def whole(self, *path: str) -> int | None:
        """A whole number, or a text of digits."""
        found = self._at(path)
        if isinstance(found, str) and re.fullmatch(r"-?[0-9]{1,18}", found):
            found = int(found)
        is_whole = isinstance(found, int) and not isinstance(found, bool)
        return found if is_whole and -_LARGEST < found < _LARGEST else None

    def key(self, *path: str) -> str:
        """A name for the record: a text or a whole number, "" for none."""
        found = self.whole(*path)
        return str(found) if found is not None else self.line(*path)

    def is_true(self, *path: str) -> bool:
        """Whether the field is true."""
        return self._at(path) is True

    def when(self, *path: str) -> datetime | None:
        """A time in UTC: text of any usual form, or seconds since 1970."""
        found = self._at(path)
        if isinstance(found, int | float) and not isinstance(found, bool):
            try:
                return datetime.fromtimestamp(found, UTC)
            except (ValueError, OverflowError, OSError):
                return None
        return parse_date(found) if isinstance(found, str) else None

    def record(self, *path: str) -> "Record":
        """An object within; an empty record for none."""
        found = self._at(path)
        return Record(found if isinstance(found, dict) else {})

    def records(self, *path: str) -> tuple["Record", ...]:
        """The objects of a list."""
        return records(self._at(path))

    def texts(self, *path: str) -> tuple[str, ...]:
        """The texts of a list, each on one line, without empty ones."""
        found = self._at(path)
        lines = (one_line(each) for each in found if isinstance(each, str)) if isinstance(found, list) else ()
        return tuple(each for each in lines if each)


def records(value: Any) -> tuple[Record, ...]:
    """The objects in ``value`` when it is a list; whatever else stands there is left out."""
    return tuple(Record(each) for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def read_json(body: bytes) -> Any:
    """The value in ``body``. Raises NotReadable, also for JSON nested so deeply that no reader bears it."""
    try:
        return json.loads(body)
    except RecursionError as fault:
        raise NotReadable("the JSON is nested too deeply") from fault
    except ValueError as fault:
        start = one_line(body[:60].decode("utf-8", "replace"))
        raise NotReadable(f"the answer is no JSON ({shorten(str(fault), 80)}); it begins “{start}”") from fault


async def ask_json(
    http: Http, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """What the server says at ``url``. Raises NotReadable and what ``http`` raises."""
    reply = await http.get(url, known=known, headers={"Accept": "application/json", **(headers or {})})
    return Answer(None, reply) if reply.is_unchanged else await _answer(reply, url)


async def ask_if_public(http: Http, url: str, *, headers: Mapping[str, str] | None = None) -> Record | None:
    """The object at ``url``; None when it is not there, gone, not for everybody, or something else."""
    try:
        answer = await ask_json(http, url, headers=headers)
    except BadStatus as fault:
        if fault.status in (401, 403, 404):
            return None
        raise
    except (Gone, NotReadable):
        return None
    return Record(answer.value) if isinstance(answer.value, dict) else None


async def ask_in_form(http: Http, url: str, fields: Iterable[tuple[str, str]]) -> Answer:
    """What the server says at ``url`` to a form with ``fields``, which stand in no address. Raises as ask_json()."""
    headers = {"Accept": "application/json", "Content-Type": FORM}
    body = urlencode(list(fields), errors="replace").encode("ascii")
    return await _answer(await http.post(url, body, headers=headers), url)


async def _answer(reply: Reply, url: str) -> Answer:
    try:
        if len(reply.body) <= _INLINE:
            return Answer(read_json(reply.body), reply)
        return Answer(await in_worker(read_json, reply.body), reply)
    except NotReadable as fault:
        raise NotReadable(f"{host_of(url)}: {fault}") from fault


async def pages(
    http: Http,
    url: str,
    *,
    next_of: Callable[[Answer], str | None] | None = None,
    headers: Mapping[str, str] | None = None,
    warnings: list[str] | None = None,
    most: int = MOST_PAGES,
) -> AsyncIterator[Answer]:
    """The answers from ``url`` on, one page after the other, until there is no next one.

    ``next_of`` finds the next address (the Link header of RFC 8288 when None). It ends at a page
    that was there before, and after ``most`` pages; ``warnings`` is told.
    """
    find_next = next_of or next_link
    said = warnings if warnings is not None else []
    seen: set[str] = set()
    for _ in range(most):
        seen.add(url)
        answer = await ask_json(http, url, headers=headers)
        yield answer
        following = find_next(answer)
        if not following:
            return
        url = urljoin(answer.reply.url, following)
        if url in seen:
            said.append(PAGE_REPEATED)
            return
    said.append(TOO_MANY_PAGES if most == MOST_PAGES else f"more than {most} pages at once; the rest was left out")


def next_link(answer: Answer) -> str | None:
    """The address that a Link header calls "next" (RFC 8288), on the host that sent it or none."""
    for found in _LINK.finditer(answer.reply.header("link")[:10_000]):
        if _REL_NEXT.search(found[2]):
            url = urljoin(answer.reply.url, found[1].strip())
            return url if host_of(url) == host_of(answer.reply.url) else None
    return None
