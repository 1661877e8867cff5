"""From the keys of a source to its reading: which server is meant, and what on it."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from newsletter.errors import NotReadable
from newsletter.fetch.code_host import Place
from newsletter.fetch.code_host_api import TAKE_WORDS, CodeHost, Named, Wishes
from newsletter.fetch.code_host_document import items_again, read_document
from newsletter.fetch.code_host_reading import read_host
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Aside, Batch, Mistake
from newsletter.fetch.named import misnamed
from newsletter.model.source import FetchState


@dataclass(frozen=True, slots=True)
class CodeHostSource:
    """The keys that the kinds of code hosts have in common, and how a source with them is read."""

    repositories: tuple[str, ...] = ()
    organisation: str | None = None
    take: tuple[str, ...] = ("releases", "merged")
    token: str | None = None
    url: str | None = None

    one_of: ClassVar[tuple[str, ...]] = ("repositories", "organisation", "url")
    take_words: ClassVar[tuple[str, ...]] = TAKE_WORDS
    host: ClassVar[type[CodeHost]]
    """What is asked."""
    depth: ClassVar[str] = ""
    """"*" where a project may lie in groups of groups."""

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield what is new in each repository, oldest first, then the list of what waits."""
        async for batch in read_source(self.host, self, http, state):
            yield batch

    def mistakes(self) -> Iterator[Mistake]:
        """Names that cannot be those of repositories."""
        return named_wrong(self, self.host, depth=self.depth)

    def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One release, change or issue, as its list told it."""
        return read_aside(self.host, self, aside, state)


async def read_source(
    host: type[CodeHost], settings: CodeHostSource, http: Http, state: FetchState
) -> AsyncIterator[Batch]:
    """Batches of what is new for a source on a ``host``; see :meth:`newsletter.fetch.kinds.Kind.fetch`."""
    url = settings.url or ""
    if url.startswith("file:"):
        batches = read_document(host.at(host.usual, None), url, http, state)
    else:
        named = named_by(settings, host)
        batches = read_host(host.at(named.server, settings.token), named, settings.take, http, state)
    async for batch in batches:
        yield batch


async def read_aside(
    host: type[CodeHost], settings: CodeHostSource, aside: Aside, state: FetchState
) -> AsyncIterator[Batch]:
    """One record of a source on a ``host``, read again; see :class:`newsletter.fetch.kinds.Kind`."""
    url = settings.url or ""
    api = host.at(host.usual if url.startswith("file:") else named_by(settings, host).server, settings.token)
    yield Batch(items_again(api, Wishes.read(settings.take), aside, Place(state.source_id, api.kind)))


def named_wrong(settings: CodeHostSource, host: type[CodeHost], *, depth: str = "") -> Iterator[Mistake]:
    """Names that cannot be those of projects on a ``host``; ``depth`` is how many more groups they may lie in."""
    part = r"[\w.+-]+"
    lies_in = rf"(?:/{part}){depth}" if depth else ""
    shape = re.compile(rf"{part}/{part}{lies_in}")
    for name in settings.repositories:
        for found in misnamed("repositories", [_path(name)], shape, what="owner/name", example="openstack/nova"):
            yield Mistake("repositories", found.text, name)
    owners = [_path(settings.organisation)] if settings.organisation else []
    shape = re.compile(rf"{part}{lies_in}")
    yield from misnamed("organisation", owners, shape, what="an organisation, a group or a person", example="openstack")
    if settings.url and not settings.repositories and not owners:
        try:
            named_by(settings, host)
        except NotReadable as fault:
            yield Mistake("url", str(fault))


def named_by(settings: CodeHostSource, host: type[CodeHost]) -> Named:
    """What ``settings`` name on a ``host``. Raises NotReadable for nothing.

    Without ``repositories`` and ``organisation``, ``url`` is the page of a project or an organisation,
    or an address of the API below a project.
    """
    organisation = _path(settings.organisation or "") or None
    spelt: dict[str, str] = {}
    for name in map(_path, settings.repositories):
        if name:
            spelt.setdefault(name.casefold(), name)
    projects = tuple(spelt.values())
    server = (settings.url or host.usual).strip().partition("#")[0].partition("?")[0].rstrip("/")
    if projects or organisation:
        return Named(server, projects, organisation)
    if found := host.api_shape.fullmatch(server):
        return Named(found[1], (unquote(found[2]),), None)
    parts = urlsplit(server)
    found = host.page_shape.fullmatch(parts.path.strip("/").removesuffix(".git"))
    if not found:
        raise NotReadable(f"{server} names no project. Write its repositories, or an organisation.")
    server = f"{parts.scheme}://{parts.netloc}"
    return Named(server, (found[1],), None) if "/" in found[1] else Named(server, (), found[1])


def _path(name: str) -> str:
    """The path in "owner/name", or in the address of its page."""
    if "://" in name:
        name = urlsplit(name).path
    return name.strip().strip("/").removesuffix(".git")
