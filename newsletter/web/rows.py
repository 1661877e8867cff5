"""The rows of the review page's list: kept, open, below the line, gone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from newsletter.edit.desk import Card, Desk, DeskSection
from newsletter.model.issue import Dropped, Entry
from newsletter.render import words
from newsletter.text import one_line, shorten
from newsletter.web.review_views import Row

MOST_ROWS = 50
_TITLE, _REASON = 160, 80
_STATES: Mapping[str, tuple[str, str]] = {"kept": ("✓", "kept"), "open": ("?", "open"), "below": ("↓", "below")}


@dataclass(frozen=True, slots=True)
class RowMaker:
    """Makes the rows of one page; ``at`` is the entry whose card is open."""

    base: str
    at: str
    today: date
    is_closed: bool
    others: Mapping[str, str]
    """The initials of other editors, by the entries they are at."""

    def row(self, card: Card) -> Row:
        """The row of a card."""
        entry, style = card.entry, str(card.state)
        sign, state = _STATES[card.state]
        if card.is_guess and style != "below":
            style, sign, state = "warning", "!", "check"
        act, action = ("Drop", "drop") if card.state == "kept" else ("Keep", "keep")
        return Row(
            id=entry.id,
            style=style,
            sign=sign,
            state=state,
            title=shorten(one_line(entry.title), _TITLE) or "(without a title)",
            facts=self._facts(card),
            url=self.url(entry.id),
            act="" if self.is_closed else act,
            does=f"{action} {entry.id}",
            at=self.others.get(entry.id, ""),
            is_open_card=entry.id == self.at,
        )

    def gone(self, dropped: Dropped, *, is_snoozed: bool) -> Row:
        """The row of what an editor took out of this section."""
        return Row(
            id=dropped.story_id[:12],
            style="dropped",
            sign="×",
            state="put off" if is_snoozed else "dropped",
            title=shorten(one_line(dropped.title), _TITLE) or "(without a title)",
            facts=shorten(one_line(dropped.reason), _REASON),
            url=f"{self.base}{'snoozed' if is_snoozed else 'dropped'}",
            act="" if self.is_closed else "Restore",
            does=f"restore {dropped.story_id}",
        )

    def url(self, entry_id: str) -> str:
        """Where the card of an entry is open."""
        return f"{self.base}?at={quote(entry_id)}#card"

    def _facts(self, card: Card) -> str:
        entry = card.entry
        places = words.sentence(dict.fromkeys(place.label for place in entry.places))
        parts = (
            _when(entry, self.today),
            words.replies(entry.reply_count, entry.people_count),
            places,
            "rewritten" if card.is_rewritten else "",
            "original changed" if card.is_outdated else "",
            f"score {entry.score}",
        )
        return words.sentence(parts, " · ")


def grouped(section: DeskSection) -> list[tuple[str, list[Card]]]:
    """The section's cards as readers will see them together: under their projects where that is wished."""
    if not (section.settings and section.settings.group_by == "project"):
        return [("", list(section.cards))] if section.cards else []
    found: dict[str, list[Card]] = {}
    for card in section.cards:
        found.setdefault(words.project(card.entry.project), []).append(card)
    rest = found.pop("", None)
    named = list(found.items())
    return [*named, ("All projects" if named else "", rest)] if rest else named


def gone_from(desk: Desk, section: DeskSection) -> Iterable[tuple[Dropped, bool]]:
    """What editors dropped out of this section, or put off (True), as the draft had it."""
    drafted = next((each for each in desk.drafted.sections if each.id == section.id), None)
    pool = (*drafted.entries, *drafted.runners_up) if drafted else ()
    here = {entry.story_id for entry in pool}
    yield from ((each, False) for each in desk.dropped if each.story_id in here)
    yield from ((each, True) for each in desk.snoozed if each.story_id in here)


def _when(entry: Entry, today: date) -> str:
    event = entry.event
    return words.weekday_date(words.event_day(event.starts_at, event), year_of=today) if event else ""
