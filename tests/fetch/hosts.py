"""Small code hosts behind an Http: lists with pages, orders and times, single documents, 304 for what is the same."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from newsletter.errors import BadStatus, FetchError
from newsletter.fetch.dates import parse_date
from newsletter.fetch.http import Document, Http, Reply, body_hash
from newsletter.fetch.kinds import Batch
from newsletter.model.item import Item
from newsletter.model.source import FetchState

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)


def at(minutes: float = 0, **parts: float) -> str:
    """A time on Monday from ten o'clock on, as code hosts write it."""
    return f"{MONDAY + timedelta(minutes=minutes, **parts):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and whether the answer was that nothing changed."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    is_same: bool = False
    said: Any = None

    @property
    def short(self) -> str:
        """The end of the path, and the query without what is always the same."""
        return self.path.rpartition("/")[2] + ("?" + self.query["page"] if "page" in self.query else "")


@dataclass
class SmallHost:
    """An Http with a code host behind it: ``lists`` by path, ``documents`` by path, ``faults`` by path."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, FetchError] = field(default_factory=dict)
    answer_question: Callable[[dict[str, Any]], Any] | None = None
    now: datetime | None = THURSDAY
    most: int = 100
    has_validators: bool = True
    asked: list[Asked] = field(default_factory=list)
    before: Callable[[str], None] | None = None
    """Called with the path before each answer."""

    @property
    def paths(self) -> list[str]:
        """What was asked for, the ends of the paths."""
        return [each.short for each in self.asked]

    def repeated(self) -> list[str]:
        """Addresses that were asked for more than once."""
        counts = Counter((each.method, each.path, urlencode(dict(each.query)), str(each.said)) for each in self.asked)
        return [str(each) for each, count in counts.items() if count > 1]

    async def get(self, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        parts = urlsplit(url)
        path, query = parts.path, dict(parse_qsl(parts.query))
        if self.before:
            self.before(path)
        asked = Asked("GET", path, query, dict(headers or {}))
        self.asked.append(asked)
        if path in self.faults:
            raise self.faults[path]
        if path in self.documents:
            return self._reply(url, self.documents[path], {}, known)
        if path not in self.lists:
            raise BadStatus(404, f"{parts.hostname} answers 404 Not Found")
        rows = self.chosen(path, self.lists[path], query)
        size = min(self.most, int(query.get("per_page") or query.get("limit") or 30))
        page = int(query.get("page", "1"))
        link = {}
        if page * size < len(rows):
            following = parts._replace(query=urlencode({**query, "page": str(page + 1)})).geturl()
            link = {"link": f'<{following}>; rel="next", <{url}>; rel="first"'}
        return self._reply(url, rows[(page - 1) * size : page * size], link, known)

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        said = json.loads(body)
        self.asked.append(Asked("POST", urlsplit(url).path, {}, dict(headers or {}), said=said))
        if self.answer_question is None:
            raise BadStatus(404, "there is no GraphQL")
        return self._reply(url, self.answer_question(said), {}, None)

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        raise AssertionError("nothing is downloaded")

    def chosen(self, path: str, rows: list[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
        """The rows that the query asks for, in its order."""
        is_list_of_pulls = path.endswith("/pulls")  # they cannot be asked for by time
        since = None if is_list_of_pulls else parse_date(query.get("since") or query.get("updated_after") or "")
        found = [row for row in rows if not since or (parse_date(row.get("updated_at", "")) or since) >= since]
        if query.get("state", "all") != "all":
            found = [row for row in found if row.get("state") == query["state"]]
        if "creator" in query or "created_by" in query:
            login = query.get("creator") or query.get("created_by")
            found = [row for row in found if row["user"]["login"].casefold() == login]
        if query.get("type") in ("pulls", "issues"):
            found = [row for row in found if bool(row.get("pull_request")) is (query["type"] == "pulls")]
        key = {"updated": "updated_at", "leastupdate": "updated_at"}.get(query.get("sort", ""), "")
        key = query.get("order_by") or key or ("created_at" if "creator" in query else "")
        if key in ("updated_at", "created_at"):
            is_ascending = "asc" in (query.get("direction"), query.get("sort")) or query.get("sort") == "leastupdate"
            found.sort(key=lambda row: row.get(key) or "", reverse=not is_ascending)
        return found

    def _reply(self, url: str, value: Any, headers: dict[str, str], known: Document | None) -> Reply:
        if isinstance(value, FetchError):
            raise value
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        etag = f'"{body_hash(body)}"' if self.has_validators else None
        if self.now:
            headers = {**headers, "date": format_datetime(self.now, usegmt=True)}
        document = Document(etag=etag, body_hash=body_hash(body))
        is_same = known is not None and known.etag == etag and etag is not None
        self.asked[-1] = replace(self.asked[-1], is_same=is_same)
        if is_same:
            return Reply(url, 304, b"", headers, document, is_unchanged=True)
        return Reply(url, 200, body, headers, document, known is not None and known.body_hash == document.body_hash)


async def batches(kind: Any, http: Http, state: FetchState | None = None) -> list[Batch]:
    """All batches of a fetch."""
    return [batch async for batch in kind.fetch(http, state or FetchState("code"))]


async def batches_before(fault: type[FetchError], kind: Any, http: Http) -> list[Batch]:
    """The batches of fetches, one after the other, until one ends with ``fault``; at most three."""
    found: list[Batch] = []
    state = FetchState("code")
    try:
        for _ in range(3):
            async for batch in kind.fetch(http, state):
                found.append(batch)
                state = replace(state, cursor=batch.cursor)
    except fault:
        return found
    raise AssertionError(f"no {fault.__name__}")


async def fetch(kind: Any, http: Http, state: FetchState | None = None) -> tuple[list[Item], FetchState]:
    """What comes, and the state to go on from; the cursor has been through JSON as in the store."""
    state = state or FetchState("code")
    found = await batches(kind, http, state)
    cursor = json.loads(json.dumps(found[-1].cursor))
    return [item for batch in found for item in batch.items], replace(state, cursor=cursor)


def titles(items: list[Item]) -> list[str]:
    return [item.title for item in items]


def numbers_asked(question: dict[str, Any]) -> list[int]:
    """The pull requests that a question for sizes is about."""
    return [int(number) for number in re.findall(r"pullRequest\(number: (\d+)\)", question["query"])]
