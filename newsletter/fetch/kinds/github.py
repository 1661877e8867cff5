"""Repositories on GitHub."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

from newsletter.fetch.code_host_api import TAKE_WORDS
from newsletter.fetch.code_host_source import read_aside, read_source
from newsletter.fetch.github import GithubApi
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.model.source import FetchState

_NO_ACCOUNTS = "about|apps|collections|contact|explore|features|login|marketplace|pricing|search|sponsors|topics"


@kind("github")
@dataclass(frozen=True, slots=True)
class Github:
    """Releases, merged changes and much discussed issues of repositories on GitHub, or on a server of its kind.

    ``repositories`` are "owner/name". ``organisation`` stands for all public repositories of an
    organisation or a person, without forks and archived ones. ``url`` is the address of a server
    of your own; alone, it is the page of a repository or an organisation. ``take`` says what to read:
    "releases"; "merged" (pull requests); "first-time contributor" (alone: only pull requests of people
    who had none merged before); "waiting more than N days" (one item that lists the open pull requests
    nobody has touched for so long, drafts apart); "issues with N comments" (also discussions, if there
    is a token). ``token`` is an access token that may read public repositories. Without one GitHub
    answers 60 questions an hour, which is enough for a few repositories; the rest waits for its turn.

        - name: Client code
          kind: github
          repositories: [openstack/python-novaclient]
          take: [releases, merged, issues with 20 comments]
          token: from GITHUB_TOKEN

    Not read: commits without a pull request, wikis, projects, drafts of releases, files of releases.
    """

    repositories: tuple[str, ...] = ()
    organisation: str | None = None
    take: tuple[str, ...] = ("releases", "merged")
    token: str | None = None
    url: str | None = None

    one_of: ClassVar[tuple[str, ...]] = ("repositories", "organisation", "url")
    take_words: ClassVar[tuple[str, ...]] = TAKE_WORDS
    address_shape: ClassVar[str] = (
        rf"^https?://(www\.)?github\.com/(?!(?:{_NO_ACCOUNTS})(?:/|$))"
        r"(orgs/[^/]+(/repositories)?|[^/.]+|[^/]+/[^/]+?(?<!\.atom)(/(releases|pulls|issues|discussions))?)/?$"
    )

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield what is new in each repository, oldest first, then the list of what waits."""
        async for batch in read_source(GithubApi, self, http, state):
            yield batch

    def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One release, change or issue, as its list told it."""
        return read_aside(GithubApi, self, aside, state)
