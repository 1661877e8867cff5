"""Events and answers to invitations in the JSON of Meetup's API, as exports hold it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from newsletter.errors import NotReadable
from newsletter.fetch.clean import clean_html, paragraphs
from newsletter.fetch.event_facts import links_in, with_facts
from newsletter.fetch.event_window import Broken, CalendarRead, Window
from newsletter.fetch.losses import text_losses, title_losses
from newsletter.fetch.records import Odd, parted, written
from newsletter.fetch.rest import Record, read_json, records
from newsletter.model.item import CANCELLED, Event, Item, Person, item_id
from newsletter.text import is_web_url, one_line, shorten

_NOT_PUBLIC = ("draft", "proposed", "suggested")
_MOST_LINKS = 50
_MOST_ASIDE = 100
_NO_EVENT = "an event without a title or a time"


def read_meetup(data: bytes, source_id: str, window: Window) -> CalendarRead:
    """The events in the document that lie in ``window``, by start. Raises NotReadable for other JSON."""
    value = read_json(data)
    listed = (
        value if isinstance(value, list) else Record(value).fields.get("results", Record(value).fields.get("events"))
    )
    if not isinstance(listed, list):
        raise NotReadable("the JSON holds no list of events")
    found = [each for each in (_of_answer(answers) for answers in _answers(records(listed))) if each]
    told, odd = parted((each for each in records(listed) if _is_told(each)), _event_item, missing=_NO_EVENT)
    found += (item for _, item in told)
    if listed and not found and not _is_empty(records(listed)):
        raise NotReadable("the JSON holds a list, and nothing in it is an event of Meetup")
    items, next_at = [], None
    for item in found:
        begins, ends = _span(item)
        if ends < window.begin:
            continue
        if begins > window.end:
            appears = begins - (window.end - window.now)
            next_at = min(next_at or appears, appears)
            continue
        made = replace(item, id=item_id(source_id, item.native_keys[0]), source_id=source_id)
        items.append((begins, made if window.reaches_back else replace(made, published_at=None)))
    items.sort(key=lambda each: (each[0], each[1].id))
    return CalendarRead(tuple(item for _, item in items), _broken(odd), next_at=next_at, event_count=len(found))


def _span(item: Item) -> tuple[datetime, datetime]:
    """From when to when; an event of unknown length counts three hours, as Meetup itself counts."""
    event = item.event
    assert event is not None
    assert isinstance(event.starts_at, datetime)
    ends = event.ends_at
    return event.starts_at, ends if isinstance(ends, datetime) else event.starts_at + timedelta(hours=3)


def _is_empty(listed: Sequence[Record]) -> bool:
    """Whether nothing in the list is meant to be public, or it holds comments."""
    return all(each.line("status") in _NOT_PUBLIC or each.text("comment") for each in listed)


def _is_told(record: Record) -> bool:
    """Whether it is an event, and not meant for some alone."""
    is_other = record.record("event") or record.text("comment")
    is_hidden = record.line("status") in _NOT_PUBLIC or record.line("visibility") == "members"
    return not is_other and not is_hidden


def _broken(odd: Sequence[Odd]) -> tuple[Broken, ...]:
    """Each as a list of its own, which can be read again."""
    return tuple(Broken(each.reason, b"[" + written(each.record) + b"]") for each in odd[:_MOST_ASIDE])


def _event_item(record: Record) -> Item | None:
    """An event; None for a record that is none, has no time, or is not public."""
    start = _milliseconds(record, "time")
    title = record.line("name")
    if start is None or not title or record.record("event") or record.line("status") in _NOT_PUBLIC:
        return None
    if record.line("visibility") == "members":
        return None
    link = next((url for name in ("link", "event_url") if is_web_url(url := record.text(name))), None)
    cleaned = clean_html(record.text("description"), link)
    plain = cleaned.text or record.text("plain_text_description").strip()
    is_off = record.line("status") in ("cancelled", "canceled")
    said = "\n\n".join(part for part in (_going(record), plain) if part)
    return Item(
        id="",
        source_id="",
        kind="calendar",
        form="event",
        native_keys=_keys(record),
        title=f"Cancelled: {title}" if is_off else title,
        url=link,
        author=_host(record),
        published_at=_milliseconds(record, "created"),
        updated_at=_milliseconds(record, "updated"),
        text=said,
        html=paragraphs(_going(record)) + (cleaned.html or paragraphs(plain)),
        links=tuple(dict.fromkeys((*((link,) if link else ()), *(cleaned.links or links_in(plain)))))[:_MOST_LINKS],
        event=with_facts(_event(record, start, link), plain),
        labels=(CANCELLED,) if is_off else (),
        warnings=tuple(dict.fromkeys((*title_losses(title), *cleaned.warnings, *text_losses(plain)))),
    )


def _keys(record: Record) -> tuple[str, ...]:
    """Its UID in Meetup's calendar files, and its number."""
    key = record.key("id")
    return (f"event_{key}@meetup.com", key)


def _event(record: Record, start: datetime, link: str | None) -> Event:
    length = record.whole("duration")
    is_length = length is not None and 0 < length < 366 * 86_400_000
    closes = _milliseconds(record, "rsvp_rules", "close_time")
    return Event(
        starts_at=start,
        ends_at=start + timedelta(milliseconds=length) if length is not None and is_length else None,
        timezone=record.line("group", "timezone") or _offset_name(record.whole("utc_offset")),
        place=_place(record),
        cost=_cost(record),
        seats=record.whole("rsvp_limit"),
        deadline_at=closes,
        url=link,
    )


def _place(record: Record) -> str | None:
    """The venue with its street and town; "online" when it is held on the web."""
    venue = record.record("venue")
    if record.is_true("is_online_event") and not venue.line("city"):
        return "online"
    parts = [venue.line(name) for name in ("name", "address_1", "city")]
    said: list[str] = []
    for part in parts:
        if part and not any(part.casefold() in other.casefold() for other in said):
            said.append(part)
    return shorten(", ".join(said), 200) or None


def _cost(record: Record) -> str | None:
    fee = record.record("fee")
    amount = fee.fields.get("amount")
    if not isinstance(amount, int | float) or isinstance(amount, bool):
        return None
    return f"{amount:g} {fee.line('currency')}".strip() if amount > 0 else "free"


def _going(record: Record) -> str:
    """How many said they would come, how many wait for a place, and how many there are."""
    going, limit, waiting = (record.whole(name) for name in ("yes_rsvp_count", "rsvp_limit", "waitlist_count"))
    said = []
    if going is not None and going > 0:
        said.append(f"{going} going")
    if going is not None and limit and limit > 0:
        said.append(f"{max(0, limit - going)} of {limit} places left")
    if waiting:
        said.append(f"{waiting} waiting for a place")
    return f"{', '.join(said)}." if said else ""


def _host(record: Record) -> Person | None:
    host = next(iter(record.records("event_hosts")), Record({}))
    return Person(host.line("name"), host.key("id")) if host.line("name") else None


def _answers(listed: Sequence[Record]) -> list[list[Record]]:
    """Answers to invitations, those of one event together."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for each in listed:
        if each.record("event") and each.line("response"):
            groups[each.key("event", "id")].append(each)
    return list(groups.values())


def _of_answer(answers: Sequence[Record]) -> Item | None:
    """The event that people answered to: how many come, with the guests they bring."""
    first = answers[0]
    yes = [each for each in answers if each.line("response") == "yes"]
    counted = len(yes) + sum(each.whole("guests") or 0 for each in yes)
    told = first.whole("event", "yes_rsvp_count")
    event = {
        **first.record("event").fields,
        "group": first.record("group").fields,
        "venue": first.record("venue").fields,
        "yes_rsvp_count": max(counted, told or 0),
    }
    made = _event_item(Record(event))
    if made is None:
        return None
    newest = max((at for each in answers if (at := _milliseconds(each, "updated"))), default=None)
    group = first.line("group", "urlname")
    url = f"https://www.meetup.com/{group}/events/{one_line(first.key('event', 'id'))}/" if group else None
    return replace(made, updated_at=newest, url=made.url or url)


def _milliseconds(record: Record, *path: str) -> datetime | None:
    found = record.whole(*path)
    if found is None:
        return None
    try:
        return datetime.fromtimestamp(found / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _offset_name(milliseconds: int | None) -> str:
    """The zone by its distance from UTC (the names of Etc count the other way round)."""
    minutes = (milliseconds or 0) // 60_000
    if not minutes or minutes % 60 or abs(minutes) > 720:
        return "UTC"
    return f"Etc/GMT{'-' if minutes > 0 else '+'}{abs(minutes) // 60}"
