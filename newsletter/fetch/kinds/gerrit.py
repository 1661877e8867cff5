"""Reviews of a Gerrit server, over its REST API."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote_plus

from newsletter.errors import NotReadable
from newsletter.fetch.gerrit import Change, by_age, change_item, read_page, waiting_item
from newsletter.fetch.gerrit_server import NO_CHANGE, GerritServer
from newsletter.fetch.http import Http, Reply, body_hash
from newsletter.fetch.kinds import Aside, Batch, Mistake, kind
from newsletter.fetch.named import misnamed
from newsletter.model.evidence import ProofAsked
from newsletter.model.item import Item, Person
from newsletter.model.source import FetchState
from newsletter.text import host_of

_IN_A_QUERY = 20
_IN_A_BATCH = 500
_MOST_REMEMBERED = 5_000
_AHEAD = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_FIRST = "first-time contributor"
_WAITING = re.compile(r"waiting more than (\d{1,4}) days?")
_PAGE_OF_ITS_OWN = re.compile(r"/(?:q|c|dashboard|changes|admin|settings)(?:/.*)?$")

_NAME = re.compile(r"(?!https?:)\S+")


@kind("gerrit")
@dataclass(frozen=True, slots=True)
class Gerrit:
    """Changes under review on the Gerrit server at ``url``.

    ``projects`` names the projects to read, all if there are none. ``take`` says what to read:
    "merged", "open", "abandoned", "waiting more than N days" (one item that lists them) and
    "first-time contributor" (alone: only merged changes of people who had none before).
    ``token`` is an HTTP password as "user:password", or a bearer token.
    """

    url: str
    projects: tuple[str, ...] = ()
    take: tuple[str, ...] = ("merged",)
    token: str | None = None

    take_words: ClassVar[tuple[str, ...]] = ("merged", "open", "abandoned", "waiting more than N days", _FIRST)
    address_shape: ClassVar[str] = r"^https?://(review|gerrit)[.-]|/q/(status|project):|/c/[^?#]+/\+/\d+"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the changes updated since the last time, oldest first, then the list of those that wait."""
        server = GerritServer(http, self.base, self.token)
        cursor = _Cursor.read(state.cursor, self._queries(), self.projects)
        has_news = False
        for query in self._queries():
            found = await server.changes(query, cursor.after(query, state.since))
            new = sorted((each for each in found if not cursor.has_seen(query, each)), key=by_age)
            for at in range(0, len(new), _IN_A_BATCH):
                part = new[at : at + _IN_A_BATCH]
                items = await self._items(server, part, cursor, state.source_id)
                cursor.advance(query, part, server.now)
                has_news = True
                yield Batch(items, cursor.as_json(), server.give_warnings(), aside=server.give_aside())
        waiting = await self._waiting(server, state.source_id)
        if cursor.has_told(waiting):
            waiting = ()
        if waiting or server.aside or not has_news:
            is_unchanged = not (waiting or has_news)
            aside = server.give_aside()
            yield Batch(waiting, cursor.as_json(), server.give_warnings(), is_unchanged=is_unchanged, aside=aside)

    def mistakes(self) -> Iterator[Mistake]:
        """Names that cannot be those of projects."""
        yield from misnamed("projects", self.projects, _NAME, what="a project on Gerrit", example="openstack/nova")

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One record of a page of changes, read again."""
        page = read_page(b"[" + aside.data + b"]", host_of(self.base))
        if page.unread:
            raise NotReadable(NO_CHANGE)
        yield Batch(tuple(change_item(each, state.source_id, self.base) for each in page.changes))

    def proof_url(self, asked: ProofAsked) -> str | None:
        """The server's own list of what was merged in a period; there is no search for when a change was put up."""
        projects = asked.projects or self.projects
        if asked.what != "merged" or "merged" not in self.take or len(projects) > _IN_A_QUERY:
            return None
        start, end = (f'"{at:%Y-%m-%d %H:%M:%S} +0000"' for at in (asked.period.start, asked.period.end - _SECOND))
        words = [f"status:merged mergedafter:{start} mergedbefore:{end}"]
        if projects:
            words.append("(" + " OR ".join(f"project:{name}" for name in projects) + ")")
        words += (f"-owner:{_owner(each)}" for each in asked.left_out)
        return f"{self.base}/q/{quote_plus(' '.join(words), safe=':/()')}"

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """An answer of the REST API, or the page of Gerrit's own interface."""
        start = reply.body[:4_000].lower()
        return start.lstrip().startswith(b")]}'") or b"gerrit code review" in start or b"polygerrit" in start

    @property
    def base(self) -> str:
        """The address of the server, whichever of its pages ``url`` shows."""
        return _PAGE_OF_ITS_OWN.sub("", self.url.strip().partition("#")[0].rstrip("/"))

    def _queries(self) -> tuple[str, ...]:
        """What to ask, without the time."""
        states = [word for word in ("merged", "open", "abandoned") if word in self.take]
        if _FIRST in self.take and "merged" not in states:
            states.insert(0, "merged")
        return tuple(query for state in states for query in self._of_projects(f"status:{state}"))

    def _of_projects(self, condition: str) -> Iterator[str]:
        """``condition`` for the projects, a number of them in one query; OR binds looser than what stands together."""
        names = [f'project:"{name.replace(chr(34), "")}"' for name in self.projects]
        for at in range(0, max(1, len(names)), _IN_A_QUERY):
            yield " OR ".join(f"{condition} {name}" for name in names[at : at + _IN_A_QUERY]) or condition

    async def _items(
        self, server: GerritServer, changes: Sequence[Change], cursor: "_Cursor", source_id: str
    ) -> tuple[Item, ...]:
        if _FIRST not in self.take:
            return tuple(change_item(each, source_id, self.base) for each in changes)
        items = []
        for each in changes:
            is_first = await self._is_first(server, each, cursor) if each.state == "merged" else None
            if "merged" in self.take or each.state != "merged" or is_first:
                items.append(change_item(each, source_id, self.base, is_first=is_first))
        return tuple(items)

    async def _is_first(self, server: GerritServer, change: Change, cursor: "_Cursor") -> bool | None:
        """Whether the owner had nothing merged before it; None when that cannot be known."""
        if change.account is None:
            return None
        account = str(change.account)
        if account not in cursor.firsts:
            number = await server.first_merged(tuple(self._of_projects(f"owner:{account} status:merged")))
            if number is None:
                return None
            cursor.firsts[account] = number
        return cursor.firsts[account] == change.number

    async def _waiting(self, server: GerritServer, source_id: str) -> tuple[Item, ...]:
        days = next((int(match[1]) for word in self.take if (match := _WAITING.fullmatch(word))), None)
        if days is None:
            return ()
        waiting: dict[int, Change] = {}
        for query in self._of_projects(f"status:open age:{days}d"):
            found = await server.changes(query, options=("LABELS", "DETAILED_ACCOUNTS"))
            waiting.update((each.number, each) for each in found if not each.waits_for_its_author)
        if not waiting:
            return ()
        return (waiting_item(list(waiting.values()), days, source_id, self.base, week=server.week),)


def _owner(person: Person) -> str:
    """As the search wants it: the number of the account where that is known."""
    account, _, _ = person.key.partition("@")
    return account if account.isdecimal() else f'"{(person.key or person.name).replace(chr(34), "")}"'


@dataclass(slots=True)
class _Cursor:
    """How far each query was read: the newest time of an update, and the changes that had it."""

    queries: dict[str, tuple[datetime, frozenset[int]]]
    firsts: dict[str, int]
    """The first merged change of each account that was asked for."""
    projects: tuple[str, ...]
    waiting: str = ""

    @classmethod
    def read(cls, value: Mapping[str, Any], queries: Sequence[str], projects: tuple[str, ...]) -> "_Cursor":
        """The stored cursor, without what belongs to other settings."""
        stored = value.get("queries", {})
        known = {
            query: (datetime.fromisoformat(stored[query]["at"]), frozenset(stored[query]["numbers"]))
            for query in queries
            if query in stored
        }
        firsts = value.get("firsts", {}) if value.get("projects") == list(projects) else {}
        return cls(known, dict(firsts), projects, value.get("waiting", ""))

    def after(self, query: str, since: datetime | None) -> str | None:
        """From when on to ask, in UTC and whole seconds: all versions of Gerrit read that."""
        at = self.queries[query][0] if query in self.queries else since
        return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if at else None

    def has_seen(self, query: str, change: Change) -> bool:
        """Whether the change came at the last time, and nothing happened to it since."""
        if query not in self.queries or change.updated_at is None:
            return False
        at, numbers = self.queries[query]
        return change.updated_at < at or (change.updated_at == at and change.number in numbers)

    def advance(self, query: str, changes: Sequence[Change], now: datetime | None) -> None:
        """Remember that ``changes`` were read; one dated ahead of the server's clock would hide all that follow."""
        times = {each.number: each.updated_at for each in changes if each.updated_at}
        newest = max((at for at in times.values() if now is None or at <= now + _AHEAD), default=None)
        if newest is None:
            return
        at, numbers = self.queries.get(query, (newest, frozenset[int]()))
        before = numbers if at == newest else frozenset[int]()
        self.queries[query] = (newest, before | {number for number, at in times.items() if at == newest})

    def has_told(self, waiting: Sequence[Item]) -> bool:
        """Whether the list of waiting changes is the one of the last time; remembers this one."""
        known, self.waiting = self.waiting, body_hash(repr(waiting).encode("utf-8", "replace")) if waiting else ""
        return bool(waiting) and known == self.waiting

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        queries = {
            query: {"at": at.isoformat(), "numbers": sorted(numbers)} for query, (at, numbers) in self.queries.items()
        }
        firsts = dict(list(self.firsts.items())[-_MOST_REMEMBERED:])
        return {"queries": queries, "projects": list(self.projects), "firsts": firsts, "waiting": self.waiting}
