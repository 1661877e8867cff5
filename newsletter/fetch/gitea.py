"""The REST API (version 1) of Gitea and Forgejo, which follows GitHub's. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

from newsletter.fetch.code_host import Ticket
from newsletter.fetch.code_host_api import Wishes
from newsletter.fetch.github import GithubApi

_PAGE = re.compile(r"([\w.-]+(?:/[\w.-]+)?)(?:/(?:releases|pulls|issues))?")


@dataclass(frozen=True)
class GiteaApi(GithubApi):
    """Codeberg, or another server with Gitea or Forgejo."""

    kind: ClassVar[str] = "gitea"
    usual: ClassVar[str] = "https://codeberg.org"
    page_shape: ClassVar[re.Pattern[str]] = _PAGE
    accept: ClassVar[str] = "application/json"
    is_sorted: ClassVar[bool] = False

    @classmethod
    def at(cls, server: str, token: str | None) -> "GiteaApi":
        """The host whose pages, or whose API, begin with ``server``."""
        site = re.sub(r"/api/v1$", "", server).replace("://www.", "://")
        return cls(f"{site}/api/v1", site, token)

    @property
    def headers(self) -> Mapping[str, str]:
        """What is said with every question."""
        return {"Accept": self.accept, **({"Authorization": f"token {self.token}"} if self.token else {})}

    @property
    def question_url(self) -> str | None:
        """There is no GraphQL."""
        return None

    @property
    def most_singles(self) -> int:
        """No number is known to be too many; this is a polite one."""
        return 200

    def releases_url(self, project: str) -> str:
        """The releases of ``project``, the newest first."""
        return self._of(project, "releases?draft=false&limit=30")

    def ticket_urls(self, project: str, wishes: Wishes) -> Mapping[str, str]:
        """Issues and pull requests in one list, or those of the two that are wished for."""
        both = wishes.changes and wishes.comment_count is not None
        what = "" if both else "&type=pulls" if wishes.changes else "&type=issues"
        return {"tickets": self._of(project, f"issues?state=all{what}&limit=50")}

    def open_changes_url(self, project: str) -> str:
        """The open pull requests."""
        return self._of(project, "pulls?state=open&sort=leastupdate&limit=50")

    def comments_url(self, ticket: Ticket) -> str:
        """The answers to ``ticket``, which come all at once."""
        return self._of(ticket.project, f"issues/{ticket.number}/comments")

    def changes_of_url(self, project: str, login: str) -> str | None:
        """The closed pull requests that ``login`` opened."""
        return self._of(project, f"issues?created_by={quote(login, safe='')}&state=closed&type=pulls&limit=50")

    def member_urls(self, organisation: str) -> Sequence[str]:
        """The repositories of an organisation, or of a person."""
        name = quote(organisation, safe="")
        return f"{self.base}/orgs/{name}/repos?limit=50", f"{self.base}/users/{name}/repos?limit=50"

    def waiting_url(self, projects: Sequence[str], organisation: str | None) -> str:
        """The pull requests of one repository, or the page of all."""
        if len(projects) == 1:
            return f"{self.site}/{quote(projects[0])}/pulls?state=open&sort=leastupdate"
        return f"{self.site}/{quote(organisation)}" if organisation else self.site
