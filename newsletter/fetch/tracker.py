"""What bug trackers have in common: Tickets made into Items. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newsletter.fetch.clean import is_safe_url
from newsletter.model.item import Item, Person, Thread, item_id
from newsletter.text import is_web_url, one_line, without_controls

_LONGEST_TEXT = 20_000
_LINK = re.compile(r"https?://[^\s<>\"'`\])}]+")
_COMMENTS = re.compile(r"\b(?:issues|bugs|tasks) with (\d{1,4}) comments?")
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Comment:
    """Somebody's answer to a ticket."""

    author: Person | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A bug, issue or task as its tracker tells it. What it does not tell is None or empty.

    ``comments`` are the answers, the oldest first, without the description; what is known without
    them is ``comment_count`` and, of the last one, ``commented_at``. ``fixed_at`` is when it was
    closed as done.
    """

    key: str
    title: str
    url: str
    number: int | None = None
    project: str | None = None
    status: str = ""
    importance: str = ""
    author: Person | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    fixed_at: datetime | None = None
    text: str = ""
    labels: tuple[str, ...] = ()
    comments: tuple[Comment, ...] | None = None
    comment_count: int | None = None
    commented_at: datetime | None = None

    @property
    def count(self) -> int | None:
        """How many comments there are; the tracker may show fewer than it counts."""
        shown = None if self.comments is None else len(self.comments)
        return max((count for count in (self.comment_count, shown) if count is not None), default=None)

    def discussed_at(self, count: int) -> datetime | None:
        """When the comment came that made it ``count`` comments, as far as that is known."""
        if self.comments is None or len(self.comments) < max(count, 1):
            return None
        times = sorted(each.at or _NEVER for each in self.comments)
        found = times[max(count, 1) - 1]
        return found if found != _NEVER else None


def plain_text(text: str) -> str:
    """``text`` as people typed it, bounded, without characters that nobody can see."""
    return without_controls(text[:_LONGEST_TEXT]).strip()


def links_in(text: str) -> tuple[str, ...]:
    """The addresses that stand in plain text, each once."""
    found = (each.rstrip(".,;:!?*_") for each in _LINK.findall(text))
    return tuple(each for each in dict.fromkeys(found) if is_web_url(each) and is_safe_url(each))


def thread_of(root: str, author: Person | None, ticket: Ticket) -> Thread | None:
    """How much was answered to ``ticket``; None when the tracker does not tell."""
    if ticket.count is None:
        return None
    comments = ticket.comments or ()
    people = {each.author.identity for each in comments if each.author}
    if author is not None:
        people.add(author.identity)
    times = [at for at in (ticket.commented_at, *(each.at for each in comments)) if at]
    last_at = max(times, default=None if ticket.count else ticket.created_at)
    return Thread(root, ticket.count, max(1, len(people)), ticket.created_at, last_at)


def ticket_item(ticket: Ticket, source_id: str, kind: str, *, said_at: datetime | None = None) -> Item:
    """The ticket as an Item; said when it was opened, or at ``said_at``."""
    made = item_id(source_id, ticket.key)
    text = plain_text(ticket.text)
    labels = (one_line(each) for each in (ticket.status, ticket.importance, *ticket.labels))
    return Item(
        id=made,
        source_id=source_id,
        kind=kind,
        form="ticket",
        native_keys=(ticket.key,),
        title=one_line(ticket.title) or ticket.key,
        url=ticket.url if is_web_url(ticket.url) else None,
        author=ticket.author,
        published_at=said_at or ticket.created_at,
        updated_at=ticket.updated_at,
        text=text,
        links=links_in(text),
        thread=thread_of(made, ticket.author, ticket),
        project=ticket.project,
        labels=tuple(each for each in dict.fromkeys(labels) if each),
    )


def discussed_items(tickets: Iterable[Ticket], count: int, source_id: str, kind: str) -> tuple[Item, ...]:
    """The tickets with at least ``count`` comments; said when the last of these came, if that is known."""
    return tuple(
        ticket_item(each, source_id, kind, said_at=each.discussed_at(count))
        for each in tickets
        if each.count is not None and each.count >= count
    )


def told_items(
    tickets: Iterable[Ticket], count: int | None, source_id: str, *, kind: str, is_all: bool
) -> tuple[Item, ...]:
    """All of the tickets, or those with at least ``count`` comments; none when neither is wanted."""
    if is_all:
        return tuple(ticket_item(each, source_id, kind) for each in tickets)
    return discussed_items(tickets, count, source_id, kind) if count is not None else ()


def comments_wanted(take: Sequence[str]) -> int | None:
    """The number in "issues with N comments", in whichever words the kind has for it."""
    found = (match for word in take if (match := _COMMENTS.fullmatch(word)))
    return next((int(match[1]) for match in found), None)


def by_change(ticket: Ticket) -> tuple[datetime, str]:
    """Sorts tickets: the one that rests longest first."""
    return (ticket.updated_at or ticket.created_at or _NEVER, ticket.key)
