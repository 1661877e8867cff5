"""Changes that wait for a reviewer, summed up in one Item, whichever server they wait on. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape

from newsletter.model.item import Item, item_id

_LISTED = 50
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change nobody has looked at: where, what, whose, and since when."""

    project: str
    subject: str
    who: str
    since: datetime | None
    url: str
    number: int = 0

    @property
    def age(self) -> tuple[datetime, int]:
        """Sorts changes: the one that waits longest first."""
        return self.since or datetime.min.replace(tzinfo=UTC), self.number


def short_project(project: str) -> str:
    """What people call a project: "nova" for "openstack/nova"."""
    return project.rstrip("/").rpartition("/")[2] or project


def waiting_item(
    found: Sequence[Waiting], days: int, *, source_id: str, kind: str, url: str, week: date | None
) -> Item:
    """One Item for all changes that wait, the longest first: one a week, revised as the list changes.

    ``week`` is its Monday by the server's clock; None when the server does not tell the time.
    ``url`` shows the list.
    """
    waiting = sorted(found, key=lambda each: each.age)
    count = len(waiting)
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    subject = f"{number} change waits" if count == 1 else f"{number} changes wait"
    key = f"waiting more than {days} days" + (f", week of {week}" if week else "")
    oldest = _oldest(waiting[0], week)
    lines = [f"{short_project(each.project)}: {each.subject}{_by(each)}" for each in waiting[:_LISTED]]
    links = tuple(each.url for each in waiting[:_LISTED])
    shown = "".join(
        f'<li><a href="{escape(link)}">{escape(line)}</a></li>' for line, link in zip(lines, links, strict=True)
    )
    projects = {short_project(each.project) for each in waiting}
    return Item(
        id=item_id(source_id, key),
        source_id=source_id,
        kind=kind,
        form="review",
        native_keys=(key,),
        title=f"{subject} for a reviewer for more than {days} day{'s' if days != 1 else ''}",
        url=url,
        published_at=datetime(week.year, week.month, week.day, tzinfo=UTC) if week else None,
        text="\n".join([oldest, "", *(f"- {line}" for line in lines)]),
        html=f"<p>{escape(oldest)}</p><ul>{shown}</ul>",
        links=links,
        project=projects.pop() if len(projects) == 1 else None,
    )


def _oldest(change: Waiting, week: date | None) -> str:
    """Who waits longest, with the year unless it is surely that of the reader's calendar."""
    since = ""
    if change.since:
        year = "" if week and change.since.year == week.year else f" {change.since.year}"
        since = f" since {change.since.day} {change.since:%B}{year}"
    return f"The oldest one, “{change.subject}”{_by(change)}, waits{since}."


def _by(change: Waiting) -> str:
    return f" ({change.who})" if change.who else ""
