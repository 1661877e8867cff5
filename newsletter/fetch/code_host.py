"""What code hosts tell (tickets, changes, releases, in whichever words) and the Items made of it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from newsletter.fetch.markdown import read_markdown
from newsletter.fetch.waiting import short_project
from newsletter.model.item import Item, Person, Review, Thread, item_id
from newsletter.model.robots import is_robot
from newsletter.text import one_line

_DIGITS = re.compile(r"\d+(?:\.\d+)+|\d+")


@dataclass(frozen=True, slots=True)
class Ticket:
    """An issue or, when ``is_change``, a pull or merge request. ``state`` is open, closed, merged or "" for unknown."""

    number: int
    project: str
    url: str
    title: str
    state: str
    is_change: bool = False
    author: Person | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    merged_at: datetime | None = None
    body: str = ""
    labels: tuple[str, ...] = ()
    comment_count: int | None = None
    is_draft: bool = False
    lines_added: int | None = None
    lines_removed: int | None = None
    files_count: int | None = None
    is_first: bool | None = None
    is_discussion: bool = False
    is_secret: bool = False
    """Whether only some may see it; such a ticket is never told."""

    @property
    def key(self) -> str:
        """The name of the ticket on its host."""
        mark = "!" if self.is_change else " discussion " if self.is_discussion else "#"
        return f"{self.project.casefold()}{mark}{self.number}"

    @property
    def done_at(self) -> datetime | None:
        """When it was merged or closed, as far as that is told."""
        return self.merged_at or self.closed_at


@dataclass(frozen=True, slots=True)
class Release:
    """A release as its host tells it."""

    key: str
    project: str
    tag: str
    name: str
    url: str
    author: Person | None = None
    published_at: datetime | None = None
    body: str = ""
    is_draft: bool = False
    is_early: bool = False
    """Whether it is called a pre-release."""


@dataclass(frozen=True, slots=True)
class Comment:
    """Who answered, and when."""

    author: Person | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Talk:
    """What is known of the answers to a ticket: how many, by how many people, from when to when."""

    reply_count: int
    people_count: int = 1
    reached_at: datetime | None = None
    """When it had as many answers as the editor asks for."""
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Whose items are made: the source's id and the word for its kind."""

    source_id: str
    kind: str


def person(login: str, host: str, *, name: str = "", is_bot: bool = False) -> Person | None:
    """The account ``login`` on ``host``; one that its host calls a bot is named so that everybody knows it."""
    login = one_line(login)
    if not login:
        return None
    found = Person(one_line(name) or login, f"{login}@{host}".casefold())
    if is_bot and not is_robot(found):
        return Person(found.name, f"{login}[bot]@{host}".casefold())
    return found


def talk_of(ticket: Ticket, comments: Iterable[Comment], *, wanted: int, reply_count: int | None = None) -> Talk:
    """What ``comments`` (the oldest first) tell; robots answer, and are no people."""
    told = sorted(comments, key=lambda each: each.created_at)
    authors = (ticket.author, *(each.author for each in told))
    people = {each.identity for each in authors if each and not is_robot(each)}
    reached = told[wanted - 1].created_at if 0 < wanted <= len(told) else None
    count = reply_count if reply_count is not None else ticket.comment_count
    return Talk(
        count if count is not None else len(told),
        max(1, len(people)),
        reached,
        told[-1].created_at if told else None,
    )


def change_item(change: Ticket, place: Place, talk: Talk | None = None) -> Item:
    """A pull or merge request as an Item; said when it was merged, or else created."""
    state = {"closed": "abandoned"}.get(change.state, change.state)
    said = change.done_at or change.updated_at if state in ("merged", "abandoned") else change.created_at
    review = Review(
        state=state,
        project=change.project,
        number=change.number,
        created_at=change.created_at,
        merged_at=change.merged_at,
        lines_added=change.lines_added,
        lines_removed=change.lines_removed,
        files_count=change.files_count,
        is_first_contribution=change.is_first,
    )
    return _item(change, place, said=said, talk=talk, review=review)


def ticket_item(ticket: Ticket, place: Place, talk: Talk | None = None) -> Item:
    """An issue as an Item; said when so many had answered, if that is known, or else when it was opened."""
    told = [at for at in (ticket.created_at, talk.reached_at if talk else None) if at]
    said = max(told, default=None)
    return _item(ticket, place, said=said, talk=talk)


def _item(
    ticket: Ticket, place: Place, *, said: datetime | None, talk: Talk | None, review: Review | None = None
) -> Item:
    written = read_markdown(ticket.body)
    if talk is None and ticket.comment_count is not None:
        talk = Talk(ticket.comment_count)
    thread = None
    if talk is not None:
        thread = Thread(ticket.key, talk.reply_count, talk.people_count, ticket.created_at, talk.last_at)
    return Item(
        id=item_id(place.source_id, ticket.key),
        source_id=place.source_id,
        kind=place.kind,
        form="review" if review else "ticket",
        native_keys=(ticket.key,),
        title=ticket.title or f"{short_project(ticket.project)} {ticket.number}",
        url=ticket.url or None,
        author=ticket.author,
        published_at=said,
        updated_at=ticket.updated_at,
        text=written.text,
        links=written.links,
        thread=thread,
        review=review,
        project=short_project(ticket.project),
        labels=ticket.labels,
    )


def release_item(release: Release, place: Place) -> Item:
    """A release as an Item, with its notes."""
    written = read_markdown(release.body)
    return Item(
        id=item_id(place.source_id, release.key),
        source_id=place.source_id,
        kind=place.kind,
        form="release",
        native_keys=(release.key,),
        title=release_title(release),
        url=release.url or None,
        author=release.author,
        published_at=release.published_at,
        text=written.text,
        links=written.links,
        project=short_project(release.project),
        labels=("pre-release",) if release.is_early else (),
    )


def release_title(release: Release) -> str:
    """The project and the version; what the release is called beside that behind a colon."""
    project, name = short_project(release.project), release.name or release.tag
    digits = _DIGITS.search(release.tag)
    if digits and digits[0] not in name:
        return f"{project} {release.tag}: {name}"
    return name if project.casefold() in name.casefold() else f"{project} {name}"
