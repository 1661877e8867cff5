"""What Launchpad's web service answers, made into Tickets and Items. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Literal
from urllib.parse import unquote, urlsplit

from newsletter.fetch.rest import Record
from newsletter.fetch.tracker import Comment, Ticket, links_in, plain_text
from newsletter.model.item import Event, Item, Person, Review, item_id
from newsletter.text import is_web_url, one_line, shorten

IMPORTANCES = ("Critical", "High", "Medium", "Low", "Wishlist", "Undecided", "Unknown")
STATUSES = (
    *("New", "Incomplete", "Opinion", "Invalid", "Won't Fix", "Expired", "Confirmed", "Triaged", "In Progress"),
    *("Fix Committed", "Fix Released"),
)
OPEN_PROPOSALS = ("Needs review", "Approved")
KIND = "launchpad"

_FIXED = ("Fix Committed", "Fix Released")
_CANDIDATE = re.compile(r"(?:^|[^a-z])rc[\s._-]?\d*(?![a-z0-9])|release[\s-]candidate", re.IGNORECASE)
_PROPOSAL_STATES = {"Merged": "merged", "Rejected": "abandoned", "Superseded": "abandoned"}
_TITLE = 100

People = Mapping[str, str]
"""The names that people show, by the names they sign in with."""


def login_of(link: str) -> str:
    """The name in a link to a person or team, "" when it is none."""
    found = re.search(r"/~([^/?#]+)$", link)
    return unquote(found[1]) if found else ""


def person(link: str, people: People) -> Person | None:
    """Whoever ``link`` leads to; an account keeps its name when the person is called otherwise."""
    login = one_line(login_of(link))
    return Person(people.get(login) or login, f"{login}@launchpad.net".lower()) if login else None


def is_private(record: Record) -> bool:
    """Whether not everybody may see it."""
    kind = record.text("information_type")
    return record.is_true("private") or bool(kind and not kind.startswith("Public"))


def task_ticket(record: Record, people: People) -> Ticket | None:
    """A bug as it is in one project; None when it is no bug task."""
    number = _bug_number(record.text("bug_link")) or _bug_number(record.text("web_link"))
    if number is None:
        return None
    target = record.line("bug_target_name")
    title = record.line("title")
    plain = title.removeprefix(f"Bug #{number} in {record.line('bug_target_display_name') or target}: ")
    if plain != title and len(plain) > 1 and plain[0] == plain[-1] == '"':
        plain = plain[1:-1]
    status = record.line("status")
    fixed = (record.when(name) for name in ("date_fix_committed", "date_fix_released"))
    times = [at for at in fixed if at] if status in _FIXED else []
    return Ticket(
        key=f"bug {number}",
        number=number,
        title=plain,
        url=record.text("web_link"),
        project=target or None,
        status=status,
        importance=record.line("importance"),
        author=person(record.text("owner_link"), people),
        created_at=record.when("date_created"),
        fixed_at=min(times, default=None),
    )


def _bug_number(link: str) -> int | None:
    found = re.search(r"/\+?bugs?/([0-9]{1,12})$", link)
    return int(found[1]) if found else None


def bug_ticket(bug: Record, task: Ticket | None, messages: Sequence[Record], people: People) -> Ticket | None:
    """A bug with what its ``task`` and its ``messages`` add; None when it is no bug."""
    number = bug.whole("id")
    if number is None:
        return None
    count = bug.whole("message_count")
    comments = tuple(
        Comment(person(each.text("owner_link"), people), each.when("date_created"))
        for each in messages
        if not each.text("self_link").endswith("/comments/0")
    )
    return Ticket(
        key=f"bug {number}",
        number=number,
        title=bug.line("title"),
        url=bug.text("web_link"),
        project=task.project if task else None,
        status=task.status if task else "",
        importance=task.importance if task else "",
        author=person(bug.text("owner_link"), people),
        created_at=bug.when("date_created"),
        updated_at=bug.when("date_last_updated"),
        text=bug.text("description"),
        labels=bug.texts("tags"),
        comments=comments or None,
        # The first message is the description.
        comment_count=max(0, count - 1) if count is not None else None,
        commented_at=bug.when("date_last_message") if count is not None and count > 1 else None,
    )


def is_candidate(record: Record) -> bool:
    """Whether a release or milestone is a release candidate, by its name."""
    return any(_CANDIDATE.search(record.text(name)) for name in ("version", "name", "code_name", "display_name"))


def blueprint_item(record: Record, source_id: str, project: str, people: People) -> Item | None:
    """A blueprint; None when it has no name."""
    name = record.line("name")
    if not name:
        return None
    page, text = record.text("specification_url"), plain_text(record.text("summary"))
    status = [record.line(each) for each in ("definition_status", "implementation_status", "priority")]
    links = (page, *links_in(text)) if is_web_url(page) else links_in(text)
    key = f"blueprint {project}/{name}"
    return _item(
        key,
        source_id,
        "ticket",
        record,
        title=record.line("title") or name,
        author=person(record.text("owner_link"), people),
        published_at=record.when("date_created"),
        text=text,
        links=tuple(dict.fromkeys(links)),
        project=project,
        labels=tuple(each for each in dict.fromkeys(status) if each not in ("", "Unknown", "Undefined")),
    )


def milestone_item(record: Record, source_id: str, project: str, now: datetime) -> Item | None:
    """A milestone with the day it is planned for; None when it has no name.

    Launchpad does not tell when a milestone was planned; one whose day is over was said on it.
    """
    name = record.line("name")
    if not name:
        return None
    day = _day(record.text("date_targeted"))
    title = record.line("title") or f"{project} {name}"
    url = record.text("web_link")
    text = plain_text(record.text("summary"))
    event = Event(day, url=url if is_web_url(url) else None, title=title) if day else None
    return _item(
        f"milestone {project}/{name}",
        source_id,
        "release",
        record,
        title=title,
        published_at=_midnight(day) if day and day <= now.date() else None,
        text=text,
        links=links_in(text),
        event=event,
        project=project,
        labels=("milestone", "release candidate") if is_candidate(record) else ("milestone",),
    )


def release_item(record: Record, source_id: str, project: str, people: People, now: datetime) -> Item | None:
    """A release; one dated ahead is planned for that day. None when it has no version."""
    version = record.line("version")
    if not version:
        return None
    title = record.line("title") or record.line("display_name") or f"{project} {version}"
    text = plain_text(record.text("release_notes") or record.text("changelog"))
    at = record.when("date_released")
    is_ahead = at is not None and at > now
    return _item(
        f"release {project}/{version}",
        source_id,
        "release",
        record,
        title=title,
        author=person(record.text("owner_link"), people),
        published_at=record.when("date_created") if is_ahead else at,
        text=text,
        links=links_in(text),
        event=Event(at.date(), title=title) if at and is_ahead else None,
        project=project,
        labels=("release candidate",) if is_candidate(record) else (),
    )


def proposal_item(record: Record, source_id: str, project: str, people: People) -> Item | None:
    """A merge proposal; None when it has no number."""
    found = re.search(r"/\+merge/([0-9]{1,12})$", record.text("web_link") or record.text("self_link"))
    if not found:
        return None
    state = _PROPOSAL_STATES.get(record.text("queue_status"), "open")
    created, merged = record.when("date_created"), record.when("date_merged")
    asked, reviewed = record.when("date_review_requested"), record.when("date_reviewed")
    text = plain_text(record.text("description") or record.text("commit_message"))
    said = {"merged": merged, "abandoned": reviewed}.get(state) or asked or created
    review = Review(state, project, int(found[1]), created, merged if state == "merged" else None)
    return _item(
        f"merge proposal {found[1]}",
        source_id,
        "review",
        record,
        title=_proposal_title(record),
        author=person(record.text("registrant_link"), people),
        published_at=said,
        updated_at=max((at for at in (created, merged, asked, reviewed) if at), default=None),
        text=text,
        links=links_in(text),
        review=review,
        project=project,
        labels=(record.line("queue_status"),) if record.line("queue_status") else (),
    )


def _proposal_title(record: Record) -> str:
    """Launchpad gives proposals no title: the first line of what is said, or what goes where."""
    for name in ("commit_message", "description"):
        first = next((line for line in record.text(name).splitlines() if line.strip()), "")
        if first:
            return shorten(first, _TITLE)
    source = _branch(record, "source")
    target = _branch(record, "target")
    return f"Merge {source or 'a branch'} into {target}" if target else f"Merge {source or 'a branch'}"


def _branch(record: Record, side: str) -> str:
    git = record.text(f"{side}_git_path").removeprefix("refs/heads/")
    where = record.text(f"{side}_git_repository_link") if git else record.text(f"{side}_branch_link")
    path = re.sub(r"^/(?:1\.0|devel|beta)/", "", urlsplit(where).path) if where else ""
    return one_line(f"{path}:{git}" if git else path)


def _item(
    key: str, source_id: str, form: Literal["ticket", "release", "review"], record: Record, **values: object
) -> Item:
    url = record.text("web_link")
    made = {"url": url if is_web_url(url) else None, **values}
    return Item(item_id(source_id, key), source_id, KIND, form, (key,), **made)  # type: ignore[arg-type]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
