"""Repositories on Codeberg and other servers with Forgejo or Gitea."""

import re
from dataclasses import dataclass
from typing import ClassVar

from newsletter.fetch.code_host_api import CodeHost
from newsletter.fetch.code_host_source import CodeHostSource
from newsletter.fetch.gitea import GiteaApi
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import kind

_SIGNS = re.compile(
    rb'<meta name="author" content="(?:Gitea|Forgejo)|<meta name="keywords" content="[^"]*\b(?:gitea|forgejo)\b|'
    rb"\bappSubUrl: ",
    re.IGNORECASE,
)


@kind("gitea")
@dataclass(frozen=True, slots=True)
class Gitea(CodeHostSource):
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

    host: ClassVar[type[CodeHost]] = GiteaApi
    address_shape: ClassVar[str] = (
        r"^https?://(www\.)?(codeberg\.org|gitea\.com|(gitea|forgejo)\.[^/]+)/"
        r"[^/]+/[^/]+(?<!\.rss)(?<!\.atom)(/(releases|pulls|issues))?/?$"
    )

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A page as Gitea and Forgejo show it."""
        return bool(_SIGNS.search(reply.body[:20_000]))
