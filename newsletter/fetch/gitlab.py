"""GitLab's REST API (version 4). Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from newsletter.fetch.code_host import Comment, Release, Ticket, person
from newsletter.fetch.code_host_api import CodeHost, Size, Wishes, utc_text, with_query
from newsletter.fetch.rest import Record
from newsletter.model.item import Person

_PAGE = re.compile(r"(?:groups/)?([\w.-]+(?:/(?!-/)[\w.-]+)*?)(?:/-(?:/.*)?)?")
_SIZES = """query($path: ID!, $numbers: [String!]) { project(fullPath: $path) {
  mergeRequests(iids: $numbers, first: 50) {
    nodes { iid state mergedAt diffStatsSummary { additions deletions fileCount } } } } }"""


@dataclass(frozen=True)
class GitlabApi(CodeHost):
    """gitlab.com, or a server of one's own."""

    kind: ClassVar[str] = "gitlab"
    usual: ClassVar[str] = "https://gitlab.com"
    page_shape: ClassVar[re.Pattern[str]] = _PAGE
    api_shape: ClassVar[re.Pattern[str]] = re.compile(r"(.+)/api/v4/projects/([^/]+)(?:/.*)?")
    step: ClassVar[timedelta] = timedelta(milliseconds=1)
    tells_first: ClassVar[bool] = True

    @classmethod
    def at(cls, server: str, token: str | None) -> "GitlabApi":
        """The host whose pages, or whose API, begin with ``server``."""
        site = re.sub(r"/api/v4$", "", server).replace("://www.", "://")
        return cls(f"{site}/api/v4", site, token)

    @property
    def question_url(self) -> str | None:
        """GraphQL, which answers everybody about what everybody may see."""
        return f"{self.site}/api/graphql"

    def size_question(self, project: str, numbers: Sequence[int]) -> tuple[str, Mapping[str, Any]] | None:
        """The lines of merge requests, which REST does not count."""
        return _SIZES, {"path": project, "numbers": [str(number) for number in numbers]}

    def read_sizes(self, data: Record) -> Iterator[Size]:
        """What the answer tells."""
        for node in data.records("project", "mergeRequests", "nodes"):
            number = node.whole("iid")
            if number is not None:
                yield Size(
                    number,
                    node.text("state"),
                    node.when("mergedAt"),
                    node.whole("diffStatsSummary", "additions"),
                    node.whole("diffStatsSummary", "deletions"),
                    node.whole("diffStatsSummary", "fileCount"),
                )

    def releases_url(self, project: str) -> str:
        """The releases of ``project``, the newest first."""
        return self._of(project, "releases?order_by=released_at&sort=desc&per_page=30")

    def ticket_urls(self, project: str, wishes: Wishes) -> Mapping[str, str]:
        """Merged requests and issues are two lists."""
        order = "order_by=updated_at&sort=asc&per_page=100"
        found = {}
        if wishes.changes:
            found["changes"] = self._of(project, f"merge_requests?state=merged&scope=all&{order}")
        if wishes.comment_count is not None:
            found["issues"] = self._of(project, f"issues?scope=all&{order}")
        return found

    def since(self, url: str, at: datetime) -> str:
        """The list at ``url`` from ``at`` on."""
        return with_query(url, updated_after=utc_text(at, is_exact=True))

    def change_url(self, project: str, number: int) -> str:
        """One merge request; only alone it tells its files and whether it is somebody's first."""
        return self._of(project, f"merge_requests/{number}")

    def open_changes_url(self, project: str) -> str:
        """The open merge requests."""
        return self._of(project, "merge_requests?state=opened&scope=all&order_by=updated_at&sort=asc&per_page=50")

    def comments_url(self, ticket: Ticket) -> str:
        """The notes of ``ticket``."""
        what = "merge_requests" if ticket.is_change else "issues"
        return self._of(ticket.project, f"{what}/{ticket.number}/notes?order_by=created_at&sort=asc&per_page=100")

    def member_urls(self, organisation: str) -> Sequence[str]:
        """The projects of a group with its subgroups, or of a person."""
        name = quote(organisation, safe="")
        rest = "archived=false&order_by=id&sort=asc&per_page=100"
        group = f"{self.base}/groups/{name}/projects?include_subgroups=true&with_shared=false&{rest}"
        return group, f"{self.base}/users/{name}/projects?{rest}"

    def waiting_url(self, projects: Sequence[str], organisation: str | None) -> str:
        """The merge requests of a project or a group."""
        order = "state=opened&sort=updated_asc"
        if organisation:
            return f"{self.site}/groups/{quote(organisation)}/-/merge_requests?{order}"
        return f"{self.site}/{quote(projects[0])}/-/merge_requests?{order}" if len(projects) == 1 else self.site

    def read_ticket(self, record: Record, project: str) -> Ticket | None:
        """An issue, or a merge request with as much as its document tells."""
        number = record.whole("iid")
        if number is None:
            return None
        state = record.text("state")
        is_change = "source_branch" in record.fields or "merge_status" in record.fields or state == "merged"
        is_change = is_change or "/merge_requests/" in record.text("web_url")
        author = self._person(record.record("author"))
        return Ticket(
            number=number,
            project=self._project(record, project),
            url=record.line("web_url"),
            title=record.line("title"),
            state={"opened": "open", "reopened": "open", "locked": "open"}.get(state, state),
            is_change=is_change,
            author=author,
            created_at=record.when("created_at"),
            updated_at=record.when("updated_at"),
            closed_at=record.when("closed_at"),
            merged_at=record.when("merged_at"),
            body=record.text("description"),
            labels=_labels(record),
            comment_count=record.whole("user_notes_count"),
            is_secret=record.is_true("confidential"),
            is_draft=record.is_true("draft") or record.is_true("work_in_progress"),
            files_count=_count(record.fields.get("changes_count")),
            is_first=found if isinstance(found := record.fields.get("first_contribution"), bool) else None,
        )

    def read_release(self, record: Record, project: str) -> Release | None:
        """A release; its tag is its name, and one for later is not there yet."""
        tag = record.line("tag_name")
        if not tag:
            return None
        return Release(
            key=f"{project.casefold()} release {tag}",
            project=project,
            tag=tag,
            name=record.line("name"),
            url=record.line("_links", "self") or f"{self.site}/{quote(project)}/-/releases/{quote(tag, safe='')}",
            author=self._person(record.record("author")),
            published_at=record.when("released_at") or record.when("created_at"),
            body=record.text("description"),
            is_draft=record.is_true("upcoming_release"),
        )

    def read_comment(self, record: Record) -> Comment | None:
        """A note that somebody wrote for everybody."""
        at = record.when("created_at")
        is_out = any(record.is_true(name) for name in ("system", "internal", "confidential"))
        return Comment(self._person(record.record("author")), at) if at and not is_out else None

    def read_project(self, record: Record) -> str | None:
        """The path of a project that lives, and that everybody may see."""
        is_out = record.is_true("archived") or bool(record.record("forked_from_project"))
        is_out = is_out or record.text("visibility") not in ("", "public")
        return None if is_out else record.line("path_with_namespace") or None

    def _person(self, user: Record) -> Person | None:
        return person(user.text("username"), self.host, name=user.text("name"), is_bot=user.is_true("bot"))

    def _project(self, record: Record, project: str) -> str:
        """The path of the project, also where it is asked for by its number."""
        return (project.isdigit() and self.project_in(urlsplit(record.line("web_url")).path)) or project

    def _of(self, project: str, rest: str) -> str:
        return f"{self.base}/projects/{quote(project, safe='')}/{rest}"


def _labels(record: Record) -> tuple[str, ...]:
    return record.texts("labels") or tuple(name for each in record.records("labels") if (name := each.line("name")))


def _count(value: object) -> int | None:
    """``changes_count`` is a text; "1000+" says that there are more than anybody counted."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else None
