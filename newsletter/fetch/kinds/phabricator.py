"""Tasks of a Phabricator or Phorge server, over Conduit."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from newsletter.errors import NotReadable
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.phabricator import KIND, PRIORITIES, Server, read_list, stored_names, task_ticket
from newsletter.fetch.phabricator_server import Constraints, PhabricatorServer
from newsletter.fetch.progress import Progress
from newsletter.fetch.records import made_again
from newsletter.fetch.tracker import Ticket, comments_wanted, told_items
from newsletter.fetch.tracker_reading import Part, Reading, new_tickets
from newsletter.fetch.tracker_week import Weeks, Words
from newsletter.fetch.workers import in_worker
from newsletter.model.source import FetchState
from newsletter.text import host_of

_TASKS, _SUMMARY = "tasks", "task summary"
_WORDS = Words(KIND, "task", "tasks", PRIORITIES)
_PAGE = re.compile(r"/(?:T[0-9]|tag/|project/|maniphest(?:/|$)|api(?:/|$)|w/|conduit/).*$")
_TASK = re.compile(r"/T([0-9]{1,9})/?$")
_TAG = re.compile(r"/(?:tag|project/view)/([^/]+)/?")
_QUERY = re.compile(r"/maniphest/query/([\w.-]+)/?")
_NEEDS_TOKEN = (
    "needs a Conduit token, which everybody who has an account can make. Write token: from PHABRICATOR_TOKEN."
)


@kind("phabricator")
@dataclass(frozen=True, slots=True)
class Phabricator:
    """Tasks on the Phabricator or Phorge server at ``url``.

    ``url`` may be the page of the server, of a project (/tag/name/), of a saved query
    (/maniphest/query/name/) or of one task (/T123). ``projects`` names the tags to read, all if
    there are none. ``take`` says what to read: "tasks" (each that changed), "tasks with N
    comments", and "task summary" (for each week that is over one item that says how many were
    opened and resolved). ``token`` is a Conduit token; the server asks for one even for what
    everybody may see, and it is sent over https only.

    ::

        - name: Wiki tasks
          kind: phabricator
          url: https://phabricator.example.org
          projects: [mobile-app]
          take: [tasks with 10 comments, task summary]
          token: from PHABRICATOR_TOKEN

    Without a token the list of tasks that everybody can see is read: only the titles of tasks
    that are new since the last time. Tasks that only some may see are never read.
    """

    url: str
    projects: tuple[str, ...] = ()
    take: tuple[str, ...] = (_TASKS,)
    token: str | None = None

    take_words: ClassVar[tuple[str, ...]] = (_TASKS, "tasks with N comments", _SUMMARY)
    address_shape: ClassVar[str] = (
        r"^https?://(?:phabricator|phorge)\.[^/]+(?:/(?!phame/)|$)|/maniphest/(?:$|query/)|/T[0-9]{1,8}/?$"
    )

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield what changed since the last time, oldest first, then the weeks that are over."""
        reading = Reading.of(state.cursor)
        parts = self._parts(http, reading, state) if self.token else self._public(http, reading, state)
        async for batch in reading.batches(parts):
            yield batch

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One task, without comments; the names of people are those that were told before."""
        server = Server(self.base, stored_names(state.cursor.get("names")))
        ticket = made_again(aside, lambda each: task_ticket(each, server, None))
        count, is_all = comments_wanted(self.take), _TASKS in self.take
        said = Weeks.read(state.cursor.get("weeks"), state.since).said_of([ticket]) if _SUMMARY in self.take else ()
        yield Batch(told_items([ticket], count, state.source_id, kind=KIND, is_all=is_all), warnings=said)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A page of such a server."""
        start = reply.body[:20_000]
        return b"phabricator-standard-page" in start or b"/res/defaultX/phabricator/" in start

    @property
    def base(self) -> str:
        """The address of the server, whichever of its pages ``url`` shows."""
        parts = urlsplit(self.url.strip())
        return f"{parts.scheme}://{parts.netloc}{_PAGE.sub('', parts.path)}".rstrip("/")

    def _questions(self) -> Iterator[tuple[str, Constraints]]:
        """What to ask for, each under a name to remember it by."""
        path = urlsplit(self.url.strip()).path
        tag, task, query = _TAG.search(path), _TASK.search(path), _QUERY.search(path)
        projects = self.projects or ((unquote(tag[1]),) if tag else ())
        rest: Constraints = (("queryKey", query[1]),) if query else ()
        if task:
            rest = (("constraints[ids][0]", task[1]),)
        for name in projects:
            yield f"project {name}", (("constraints[projects][0]", name.lstrip("#")), *rest)
        if not projects:
            yield "all", rest

    def _parts(self, http: Http, reading: Reading, state: FetchState) -> Iterator[Part]:
        now, count = datetime.now(UTC), comments_wanted(self.take)
        server = PhabricatorServer(
            http, self.base, self.token or "", reading.memory("names"), reading.warnings, reading.aside
        )
        for name, asked in self._questions():
            if _TASKS in self.take or count is not None:
                yield self._changed(server, asked, reading.memory("tasks", name), state, now=now)
        if _SUMMARY in self.take:
            yield self._weeks(server, reading, state, now)

    async def _changed(
        self,
        server: PhabricatorServer,
        asked: Constraints,
        memory: dict[str, object],
        state: FetchState,
        *,
        now: datetime,
    ) -> Part:
        progress = Progress.read(memory, state.since)
        since = (("constraints[modifiedStart]", str(progress.seconds)),) if progress.at else ()
        async for new in new_tickets(server.tasks((*asked, *since)), progress, memory, now=now):
            yield told_items(new, comments_wanted(self.take), state.source_id, kind=KIND, is_all=_TASKS in self.take)

    async def _weeks(self, server: PhabricatorServer, reading: Reading, state: FetchState, now: datetime) -> Part:
        weeks = Weeks.read(reading.cursor.get("weeks"), state.since)
        if not weeks.is_due(now):
            return
        since = (("constraints[modifiedStart]", str(int(weeks.start.timestamp()))),) if weeks.start else ()
        found: list[Ticket] = []
        for _, asked in self._questions():
            async for tickets in server.tasks((*asked, *since), with_comments=False):
                found += tickets
        items = weeks.tell(found, _WORDS, source_id=state.source_id, url=self.url, now=now)
        reading.cursor["weeks"] = weeks.as_json()
        yield items

    def _public(self, http: Http, reading: Reading, state: FetchState) -> Iterator[Part]:
        if _TASKS not in self.take:
            raise NotReadable(f"{host_of(self.base)} {_NEEDS_TOKEN}")
        reading.warnings.append(f"only titles are read: the rest {_NEEDS_TOKEN}")
        yield self._listed(http, reading.memory("public"), state)

    async def _listed(self, http: Http, memory: dict[str, list[int]], state: FetchState) -> Part:
        """The titles of tasks that are new since the last time; when they were opened is not told."""
        page = self.url if _QUERY.search(self.url) or _TAG.search(self.url) else f"{self.base}/maniphest/query/all/"
        reply = await http.get(page)
        found = await in_worker(read_list, reply.body, self.base)
        if not found and b"phabricator" not in reply.body[:20_000].lower():
            raise NotReadable(f"{host_of(self.base)} shows no list of tasks; it {_NEEDS_TOKEN}")
        known = memory.get("numbers")
        memory["numbers"] = sorted({*found, *(known or ())})[-5_000:]
        newest = max(known, default=0) if known is not None else 0
        new = [found[number] for number in sorted(found) if known is not None and number > newest]
        yield told_items(new, None, state.source_id, kind=KIND, is_all=True)
