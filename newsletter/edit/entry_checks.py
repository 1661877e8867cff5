"""Checks of what an issue says: dates, words, names, credit, and what nobody looked at."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from newsletter.edit.check import Act, Check, CheckInput, counted, look_at
from newsletter.model.issue import Entry
from newsletter.model.item import Event
from newsletter.model.unnamed import Unnamed
from newsletter.text import shorten

LONGEST_TITLE = 110
_THANKS = ("thank", "via ", "tip by", "tip from", "sent in by", "found by")


def entry_checks(found: CheckInput) -> Iterator[Check]:
    """What there is to say about the entries, the note and the figures."""
    entries = found.issue.entries
    if not entries:
        yield Check("entries", "stops", "The issue is empty", "Nothing would be sent but a frame.")
    yield from _past_events(found)
    guessed = [each for each in entries if each.event and each.event.is_guess]
    yield from _about(guessed, "guess", "1 date is guessed", "{} dates are guessed")
    yield from _about(_without_summary(found), "summary", "1 entry has no summary", "{} entries have no summary")
    long = [each for each in entries if len(each.title) > LONGEST_TITLE]
    over = f"longer than {LONGEST_TITLE} characters"
    yield from _about(long, "title", f"1 title is {over}", f"{{}} titles are {over}")
    unseen = [each for each in entries if each.id not in found.looked_at]
    yield from _about(unseen, "unseen", "1 entry nobody looked at", "{} entries nobody looked at")
    yield from _lost(found)
    yield from _names(found)
    yield from _credit(found)
    yield from _figures(found)
    yield from _sections(found)
    if not found.issue.note.strip():
        yield Check("note", "warning", "No note from the editor", "Two sentences on top; readers like them.")


def _about(entries: Sequence[Entry], name: str, one: str, many: str) -> Iterator[Check]:
    """One line about ``entries``, with a way to the first of them."""
    ids = tuple(dict.fromkeys(each.id for each in entries))
    if ids:
        text = one if len(ids) == 1 else many.format(len(ids))
        yield Check(name, "warning", text, _names_of(entries), look_at(ids[0]), ids)


def _names_of(entries: Sequence[Entry]) -> str:
    told = "; ".join(dict.fromkeys(shorten(each.title, 60) for each in entries[:4]))
    return f"{told}; …" if len(entries) > 4 else told


def _past_events(found: CheckInput) -> Iterator[Check]:
    dated = [each for each in found.issue.entries if each.event]
    past = [each for each in dated if each.event and is_over(each.event, found.goes_at, found.zone)]
    yield from _about(past, "past", "1 event is over by then", "{} events are over by then")
    if dated and not past:
        yield Check("past", "good", "No past event", counted(len(dated), "date"))
    due = [each for each in found.issue.deadlines if each.on < found.goes_at.astimezone(found.zone).date()]
    if due:
        names = "; ".join(shorten(each.title, 60) for each in due)
        yield Check("due", "warning", f"{counted(len(due), 'deadline')} passed by then", names)


def is_over(event: Event, at: datetime, zone: ZoneInfo) -> bool:
    """Whether ``event`` has ended at ``at``; without an end it lasts its day, a time without zone is local."""
    end = event.ends_at or event.starts_at
    if not isinstance(end, datetime):
        return end < at.astimezone(zone).date()
    if end.tzinfo is None:
        end = end.replace(tzinfo=zone)
    if event.ends_at is None:
        end = datetime.combine(_day(end, zone), time(23, 59), tzinfo=zone)
    return end < at


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _without_summary(found: CheckInput) -> list[Entry]:
    return [
        entry
        for section in found.issue.sections
        if not (section.settings and section.settings.lines_per_item == 1)
        for entry in section.entries
        if not entry.summary.strip() and entry.event is None
    ]


def _lost(found: CheckInput) -> Iterator[Check]:
    """What the originals lost, as long as nobody looked at the entry."""
    for entry in found.issue.entries:
        warnings = tuple(dict.fromkeys(found.item_warnings.get(entry.id, ())))
        if warnings and entry.id not in found.looked_at:
            said = f"{shorten(entry.title, 60)}: {'; '.join(warnings[:3])}"
            yield Check("lost", "warning", "1 original may have lost something", said, look_at(entry.id), (entry.id,))


def _names(found: CheckInput) -> Iterator[Check]:
    """Names that are left out stop the issue; in a headline, which stays as its author wrote it, they warn."""
    unnamed = Unnamed(found.unnamed)

    def names(*texts: str | None) -> bool:
        said = [each for each in texts if each]
        return len(unnamed.without(said)) < len(said)

    issue = found.issue
    told = [each for each in issue.entries if names(each.summary, each.author)]
    if told:
        ids = tuple(each.id for each in told)
        yield Check("names", "stops", "Somebody is named who does not want it", _names_of(told), look_at(ids[0]), ids)
    around = (*(each.title for each in issue.deadlines), *issue.newcomers, *(each.note for each in issue.figures))
    if names(issue.note, issue.note_by):
        yield Check("names", "stops", "The note names somebody who does not want it")
    if names(*around):
        yield Check("names", "stops", "A deadline or figure names somebody who does not want it")
    titled = [each for each in issue.entries if names(each.title)]
    text = "a headline names somebody who does not want it"
    yield from _about(titled, "names", text.capitalize(), f"{{}} times {text}")


def _credit(found: CheckInput) -> Iterator[Check]:
    bare = [
        each
        for each in found.issue.entries
        if each.id in found.tips and not each.author and not any(word in each.summary.casefold() for word in _THANKS)
    ]
    yield from _about(bare, "credit", "1 tip without thanks", "{} tips without thanks")


def _figures(found: CheckInput) -> Iterator[Check]:
    for figure in found.issue.statistics:
        if figure.is_held:
            act = Act("show figure", figure.name, True, "Let it through")
            said = f"{figure.value:,} {figure.name}: {figure.held_because}"
            yield Check("figure", "warning", "1 figure is held back", said, act)


def _sections(found: CheckInput) -> Iterator[Check]:
    empty = [each for each in found.issue.sections if not each.entries and each.id != "statistics"]
    main = [each for each in empty if each.settings and each.settings.pick]
    names = ", ".join(each.title for each in empty)
    if main:
        others = f" and {counted(len(empty) - 1, 'other section')} are empty" if len(empty) > 1 else " is empty"
        yield Check("sections", "warning", f"{main[0].title}{others}", names if len(empty) > 1 else "")
    elif empty:
        yield Check("sections", "good", f"{counted(len(empty), 'section')} empty, said so at the end", names)
