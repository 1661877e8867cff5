"""The date of an entry as a form: what is guessed is marked with the words it came from."""

from collections.abc import Mapping
from datetime import date

from newsletter.model.issue import Entry
from newsletter.model.item import Event
from newsletter.render import words
from newsletter.text import one_line
from newsletter.web.card_contexts import EventCardView, FieldView
from newsletter.web.event_fields import LABELS, field_texts

_GUESSED = ("start", "end")


def event_card(
    entry: Entry, today: date, *, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> EventCardView:
    """The event card of ``entry``; ``typed`` is what an editor wrote, with what is wrong in it."""
    event, texts = entry.event, dict(field_texts(entry.event))
    texts.update(typed or {})
    fields = tuple(_field(name, texts[name], event, today, (errors or {}).get(name, "")) for name in LABELS)
    is_guess = event is not None and event.is_guess
    return EventCardView(
        has_event=event is not None,
        is_guess=is_guess,
        words=one_line(event.words) if event else "",
        fields=fields,
        question=_question(entry, event) if event else "",
        is_open=is_guess or bool(errors),
    )


def _field(name: str, value: str, event: Event | None, today: date, error: str) -> FieldView:
    is_guess = event is not None and event.is_guess and name in _GUESSED and bool(value)
    note = _days_left(event, today) if name == "register_by" else ""
    if is_guess and event is not None:
        note = f"! guessed from “{one_line(event.words)}”" if event.words else "! guessed"
    return FieldView(name, LABELS[name], value, is_guess, note, error)


def _days_left(event: Event | None, today: date) -> str:
    if event is None or event.deadline_at is None:
        return ""
    return words.distance(words.event_day(event.deadline_at, event), today)


def _question(entry: Entry, event: Event) -> str:
    """The text of a mail to the author; their address is not ours to print."""
    texts = field_texts(event)
    when = words.sentence([texts["start"], texts["end"]], " to ")
    said = f"You wrote: “{one_line(event.words)}”.\n" if event.words else ""
    title = one_line(entry.title)
    return (
        f"Subject: When is “{title}”?\n\n{said}We understand it as {when}. Is that right?\n{entry.url or ''}".rstrip()
    )
