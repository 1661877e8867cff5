"""What Phabricator (and Phorge) tells of its tasks, made into Tickets. Pure."""

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsletter.fetch.records import at_second
from newsletter.fetch.rest import Record, records
from newsletter.fetch.tracker import Comment, Ticket
from newsletter.model.item import Person
from newsletter.text import host_of, one_line

KIND = "phabricator"
PRIORITIES = ("Unbreak Now!", "Needs Triage", "High", "Medium", "Normal", "Low", "Lowest", "Wishlist")

_EVERYBODY = ("", "public", "users")
_DONE = ("resolved",)
_LISTED = re.compile(
    rb'<a\b(?=[^>]{0,3000}\bphui-oi-link\b)[^>]{0,3000}\bhref="(?:https?://[^"/]+)?/T([0-9]{1,9})"[^>]{0,3000}>'
    rb"([^<]{1,3000})</a>"
)

Name = tuple[str, str]
"""What people call somebody or something, and the name it signs in with ("" for a project)."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server at ``base``, and the names of the people and projects it has told."""

    base: str
    names: Mapping[str, Name]

    def person(self, phid: str) -> Person | None:
        """Whoever the server calls ``phid``."""
        if not phid:
            return None
        name, login = self.names.get(phid, ("", ""))
        return Person(name or login, f"{login or phid}@{host_of(self.base)}".lower())

    def called(self, phid: str) -> str:
        """What people call the project ``phid``."""
        return self.names.get(phid, ("", ""))[0]


def task_ticket(task: Record, server: Server, comments: tuple[Comment, ...] | None) -> Ticket | None:
    """A task; None when it has no number."""
    number = task.whole("id")
    if number is None:
        return None
    status = task.line("fields", "status", "value")
    projects = [name for phid in project_ids(task) if (name := server.called(phid))]
    return Ticket(
        key=f"T{number}",
        number=number,
        title=task.line("fields", "name") or task.line("fields", "title"),
        url=f"{server.base}/T{number}",
        project=projects[0] if projects else None,
        status=task.line("fields", "status", "name") or status,
        importance=task.line("fields", "priority", "name"),
        author=server.person(task.line("fields", "authorPHID")),
        created_at=at_second(task, "fields", "dateCreated"),
        updated_at=at_second(task, "fields", "dateModified"),
        fixed_at=at_second(task, "fields", "dateClosed") if status in _DONE else None,
        text=task.text("fields", "description", "raw"),
        labels=tuple(projects),
        comments=comments,
    )


def project_ids(task: Record) -> tuple[str, ...]:
    """The projects a task belongs to."""
    return task.record("attachments", "projects").texts("projectPHIDs")


def is_for_everybody(task: Record) -> bool:
    """Whether everybody, or everybody who signs in, may see a task."""
    return task.line("fields", "policy", "view") in _EVERYBODY


def read_comments(result: Any, server: Server) -> dict[str, tuple[Comment, ...]]:
    """The comments of each task by its number, from all that happened to it; the oldest first."""
    found = {}
    for number, happened in (result if isinstance(result, dict) else {}).items():
        said = [each for each in records(happened) if each.text("transactionType") == "core:comment"]
        said = [each for each in said if each.text("comments").strip()]
        said.sort(key=lambda each: each.whole("dateCreated") or 0)
        found[str(number)] = tuple(
            Comment(server.person(each.line("authorPHID")), at_second(each, "dateCreated")) for each in said
        )
    return found


def read_names(result: Any) -> dict[str, Name]:
    """The names of people and projects, whichever of the server's methods gave ``result``."""
    if isinstance(result, dict) and not isinstance(result.get("data"), list):
        result = list(result.values())
    elif isinstance(result, dict):
        result = result["data"]
    found: dict[str, Name] = {}
    for each in records(result):
        fields = each.record("fields") or each
        login = fields.line("username") or fields.line("userName")
        name = fields.line("realName") or fields.line("name") or login
        if each.line("phid") and name:
            found[each.line("phid")] = (name, login)
    return found


def stored_names(value: Any) -> dict[str, Name]:
    """The names as a cursor keeps them."""
    pairs = value.items() if isinstance(value, dict) else ()
    return {phid: (str(name[0]), str(name[1])) for phid, name in pairs}


def read_list(page: bytes, base: str) -> dict[int, Ticket]:
    """The tasks in a list as everybody can see it, by number: their titles, and nothing more."""
    found: dict[int, Ticket] = {}
    for number, title in _LISTED.findall(page):
        said = one_line(entities.unescape(title.decode("utf-8", "replace")))
        if said and said != f"T{int(number)}":
            found.setdefault(int(number), Ticket(f"T{int(number)}", said, f"{base}/T{int(number)}", int(number)))
    return found
