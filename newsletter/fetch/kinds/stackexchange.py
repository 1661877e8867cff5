"""Questions of the Stack Exchange sites, over their common API (2.3)."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import unquote, urlencode, urlsplit

from newsletter.errors import NotReadable, Throttled
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.questions import (
    NO_QUESTION,
    TAKE_WORDS,
    Mark,
    Question,
    is_wanted,
    question_items,
    read_stack_exchange,
)
from newsletter.fetch.records import made_again, parted
from newsletter.fetch.rest import Answer, Record, ask_json
from newsletter.fetch.workers import in_worker
from newsletter.model.source import FetchState

API = "https://api.stackexchange.com/2.3"
MOST_PAGES = 25
_IN_A_PAGE = 100
_AHEAD = timedelta(days=1)
_TAGGED = re.compile(r"/questions/tagged/([^/?]+)")
_AGAIN_IN = re.compile(r"available in (\d{1,7}) seconds")
_SITES = (
    r"(?:stackoverflow\.com|stackexchange\.com|serverfault\.com|superuser\.com|askubuntu\.com"
    r"|mathoverflow\.net|stackapps\.com)"
)


@kind("questions", reader="stackexchange")
@dataclass(frozen=True, slots=True)
class StackExchange:
    """Questions and how they were answered, on Stack Overflow, Ask Ubuntu and their sister sites.

    ``url`` is the site, or its page of one tag. ``tagged`` names tags; a question with one of them is
    read. ``take`` says which questions are wanted: "all", "answered" (an answer was accepted), "unanswered"
    (nobody has answered) or "questions with N answers". ``token`` is a key of the API; without one a
    machine may ask 300 times a day.

        - name: Questions about Swift
          kind: questions
          url: https://stackoverflow.com
          tagged: [openstack-swift, openstack-nova]
          take: questions with 2 answers

    A question is one item that grows with its answers. A first look takes the 100 that moved last. The texts
    of answers are not read, and who answered is not counted.
    """

    url: str
    tagged: tuple[str, ...] = ()
    take: tuple[str, ...] = ("all",)
    token: str | None = None

    take_words: ClassVar[tuple[str, ...]] = TAKE_WORDS
    address_shape: ClassVar[str] = rf"^https?://(?:[\w-]+\.)*{_SITES}(?:/questions(?:/tagged/[^/]+)?)?/?$"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the questions that moved since the last time, the longest unmoved first."""
        asked = self._ask(1, None)  # the key of the API is no part of it
        stored = state.cursor if state.cursor.get("asked") == asked else {}
        if (until := stored.get("until")) and datetime.fromisoformat(until) > datetime.now(UTC):
            raise Throttled(
                "Stack Exchange asked to be left alone", until=datetime.fromisoformat(until), is_asked=False
            )
        mark = Mark.from_json(dict(stored.get("mark", {})))
        page, has_news = 1, False
        for _ in range(MOST_PAGES):
            start = mark.at or state.since
            answer = await self._answer(http, self._ask(page, start))
            questions, aside = self._read(answer)
            new = sorted((each for each in questions if mark.is_new(each, state.since)), key=lambda each: each.age)
            wanted = [each for each in new if is_wanted(each, self.take)]
            items = await in_worker(question_items, wanted, state.source_id)
            before, mark = mark, mark.after(new, datetime.now(UTC) + _AHEAD)
            has_news = has_news or bool(items or aside)
            wait = _until(answer)
            cursor = {"asked": asked, "mark": mark.as_json(), **({"until": wait.isoformat()} if wait else {})}
            yield Batch(items, cursor, is_unchanged=not (items or aside), aside=aside)
            has_more = Record(answer.value).is_true("has_more") and start is not None
            if not has_more:
                return
            if wait:
                raise Throttled(f"Stack Exchange asks to be left alone until {wait:%Y-%m-%d %H:%M} UTC", until=wait)
            # The next ones follow the last one; only those of one moment are turned over page by page.
            page = 1 if mark.at != before.at else page + 1
        yield Batch((), cursor, (f"more than {MOST_PAGES * _IN_A_PAGE} questions at once; the rest comes next time",))

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One question."""
        question = made_again(aside, self._question)
        yield Batch(question_items([question] if is_wanted(question, self.take) else [], state.source_id))

    @property
    def site(self) -> str:
        """The site as the API knows it: by its host."""
        return (urlsplit(self.url.strip()).hostname or "").lower().removeprefix("www.")

    def _ask(self, page: int, start: datetime | None) -> str:
        """From ``start`` on oldest first, so that a cut loses nothing; at the first look the newest."""
        together = _TAGGED.search(urlsplit(self.url).path)
        tags = tuple(unquote(together[1]).replace("+", " ").split()) if together else self.tagged
        method = "questions" if together or len(tags) < 2 else "search"
        pairs = [("site", self.site), ("sort", "activity"), ("order", "asc" if start else "desc")]
        pairs += [("pagesize", str(_IN_A_PAGE)), ("page", str(page)), ("filter", "withbody")]
        if tags:
            pairs.append(("tagged", ";".join(tags)))
        if start:
            pairs.append(("min", str(int(start.timestamp()))))
        return f"{API}/{method}?{urlencode(pairs)}"

    async def _answer(self, http: Http, url: str) -> Answer:
        answer = await ask_json(http, f"{url}&{urlencode({'key': self.token})}" if self.token else url)
        error = Record(answer.value if isinstance(answer.value, dict) else {})
        if error.line("error_name") == "throttle_violation":
            found = _AGAIN_IN.search(error.line("error_message"))
            until = datetime.now(UTC) + timedelta(seconds=int(found[1])) if found else None
            raise Throttled(f"Stack Exchange: {error.line('error_message')}", until=until)
        if error.line("error_message"):
            raise NotReadable(f"Stack Exchange: {error.line('error_message')}")
        return answer

    def _read(self, answer: Answer) -> tuple[list[Question], tuple[Aside, ...]]:
        value: Any = answer.value
        if not isinstance(value, dict) or not isinstance(value.get("items"), list):
            raise NotReadable("this is not an answer of the Stack Exchange API: no list of items")
        made, odd = parted(Record(value).records("items"), self._question, missing=NO_QUESTION)
        found = {question.number: question for _, question in made}
        return list(found.values()), tuple(each.at(f"{API} ({self.site})") for each in odd)

    def _question(self, row: Record) -> Question | None:
        return read_stack_exchange(row, self.site)


def _until(answer: Answer) -> datetime | None:
    """When the API may be asked again: it says so in the answer (``backoff``), and counts down what is left."""
    told = Record(answer.value)
    seconds = told.fields.get("backoff")
    now = datetime.now(UTC)
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds < 10_000_000:
        return now + timedelta(seconds=seconds)
    if told.whole("quota_remaining") == 0:
        return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return None
