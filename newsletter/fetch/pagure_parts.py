"""What a fetch of one project on Pagure reads: issues, pull requests, tags."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from newsletter.errors import NotReadable
from newsletter.fetch.http import Document, Http
from newsletter.fetch.pagure import KIND, Place, changed_at, issue_ticket, pull_item, pull_state, read_tags, tag_item
from newsletter.fetch.progress import Progress
from newsletter.fetch.records import made_of
from newsletter.fetch.rest import Answer, Record, ask_if_public, ask_json, pages
from newsletter.fetch.tracker import Ticket, by_change, told_items
from newsletter.fetch.tracker_reading import Reading
from newsletter.model.item import Item
from newsletter.text import host_of

MOST_FOLLOWED = 50
MOST_TAGS = 20
_IN_A_PAGE = 100
_IN_A_BATCH = 500
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PagureProject:
    """Reads one project. ``since`` is how far back a first fetch reaches."""

    http: Http
    place: Place
    source_id: str
    since: datetime | None
    now: datetime
    reading: Reading
    token: str | None = None

    async def issues(self, *, take_all: bool, count: int | None) -> AsyncIterator[tuple[Item, ...]]:
        """The issues that changed since the last time, oldest first: all, or those with ``count`` comments."""
        memory = self._memory("issues")
        progress = Progress.read(memory, self.since)
        asked = {"status": "all", "order": "asc", **({"since": progress.seconds} if progress.at else {})}
        tickets: dict[str, Ticket] = {}
        async for answer in self._pages("issues", asked):
            found = [each for each in _listed(answer, "issues") if not each.is_true("private")]
            made = made_of(found, lambda each: issue_ticket(each, self.place), answer.reply.url, self.reading.aside)
            tickets.update((ticket.key, ticket) for _, ticket in made)
        new = sorted((each for each in tickets.values() if progress.is_new(each.key, each.updated_at)), key=by_change)
        for at in range(0, len(new), _IN_A_BATCH):
            part = new[at : at + _IN_A_BATCH]
            progress.advance(((each.key, each.updated_at) for each in part), self.now)
            memory.update(progress.as_json())
            yield told_items(part, count, self.source_id, kind=KIND, is_all=take_all)

    async def pulls(self, *, only_merged: bool) -> AsyncIterator[tuple[Item, ...]]:
        """The pull requests that changed since the last time, oldest first.

        Pagure cannot be asked for what changed. So: the newest are read as long as they changed;
        of those that were open the last time the rest is looked at, too.
        """
        memory = self._memory("pull requests")
        progress = Progress.read(memory, self.since)
        found = await self._newest(progress.at)
        known = memory.get("open")
        await self._follow(known, found)
        new = [each for each in found.values() if progress.is_new(each.key("id"), changed_at(each))]
        new.sort(key=lambda each: changed_at(each) or _EARLIEST)
        open_now = {number for number, each in found.items() if pull_state(each) == "open"}
        memory["open"] = sorted(open_now.union(known or ()))
        told = [each for each in new if not only_merged or pull_state(each) == "merged"]
        for at in range(0, len(new), _IN_A_BATCH):
            part = new[at : at + _IN_A_BATCH]
            progress.advance(((each.key("id"), changed_at(each)) for each in part), self.now)
            memory.update(progress.as_json())
            yield self._pull_items([each for each in part if each in told])
        memory["open"] = sorted(open_now.union(set(known or ()).difference(found)))

    def _pull_items(self, part: list[Record]) -> tuple[Item, ...]:
        address, aside = self._url("pull-requests"), self.reading.aside
        made = made_of(part, lambda each: pull_item(each, self.place, self.source_id), address, aside)
        return tuple(item for _, item in made)

    async def _newest(self, after: datetime | None) -> dict[int, Record]:
        """The pull requests by number, page by page, to the first page on which nothing changed."""
        found: dict[int, Record] = {}
        async for answer in self._pages("pull-requests", {"status": "all"}):
            page = _listed(answer, "requests")
            self._number(page, found)
            if after is not None and not any((changed_at(each) or after) >= after for each in page):
                break
        return found

    def _number(self, page: Sequence[Record], found: dict[int, Record]) -> None:
        """Add the pull requests of ``page`` to ``found``."""
        made = made_of(page, lambda each: each.whole("id"), self._url("pull-requests"), self.reading.aside)
        found.update((number, each) for each, number in made)

    async def _follow(self, known: Sequence[int] | None, found: dict[int, Record]) -> None:
        """Add to ``found`` what is known to have been open, and is not among the newest; at first all that is open."""
        if known is not None and not set(known).difference(found):
            return
        async for answer in self._pages("pull-requests", {"status": "Open"}):
            self._number(_listed(answer, "requests"), found)
        for number in [each for each in known or () if each not in found][:MOST_FOLLOWED]:
            record = await self._one(f"pull-request/{number}")
            # One that nobody can see any more is not asked for again.
            found[number] = record or Record({"status": "Closed"})

    async def tags(self) -> AsyncIterator[tuple[Item, ...]]:
        """The tags that are new, each with the day of its commit; at first those of the newest versions."""
        memory = self._memory("tags")
        known = Document.from_json(memory.get("document"))
        answer = await ask_json(
            self.http, self._url("git/tags", {"with_commits": "true"}), known=known, headers=self._headers
        )
        if answer.reply.is_unchanged:
            return
        tags = read_tags(answer.value)
        is_first = "names" not in memory
        new = [name for name in tags if name not in set(memory.get("names", ()))]
        asked, rest = new[:MOST_TAGS], new[MOST_TAGS:]
        items = []
        for name in asked:
            commit = (await self._one(f"c/{tags[name]}/info") if tags[name] else None) or Record({})
            items.append(tag_item(name, commit, self.place, self.source_id))
        if is_first and self.since is not None:
            since = self.since
            items = [each for each in items if each.published_at and each.published_at >= since]
        left = set() if is_first else set(rest)
        memory["names"] = [name for name in tags if name not in left]
        # What is left for the next time is only seen if the list is read again.
        memory["document"] = {} if left else answer.reply.document.as_json()
        yield tuple(sorted(items, key=lambda each: each.published_at or _EARLIEST))

    async def _one(self, path: str) -> Record | None:
        """One thing of the project; None when it is not there, or not for everybody."""
        return await ask_if_public(self.http, self._url(path), headers=self._headers)

    def _pages(self, path: str, asked: dict[str, Any]) -> AsyncIterator[Answer]:
        url = self._url(path, {**asked, "per_page": _IN_A_PAGE, "page": 1})
        return pages(self.http, url, next_of=_next_page, headers=self._headers, warnings=self.reading.warnings)

    def _url(self, path: str, asked: dict[str, Any] | None = None) -> str:
        return f"{api_url(self.place)}/{path}" + (f"?{urlencode(asked)}" if asked else "")

    def _memory(self, part: str) -> dict[str, Any]:
        return self.reading.memory("projects", self.place.project, part)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"} if self.token else {}


def api_url(place: Place) -> str:
    """Where the API tells of the project."""
    return f"{place.base}/api/0/{quote(place.project, safe='/+~:.@')}"


def _listed(answer: Answer, name: str) -> tuple[Record, ...]:
    value = answer.value
    if not isinstance(value, dict) or not isinstance(value.get(name), list):
        raise NotReadable(f"{host_of(answer.reply.url)} does not answer as Pagure does: no list of {name}")
    return Record(value).records(name)


def _next_page(answer: Answer) -> str | None:
    link = Record(answer.value if isinstance(answer.value, dict) else {}).text("pagination", "next")
    return link if link and host_of(link) == host_of(answer.reply.url) else None
