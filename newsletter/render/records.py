"""Items, issues and sources as the JSON that other programs read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from newsletter.model.codec import time_text
from newsletter.model.correction import Correction
from newsletter.model.issue import Entry, Issue, Section
from newsletter.model.item import Event, Item, Review, Thread
from newsletter.model.period import Period
from newsletter.model.source import FetchState, Source
from newsletter.model.story import ScorePart


def item_record(item: Item, *, source_name: str, events: Sequence[Event] = ()) -> dict[str, Any]:
    """One item; ``source`` is the name an editor gave. What is unknown is None.

    ``events`` are those that a text announces which announces several; without them there is no such key.
    """
    several = {"events": [told_event_record(each) for each in events]} if events else {}
    record = {
        "id": item.id,
        "source": source_name,
        "kind": item.kind,
        "url": item.url,
        "title": item.title or None,
        "author": item.author.name if item.author else None,
        "published_at": time_text(item.published_at),
        "updated_at": time_text(item.updated_at),
        "text": item.text,
        "html": item.html,
        "links": list(item.links),
        "thread": _thread(item.thread) if item.thread else None,
        "review": _review(item.review) if item.review else None,
        "event": event_record(item.event) if item.event else None,
        "warnings": list(item.warnings),
    }
    return record | several


def _thread(thread: Thread) -> dict[str, Any]:
    return {
        "root_id": thread.root_id,
        "reply_count": thread.reply_count,
        "people_count": thread.people_count,
        "first_at": time_text(thread.first_at),
        "last_at": time_text(thread.last_at),
    }


def _review(review: Review) -> dict[str, Any]:
    return {
        "state": review.state,
        "project": review.project,
        "number": review.number,
        "created_at": time_text(review.created_at),
        "merged_at": time_text(review.merged_at),
        "lines_added": review.lines_added,
        "lines_removed": review.lines_removed,
        "files_count": review.files_count,
        "is_first_contribution": review.is_first_contribution,
    }


def event_record(event: Event) -> dict[str, Any]:
    """An event; a time whose zone is unknown stands as it is, without "Z"."""
    return {
        "starts_at": time_text(event.starts_at),
        "ends_at": time_text(event.ends_at),
        "timezone": event.timezone,
        "place": event.place,
        "cost": event.cost,
        "late_cost": event.late_cost,
        "late_from": time_text(event.late_from),
        "seats": event.seats,
        "deadline_at": time_text(event.deadline_at),
        "url": event.url,
        "is_guess": event.is_guess,
    }


def told_event_record(event: Event) -> dict[str, Any]:
    """One of several events of a text: with its title, and the words a guess was made from."""
    return {"title": event.title, **event_record(event), "words": event.words}


def issue_record(issue: Issue) -> dict[str, Any]:
    """An issue with everything readers see, and why it is there."""
    return {
        "number": issue.number,
        "title": issue.title,
        "period": _period(issue.period),
        "publish_on": issue.publish_on.isoformat(),
        "state": issue.state,
        "note": issue.note or None,
        "sections": [_section(section) for section in issue.sections],
        "statistics": [
            {
                **{"name": each.name, "value": each.value, "last": each.last, "proof": each.proof, "note": each.note},
                **{"past": list(each.past), "is_held": each.is_held, "held_because": each.held_because},
            }
            for each in issue.statistics
        ],
        "projects": [
            {
                **{"project": each.project, "contributors": each.contributors, "merged": each.merged},
                **{"reviews": each.reviews, "proof": each.proof},
            }
            for each in issue.projects
        ],
        "warnings": list(issue.warnings),
        "deadlines": [
            {"on": each.on.isoformat(), "title": each.title, "url": each.url, "why": each.why or None}
            for each in issue.deadlines
        ],
        "newcomers": list(issue.newcomers),
        "dropped": [
            {"story": each.story_id, "title": each.title, "url": each.url, "reason": each.reason, "score": each.score}
            for each in issue.dropped
        ],
    }


def _period(period: Period) -> dict[str, str | None]:
    return {"start": time_text(period.start), "end": time_text(period.end)}


def _section(section: Section) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "period": _period(section.period),
        "entries": [_entry(entry) for entry in section.entries],
        "runners_up": [
            {"story": each.story_id, "title": each.title, "score": each.score} for each in section.runners_up
        ],
        "quiet_projects": list(section.quiet_projects),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    corrected = {"corrections": [_correction(each) for each in entry.corrections]} if entry.corrections else {}
    return corrected | {
        "story": entry.story_id,
        "title": entry.title,
        "summary": entry.summary,
        "url": entry.url,
        "links": [{"label": place.label, "url": place.url} for place in entry.places],
        "source": entry.source,
        "author": entry.author,
        "project": entry.project,
        "language": entry.language,
        "replies": entry.reply_count,
        "people": entry.people_count,
        "due_on": time_text(entry.due_on),
        "score": entry.score,
        "parts": [_part(part) for part in entry.parts],
        "why": entry.why,
        "event": event_record(entry.event) if entry.event else None,
    }


def _correction(correction: Correction) -> dict[str, Any]:
    texts = {"title": correction.title, "summary": correction.summary, "url": correction.url}
    changed = {**texts, "event": correction.event}
    named = {"number": correction.number, "made_at": time_text(correction.made_at), "note": correction.note or None}
    return named | {"changed": [name for name, value in changed.items() if value is not None]}


def _part(part: ScorePart) -> dict[str, Any]:
    return {"name": part.name, "points": part.points, "line": part.line}


def source_record(source: Source, state: FetchState | None) -> dict[str, Any]:
    """One source and its health; a source that was not read yet is ``ok`` and says so."""
    at: Mapping[str, datetime | None] = {
        "last_new_at": state.last_new_at if state else None,
        "checked_at": state.checked_at if state else None,
        "next_at": state.next_at if state else None,
    }
    name, reason = (state.state, state.state_reason) if state and state.state != "new" else ("ok", "not read yet")
    if source.paused:
        name, reason = "paused", "paused in feeds.yaml"
    return {
        "name": source.name,
        "kind": source.kind or (state.reader if state else "") or None,
        "reader": (state.reader if state else "") or None,
        "state": name,
        "state_reason": reason or None,
        "items_count": state.items_count if state else 0,
        **{key: time_text(value) for key, value in at.items()},
    }
