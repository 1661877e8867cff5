"""From the keys of a source to its reading: which server is meant, and what on it."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Protocol
from urllib.parse import unquote, urlsplit

from newsletter.errors import NotReadable
from newsletter.fetch.code_host import Place
from newsletter.fetch.code_host_api import CodeHost, Named, Wishes
from newsletter.fetch.code_host_document import items_again, read_document
from newsletter.fetch.code_host_reading import read_host
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Aside, Batch, Mistake
from newsletter.fetch.named import misnamed
from newsletter.model.source import FetchState


class Settings(Protocol):
    """The keys that the kinds of code hosts have in common."""

    @property
    def repositories(self) -> tuple[str, ...]:
        """Paths of projects."""

    @property
    def organisation(self) -> str | None:
        """An organisation, a group or a person, standing for all projects there."""

    @property
    def take(self) -> tuple[str, ...]:
        """What to read of them."""

    @property
    def token(self) -> str | None:
        """Who asks."""

    @property
    def url(self) -> str | None:
        """The server, or a page on it."""


async def read_source(host: type[CodeHost], settings: Settings, http: Http, state: FetchState) -> AsyncIterator[Batch]:
    """Batches of what is new for a source on a ``host``; see :meth:`newsletter.fetch.kinds.Kind.fetch`."""
    url = settings.url or ""
    if url.startswith("file:"):
        batches = read_document(host.at(host.usual, None), url, http, state)
    else:
        named = named_by(settings, host)
        batches = read_host(host.at(named.server, settings.token), named, settings.take, http, state)
    async for batch in batches:
        yield batch


async def read_aside(host: type[CodeHost], settings: Settings, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
    """One record of a source on a ``host``, read again; see :class:`newsletter.fetch.kinds.Kind`."""
    url = settings.url or ""
    api = host.at(host.usual if url.startswith("file:") else named_by(settings, host).server, settings.token)
    yield Batch(items_again(api, Wishes.read(settings.take), aside, Place(state.source_id, api.kind)))


def named_wrong(settings: Settings, host: type[CodeHost], *, depth: str = "") -> Iterator[Mistake]:
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


def named_by(settings: Settings, host: type[CodeHost]) -> Named:
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
