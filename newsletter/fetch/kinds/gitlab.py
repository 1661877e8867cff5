"""Projects on GitLab."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import ClassVar

from newsletter.fetch.code_host_api import TAKE_WORDS
from newsletter.fetch.code_host_source import named_wrong, read_aside, read_source
from newsletter.fetch.gitlab import GitlabApi
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Aside, Batch, Mistake, kind
from newsletter.model.source import FetchState

_SIGN = re.compile(rb'content="GitLab" property="og:site_name"|property="og:site_name" content="GitLab"')


@kind("gitlab")
@dataclass(frozen=True, slots=True)
class Gitlab:
    """Releases, merged changes and much discussed issues of projects on GitLab, or on a server of its kind.

    ``repositories`` are the paths of projects, with the groups they lie in ("group/subgroup/name").
    ``organisation`` stands for all public projects of a group and its subgroups, or of a person, without
    forks and archived ones. ``url`` is the address of a server of your own; alone, it is the page of a
    project or a group. ``take`` says what to read: "releases"; "merged" (merge requests); "first-time
    contributor" (alone: only merge requests of people who had none merged before); "waiting more than
    N days" (one item that lists the open merge requests nobody has touched for so long, drafts apart);
    "issues with N comments". ``token`` is an access token; what is confidential is not read even with one.

        - name: Desktop releases
          kind: gitlab
          url: https://gitlab.gnome.org
          repositories: [GNOME/gnome-shell, GNOME/mutter]
          take: [releases, first-time contributor]

    Not read: commits without a merge request, epics, snippets, wikis, files of releases.
    """

    repositories: tuple[str, ...] = ()
    organisation: str | None = None
    take: tuple[str, ...] = ("releases", "merged")
    token: str | None = None
    url: str | None = None

    one_of: ClassVar[tuple[str, ...]] = ("repositories", "organisation", "url")
    take_words: ClassVar[tuple[str, ...]] = TAKE_WORDS
    address_shape: ClassVar[str] = (
        r"^https?://((www\.)?gitlab\.com|(gitlab|salsa)\.[^/]+)(/(?!-/)[^/]+)+/(?!-/)[^/]+(?<!\.atom)"
        r"(/-/(releases|issues|merge_requests))?/?$"
    )

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield what is new in each project, oldest first, then the list of what waits."""
        async for batch in read_source(GitlabApi, self, http, state):
            yield batch

    def mistakes(self) -> Iterator[Mistake]:
        """Names that cannot be those of repositories."""
        return named_wrong(self, GitlabApi, depth="*")

    def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One release, change or issue, as its list told it."""
        return read_aside(GitlabApi, self, aside, state)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A page of a project or a group, as GitLab shows it."""
        start = reply.body[:20_000]
        return (
            b'content="GitLab" property="og:site_name"' in start or b'property="og:site_name" content="GitLab"' in start
        )
