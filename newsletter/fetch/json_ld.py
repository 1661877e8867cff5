"""schema.org data of pages, as JSON-LD or microdata: events, and who wrote the page and when. Read without trust."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from newsletter.errors import NotReadable
from newsletter.fetch.microdata import microdata_things
from newsletter.fetch.microformat_dates import moment_of
from newsletter.fetch.rest import Record, read_json
from newsletter.model.item import Event
from newsletter.text import is_web_url, one_line, shorten

_MOST_SCRIPTS = 50
_MOST_NODES = 2_000
_LONGEST = 500_000
_PAGES = ("Article", "BlogPosting", "NewsArticle", "TechArticle", "Report", "WebPage", "SocialMediaPosting")
_OTHER_EVENTS = ("Festival", "Hackathon", "CourseInstance", "EventSeries")
_HOLDING = ("subEvent", "itemListElement", "item", "event", "events", "mainEntity", "@graph")
_GONE = ("EventCancelled", "EventPostponed")


@dataclass(frozen=True, slots=True)
class SaidEvent:
    """An event that a page describes as data; ``event`` is None when it does not say when."""

    event: Event | None
    title: str
    url: str | None
    text: str = ""
    key: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class PageData:
    """What the data says of the page itself, as texts, and its events."""

    published: str = ""
    modified: str = ""
    author: str = ""
    events: tuple[SaidEvent, ...] = ()


def page_data(tree: LexborHTMLParser, url: str = "") -> PageData:
    """The schema.org data of the page at ``url``; what it says twice stands once in its events."""
    records = list(_records(tree))
    page = next((each for each in records if _is_a(each, _PAGES) and each.line("datePublished")), Record({}))
    named = next((each for each in records if _is_a(each, _PAGES) and _names(each.fields.get("author"))), Record({}))
    # Facts of the page that stand in its markup are read where its markup is; of microdata only events are new.
    marked = _within(microdata_things(tree, url))
    events = (_event(each) for each in (*records, *marked) if _is_event(each))
    return PageData(
        page.line("datePublished"),
        page.line("dateModified"),
        ", ".join(_names(named.fields.get("author"))[:3]),
        tuple(each for each in events if each),
    )


def _records(tree: LexborHTMLParser) -> Iterator[Record]:
    values = []
    for script in tree.css('script[type="application/ld+json"]')[:_MOST_SCRIPTS]:
        try:
            value = read_json((script.text() or "")[:_LONGEST].strip().encode("utf-8", "replace"))
        except NotReadable:
            continue
        values.append(value)
    yield from _within(values)


def _within(values: list[Any]) -> Iterator[Record]:
    """Every record among ``values`` and in those of their fields that hold more of them."""
    left, stack = _MOST_NODES, values[::-1]
    while stack and left:
        left -= 1
        found = stack.pop()
        if isinstance(found, list):
            stack.extend(reversed(found))
        elif isinstance(found, dict):
            yield Record(found)
            stack.extend(found[name] for name in _HOLDING if isinstance(found.get(name), dict | list))


def _types(record: Record) -> tuple[str, ...]:
    found = (record.line("@type"), *record.texts("@type"))
    return tuple(each.rpartition("/")[2] for each in found if each)


def _is_a(record: Record, names: tuple[str, ...]) -> bool:
    return any(each in names for each in _types(record))


def _is_event(record: Record) -> bool:
    return any(each.endswith("Event") or each in _OTHER_EVENTS for each in _types(record))


def _event(record: Record) -> SaidEvent | None:
    starts_at, zone = moment_of(record.line("startDate"))
    title = one_line(record.text("name"))
    if starts_at is None or not title:
        return None
    ends_at, _ = moment_of(record.line("endDate"))
    url = next((each for each in (record.line("url"), record.line("@id")) if is_web_url(each)), None)
    event = Event(
        starts_at,
        ends_at if ends_at and _comparable(ends_at) >= _comparable(starts_at) else None,
        zone,
        _place(record.fields.get("location")),
        _cost(record),
        seats=record.whole("maximumAttendeeCapacity"),
        url=url,
        title=title,
    )
    is_gone = record.line("eventStatus").rpartition("/")[2] in _GONE
    return SaidEvent(event, title, url, record.text("description"), record.line("@id") or url or "", is_gone)


def _comparable(at: date | datetime) -> str:
    return at.isoformat()[:10]


def _place(value: Any) -> str | None:
    """A place as people write it: name, street, town."""
    if isinstance(value, list):
        found = (_place(each) for each in value[:3])
        return "; ".join(each for each in found if each) or None
    if isinstance(value, str):
        return one_line(value) or None
    record = Record(value if isinstance(value, dict) else {})
    if _is_a(record, ("VirtualLocation",)):
        return record.line("url") or "online"
    address = record.record("address")
    parts = [record.line("name"), record.line("address") or address.line("streetAddress")]
    parts += [address.line(name) for name in ("addressLocality", "addressRegion", "addressCountry")]
    parts.append(address.line("addressCountry", "name"))
    return shorten(", ".join(dict.fromkeys(each for each in parts if each)), 300) or None


def _cost(record: Record) -> str | None:
    offers = record.records("offers") or ((record.record("offers"),) if record.record("offers") else ())
    prices = [(each.line("priceCurrency"), price) for each in offers if (price := _price(each)) is not None]
    if not prices:
        return "free" if record.is_true("isAccessibleForFree") else None
    currency, low = min(prices, key=lambda pair: pair[1])
    high = max(price for _, price in prices)
    if high == 0:
        return "free"
    amount = f"{low:g}" if low == high else f"{low:g}–{high:g}"
    return f"{currency} {amount}".strip()


def _price(offer: Record) -> float | None:
    found = offer.fields.get("price", offer.fields.get("lowPrice"))
    try:
        price = float(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else None
    except ValueError:
        return None
    return price if price is not None and 0 <= price < 1e9 else None


def _names(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for each in value[:10] for name in _names(each)]
    if isinstance(value, dict):
        value = value.get("name")
    return [one_line(value)] if isinstance(value, str) and one_line(value) else []
