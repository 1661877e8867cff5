"""Projects on a Pagure server, over its API."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from newsletter.errors import NotReadable
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Aside, Batch, Mistake, kind
from newsletter.fetch.named import misnamed
from newsletter.fetch.pagure import KIND, Place, issue_ticket, pull_item, pull_state
from newsletter.fetch.pagure_parts import PagureProject, api_url
from newsletter.fetch.records import made_again, record_in
from newsletter.fetch.tracker import comments_wanted, told_items
from newsletter.fetch.tracker_reading import Part, Reading
from newsletter.model.source import FetchState

_SERVER = "https://pagure.io"
_API = re.compile(r"/api/0(?=/|$)")
_PAGE = re.compile(
    r"/(?:issues?|pull-requests?|releases|tree|commits|c|blob|blame|history|roadmap|boards?|branches|forks|stats|git|"
    r"settings|report|tags|milestones)(?:/.*)?$|/$"
)
_FOOT = re.compile(rb"powered\s+by\s*<a[^>]{0,200}>\s*pagure\s*<", re.IGNORECASE)
_ISSUES, _PULLS, _MERGED, _RELEASES = "issues", "pull requests", "merged", "releases"

_NAME = re.compile(r"[\w.+-]+(?:/[\w.+-]+){0,3}")


@kind("pagure")
@dataclass(frozen=True, slots=True)
class Pagure:
    """Issues, pull requests and releases of projects on Pagure.

    ``repositories`` are the names in the addresses of their pages ("releng",
    "fedora-docs/docs"). ``url`` may be the page of one project instead, or the address of a
    server; without it they are on pagure.io. ``take`` says what to read: "issues" (each that
    changed), "issues with N comments", "pull requests" (open ones and what became of them),
    "merged" (only merged ones), "releases" (the tags of the repository). ``token`` is needed
    for projects that not everybody may see.

    ::

        - name: Release engineering
          kind: pagure
          repositories: [releng]
          take: [issues with 10 comments, merged, releases]

    Private issues are never read. A tag has no day of its own there: it counts as said when its
    commit was made, and at first only the tags of the 20 newest versions are looked at.
    """

    repositories: tuple[str, ...] = ()
    take: tuple[str, ...] = (_ISSUES, _MERGED, _RELEASES)
    url: str | None = None
    token: str | None = None

    one_of: ClassVar[tuple[str, ...]] = ("repositories", "url")
    take_words: ClassVar[tuple[str, ...]] = (_ISSUES, "issues with N comments", _PULLS, _MERGED, _RELEASES)
    address_shape: ClassVar[str] = (
        r"^https?://(?:(?:stg\.)?pagure\.io|src(?:\.stg)?\.fedoraproject\.org|git\.centos\.org|pagure\.[^/]+)/[^/]"
    )

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield what changed since the last time, project by project, oldest first."""
        places = self.places
        if not places:
            raise NotReadable(f"{self.url} names no project. Write which ones to read, as in repositories: [releng].")
        reading = Reading.of(state.cursor)
        now = datetime.now(UTC)
        projects = [
            PagureProject(http, place, state.source_id, state.since, now, reading, self.token) for place in places
        ]
        async for batch in reading.batches(part for project in projects for part in self._parts(project)):
            yield batch

    def mistakes(self) -> Iterator[Mistake]:
        """Names that cannot be those of projects."""
        yield from misnamed(
            "repositories", self.repositories, _NAME, what="a project on Pagure", example="fedora-docs/docs"
        )
        if not self.places:
            yield Mistake(
                "url", f"{self.url} names no project. Write which ones to read, as in repositories: [releng]."
            )

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One issue or pull request; which of them it is, and of which project, its address tells."""
        address = aside.address.partition("?")[0]
        own = [each for each in self.places if address.startswith(f"{api_url(each)}/")]
        if not own:
            raise NotReadable("its project is not one of the source any more")
        place, count = own[-1], comments_wanted(self.take)
        if address.endswith("/pull-requests"):
            pull = made_again(aside, lambda each: pull_item(each, place, state.source_id))
            is_taken = _PULLS in self.take or pull_state(record_in(aside)) == "merged"
            yield Batch((pull,) if is_taken else ())
            return
        tickets = [made_again(aside, lambda each: issue_ticket(each, place))]
        yield Batch(told_items(tickets, count, state.source_id, kind=KIND, is_all=_ISSUES in self.take))

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A page of a Pagure server, or a list its API gives."""
        if reply.media_type.endswith("json"):
            start = reply.body[:100_000] + reply.body[-1_000:]
            return b'"total_issues"' in start or b'"total_requests"' in start
        return bool(_FOOT.search(reply.body))

    @property
    def places(self) -> tuple[Place, ...]:
        """The projects to read, each with its server."""
        parts = urlsplit((self.url or _SERVER).strip())
        root = f"{parts.scheme}://{parts.netloc}"
        api = _API.search(parts.path)
        if self.repositories:
            base = root + (parts.path[: api.start()] if api else parts.path).rstrip("/")
            return tuple(Place(base, name.strip(" /")) for name in self.repositories)
        path = parts.path[api.end() :] if api else parts.path
        own = unquote(_PAGE.sub("", path)).strip("/").removesuffix(".git")
        return (Place(root + (parts.path[: api.start()] if api else ""), own),) if own else ()

    def _parts(self, project: PagureProject) -> Iterator[Part]:
        count = comments_wanted(self.take)
        if _ISSUES in self.take or count is not None:
            yield project.issues(take_all=_ISSUES in self.take, count=count)
        if _PULLS in self.take or _MERGED in self.take:
            yield project.pulls(only_merged=_PULLS not in self.take)
        if _RELEASES in self.take:
            yield project.tags()
