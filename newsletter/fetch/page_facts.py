"""What the markup of a page says about the page: title, author, dates, language, feed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsletter.fetch.clean import title_text
from newsletter.fetch.dates import DATE_UNREADABLE, believed, parse_date
from newsletter.fetch.json_ld import PageData
from newsletter.fetch.losses import title_losses
from newsletter.fetch.microformat_dates import moment_of
from newsletter.fetch.microformats import Thing
from newsletter.model.item import Person
from newsletter.text import one_line, shorten

_LONGEST_TITLE = 1_000
_PUBLISHED = (
    *("article:published_time", "og:published_time", "date", "dc.date", "dc.date.issued", "dcterms.date"),
    *("dcterms.issued", "dcterms.created", "pubdate", "publish_date", "publication_date", "citation_publication_date"),
)
_UPDATED = ("article:modified_time", "og:updated_time", "last-modified", "dcterms.modified", "dc.date.modified")
_AUTHOR = ("author", "dc.creator", "dcterms.creator", "article:author", "parsely-author")
_EVENT_TIMES = frozenset(("startDate", "endDate", "doorTime", "validFrom", "dt-start", "dt-end", "dtstart", "dtend"))
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_LAST = re.compile(
    r"\blast (?:modified|updated?|edited|changed|change|revised)(?: (?:on|at))?\s*:?\s*(?:on )?"
    rf"(?P<date>\d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?: ?(?:Z|UTC|GMT))?)?|"
    rf"\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? \d{{4}}(?:,?(?: at)? \d\d:\d\d(?: (?:UTC|GMT))?)?|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}(?:,?(?: at)? \d\d:\d\d(?: (?:UTC|GMT))?)?|"
    r"\d{1,2}[./]\d{1,2}[./]\d{2,4})",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_AT = re.compile(r",?(?: at)? (?=\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What is known of a page; what it does not say is None."""

    title: str = ""
    author: Person | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    warnings: tuple[str, ...] = ()


def page_facts(tree: LexborHTMLParser, data: PageData, entries: tuple[Thing, ...], now: datetime) -> PageFacts:
    """What ``tree`` says about itself. ``entries`` are its h-entries: one alone is the page itself."""
    metas = _metas(tree)
    own = entries[0] if len(entries) == 1 else None
    warnings: list[str] = []
    published = _first_date(_published(tree, metas, data, own), now, warnings)
    updated = _first_date(_updated(tree, metas, data, own), now, warnings)
    title, cut = _title(tree, metas)
    html = tree.css_first("html")
    language = (html.attributes.get("lang") or "") if html is not None else ""
    return PageFacts(
        title,
        _author(tree, metas, data, own),
        published,
        updated,
        language.replace("_", "-").partition("-")[0].strip().lower()[:8] or None,
        (*cut, *dict.fromkeys(warnings)),
    )


def time_of(text: str) -> datetime | None:
    """The time in UTC that ``text`` names; a day is its midnight, a time without a zone is taken as UTC."""
    found, _ = moment_of(text)
    if isinstance(found, datetime):
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    if isinstance(found, date):
        return datetime(found.year, found.month, found.day, tzinfo=UTC)
    return parse_date(text)


def _metas(tree: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = (attributes.get("property") or attributes.get("name") or attributes.get("http-equiv") or "").lower()
        if name and (attributes.get("content") or "").strip():
            found.setdefault(name.strip(), (attributes["content"] or "").strip())
    return found


def _title(tree: LexborHTMLParser, metas: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    """The title of the page: where it was cut, the whole of it if the page says it elsewhere."""
    node = tree.css_first("title")
    heads = [one_line(each.text()) for each in tree.css("h1")]
    others = [each for each in (metas.get("og:title", ""), heads[0] if len(heads) == 1 else "") if each]
    said = title_text(node.text()) if node is not None else ""
    title = shorten(said or next(iter(others), ""), _LONGEST_TITLE)
    losses = title_losses(title)
    if losses:
        begin = title.rstrip("….[] ")
        whole = next((each for each in others if each.startswith(begin) and len(each) > len(title)), None)
        if whole:
            return shorten(whole, _LONGEST_TITLE), title_losses(whole)
    return title, losses


def _author(tree: LexborHTMLParser, metas: dict[str, str], data: PageData, own: Thing | None) -> Person | None:
    marked = (one_line(node.text()) for node in tree.css("[itemprop~=author] [itemprop~=name], [itemprop~=author]")[:1])
    linked = (one_line(node.text()) for node in tree.css("a[rel~=author]")[:1])
    named = (metas[name] for name in _AUTHOR if name in metas)
    for name in (*((own.text("author"),) if own else ()), data.author, *named, *marked, *linked):
        name = one_line(name)
        if name and not name.startswith(("http://", "https://", "@")) and len(name) <= 100:
            return Person(name)
    return None


def _published(tree: LexborHTMLParser, metas: dict[str, str], data: PageData, own: Thing | None) -> Iterator[str]:
    yield from (metas[name] for name in _PUBLISHED[:2] if name in metas)
    yield data.published
    yield from _marked(tree, "datePublished")
    yield own.text("published") if own else ""
    yield from (metas[name] for name in _PUBLISHED[2:] if name in metas)
    times = [each for each in tree.css("time[datetime]") if not _is_of_event(each)]
    if len({node.attributes.get("datetime") for node in times}) == 1:
        yield times[0].attributes.get("datetime") or ""


def _is_of_event(node: LexborNode) -> bool:
    """Whether a time is when something takes place, not when it was written."""
    named = f"{node.attributes.get('itemprop') or ''} {node.attributes.get('class') or ''}".split()
    return not _EVENT_TIMES.isdisjoint(named)


def _updated(tree: LexborHTMLParser, metas: dict[str, str], data: PageData, own: Thing | None) -> Iterator[str]:
    yield from (metas[name] for name in _UPDATED if name in metas)
    yield data.modified
    yield from _marked(tree, "dateModified")
    yield own.text("updated") if own else ""
    body = tree.body
    text = body.text(separator=" ") if body is not None else ""
    if found := _LAST.search(" ".join(text.split())):
        yield _AT.sub(" ", _ORDINAL.sub("", found["date"]))


def _marked(tree: LexborHTMLParser, name: str) -> Iterator[str]:
    for node in tree.css(f"[itemprop~={name}]")[:1]:
        attributes = node.attributes
        yield attributes.get("content") or attributes.get("datetime") or one_line(node.text())


def _first_date(texts: Iterator[str], now: datetime, warnings: list[str]) -> datetime | None:
    for text in texts:
        if not text:
            continue
        at, warning = believed(time_of(text), now)
        if at is not None:
            return at
        warnings.append(warning or f"{DATE_UNREADABLE}: {shorten(text, 60)}")
    return None
