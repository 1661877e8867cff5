"""Where editors put the entries of an issue: what a judge of sections can learn from."""

from collections.abc import Iterable, Sequence

from newsletter.edit.changes import effective, fold
from newsletter.edit.placing import is_picked
from newsletter.model.issue import Change, Entry, Issue

_DATE = "-date"


def final_places(draft: Issue, changes: Sequence[Change]) -> list[tuple[Entry, str | None]]:
    """Every story of an issue that is done, with the section it stands in; None for what an editor dropped.

    Left out is what the program picked as a highlight by its score: that was nobody's judgement. A story told
    twice counts where it was told as itself.
    """
    places = moved_places(draft, changes)
    moved = {entry.id for entry, _ in places}
    told = {entry.story_id for entry, _ in places}
    for section in fold(draft, changes).sections:
        for entry in section.entries:
            if entry.id in moved or entry.story_id in told or entry.id.endswith(_DATE) or is_picked(entry):
                continue
            told.add(entry.story_id)
            places.append((entry, section.id))
    return places


def moved_places(draft: Issue, changes: Sequence[Change]) -> list[tuple[Entry, str | None]]:
    """The entries that editors moved or dropped, as drafted, with where each was moved to last; None if dropped."""
    known = {entry.id: entry for entry in _offered(draft)}
    sections = {section.id for section in draft.sections}
    places: dict[str, str | None] = {}
    for change in effective(changes):
        if change.target not in known:
            continue
        if change.action == "drop":
            places[change.target] = None
        elif change.action == "snooze":
            places.pop(change.target, None)
        elif (section := _moved_to(change)) in sections:
            places[change.target] = section
    return [(known[entry_id], section) for entry_id, section in places.items()]


def snoozed_entries(draft: Issue, changes: Sequence[Change]) -> list[Entry]:
    """The entries that editors put off to the next issue, as drafted, and did not take back."""
    waiting: dict[str, bool] = {}
    for change in effective(changes):
        if change.action in ("snooze", "drop", "keep", "move"):
            waiting[change.target] = change.action == "snooze"
    return [entry for entry in _offered(draft) if waiting.get(entry.id)]


def _moved_to(change: Change) -> str | None:
    """The section an editor named for an entry."""
    if change.action == "move":
        return str(change.value)
    return change.value.get("section") if change.action == "keep" else None


def _offered(draft: Issue) -> Iterable[Entry]:
    for section in draft.sections:
        yield from section.entries
        yield from section.runners_up
