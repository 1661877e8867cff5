"""How a code host is asked and understood: what GitHub, GitLab and Gitea have in common, and where they differ."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from newsletter.fetch.code_host import Comment, Release, Ticket
from newsletter.fetch.rest import Record
from newsletter.text import host_of

_WAITING = re.compile(r"waiting more than (\d{1,4}) days?")
_COMMENTS = re.compile(r"issues with (\d{1,4}) comments?")
_ON_A_PAGE = re.compile(r"([^/]+(?:/[^/]+)+?)/(?:-/)?(?:issues|pulls?|merge_requests|releases|discussions)(?:/|$)")
TAKE_WORDS = ("releases", "merged", "first-time contributor", "waiting more than N days", "issues with N comments")
"""What a source of a code host may take."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an editor takes from a code host."""

    releases: bool = False
    merged: bool = False
    first: bool = False
    waiting_days: int | None = None
    comment_count: int | None = None

    @classmethod
    def read(cls, take: Sequence[str]) -> "Wishes":
        """The wishes that the words of ``take`` stand for."""
        return cls(
            "releases" in take,
            "merged" in take,
            "first-time contributor" in take,
            _number(_WAITING, take),
            _number(_COMMENTS, take),
        )

    @property
    def changes(self) -> bool:
        """Whether merged changes are looked at, all or those of newcomers."""
        return self.merged or self.first

    @property
    def tickets(self) -> bool:
        """Whether any list of tickets is read."""
        return self.changes or self.comment_count is not None

    @property
    def name(self) -> str:
        """What of the lists of tickets is used; with other wishes they are read anew."""
        return f"{'changes' if self.changes else ''} {'' if self.comment_count is None else 'issues'}".strip()


def _number(pattern: re.Pattern[str], take: Sequence[str]) -> int | None:
    return next((int(found[1]) for word in take if (found := pattern.fullmatch(word))), None)


@dataclass(frozen=True, slots=True)
class Size:
    """What only the document of a single change tells."""

    number: int
    state: str
    merged_at: datetime | None = None
    lines_added: int | None = None
    lines_removed: int | None = None
    files_count: int | None = None


@dataclass(frozen=True, slots=True)
class DiscussionPage:
    """Discussions, each with its answers and their number, and the mark at which the next page begins."""

    found: tuple[tuple[Ticket, tuple[Comment, ...], int], ...] = ()
    after: str | None = None


@dataclass(frozen=True)
class CodeHost(ABC):
    """A host at ``base``, the address its API begins with; ``site`` is what people see, ``token`` who asks."""

    base: str
    site: str
    token: str | None = None

    kind: ClassVar[str]
    usual: ClassVar[str]
    """The server that is meant when none is named."""
    page_shape: ClassVar[re.Pattern[str]]
    """Finds the path of a project or an organisation in that of its page."""
    api_shape: ClassVar[re.Pattern[str]]
    """Finds the address of the server and the path of a project in an address of the API."""
    step: ClassVar[timedelta] = timedelta(seconds=1)
    """The smallest difference between two times that the host tells."""
    is_sorted: ClassVar[bool] = True
    """Whether lists of tickets come with the one first that was changed longest ago."""
    tells_first: ClassVar[bool] = False
    """Whether the document of a change says that it is its author's first."""
    accept: ClassVar[str] = "application/json"

    @classmethod
    @abstractmethod
    def at(cls, server: str, token: str | None) -> "CodeHost":
        """The host whose pages, or whose API, begin with ``server``."""

    @property
    def most_singles(self) -> int:
        """How many documents are asked for one by one in one fetch."""
        return 200

    @property
    def host(self) -> str:
        """The host that its accounts belong to."""
        return host_of(self.site)

    @property
    def headers(self) -> Mapping[str, str]:
        """What is said with every question."""
        return {"Accept": self.accept, **({"Authorization": f"Bearer {self.token}"} if self.token else {})}

    @property
    def question_url(self) -> str | None:
        """Where questions in GraphQL are answered; None for nowhere."""
        return None

    @abstractmethod
    def releases_url(self, project: str) -> str:
        """The releases of ``project``, the newest first."""

    @abstractmethod
    def ticket_urls(self, project: str, wishes: Wishes) -> Mapping[str, str]:
        """The lists that hold the tickets of ``project`` that are wished for, by name."""

    @abstractmethod
    def since(self, url: str, at: datetime) -> str:
        """The list at ``url`` with nothing in it that was last changed before ``at``."""

    @abstractmethod
    def change_url(self, project: str, number: int) -> str:
        """One change, with its size."""

    @abstractmethod
    def open_changes_url(self, project: str) -> str:
        """The open changes of ``project``, the one first that was changed longest ago."""

    @abstractmethod
    def comments_url(self, ticket: Ticket) -> str:
        """The answers to ``ticket``, the oldest first."""

    def closed_changes_url(self, project: str) -> str | None:
        """The closed changes, the last changed first, for where there is no list of tickets (410); None for nowhere."""
        return None

    def changes_of_url(self, project: str, login: str) -> str | None:
        """The changes that ``login`` made to ``project``, the oldest first; None where that is not needed."""
        return None

    def size_question(self, project: str, numbers: Sequence[int]) -> tuple[str, Mapping[str, Any]] | None:
        """A question in GraphQL, with its variables, for what only single changes tell; None where there is none."""
        return None

    def read_sizes(self, data: Record) -> Iterator[Size]:
        """What the answer to :meth:`size_question` tells."""
        return iter(())

    def discussion_question(self, project: str, after: str) -> tuple[str, Mapping[str, Any]] | None:
        """A question for discussions, the last changed first, from the mark ``after`` on; None where there are none."""
        return None

    def read_discussions(self, data: Record, project: str) -> DiscussionPage:
        """What the answer to :meth:`discussion_question` tells."""
        return DiscussionPage()

    @abstractmethod
    def member_urls(self, organisation: str) -> Sequence[str]:
        """Where the projects of ``organisation`` may be listed: one after the other until one is there."""

    @abstractmethod
    def waiting_url(self, projects: Sequence[str], organisation: str | None) -> str:
        """A page that shows the open changes."""

    def project_in(self, path: str) -> str:
        """The path of the project that a page with ``path`` is about, "" for none."""
        found = _ON_A_PAGE.match(path.strip("/"))
        return found[1] if found else ""

    @abstractmethod
    def read_ticket(self, record: Record, project: str) -> Ticket | None:
        """A ticket of a list, or a change by itself; None when it has no number."""

    @abstractmethod
    def read_release(self, record: Record, project: str) -> Release | None:
        """A release of a list; None when it has no name of any sort."""

    @abstractmethod
    def read_comment(self, record: Record) -> Comment | None:
        """An answer; None for what the host itself noted."""

    @abstractmethod
    def read_project(self, record: Record) -> str | None:
        """The path of a project in a list; None for copies of others and for what has come to its end."""


def with_query(url: str, **values: Any) -> str:
    """``url`` with ``values`` in its query, in place of those of the same names."""
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), **{name: str(value) for name, value in values.items()}}
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote, safe=":")))


def utc_text(at: datetime, *, is_exact: bool = False) -> str:
    """``at`` as an address can hold it, in whole seconds or in thousandths."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}" + (f".{at.microsecond // 1000:03}Z" if is_exact else "Z")


@dataclass(frozen=True, slots=True)
class Named:
    """Which server, and what on it: told by the keys of a source, or by one address."""

    server: str
    projects: tuple[str, ...]
    organisation: str | None
