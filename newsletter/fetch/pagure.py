"""What Pagure's API answers, made into Tickets and Items. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsletter.fetch.records import at_second
from newsletter.fetch.rest import Record
from newsletter.fetch.tracker import Comment, Ticket, links_in, plain_text, thread_of
from newsletter.model.item import Item, Person, Review, item_id
from newsletter.text import host_of, is_web_url, one_line

KIND = "pagure"

_STATES = {"open": "open", "true": "open", "merged": "merged", "closed": "abandoned", "false": "abandoned"}
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_NUMBER = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Place:
    """A project on the server at ``base``, by its full name ("namespace/name", "fork/somebody/name")."""

    base: str
    project: str

    @property
    def short(self) -> str:
        """What people call the project."""
        return self.project.rpartition("/")[2] or self.project

    def page(self, record: Record, sort: str, number: int) -> str:
        """Where an issue or pull request can be read."""
        full = record.text("full_url")
        return full if is_web_url(full) else f"{self.base}/{self.project}/{sort}/{number}"


def person(record: Record, place: Place) -> Person | None:
    """Somebody of the server; a user keeps the key when the name changes."""
    login = record.line("name")
    name = record.line("fullname") or login
    return Person(name, f"{login}@{host_of(place.base)}".lower() if login else "") if name else None


def comments_of(record: Record, place: Place) -> tuple[Comment, ...]:
    """What people answered; what the server notes about changes is no answer."""
    said = (each for each in record.records("comments") if not each.is_true("notification"))
    return tuple(Comment(person(each.record("user"), place), at_second(each, "date_created")) for each in said)


def issue_ticket(record: Record, place: Place) -> Ticket | None:
    """An issue; None when it has no number."""
    number = record.whole("id")
    if number is None:
        return None
    is_open = record.text("status").lower() == "open"
    status = record.line("status") if is_open else record.line("close_status") or record.line("status")
    milestone = record.line("milestone")
    return Ticket(
        key=f"issue {place.project}#{number}",
        number=number,
        title=record.line("title"),
        url=place.page(record, "issue", number),
        project=place.short,
        status=status,
        author=person(record.record("user"), place),
        created_at=at_second(record, "date_created"),
        updated_at=at_second(record, "last_updated"),
        text=record.text("content"),
        labels=(*record.texts("tags"), *((milestone,) if milestone else ())),
        comments=comments_of(record, place),
    )


def pull_item(record: Record, place: Place, source_id: str) -> Item | None:
    """A pull request; None when it has no number. Said when it was merged, closed or opened."""
    number = record.whole("id")
    if number is None:
        return None
    key = f"pull request {place.project}#{number}"
    made, author = item_id(source_id, key), person(record.record("user"), place)
    state = pull_state(record)
    created, closed = at_second(record, "date_created"), at_second(record, "closed_at")
    text = plain_text(record.text("initial_comment"))
    said = Ticket(key, "", "", created_at=created, comments=comments_of(record, place))
    return Item(
        id=made,
        source_id=source_id,
        kind=KIND,
        form="review",
        native_keys=(key,),
        title=record.line("title") or key,
        url=place.page(record, "pull-request", number),
        author=author,
        published_at=created if state == "open" else closed or changed_at(record),
        updated_at=changed_at(record),
        text=text,
        links=links_in(text),
        thread=thread_of(made, author, said),
        review=Review(state, place.project, number, created, closed if state == "merged" else None),
        project=place.short,
        labels=record.texts("tags"),
    )


def pull_state(record: Record) -> str:
    """Whether a pull request is open, merged or abandoned; older servers say true for an open one."""
    status = "true" if record.is_true("status") else record.line("status").lower()
    return _STATES.get(status, "open")


def changed_at(record: Record) -> datetime | None:
    """When something happened to a pull request for the last time, as far as it tells."""
    times = (at_second(record, name) for name in ("updated_on", "last_updated", "closed_at", "date_created"))
    return max((at for at in times if at), default=None)


def read_tags(value: Any) -> dict[str, str]:
    """The tags of a repository, each with its commit ("" when the server does not tell), the newest version first."""
    found = Record(value if isinstance(value, dict) else {})
    commits = found.record("tags")
    tags = {name: commits.text(name) for name in commits.fields}
    tags = {name: commit if _COMMIT.fullmatch(commit) else "" for name, commit in tags.items()} or dict.fromkeys(
        found.texts("tags"), ""
    )
    return {name: tags[name] for name in sorted(tags, key=_version, reverse=True) if one_line(name)}


def _version(name: str) -> list[tuple[int, str]]:
    return [(int(part[:18]), "") if part.isascii() and part.isdigit() else (-1, part) for part in _NUMBER.split(name)]


def tag_item(name: str, commit: Record, place: Place, source_id: str) -> Item:
    """A tag as a release; said when what it names was committed."""
    key = f"tag {place.project} {name}"
    text = plain_text(commit.text("message"))
    return Item(
        id=item_id(source_id, key),
        source_id=source_id,
        kind=KIND,
        form="release",
        native_keys=(key,),
        title=one_line(f"{place.short} {name.removeprefix(f'{place.short}-')}"),
        url=f"{place.base}/{place.project}/releases",
        published_at=at_second(commit, "commit_time"),
        text=text,
        links=links_in(text),
        project=place.short,
    )
