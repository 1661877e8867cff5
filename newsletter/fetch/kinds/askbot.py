"""Questions of a site that runs Askbot, over its API."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from urllib.parse import urlencode, urlsplit, urlunsplit

from newsletter.errors import BadStatus, Gone, NotReadable
from newsletter.fetch.askbot_page import read_question_page
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.questions import (
    NO_QUESTION,
    TAKE_WORDS,
    Mark,
    Question,
    is_wanted,
    question_items,
    read_askbot,
    with_page,
)
from newsletter.fetch.records import made_again, parted
from newsletter.fetch.rest import PAGE_REPEATED, Answer, Record, ask_json
from newsletter.fetch.workers import in_worker
from newsletter.model.source import FetchState
from newsletter.text import host_of

MOST_LISTS = 40
MOST_QUESTIONS = 50
"""So many questions have their own page read in one fetch; older ones are taken as their list tells them."""
_IN_A_BATCH = 25
_AHEAD = timedelta(days=1)
_LANGUAGE = re.compile(r"/[a-z]{2}(?:-[a-z]{2,4})?$")


@kind("questions", reader="askbot")
@dataclass(frozen=True, slots=True)
class Askbot:
    """Questions and how they were answered, on a site that runs Askbot, such as ask.example.org.

    ``url`` is the site. ``tagged`` names tags; a question with one of them is read. ``take`` says which
    questions are wanted: "all", "answered" (an answer was accepted), "unanswered" (nobody has answered)
    or "questions with N answers" (as soon as it has so many).

        - name: Questions
          kind: questions
          url: https://ask.example.org
          tagged: [installation]
          take: answered

    A question is one item that grows with its answers; it is read again only when something happened to it.
    The texts of answers are not read.
    """

    url: str
    tagged: tuple[str, ...] = ()
    take: tuple[str, ...] = ("all",)

    take_words: ClassVar[tuple[str, ...]] = TAKE_WORDS
    address_shape: ClassVar[str] = r"^https?://[^/]+(/[\w-]+)*/api/v1/questions/?$|/questions/scope:\w+/sort:[\w-]+"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the questions that are new or moved since the last time, the longest unmoved first."""
        stored = state.cursor if state.cursor.get("list") == self.list_url else {}
        mark = Mark.from_json(dict(stored.get("mark", {})))
        answer = await ask_json(http, self.list_url, known=Document.from_json(stored.get("document")))
        if answer.value is None:
            yield Batch(cursor=dict(state.cursor), is_unchanged=True)
            return
        warnings: list[str] = []
        aside: list[Aside] = []
        moved = await self._moved(http, answer, mark, state.since, (warnings, aside))
        wanted = [each.number for each in moved if self._wants(each)]
        asked = frozenset(wanted[-MOST_QUESTIONS:])
        for at in range(0, len(moved), _IN_A_BATCH):
            part = moved[at : at + _IN_A_BATCH]
            told = [await self._whole(http, each, asked) for each in part if self._wants(each)]
            items = await in_worker(question_items, told, state.source_id)
            mark = mark.after(part, datetime.now(UTC) + _AHEAD)
            yield Batch(items, {"list": self.list_url, "mark": mark.as_json()}, tuple(warnings))
            warnings = []
        cursor = {"list": self.list_url, "mark": mark.as_json(), "document": answer.reply.document.as_json()}
        yield Batch((), cursor, tuple(warnings), is_unchanged=not (wanted or aside), aside=tuple(aside))

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One question, as its list told it."""
        question = made_again(aside, self._question)
        yield Batch(question_items([question] if self._wants(question) else [], state.source_id))

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A page made by Askbot, or an answer of its API."""
        body = reply.body[:200_000]
        if body.lstrip().startswith(b"{"):
            return b'"questions"' in body[:4_000] and b'"pages"' in body[:4_000]
        return b"askbot['" in body or b'askbot["' in body

    @property
    def base(self) -> str:
        """The address of the site, whichever of its pages ``url`` shows."""
        parts = urlsplit(self.url.strip())
        path = parts.path
        for page in ("/api/v1", "/questions", "/question/", "/users/", "/tags"):
            path = path.partition(page)[0]
        path = _LANGUAGE.sub("", path.rstrip("/"))
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    @property
    def list_url(self) -> str:
        """The address that is asked first."""
        return self._list(1)

    def _list(self, page: int) -> str:
        pairs = [("page", str(page)), ("sort", "activity-desc")]
        if len(self.tagged) == 1:
            # Several would have to stand on a question all at once.
            pairs.append(("tags", self.tagged[0]))
        return f"{self.base}/api/v1/questions/?{urlencode(pairs)}"

    async def _moved(
        self, http: Http, answer: Answer, mark: Mark, since: datetime | None, said: tuple[list[str], list[Aside]]
    ) -> list[Question]:
        """The questions that moved since the last time, the longest unmoved first."""
        warnings, aside = said
        found: dict[int, Question] = {}
        for number in range(1, MOST_LISTS + 1):
            if number > 1:
                answer = await ask_json(http, self._list(number))
            page, odd = self._read(answer)
            aside += odd
            fresh = [each for each in page if each.number not in found]
            found.update((each.number, each) for each in fresh)
            if page and not fresh:
                warnings.append(PAGE_REPEATED)
            is_last = number >= (Record(answer.value).whole("pages") or 0)
            after = mark.at or since
            if is_last or not fresh or (after and page[-1].age[0] < after):
                break
        else:
            warnings.append(f"more than {MOST_LISTS} pages of questions at once; the older ones were left out")
        return sorted((each for each in found.values() if mark.is_new(each, since)), key=lambda each: each.age)

    def _read(self, answer: Answer) -> tuple[list[Question], list[Aside]]:
        value = answer.value if isinstance(answer.value, dict) else {}
        if not isinstance(value.get("questions"), list):
            raise NotReadable(f"{host_of(self.url)}: this is not an answer of Askbot's API: no list of questions")
        made, odd = parted(Record(value).records("questions"), self._question, missing=NO_QUESTION)
        return [question for _, question in made], [each.at(answer.reply.url) for each in odd]

    def _question(self, row: Record) -> Question | None:
        return read_askbot(row, f"{self.base}/")

    def _wants(self, question: Question) -> bool:
        tags = {tag.casefold() for tag in question.tags}
        is_tagged = not self.tagged or any(tag.casefold() in tags for tag in self.tagged)
        return is_tagged and is_wanted(question, self.take)

    async def _whole(self, http: Http, question: Question, asked: frozenset[int]) -> Question:
        """The question with what its page tells beside; the API has the beginning of long ones only."""
        if question.number not in asked or host_of(question.url) != host_of(self.url):
            return question
        try:
            reply = await http.get(question.url)
            page = await in_worker(read_question_page, reply.body)
        except (BadStatus, Gone, NotReadable):
            return question
        if page is None:
            return question
        return with_page(question, html=page.html, people=page.people_count, is_answered=page.is_answered)
