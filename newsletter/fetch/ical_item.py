"""An occurrence of an event as an Item."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from newsletter.fetch.clean import NOTHING, Cleaned, clean_html, paragraphs
from newsletter.fetch.event_facts import links_in, meeting_link, with_facts
from newsletter.fetch.ical_lines import Component, Property
from newsletter.fetch.ical_records import Record
from newsletter.fetch.ical_rule import often, rule_words
from newsletter.fetch.ical_series import Occurrence, Series
from newsletter.fetch.ical_times import ZONE_UNKNOWN, Zones, in_utc, offset_name, read_moment
from newsletter.fetch.losses import text_losses, title_losses
from newsletter.model.item import CANCELLED, Event, Item, Person, item_id
from newsletter.text import is_web_url, one_line, shorten, without_controls

NO_TITLE = "no title"

_MARKUP = re.compile(r"</?(?:a|b|br|div|em|i|li|ol|p|span|strong|table|u|ul|html|body|h[1-6])\b[^<>]*>", re.IGNORECASE)
_GEO = re.compile(r"(-?\d{1,3}(?:\.\d+)?)[;,](-?\d{1,3}(?:\.\d+)?)")
_OFFICIAL = ("group.calendar.google.com", "import.calendar.google.com", "resource.calendar.google.com")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8})*")
_MOST_LINKS = 50
_MOST_LABELS = 10


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the whole document says: its zones and its name."""

    zones: Zones
    name: str = ""


def occurrence_item(
    source_id: str, keys: tuple[str, ...], found: Occurrence, series: Series, calendar: Calendar
) -> Item:
    """The item for one date; the first of ``keys`` is the one its id is made of."""
    record, component = found.record, found.record.component
    cleaned, plain = _description(component)
    event = _event(found, plain, calendar)
    repeats = _repeats(series)
    text = "\n\n".join(part for part in (repeats, plain) if part)
    title, warnings = _title(record, plain)
    labels = (*([CANCELLED] if record.is_cancelled else ()), *_labels(component, series))
    return Item(
        id=item_id(source_id, keys[0]),
        source_id=source_id,
        kind="calendar",
        form="event",
        native_keys=keys,
        title=f"Cancelled: {title}" if record.is_cancelled else title,
        url=_web(component.first("URL")) or _located(component),
        author=_organiser(component),
        published_at=_stamp(component, "CREATED", calendar.zones),
        updated_at=_stamp(component, "LAST-MODIFIED", calendar.zones),
        text=text,
        html=(paragraphs(repeats) if repeats else "") + (cleaned.html or paragraphs(plain)),
        links=tuple(dict.fromkeys(_links(component, cleaned, plain)))[:_MOST_LINKS],
        event=event,
        language=_language(component),
        labels=labels,
        warnings=tuple(
            dict.fromkeys(
                (*record.warnings, *warnings, *_zone_warnings(record), *cleaned.warnings, *text_losses(plain))
            )
        ),
    )


def _event(found: Occurrence, plain: str, calendar: Calendar) -> Event:
    component = found.record.component
    start, end = in_utc(found.start), in_utc(found.end) if found.end is not None else None
    if end is not None and not isinstance(start, datetime) and not isinstance(end, datetime):
        end = max(start, end - timedelta(days=1))
        end = None if end == start else end
    tickets = _web(component.first("X-TICKETS-URL", "X-EVENT-TICKETS-URL"))
    is_free = component.text("X-COST-TYPE").casefold() == "free"
    meeting = _meeting(component, plain)
    return with_facts(
        Event(
            starts_at=start,
            ends_at=end,
            timezone=_zone_name(found),
            place=_place(component) or ("online" if meeting else None),
            cost="free" if is_free else one_line(component.text("X-COST")) or None,
            url=tickets or _web(component.first("URL")) or _located(component) or meeting,
        ),
        plain,
    )


def _zone_name(found: Occurrence) -> str | None:
    """The zone in which it takes place; one that has no name is told by its distance from UTC on that day."""
    if not isinstance(found.start, datetime) or found.start.tzinfo is None:
        return None
    return found.record.start.zone_name or offset_name(found.start)


def _title(record: Record, plain: str) -> tuple[str, tuple[str, ...]]:
    """SUMMARY; without one what its description begins with."""
    title = one_line(record.component.text("SUMMARY"))
    if title:
        return title, title_losses(title)
    return shorten(plain.partition("\n")[0], 90) or "Event", (NO_TITLE,)


def _description(component: Component) -> tuple[Cleaned, str]:
    """What it says as HTML, if it comes as HTML (X-ALT-DESC, or markup in the text as Google has it), and as text."""
    formatted = next(
        (each for each in component.all("X-ALT-DESC") if "html" in each.params.get("FMTTYPE", "html")), None
    )
    text = component.text("DESCRIPTION")
    html = formatted.text if formatted and formatted.value.strip() else text if _MARKUP.search(text) else ""
    cleaned = clean_html(html) if html else NOTHING
    if cleaned.text:
        return cleaned, cleaned.text
    return NOTHING, without_controls(text).strip()


def _place(component: Component) -> str | None:
    """LOCATION on one line; its coordinates when there is nothing else. An address of the web is no place."""
    lines = [one_line(line) for line in component.text("LOCATION").split("\n")]
    place = ", ".join(line.rstrip(",") for line in lines if line and not is_web_url(line))
    if place:
        return shorten(place, 200)
    found = _GEO.fullmatch(component.text("GEO").strip())
    return f"{found[1]}, {found[2]}" if found and (found[1], found[2]) != ("0", "0") else None


def _located(component: Component) -> str | None:
    words = component.text("LOCATION").split()
    return next((word for word in words if is_web_url(word)), None)


def _web(found: Property | None) -> str | None:
    """An address of the web in a property that holds one; some write it as text, with escapes."""
    if found is None:
        return None
    return next((url for url in (found.value.strip(), found.text.strip()) if is_web_url(url) and "\\" not in url), None)


def _meeting(component: Component, plain: str) -> str | None:
    """Where it is held on the web."""
    for name in ("X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK"):
        if url := _web(component.first(name)):
            return url
    conferences = (_web(each) for each in component.all("CONFERENCE"))
    return next((url for url in conferences if url), None) or meeting_link((component.text("LOCATION"), plain))


def _links(component: Component, cleaned: Cleaned, plain: str) -> Iterable[str]:
    named = [*component.all("URL"), *component.all("X-TICKETS-URL"), *component.all("ATTACH"), *component.all("LINK")]
    yield from (url for each in named if (url := _web(each)))
    if url := _located(component):
        yield url
    if url := _meeting(component, plain):
        yield url
    yield from cleaned.links or links_in(plain)


def _organiser(component: Component) -> Person | None:
    """Who invites; a calendar is nobody."""
    found = component.first("ORGANIZER")
    if found is None:
        return None
    name = one_line(found.params.get("CN", ""))
    address = re.sub(r"^mailto:", "", found.value.strip(), flags=re.IGNORECASE)
    address = address if re.fullmatch(r"[^\s@:/]+@[^\s@:/]+", address) else ""
    if address.casefold().endswith(_OFFICIAL) or not name or "@" in name:
        return None
    return Person(name, address)


def _stamp(component: Component, name: str, zones: Zones) -> datetime | None:
    """A time of the record itself, which is in UTC by the standard."""
    found = read_moment(component.first(name), zones)
    at = in_utc(found.at) if found else None
    return at if isinstance(at, datetime) and at.tzinfo and at.year > 1970 else None


def _repeats(series: Series) -> str:
    words = dict.fromkeys(said for rule in series.rules if (said := rule_words(rule)))
    return f"Repeats {' and '.join(words)}." if words else ""


def _labels(component: Component, series: Series) -> tuple[str, ...]:
    said = (word for rule in series.rules if (word := often(rule)))
    named = (one_line(part) for each in component.all("CATEGORIES") for part in _listed(each.value))
    return tuple(dict.fromkeys(label for label in (*said, *named) if label))[:_MOST_LABELS]


def _listed(value: str) -> list[str]:
    """The texts of a list, whose own commas are escaped."""
    return [Property("", {}, part).text for part in re.split(r"(?<!\\),", value)]


def _language(component: Component) -> str | None:
    found = component.first("SUMMARY", "DESCRIPTION")
    said = found.params.get("LANGUAGE", "") if found else ""
    return said.lower()[:2] if _LANGUAGE.fullmatch(said) else None


def _zone_warnings(record: Record) -> tuple[str, ...]:
    if not record.start.is_zone_lost:
        return ()
    found = record.component.last("DTSTART")
    return (f"{ZONE_UNKNOWN}: {one_line(found.params.get('TZID', ''))[:60]}",) if found else ()


def day_of(at: date | datetime) -> date:
    """The day of a start, where it takes place."""
    return at.date() if isinstance(at, datetime) else at
