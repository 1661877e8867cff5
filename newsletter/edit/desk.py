"""A draft as its editors see it: every entry with what was decided about it, and what is left to decide."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from newsletter.edit.changes import UNDO, act_of, effective, fold, following
from newsletter.edit.placed_entries import pools
from newsletter.model.issue import Change, Dropped, Entry, Issue, Section, SectionSettings

CardState = Literal["kept", "open", "below"]
"""kept: an editor decided for it; open: it stands in the issue and nobody looked; below: it would need an editor."""

_SECONDS_AT_ONE = 75.0
_LONGEST_PAUSE = 300.0
_QUICKEST = 8.0
_PACE_FROM = 5


@dataclass(frozen=True, slots=True)
class Card:
    """An entry on the desk. ``drafted`` is what the program made of it, None when an editor brought it in."""

    entry: Entry
    section: str
    state: CardState
    drafted: Entry | None = None
    changes: tuple[Change, ...] = ()
    """What was done to it and still counts, the oldest first."""
    is_outdated: bool = False
    """Whether what it tells changed at its source after an editor rewrote it."""

    @property
    def is_rewritten(self) -> bool:
        """Whether title or text are an editor's."""
        drafted = self.drafted
        return drafted is not None and (drafted.title, drafted.summary) != (self.entry.title, self.entry.summary)

    @property
    def is_guess(self) -> bool:
        """Whether its date is guessed and nobody has said that it is right."""
        return self.entry.event is not None and self.entry.event.is_guess

    @property
    def seen(self) -> int:
        """The number of the last change to it, 0 when there is none."""
        return self.changes[-1].number if self.changes else 0

    @property
    def last(self) -> Change | None:
        """The last change to it."""
        return self.changes[-1] if self.changes else None


@dataclass(frozen=True, slots=True)
class DeskSection:
    """A section on the desk: its cards in reading order, and those below its line, the best first."""

    id: str
    title: str
    settings: SectionSettings | None
    cards: tuple[Card, ...] = ()
    below: tuple[Card, ...] = ()
    quiet_projects: tuple[str, ...] = ()

    @property
    def kept_count(self) -> int:
        """How many an editor decided for."""
        return sum(card.state == "kept" for card in self.cards)

    @property
    def open_count(self) -> int:
        """How many stand in the issue that nobody looked at."""
        return sum(card.state == "open" for card in self.cards)

    @property
    def at_most(self) -> int | None:
        """How many it takes, None for any number."""
        return self.settings.at_most if self.settings else None

    @property
    def has_room(self) -> bool:
        """Whether one more could enter without another going."""
        return self.at_most is None or self.kept_count < self.at_most


@dataclass(frozen=True, slots=True)
class Desk:
    """A draft with all that editors did; ``issue`` is what readers would get now."""

    issue: Issue
    drafted: Issue
    sections: tuple[DeskSection, ...]
    open: tuple[Card, ...]
    """What is left to decide, in order of worth: what would change the issue most comes first."""
    enough_from: int
    """From this place of ``open`` on, nothing would make the issue."""
    dropped: tuple[Dropped, ...]
    snoozed: tuple[Dropped, ...]
    changes: tuple[Change, ...]
    """Every change, undone ones too, the oldest first."""
    seconds_each: float = _SECONDS_AT_ONE
    """How long a decision takes, as measured in this issue."""

    @property
    def last_number(self) -> int:
        """The number of the last change."""
        return self.changes[-1].number if self.changes else 0

    @property
    def saved_at(self) -> datetime | None:
        """When something was changed last."""
        return self.changes[-1].made_at if self.changes else None

    @property
    def kept_count(self) -> int:
        """Entries that an editor decided for."""
        return sum(section.kept_count for section in self.sections)

    @property
    def open_count(self) -> int:
        """Decisions that would change the issue."""
        return self.enough_from

    @property
    def minutes_left(self) -> int:
        """About how long the open ones take, in whole minutes."""
        return max(1, round(self.open_count * self.seconds_each / 60)) if self.open_count else 0

    def cards(self) -> Iterable[Card]:
        """All cards, section by section, those below the line after those above it."""
        for section in self.sections:
            yield from section.cards
            yield from section.below

    def card(self, entry_id: str) -> Card | None:
        """The card of that entry; None when it is gone."""
        return next((card for card in self.cards() if card.entry.id == entry_id), None)

    def section(self, section_id: str) -> DeskSection | None:
        """The section of that id."""
        return next((section for section in self.sections if section.id == section_id), None)


def desk_of(drafted: Issue, changes: Sequence[Change], *, raw: Issue | None = None) -> Desk:
    """The desk for a draft and the changes to it; ``raw`` is the draft with the changes applied, when that is known."""
    issue = fold(drafted, changes) if raw is None else following(raw, drafted)
    counting = effective(changes)
    by_target: dict[str, list[Change]] = defaultdict(list)
    for change in counting:
        by_target[change.target].append(change)
    known = {entry.id: entry for _, pool, _ in pools(drafted) for entry in pool}
    sections = tuple(_section(section, known, by_target) for section in issue.sections)
    order, enough_from = _by_worth(sections, is_short=issue.is_short)
    snoozed = {drop.story_id for drop in issue.dropped} & _snoozed_stories(counting, known)
    return Desk(
        issue=issue,
        drafted=drafted,
        sections=sections,
        open=order,
        enough_from=enough_from,
        dropped=tuple(each for each in issue.dropped if each.story_id not in snoozed),
        snoozed=tuple(each for each in issue.dropped if each.story_id in snoozed),
        changes=tuple(sorted(changes, key=lambda each: each.number)),
        seconds_each=_pace(changes),
    )


def _section(section: Section, known: Mapping[str, Entry], by_target: Mapping[str, Sequence[Change]]) -> DeskSection:
    def card(entry: Entry, *, is_below: bool) -> Card:
        changes = tuple(by_target.get(entry.id, ()))
        state: CardState = "below" if is_below else "kept" if entry.is_kept else "open"
        return Card(entry, section.id, state, known.get(entry.id), changes, _is_outdated(entry, changes))

    return DeskSection(
        section.id,
        section.title,
        section.settings,
        tuple(card(entry, is_below=False) for entry in section.entries),
        tuple(card(entry, is_below=True) for entry in section.runners_up),
        section.quiet_projects,
    )


def _is_outdated(entry: Entry, changes: Sequence[Change]) -> bool:
    """Whether one of the items that were rewritten has a newer revision than the editor had in view."""
    rewritten = [each for each in changes if each.action in ("title", "summary", "event", "blurb") and each.revisions]
    if not rewritten:
        return False
    now = {name.rpartition(".")[0]: name for name in entry.revisions}
    return any(now.get(name.rpartition(".")[0], name) != name for name in rewritten[-1].revisions)


def _by_worth(sections: Sequence[DeskSection], *, is_short: bool) -> tuple[tuple[Card, ...], int]:
    """What is open, and how many of it would change the issue; what a short issue leaves out would not."""
    inside = [card for section in sections for card in section.cards if card.state == "open" or card.is_guess]
    first = {card.entry.id for section in sections[:1] for card in section.cards}
    inside.sort(key=lambda card: (card.entry.id not in first, not card.is_guess, -card.entry.score))
    could: list[Card] = []
    could_not: list[Card] = []
    for section in sections:
        room = None if section.at_most is None else max(0, section.at_most - len(section.cards))
        waits = is_short and not section.cards
        for card in section.below:
            fits = not waits and card.state == "below" and (room is None or room > 0 or _beats(card, section))
            (could if fits else could_not).append(card)
            room = room - 1 if room and fits else room
    could.sort(key=lambda card: -card.entry.score)
    could_not.sort(key=lambda card: -card.entry.score)
    return (*inside, *could, *could_not), len(inside) + len(could)


def _beats(card: Card, section: DeskSection) -> bool:
    """Whether it is worth more than an entry that stands in the section and that nobody decided for."""
    return any(each.state == "open" and each.entry.score < card.entry.score for each in section.cards)


def _snoozed_stories(counting: Sequence[Change], known: Mapping[str, Entry]) -> set[str]:
    last: dict[str, str] = {}
    for change in counting:
        if change.action in ("snooze", "drop", "keep", "move") and change.target in known:
            last[known[change.target].story_id] = change.action
    return {story_id for story_id, action in last.items() if action == "snooze"}


def _pace(changes: Sequence[Change]) -> float:
    """Seconds between one act and the next of the same editor, without pauses; a usual pace while few are known."""
    gaps: list[float] = []
    last: dict[str, Change] = {}
    for each in sorted(changes, key=lambda change: change.number):
        before = last.get(each.editor)
        if before is not None and act_of(before) != act_of(each) and each.action != UNDO:
            gap = each.made_at - before.made_at
            if gap <= timedelta(seconds=_LONGEST_PAUSE):
                gaps.append(gap.total_seconds())
        last[each.editor] = each
    return max(_QUICKEST, median(gaps)) if len(gaps) >= _PACE_FROM else _SECONDS_AT_ONE
