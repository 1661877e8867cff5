"""GitHub's REST API (version 2022-11-28), and what of it Gitea has taken over. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from newsletter.fetch.code_host import Comment, Release, Ticket, person
from newsletter.fetch.code_host_api import CodeHost, DiscussionPage, Size, Wishes, utc_text, with_query
from newsletter.fetch.github_questions import DISCUSSIONS, owner_and_name, read_discussions, read_sizes, size_question
from newsletter.fetch.rest import Record
from newsletter.model.item import Person

_PAGE = re.compile(
    r"(?:orgs/)?([\w.-]+(?:/(?!repositories$)[\w.-]+)?)(?:/(?:releases|pulls|issues|discussions|repositories))?"
)
_FIRST = ("FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR")


@dataclass(frozen=True)
class GithubApi(CodeHost):
    """github.com, or an Enterprise server."""

    kind: ClassVar[str] = "github"
    usual: ClassVar[str] = "https://github.com"
    page_shape: ClassVar[re.Pattern[str]] = _PAGE
    api_shape: ClassVar[re.Pattern[str]] = re.compile(r"(.+?)/repos/([^/]+/[^/]+)(?:/.*)?")
    accept: ClassVar[str] = "application/vnd.github+json"

    @classmethod
    def at(cls, server: str, token: str | None) -> "GithubApi":
        """The host whose pages, or whose API, begin with ``server``."""
        parts = urlsplit(server)
        host = (parts.hostname or "").lower().removeprefix("www.")
        if host in ("github.com", "api.github.com"):
            return cls("https://api.github.com", "https://github.com", token)
        if parts.path.strip("/") or host.startswith("api."):
            return cls(server, re.sub(r"/api/v3$", "", server).replace("//api.", "//"), token)
        return cls(f"{server}/api/v3", server, token)

    @property
    def headers(self) -> Mapping[str, str]:
        """What is said with every question."""
        return {**super().headers, "X-GitHub-Api-Version": "2022-11-28"}

    @property
    def question_url(self) -> str | None:
        """GraphQL, which answers nobody without a token."""
        if not self.token:
            return None
        return re.sub(r"/v3$", "/graphql", self.base) if self.base.endswith("/api/v3") else f"{self.base}/graphql"

    @property
    def most_singles(self) -> int:
        """Whoever comes without a token may ask 60 questions an hour."""
        return 300 if self.token else 20

    def size_question(self, project: str, numbers: Sequence[int]) -> tuple[str, Mapping[str, Any]] | None:
        """The sizes of pull requests, many at once."""
        return (size_question(numbers), owner_and_name(project)) if self.question_url else None

    def read_sizes(self, data: Record) -> Iterator[Size]:
        """What the answer tells."""
        return read_sizes(data)

    def discussion_question(self, project: str, after: str) -> tuple[str, Mapping[str, Any]] | None:
        """Discussions, which REST does not give."""
        variables = {**owner_and_name(project), "after": after or None}
        return (DISCUSSIONS, variables) if self.question_url else None

    def read_discussions(self, data: Record, project: str) -> DiscussionPage:
        """What the answer tells."""
        return read_discussions(data, project, self.host)

    def releases_url(self, project: str) -> str:
        """The releases of ``project``, the newest first."""
        return self._of(project, "releases?per_page=30")

    def ticket_urls(self, project: str, wishes: Wishes) -> Mapping[str, str]:
        """One list: to GitHub a pull request is an issue, and small there."""
        return {"tickets": self._of(project, "issues?state=all&sort=updated&direction=asc&per_page=100")}

    def since(self, url: str, at: datetime) -> str:
        """The list at ``url`` from ``at`` on."""
        return with_query(url, since=utc_text(at))

    def change_url(self, project: str, number: int) -> str:
        """One pull request."""
        return self._of(project, f"pulls/{number}")

    def open_changes_url(self, project: str) -> str:
        """The open pull requests."""
        return self._of(project, "pulls?state=open&sort=updated&direction=asc&per_page=50")

    def closed_changes_url(self, project: str) -> str | None:
        """The closed pull requests."""
        return self._of(project, "pulls?state=closed&sort=updated&direction=desc&per_page=50")

    def comments_url(self, ticket: Ticket) -> str:
        """The answers to ``ticket``."""
        return self._of(ticket.project, f"issues/{ticket.number}/comments?per_page=100")

    def changes_of_url(self, project: str, login: str) -> str | None:
        """The closed issues and pull requests that ``login`` opened."""
        path = f"issues?creator={quote(login, safe='')}&state=closed&sort=created&direction=asc&per_page=30"
        return self._of(project, path)

    def member_urls(self, organisation: str) -> Sequence[str]:
        """The repositories of an organisation, or of a person."""
        name = quote(organisation, safe="")
        rest = "per_page=100&sort=pushed&direction=desc"
        people = f"{self.base}/users/{name}/repos?type=owner&{rest}"
        return f"{self.base}/orgs/{name}/repos?type=sources&{rest}", people

    def waiting_url(self, projects: Sequence[str], organisation: str | None) -> str:
        """The pull requests of one repository, or a search for those of all."""
        if len(projects) == 1:
            return f"{self.site}/{quote(projects[0])}/pulls?q=is%3Apr+is%3Aopen+sort%3Aupdated-asc"
        whose = f"org:{organisation}" if organisation else " ".join(f"repo:{each}" for each in projects[:20])
        return f"{self.site}/search?type=pullrequests&q={quote(f'is:pr is:open draft:false {whose}')}"

    def read_ticket(self, record: Record, project: str) -> Ticket | None:
        """An issue, or a pull request with as much as its document tells."""
        number = record.whole("number")
        if number is None:
            return None
        is_change = bool(record.record("pull_request")) or "merged_at" in record.fields or "base" in record.fields
        merged_at = record.when("merged_at") or record.when("pull_request", "merged_at")
        author = self.read_person(record.record("user"))
        return Ticket(
            number=number,
            project=project,
            url=record.line("html_url"),
            title=record.line("title"),
            state=_state(record, is_change, merged_at),
            is_change=is_change,
            author=author,
            created_at=record.when("created_at"),
            updated_at=record.when("updated_at"),
            closed_at=record.when("closed_at"),
            merged_at=merged_at,
            body=record.text("body"),
            labels=tuple(name for each in record.records("labels") if (name := each.line("name"))),
            comment_count=_sum(record.whole("comments"), record.whole("review_comments")),
            is_draft=record.is_true("draft") or record.is_true("pull_request", "draft"),
            lines_added=record.whole("additions"),
            lines_removed=record.whole("deletions"),
            files_count=record.whole("changed_files"),
            is_first=True if record.text("author_association") in _FIRST else None,
        )

    def read_release(self, record: Record, project: str) -> Release | None:
        """A release."""
        tag = record.line("tag_name")
        key = record.key("id") or tag
        if not key:
            return None
        return Release(
            key=f"{project.casefold()} release {key}",
            project=project,
            tag=tag,
            name=record.line("name"),
            url=record.line("html_url"),
            author=self.read_person(record.record("author")),
            published_at=record.when("published_at") or record.when("created_at"),
            body=record.text("body"),
            is_draft=record.is_true("draft"),
            is_early=record.is_true("prerelease"),
        )

    def read_comment(self, record: Record) -> Comment | None:
        """An answer, a remark on a line, or a review."""
        at = record.when("created_at") or record.when("submitted_at")
        return Comment(self.read_person(record.record("user")), at) if at else None

    def read_project(self, record: Record) -> str | None:
        """The full name of a repository that lives, and that everybody may see."""
        out = ("fork", "archived", "disabled", "private", "internal", "empty", "mirror")
        return None if any(record.is_true(name) for name in out) else record.line("full_name") or None

    def read_person(self, user: Record) -> Person | None:
        """An account; a deleted one is nobody."""
        is_bot = user.text("type") == "Bot"
        return person(user.text("login"), self.host, name=user.text("name") or user.text("full_name"), is_bot=is_bot)

    def _of(self, project: str, rest: str) -> str:
        return f"{self.base}/repos/{quote(project)}/{rest}"


def _state(record: Record, is_change: bool, merged_at: datetime | None) -> str:
    """Old servers say in a list only that a pull request is closed: whether merged, "", its own document tells."""
    if merged_at or record.is_true("merged") or record.is_true("pull_request", "merged"):
        return "merged"
    state = record.text("state")
    if not is_change or state != "closed":
        return state
    pull: Any = record.fields.get("pull_request")
    tells = isinstance(pull, dict) and ("merged_at" in pull or "merged" in pull)
    return "closed" if tells or "merged_at" in record.fields or "merged" in record.fields else ""


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
