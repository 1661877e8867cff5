"""Projects on Launchpad, over its web service."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from newsletter.errors import NotReadable
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Aside, Batch, Mistake, kind
from newsletter.fetch.launchpad_again import Again, items_again, project_at, task_again
from newsletter.fetch.launchpad_bugs import WORDS, Discussed, week_tickets
from newsletter.fetch.launchpad_plans import Wanted, milestones, new_blueprints, releases
from newsletter.fetch.launchpad_proposals import Proposals
from newsletter.fetch.launchpad_server import LaunchpadServer
from newsletter.fetch.named import misnamed
from newsletter.fetch.tracker import comments_wanted
from newsletter.fetch.tracker_reading import Part, Reading
from newsletter.fetch.tracker_week import Weeks
from newsletter.model.source import FetchState

_SITE = re.compile(r"(?:^|\.)((?:qastaging\.|staging\.)?launchpad\.net)$")
_VERSION = re.compile(r"/(?:1\.0|devel|beta)(?=/|$)")
_PAGE = re.compile(r"/(?:\+(?!source/)|~|bugs/[0-9]).*$|/$")
_BLUEPRINTS, _MILESTONES, _CANDIDATES = "new blueprints", "milestones", "release candidates"
_RELEASES, _SUMMARY, _PROPOSALS = "releases", "bug summary", "merge proposals"

_NAME = re.compile(r"[a-z0-9][a-z0-9.+-]*(?:/\+?[A-Za-z0-9][\w.+-]*)*")


@kind("launchpad")
@dataclass(frozen=True, slots=True)
class Launchpad:
    """Blueprints, milestones, releases, bugs and merge proposals of projects on Launchpad.

    ``projects`` are the names in the addresses of their pages ("nova", "ubuntu/+source/nova").
    ``url`` may be the page of one project instead, or the address of a server of its kind.
    ``take`` says what to read:

    - "new blueprints": those registered since the last time;
    - "milestones": each with the day it is planned for, as a date of the calendar;
    - "releases", or only "release candidates";
    - "bug summary": for each week that is over one item that says how many bugs were opened and
      fixed, how grave they are, and which they are;
    - "bugs with N comments": each bug that is discussed so much;
    - "merge proposals": the open ones, and what became of them.

    ::

        - name: Blueprints and milestones
          kind: launchpad
          projects: [nova, swift]
          take: [new blueprints, milestones, bug summary]

    What is private is not read, nor what a merge proposal's reviewers say. Launchpad does not tell
    when a milestone was planned: it counts as said when it was first seen.
    """

    projects: tuple[str, ...] = ()
    take: tuple[str, ...] = (_BLUEPRINTS, _MILESTONES, _CANDIDATES)
    url: str | None = None

    one_of: ClassVar[tuple[str, ...]] = ("projects", "url")
    take_words: ClassVar[tuple[str, ...]] = (
        *(_BLUEPRINTS, _MILESTONES, _CANDIDATES, _RELEASES, _SUMMARY, "bugs with N comments", _PROPOSALS),
    )
    address_shape: ClassVar[str] = (
        r"^https?://((api|blueprints|bugs|code|www)\.)?((qa)?staging\.)?launchpad\.net/(?!~|bugs/|builders|distros|people)[^/]"
    )

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield what is new since the last time, project by project, then the bugs of the weeks that are over."""
        base, names = self.place
        if not names:
            raise NotReadable(f"{self.url} names no project. Write which ones to read, as in projects: [nova].")
        reading = Reading.of(state.cursor)
        server = LaunchpadServer(http, base, reading.memory("people"), reading.warnings)
        async for batch in reading.batches(self._parts(server, reading, state, names)):
            yield batch

    def mistakes(self) -> Iterator[Mistake]:
        """Names that cannot be those of projects."""
        yield from misnamed(
            "projects", self.projects, _NAME, what="a project on Launchpad", example="nova or ubuntu/+source/nova"
        )
        if not self.place[1]:
            yield Mistake("url", f"{self.url} names no project. Write which ones to read, as in projects: [nova].")

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One record; of which project it is, its address tells."""
        base, names = self.place
        project = project_at(aside.address, base, names)
        count, people = comments_wanted(self.take), state.cursor.get("people", {})
        if _SUMMARY in self.take and (task := task_again(aside, people)) is not None:
            yield Batch(warnings=Weeks.read(state.cursor.get("weeks"), state.since).said_of([task]))
            return
        yield Batch(items_again(aside, Again(state.source_id, project, people, datetime.now(UTC), count)))

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """An answer of Launchpad's web service, wherever it stands."""
        start = reply.body[:4_000]
        return b'"resource_type_link"' in start and b"/#" in start and reply.media_type.endswith("json")

    @property
    def place(self) -> tuple[str, tuple[str, ...]]:
        """The address of the web service, and the projects to read there."""
        parts = urlsplit((self.url or "https://api.launchpad.net").strip())
        version = _VERSION.search(parts.path)
        site = _SITE.search(parts.hostname or "")
        if version or not site:
            base = f"{parts.scheme}://{parts.netloc}{parts.path[: version.start()] if version else parts.path}"
            named = parts.path[version.end() :] if version else ""
        else:
            base, named = f"https://api.{site[1]}", parts.path
        own = unquote(_PAGE.sub("", named)).strip("/")
        return base.rstrip("/"), tuple(name.strip(" /") for name in self.projects) or ((own,) if own else ())

    def _parts(
        self, server: LaunchpadServer, reading: Reading, state: FetchState, projects: tuple[str, ...]
    ) -> Iterator[Part]:
        """What there is to read, one thing of one project after the other."""
        now, take, aside = datetime.now(UTC), self.take, reading.aside
        for project in projects:
            wanted = Wanted(state.source_id, project, state.since, now)
            memory = partial(reading.memory, "projects", project)
            if _BLUEPRINTS in take:
                yield new_blueprints(server, wanted, memory("blueprints"), aside)
            if _MILESTONES in take or _CANDIDATES in take:
                some = _MILESTONES not in take
                yield milestones(server, wanted, memory("milestones"), aside, only_candidates=some)
            if _RELEASES in take or _CANDIDATES in take:
                some = _RELEASES not in take
                yield releases(server, wanted, memory("releases"), aside, only_candidates=some)
            if _PROPOSALS in take:
                yield Proposals(server, wanted, memory("proposals"), aside).items()
            if count := comments_wanted(take):
                yield Discussed(server, wanted, count, memory(f"bugs with {count}"), aside).items()
        if _SUMMARY in take:
            yield _weeks(server, reading, state, projects, now=now)


async def _weeks(
    server: LaunchpadServer, reading: Reading, state: FetchState, projects: tuple[str, ...], *, now: datetime
) -> Part:
    weeks = Weeks.read(reading.cursor.get("weeks"), state.since)
    if not weeks.is_due(now):
        return
    tickets = await week_tickets(server, projects, weeks.start, reading.aside)
    page = f"https://bugs.launchpad.net/{projects[0]}" if len(projects) == 1 else ""
    items = weeks.tell(tickets, WORDS, source_id=state.source_id, url=page, now=now)
    reading.cursor["weeks"] = weeks.as_json()
    yield items
