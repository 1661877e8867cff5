"""Repositories on Codeberg and other servers with Forgejo or Gitea."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import ClassVar

from newsletter.fetch.code_host_api import TAKE_WORDS
from newsletter.fetch.code_host_source import named_wrong, read_aside, read_source
from newsletter.fetch.gitea import GiteaApi
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Aside, Batch, Mistake, kind
from newsletter.model.source import FetchState

_SIGNS = re.compile(
    rb'<meta name="author" content="(?:Gitea|Forgejo)|<meta name="keywords" content="[^"]*\b(?:gitea|forgejo)\b|'
    rb"\bappSubUrl: ",
    re.IGNORECASE,
)


@kind("gitea")
@dataclass(frozen=True, slots=True)
class Gitea:
    """Releases, merged changes and much discussed issues of repositories on Codeberg, Forgejo or Gitea.

    ``repositories`` are "owner/name". ``organisation`` stands for all public repositories of an
    organisation or a person, without forks, mirrors and archived ones. ``url`` is the address of the
    server, Codeberg if left out; alone, it is the page of a repository or an organisation. ``take`` says
    what to read: "releases"; "merged" (pull requests); "first-time contributor" (alone: only pull requests
    of people who had none merged before); "waiting more than N days" (one item that lists the open pull
    requests nobody has touched for so long, drafts apart); "issues with N comments". ``token`` is an
    access token that may read repositories and issues.

        - name: Forge news
          kind: gitea
          url: https://codeberg.org
          repositories: [forgejo/forgejo]
          take: [releases, issues with 20 comments]

    Not read: commits without a pull request, wikis, projects, packages, files of releases.
    """

    repositories: tuple[str, ...] = ()
    organisation: str | None = None
    take: tuple[str, ...] = ("releases", "merged")
    token: str | None = None
    url: str | None = None

    one_of: ClassVar[tuple[str, ...]] = ("repositories", "organisation", "url")
    take_words: ClassVar[tuple[str, ...]] = TAKE_WORDS
    address_shape: ClassVar[str] = (
        r"^https?://(www\.)?(codeberg\.org|gitea\.com|(gitea|forgejo)\.[^/]+)/"
        r"[^/]+/[^/]+(?<!\.rss)(?<!\.atom)(/(releases|pulls|issues))?/?$"
    )

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield what is new in each repository, oldest first, then the list of what waits."""
        async for batch in read_source(GiteaApi, self, http, state):
            yield batch

    def mistakes(self) -> Iterator[Mistake]:
        """Names that cannot be those of repositories."""
        return named_wrong(self, GiteaApi)

    def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One release, change or issue, as its list told it."""
        return read_aside(GiteaApi, self, aside, state)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A page as Gitea and Forgejo show it."""
        return bool(_SIGNS.search(reply.body[:20_000]))
