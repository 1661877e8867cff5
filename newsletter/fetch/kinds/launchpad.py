"""Projects on Launchpad, over its web service."""

import copy
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from newsletter.errors import BadStatus, Gone, NotReadable
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.launchpad_bugs import WORDS, Discussed, week_tickets
from newsletter.fetch.launchpad_plans import Wanted, milestones, new_blueprints, releases
from newsletter.fetch.launchpad_proposals import Proposals
from newsletter.fetch.launchpad_server import LaunchpadServer
from newsletter.fetch.tracker import comments_wanted
from newsletter.fetch.tracker_week import Weeks
from newsletter.model.item import Item
from newsletter.model.source import FetchState

_SITE = re.compile(r"(?:^|\.)((?:qastaging\.|staging\.)?launchpad\.net)$")
_VERSION = re.compile(r"/(?:1\.0|devel|beta)(?=/|$)")
_PAGE = re.compile(r"/(?:\+(?!source/)|~|bugs/[0-9]).*$|/$")
_BLUEPRINTS, _MILESTONES, _CANDIDATES = "new blueprints", "milestones", "release candidates"
_RELEASES, _SUMMARY, _PROPOSALS = "releases", "bug summary", "merge proposals"

_Items = AsyncIterator[tuple[Item, ...]]


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
        reading = _Reading(self, state, names, LaunchpadServer(http, base), copy.deepcopy(dict(state.cursor)))
        reading.server.people = reading.cursor.setdefault("people", {})
        faults: list[BadStatus | Gone | NotReadable] = []
        done = 0
        for part in reading.parts():
            try:
                async for items in part:
                    yield reading.batch(items)
                done += 1
            except (BadStatus, Gone, NotReadable) as fault:
                faults.append(fault)
                reading.server.warnings.append(str(fault))
        if faults and not done:
            raise faults[0]
        yield reading.batch(())

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


@dataclass(slots=True)
class _Reading:
    """One fetch: what is remembered, and the parts it consists of."""

    kind: Launchpad
    state: FetchState
    projects: tuple[str, ...]
    server: LaunchpadServer
    cursor: dict[str, Any]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    aside: list[Aside] = field(default_factory=list)

    def parts(self) -> Iterator[_Items]:
        """What there is to read, one thing of one project after the other."""
        take = self.kind.take
        for project in self.projects:
            wanted = Wanted(self.state.source_id, project, self.state.since, self.now)
            if _BLUEPRINTS in take:
                yield new_blueprints(self.server, wanted, self._memory(project, "blueprints"), self.aside)
            if _MILESTONES in take or _CANDIDATES in take:
                memory, some = self._memory(project, "milestones"), _MILESTONES not in take
                yield milestones(self.server, wanted, memory, self.aside, only_candidates=some)
            if _RELEASES in take or _CANDIDATES in take:
                memory, some = self._memory(project, "releases"), _RELEASES not in take
                yield releases(self.server, wanted, memory, self.aside, only_candidates=some)
            if _PROPOSALS in take:
                yield Proposals(self.server, wanted, self._memory(project, "proposals"), self.aside).items()
            if count := comments_wanted(take):
                memory = self._memory(project, f"bugs with {count}")
                discussed = Discussed(self.server, project, count, memory, self.aside)
                yield discussed.items(self.state.source_id, self.state.since, self.now)
        if _SUMMARY in take:
            yield self._weeks()

    def batch(self, items: tuple[Item, ...]) -> Batch:
        """What was read since the last batch, with the cursor as it is now."""
        aside, self.aside[:] = tuple(self.aside), []
        cursor = copy.deepcopy(self.cursor)
        return Batch(items, cursor, self.server.give_warnings(), is_unchanged=not items and not aside, aside=aside)

    async def _weeks(self) -> _Items:
        weeks = Weeks.read(self.cursor.get("weeks"), self.state.since)
        if not weeks.is_due(self.now):
            return
        tickets = await week_tickets(self.server, self.projects, weeks.start, self.aside)
        page = f"https://bugs.launchpad.net/{self.projects[0]}" if len(self.projects) == 1 else ""
        items = weeks.tell(tickets, WORDS, source_id=self.state.source_id, url=page, now=self.now)
        self.cursor["weeks"] = weeks.as_json()
        yield items

    def _memory(self, project: str, part: str) -> dict[str, Any]:
        """What is remembered of one thing of one project; to be changed in place."""
        memory: dict[str, Any] = self.cursor.setdefault("projects", {}).setdefault(project, {}).setdefault(part, {})
        return memory
