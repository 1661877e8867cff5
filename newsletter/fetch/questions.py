"""Questions of Askbot and Stack Exchange sites, read from JSON and made into Items. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urljoin

from newsletter.fetch.clean import clean_html, is_safe_url, title_text
from newsletter.fetch.rest import Record
from newsletter.model.item import Item, Person, Thread, item_id
from newsletter.text import host_of, shorten

TAKE_WORDS = ("all", "answered", "unanswered", "questions with N answers")
ANSWERED = "answered"
NO_QUESTION = "this is no question"

_ANSWERS = re.compile(r"questions with (\d{1,4}) answers?")
_LINKS_AT_MOST = 200
_LABELS_AT_MOST = 20
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with as much of its answers as was read."""

    number: int
    title: str
    url: str
    html: str
    tags: tuple[str, ...]
    author: Person | None
    answers_count: int
    people_count: int
    is_answered: bool
    """Whether an answer was accepted."""
    is_closed: bool
    asked_at: datetime | None
    moved_at: datetime | None

    @property
    def age(self) -> tuple[datetime, int]:
        """Sorts questions: the longest unmoved first."""
        return (self.moved_at or self.asked_at or _OLDEST, self.number)


def read_askbot(row: Record, base: str) -> Question | None:
    """A question as Askbot's ``/api/v1/questions/`` tells it, None when it is none."""
    number = row.whole("id")
    host = host_of(base)
    user = row.record("author")
    name, account = shorten(row.line("author", "username"), 200), user.key("id")
    if number is None or not row.line("title"):
        return None
    return Question(
        number=number,
        title=_title(row, number),
        url=_url(base, row.line("url"), f"question/{number}/"),
        html=row.text("summary"),
        tags=row.texts("tags"),
        author=Person(name, f"{account or name}@{host}".lower()) if name else None,
        answers_count=max(0, row.whole("answer_count") or 0),
        people_count=1,
        is_answered=row.key("accepted_answer_id") != "",
        is_closed=row.is_true("closed"),
        asked_at=_seconds(row, "added_at"),
        moved_at=_seconds(row, "last_activity_at"),
    )


def read_stack_exchange(row: Record, host: str) -> Question | None:
    """A question as the Stack Exchange API tells it (a ``question`` object), None when it is none."""
    number = row.whole("question_id")
    if number is None:
        return None
    accepted = any(each.is_true("is_accepted") for each in row.records("answers"))
    people = [_stack_person(each.record("owner"), host) for each in (row, *row.records("answers"))]
    return Question(
        number=number,
        title=_title(row, number),
        url=_url(f"https://{host}/", row.line("link"), f"questions/{number}"),
        html=row.text("body"),
        tags=row.texts("tags"),
        author=people[0],
        answers_count=max(0, row.whole("answer_count") or 0),
        people_count=max(1, len({each.identity for each in people if each})),
        is_answered=row.whole("accepted_answer_id") is not None or accepted,
        is_closed=row.whole("closed_date") is not None,
        asked_at=_seconds(row, "creation_date"),
        moved_at=_seconds(row, "last_activity_date"),
    )


def _title(row: Record, number: int) -> str:
    return shorten(title_text(row.text("title")), 1000) or f"Question {number}"


def _url(base: str, link: str, otherwise: str) -> str:
    """``link`` when it is a whole address that may be shown; some sites give half of one."""
    url = urljoin(base, link) if link.startswith(("/", "http://", "https://")) else ""
    return url if is_safe_url(url) else urljoin(base, otherwise)


def _seconds(row: Record, name: str) -> datetime | None:
    """Seconds since 1970, which Askbot writes as a text."""
    found = row.whole(name)
    return Record({"at": found}).when("at") if found is not None and found > 0 else row.when(name)


def _stack_person(owner: Record, host: str) -> Person | None:
    """Names come with the letters of HTML; somebody whose account is gone has a name only."""
    name, account = title_text(owner.text("display_name")), owner.whole("user_id")
    return Person(shorten(name, 200), f"{account}@{host}" if account is not None else "") if name else None


def is_wanted(question: Question, take: Sequence[str]) -> bool:
    """Whether one of the words of ``take`` holds for the question."""
    counts = [int(found[1]) for word in take if (found := _ANSWERS.fullmatch(word))]
    return (
        "all" in take
        or ("answered" in take and question.is_answered)
        or ("unanswered" in take and question.answers_count == 0)
        or any(question.answers_count >= count for count in counts)
    )


def question_item(question: Question, source_id: str) -> Item:
    """The question as one Item that grows: its thread counts the answers."""
    key = f"question/{question.number}"
    body = clean_html(question.html, question.url)
    said = [word for word, holds in ((ANSWERED, question.is_answered), ("closed", question.is_closed)) if holds]
    moved_at = question.moved_at or question.asked_at
    return Item(
        id=item_id(source_id, key),
        source_id=source_id,
        kind="questions",
        form="post",
        native_keys=(key,),
        title=question.title,
        url=question.url,
        author=question.author,
        published_at=question.asked_at,
        updated_at=moved_at,
        text=body.text,
        html=body.html,
        links=body.links[:_LINKS_AT_MOST],
        thread=Thread(
            root_id=f"{host_of(question.url)}/question/{question.number}",
            reply_count=question.answers_count,
            people_count=question.people_count,
            first_at=question.asked_at,
            last_at=moved_at,
        ),
        labels=tuple(dict.fromkeys((*question.tags[:_LABELS_AT_MOST], *said))),
        warnings=body.warnings,
    )


def question_items(questions: Sequence[Question], source_id: str) -> tuple[Item, ...]:
    """The items of ``questions``; for a worker."""
    return tuple(question_item(each, source_id) for each in questions)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a site was read: the time of the last move, and the questions that had it."""

    at: datetime | None = None
    numbers: frozenset[int] = frozenset()

    def is_new(self, question: Question, since: datetime | None) -> bool:
        """Whether the question moved after what was read, or after ``since`` when nothing was."""
        moved_at = question.age[0]
        if self.at is None:
            return since is None or moved_at >= since
        return moved_at > self.at or (moved_at == self.at and question.number not in self.numbers)

    def after(self, questions: Sequence[Question], latest: datetime) -> "Mark":
        """The mark with ``questions`` read; one that moved after ``latest`` would hide all that follow."""
        newest = max((each.age[0] for each in questions if each.age[0] <= latest), default=None)
        if newest is None or (self.at and newest < self.at):
            return self
        numbers = frozenset(each.number for each in questions if each.age[0] == newest)
        return Mark(newest, numbers | self.numbers if newest == self.at else numbers)

    def as_json(self) -> dict[str, object]:
        """What to store."""
        return {"at": self.at.isoformat() if self.at else None, "numbers": sorted(self.numbers)}

    @classmethod
    def from_json(cls, value: dict[str, object]) -> "Mark":
        """The mark stored as ``value``."""
        at, numbers = value.get("at"), value.get("numbers")
        known = (
            frozenset(each for each in numbers if isinstance(each, int)) if isinstance(numbers, list) else frozenset()
        )
        return cls(datetime.fromisoformat(at) if isinstance(at, str) else None, known)


def with_page(question: Question, *, html: str, people: int, is_answered: bool) -> Question:
    """The question with what its own page tells beside."""
    return replace(
        question,
        html=html or question.html,
        people_count=max(question.people_count, people),
        is_answered=question.is_answered or is_answered,
    )
