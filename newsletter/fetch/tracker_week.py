"""A week of a bug tracker as one Item: what was opened, what was fixed, how grave it was. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from typing import Any

from newsletter.fetch.tracker import Ticket
from newsletter.model.item import Item, item_id
from newsletter.model.period import monday_of
from newsletter.text import is_web_url, one_line

WEEK = timedelta(days=7)
WEEK_TOLD = "the summary of the week of {} was told without it"
WEEK_TO_COME = "the summary of the week of {} counts it when that week is told"
_LISTED = 25
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Words:
    """How a tracker calls what it holds, and the importances it knows, the gravest first."""

    kind: str
    one: str
    many: str
    gravest_first: tuple[str, ...] = ()


@dataclass(slots=True)
class Weeks:
    """Up to which Monday the weeks of a source were told. Only a week that is over is told, once."""

    through: date | None = None
    since: datetime | None = None

    @classmethod
    def read(cls, value: Any, since: datetime | None) -> "Weeks":
        """What :meth:`as_json` gave; ``since`` is how far back a first summary reaches."""
        return cls(date.fromisoformat(value) if isinstance(value, str) and value else None, since)

    @property
    def start(self) -> datetime | None:
        """From when on tickets are needed; None for all."""
        first = self.through or (monday_of(self.since.astimezone(UTC).date()) if self.since else None)
        return _midnight(first) if first else None

    def said_of(self, tickets: Iterable[Ticket]) -> tuple[str, ...]:
        """Whether tickets that were read late are still to be counted: of each week one line."""
        start, said = self.start, []
        for at in (at for each in tickets for at in (each.created_at, each.fixed_at) if at is not None):
            week = monday_of(at.astimezone(UTC).date())
            is_told = start is not None and at < start
            said.append((WEEK_TOLD if is_told else WEEK_TO_COME).format(week))
        return tuple(dict.fromkeys(said))

    def is_due(self, now: datetime) -> bool:
        """Whether a week is over that was not told."""
        start = self.start
        return start is None or start + WEEK <= now

    def tell(
        self, tickets: Sequence[Ticket], words: Words, source_id: str, url: str, now: datetime
    ) -> tuple[Item, ...]:
        """The weeks that are over by ``now``, oldest first; remembers that they were told."""
        end, start = monday_of(now.astimezone(UTC).date()), self.start
        found: dict[date, tuple[list[Ticket], list[Ticket]]] = {}
        for ticket in tickets:
            for which, at in enumerate((ticket.created_at, ticket.fixed_at)):
                if at is not None and (start is None or at >= start) and at < _midnight(end):
                    week = monday_of(at.astimezone(UTC).date())
                    found.setdefault(week, ([], []))[which].append(ticket)
        self.through = end
        return tuple(week_item(week, *found[week], words=words, source_id=source_id, url=url) for week in sorted(found))

    def as_json(self) -> str:
        """What to store."""
        return self.through.isoformat() if self.through else ""


def week_item(
    week: date, opened: Iterable[Ticket], fixed: Iterable[Ticket], *, words: Words, source_id: str, url: str
) -> Item:
    """The week that began on the Monday ``week``; said when it was over."""
    opened, fixed = _sorted(opened, words), _sorted(fixed, words)
    end = week + WEEK
    key = f"{words.many}, week of {week}"
    span = f"{week.day} {week:%B}" if week.month != (end - timedelta(days=1)).month else str(week.day)
    last = end - timedelta(days=1)
    noun = words.one if len(opened) == 1 else words.many
    parts = [("Opened", opened), ("Fixed", fixed)]
    lead = [f"{len(opened)} {noun} opened, {len(fixed)} fixed.", *_counts(opened, words)]
    listed = [each for _, part in parts for each in part[:_LISTED]]
    projects = {each.project for each in (*opened, *fixed)}
    return Item(
        id=item_id(source_id, key),
        source_id=source_id,
        kind=words.kind,
        form="ticket",
        native_keys=(key,),
        title=f"{len(opened)} {noun} opened, {len(fixed)} fixed from {span} to {last.day} {last:%B}",
        url=url if is_web_url(url) else None,
        published_at=_midnight(end),
        text="\n".join([*lead, *(line for name, part in parts for line in _text_list(name, part, projects))]),
        html=f"<p>{escape(' '.join(lead))}</p>" + "".join(_html_list(name, part, projects) for name, part in parts),
        links=tuple(dict.fromkeys(each.url for each in listed if is_web_url(each.url))),
        project=projects.pop() if len(projects) == 1 else None,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _rank(ticket: Ticket, words: Words) -> int:
    names = [each.casefold() for each in words.gravest_first]
    name = ticket.importance.casefold()
    return names.index(name) if name in names else len(names)


def _sorted(tickets: Iterable[Ticket], words: Words) -> list[Ticket]:
    found = {each.key: each for each in tickets}.values()
    return sorted(found, key=lambda each: (_rank(each, words), each.created_at or _NEVER, each.key))


def _counts(opened: Sequence[Ticket], words: Words) -> list[str]:
    """The opened ones by importance, as a sentence; none when no importance is known."""
    counts = Counter(one_line(each.importance) for each in opened if each.importance)
    if not counts:
        return []
    ranks = {one_line(each.importance): _rank(each, words) for each in opened}
    names = sorted(counts, key=lambda name: (ranks[name], name))
    return ["Opened by importance: " + ", ".join(f"{counts[name]} {name}" for name in names) + "."]


def _line(ticket: Ticket, projects: set[str | None]) -> str:
    lead = f"{ticket.project}: " if ticket.project and len(projects) > 1 else ""
    return f"{lead}{one_line(ticket.title)}" + (f" ({one_line(ticket.importance)})" if ticket.importance else "")


def _rest(tickets: Sequence[Ticket]) -> list[str]:
    return [f"and {len(tickets) - _LISTED} more"] if len(tickets) > _LISTED else []


def _text_list(name: str, tickets: Sequence[Ticket], projects: set[str | None]) -> list[str]:
    if not tickets:
        return []
    lines = [*(_line(each, projects) for each in tickets[:_LISTED]), *_rest(tickets)]
    return ["", f"{name}:", *(f"- {line}" for line in lines)]


def _html_list(name: str, tickets: Sequence[Ticket], projects: set[str | None]) -> str:
    if not tickets:
        return ""
    shown = [
        f'<li><a href="{escape(each.url)}">{escape(_line(each, projects))}</a></li>'
        if is_web_url(each.url)
        else f"<li>{escape(_line(each, projects))}</li>"
        for each in tickets[:_LISTED]
    ]
    return f"<p>{name}:</p><ul>{''.join(shown)}{''.join(f'<li>{each}</li>' for each in _rest(tickets))}</ul>"
