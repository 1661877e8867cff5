"""Projects on GitLab."""

import re
from dataclasses import dataclass
from typing import ClassVar

from newsletter.fetch.code_host_api import CodeHost
from newsletter.fetch.code_host_source import CodeHostSource
from newsletter.fetch.gitlab import GitlabApi
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import kind

_SIGN = re.compile(rb'content="GitLab" property="og:site_name"|property="og:site_name" content="GitLab"')


@kind("gitlab")
@dataclass(frozen=True, slots=True)
class Gitlab(CodeHostSource):
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

    host: ClassVar[type[CodeHost]] = GitlabApi
    depth: ClassVar[str] = "*"
    address_shape: ClassVar[str] = (
        r"^https?://((www\.)?gitlab\.com|(gitlab|salsa)\.[^/]+)(/(?!-/)[^/]+)+/(?!-/)[^/]+(?<!\.atom)"
        r"(/-/(releases|issues|merge_requests))?/?$"
    )

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A page of a project or a group, as GitLab shows it."""
        start = reply.body[:20_000]
        return (
            b'content="GitLab" property="og:site_name"' in start or b'property="og:site_name" content="GitLab"' in start
        )
