"""A code host during one fetch: what is asked of it, its clock, and what it could not make clear."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from newsletter.errors import NotReadable, Throttled
from newsletter.fetch.code_host_api import CodeHost
from newsletter.fetch.http import Document, Http
from newsletter.fetch.kinds import Aside
from newsletter.fetch.records import parted
from newsletter.fetch.rest import MOST_PAGES, Answer, Record, ask_json, next_link, pages, read_json, records
from newsletter.model.period import monday_of
from newsletter.text import host_of, shorten

_Read = TypeVar("_Read")
_MOST_ASIDE = 100


@dataclass(slots=True)
class Asking:
    """Asks ``api`` over ``http``; ``singles_left`` is how many documents may still be asked for one by one."""

    http: Http
    api: CodeHost
    now: datetime | None = None
    """The time by the host's clock, as its last answer told it."""
    warnings: list[str] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    singles_left: int = 0

    def __post_init__(self) -> None:
        self.singles_left = self.api.most_singles

    @property
    def week(self) -> date | None:
        """The Monday of the host's week."""
        return monday_of(self.now.date()) if self.now else None

    async def ask(self, url: str, known: Document | None = None) -> Answer:
        """What the host says at ``url``."""
        answer = await ask_json(self.http, url, known=known, headers=self.api.headers)
        self.now = _http_time(answer.reply.header("date")) or self.now
        return answer

    async def pages(
        self,
        url: str,
        *,
        known: Document | None = None,
        next_of: Callable[[Answer], str | None] = next_link,
        most: int = MOST_PAGES,
    ) -> AsyncIterator[Answer]:
        """The pages from ``url`` on; the first one alone when it is as ``known``. None is asked for twice."""
        first = await self.ask(url, known)
        yield first
        following = None if first.reply.is_unchanged else next_of(first)
        if not following or most < 2:
            return
        if following == url:
            self.warnings.append("the server repeats a page; what comes after it was not read")
            return
        rest = pages(
            self.http,
            following,
            next_of=lambda answer: None if (found := next_of(answer)) == url else found,
            headers=self.api.headers,
            warnings=self.warnings,
            most=most - 1,
        )
        async for answer in rest:
            self.now = _http_time(answer.reply.header("date")) or self.now
            yield answer

    def may_ask_single(self) -> bool:
        """Whether one more document may be asked for by itself; counts it."""
        if self.singles_left <= 0:
            self.warnings.append(
                f"more than {self.api.most_singles} changes and issues at once: of some, size and people are unknown"
            )
            return False
        self.singles_left -= 1
        return True

    def read(self, answer: Answer, read: Callable[[Record], _Read | None], *, what: str = "") -> list[_Read]:
        """What ``read`` makes of each record of a list; with ``what``, records that are none are set aside."""
        if answer.value is None:
            return []
        if not isinstance(answer.value, list):
            raise NotReadable(f"{host_of(answer.reply.url)} gives no list at {shorten(answer.reply.url, 120)}")
        if not what:
            return [made for record in records(answer.value) if (made := read(record)) is not None]
        missing = f"this is no {what}"
        found, odd = parted(records(answer.value), read, missing=missing)
        aside = [each.at(answer.reply.url) for each in odd]
        strange = [json.dumps(each).encode() for each in answer.value if not isinstance(each, dict)]
        aside += (Aside(answer.reply.url, missing, data) for data in strange)
        self.aside += aside[: _MOST_ASIDE - len(self.aside)]
        return [value for _, value in found]

    async def question(self, query: str, variables: Mapping[str, Any]) -> Record:
        """The data that answers a question in GraphQL. Raises NotReadable and what ``http`` raises."""
        url = self.api.question_url
        assert url is not None, "asked only where questions are answered"
        body = json.dumps({"query": query, "variables": dict(variables)}).encode()
        reply = await self.http.post(url, body, headers=self.api.headers)
        self.now = _http_time(reply.header("date")) or self.now
        answer = read_json(reply.body)
        found = Record(answer if isinstance(answer, dict) else {})
        errors = found.records("errors")
        if any(error.text("type") == "RATE_LIMITED" for error in errors):
            raise Throttled(f"{host_of(url)} answers no more questions for now")
        if not found.record("data"):
            said = errors[0].line("message") if errors else "no data"
            raise NotReadable(f"{host_of(url)} does not answer the question: {shorten(said, 120)}")
        return found.record("data")

    def give(self) -> tuple[tuple[str, ...], tuple[Aside, ...]]:
        """The warnings, and what was set aside, since they were last asked for."""
        given = tuple(dict.fromkeys(self.warnings)), tuple(self.aside)
        self.warnings, self.aside = [], []
        return given


def _http_time(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
