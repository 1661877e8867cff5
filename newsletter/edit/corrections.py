"""Corrections of an issue that is out: folded over it for the web; what was mailed stays as it was."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from newsletter.edit.entry_changes import check_event, edited_event
from newsletter.errors import NotFound, UsageError
from newsletter.model.correction import Correction
from newsletter.model.issue import Entry, Issue
from newsletter.text import is_web_url, one_line

_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Corrected:
    """An entry before a correction and after it."""

    correction: Correction
    before: Entry
    after: Entry


def correct(issue: Issue, corrections: Iterable[Correction]) -> Issue:
    """``issue`` as the web shows it: with every correction at its entry; one whose entry is gone changes nothing."""
    for each in sorted(corrections, key=lambda found: found.number):
        issue = _with_entry(issue, each)
    return issue


def corrected_entries(issue: Issue, corrections: Iterable[Correction]) -> tuple[Corrected, ...]:
    """What each of ``corrections`` changed, in their order."""
    found = []
    for each in sorted(corrections, key=lambda one: one.number):
        before = _named(issue, each.entry)
        issue = _with_entry(issue, each)
        after = _named(issue, each.entry)
        if before is not None and after is not None:
            found.append(Corrected(each, before, after))
    return tuple(found)


def find_entry(issue: Issue, name: str) -> Entry:
    """The entry of ``issue`` with that id, or whose id or story begins with ``name`` (NotFound, UsageError)."""
    exact = _named(issue, name)
    if exact is not None:
        return exact
    near = {
        entry.id: entry
        for entry in issue.entries
        if name and (entry.id.startswith(name) or entry.story_id.startswith(name))
    }
    if not near:
        raise NotFound(f"Issue {issue.number} has no entry “{name}”. issue.json lists them under “story”.")
    if len(near) > 1:
        raise UsageError(f"“{name}” begins the names of {len(near)} entries: {', '.join(near)}. Write more of it.")
    return next(iter(near.values()))


def check_correction(entry: Entry, correction: Correction) -> None:
    """Refuse a correction that says nothing, or that cannot be shown (UsageError)."""
    texts = (correction.title, correction.summary, correction.url)
    if not correction.note.strip() and correction.event is None and all(each is None for each in texts):
        said = "A correction says what was wrong, or a new title, summary, address or date. Write one of them."
        raise UsageError(said)
    if correction.event is not None:
        check_event(correction.event)
    if correction.title is not None and not one_line(correction.title):
        raise UsageError("An entry needs a title. Write it.")
    if correction.url is not None and not is_web_url(correction.url):
        raise UsageError(f"“{one_line(correction.url)}” is not an address. Write https://host/path.")
    if any(len(each or "") > _LONGEST for each in (*texts, correction.note)):
        raise UsageError(f"A text of a correction has at most {_LONGEST:,} letters. Shorten it.")
    if replace(corrected_entry(entry, correction), corrections=()) == replace(entry, corrections=()) and (
        not correction.note.strip()
    ):
        raise UsageError("The entry says so already. Write what is different.")


def _or(new: str | None, old: str) -> str:
    return old if new is None else new


def _named(issue: Issue, entry_id: str) -> Entry | None:
    return next((entry for entry in issue.entries if entry.id == entry_id), None)


def corrected_entry(entry: Entry, correction: Correction) -> Entry:
    """``entry`` as ``correction`` has it."""
    event = entry.event if correction.event is None else edited_event(entry.event, correction.event)
    return replace(
        entry,
        title=one_line(correction.title) or entry.title,
        summary=_or(correction.summary, entry.summary),
        url=correction.url or entry.url,
        event=event,
        corrections=(*entry.corrections, correction),
    )


def _with_entry(issue: Issue, correction: Correction) -> Issue:
    def corrected(entry: Entry) -> Entry:
        return corrected_entry(entry, correction) if entry.id == correction.entry else entry

    sections = tuple(replace(each, entries=tuple(map(corrected, each.entries))) for each in issue.sections)
    return replace(issue, sections=sections)
