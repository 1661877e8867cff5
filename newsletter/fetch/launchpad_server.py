"""Launchpad's web service during one fetch: collections page by page, and the names of people."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from newsletter.errors import NotReadable
from newsletter.fetch.http import Http
from newsletter.fetch.launchpad import login_of
from newsletter.fetch.rest import Answer, Record, ask_if_public, ask_json, pages
from newsletter.text import host_of, is_web_url, one_line

MOST_LOOKED_UP = 50
IN_A_PAGE = 100
_MOST_NAMES = 5_000
_STABLE = "1.0"

Parameters = Mapping[str, str | int | Iterable[str]]


@dataclass(slots=True)
class LaunchpadServer:
    """Asks the service at ``base``. ``people`` are the names it has told, and is added to."""

    http: Http
    base: str
    people: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    _looked_up: int = 0

    def url(self, path: str, values: Parameters | None = None, *, version: str = _STABLE) -> str:
        """The address of ``path``; a value that is a list stands there once for each."""
        pairs = [
            (name, str(each))
            for name, value in (values or {}).items()
            for each in ([value] if isinstance(value, str | int) else value)
        ]
        query = f"?{urlencode(pairs)}" if pairs else ""
        return f"{self.base}/{version}/{quote(path.strip('/'), safe='/+~:.@')}{query}"

    async def collection(
        self, path: str, values: Parameters | None = None, *, version: str = _STABLE
    ) -> AsyncIterator[Record]:
        """The entries of a collection, page by page."""
        async for entry in self.linked(self.url(path, {**(values or {}), "ws.size": IN_A_PAGE}, version=version)):
            yield entry

    async def linked(self, url: str) -> AsyncIterator[Record]:
        """The entries of the collection at ``url``, page by page."""
        async for answer in pages(self.http, url, next_of=_next_page, warnings=self.warnings):
            for entry in _entries(answer):
                yield entry

    async def total(self, path: str, values: Parameters | None = None, *, version: str = _STABLE) -> int | None:
        """How many entries a collection has, by asking for one; None when the service does not tell."""
        answer = await ask_json(self.http, self.url(path, {**(values or {}), "ws.size": 1}, version=version))
        found = _collection(answer)
        link = found.text("total_size_link")
        if found.whole("total_size") is None and link and self.is_here(link):
            count = (await ask_json(self.http, link)).value
            return count if isinstance(count, int) and not isinstance(count, bool) else None
        return found.whole("total_size")

    async def entry(self, link: str) -> Record | None:
        """What ``link`` leads to; None when it is elsewhere, gone, or not for everybody."""
        return await ask_if_public(self.http, link) if self.is_here(link) else None

    async def meet(self, links: Iterable[str]) -> None:
        """Learn the names of the people that ``links`` lead to; a few dozen in one fetch."""
        for link in dict.fromkeys(links):
            login = login_of(link)
            if not login or login in self.people or self._looked_up >= MOST_LOOKED_UP or not self.is_here(link):
                continue
            self._looked_up += 1
            found = await self.entry(link)
            self.people[login] = one_line(found.text("display_name")) if found else ""
        while len(self.people) > _MOST_NAMES:
            del self.people[next(iter(self.people))]

    def is_here(self, link: str) -> bool:
        """Whether ``link`` leads to this service."""
        return link.isascii() and is_web_url(link) and host_of(link) == host_of(self.base)


def _collection(answer: Answer) -> Record:
    if not isinstance(answer.value, dict) or not isinstance(answer.value.get("entries"), list):
        raise NotReadable(f"{host_of(answer.reply.url)} does not answer as Launchpad does: no list of entries")
    return Record(answer.value)


def _entries(answer: Answer) -> tuple[Record, ...]:
    return _collection(answer).records("entries")


def _next_page(answer: Answer) -> str | None:
    link = Record(answer.value).text("next_collection_link")
    return link if link.isascii() and link and host_of(link) == host_of(answer.reply.url) else None
