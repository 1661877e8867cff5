"""One entry of a well-formed feed; each element counts as much as it does for feedparser."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from html import escape
from urllib.parse import urljoin

from lxml import etree  # type: ignore[import-untyped]

from newsletter.fetch.dates import parse_date
from newsletter.fetch.feed_entries import NOBODY, Author, Content, RawEntry, chosen_link, chosen_picture, fullest
from newsletter.fetch.feed_words import canonical_name, is_guessed_html, mended, split_author

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_BROKEN_REFERENCE = re.compile("&([A-Za-z0-9_]+);")
_DOUBLE_SLASH = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)/*")
_EMPTY_TAG = re.compile(r"<([A-Za-z][\w:.-]*)((?:\s[^<>]*?)?)/>")
_VOID = frozenset(("br", "hr", "img", "input", "wbr", "col", "area", "source"))
_XHTML = "application/xhtml+xml"
_TYPES = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "xhtml": _XHTML}


class Odd(Exception):
    """The document is not plain enough to be read quickly."""


def name_of(element: etree._Element) -> str:
    """The element's canonical name."""
    return _named(element.tag, element.prefix is None)


def text_of(element: etree._Element) -> str:
    """The text of an element that holds nothing else. Raises Odd when it does."""
    if len(element):
        raise Odd(element.tag)
    return mended(element.text or "")


def authors_of(elements: Iterable[etree._Element]) -> Iterator[Author]:
    """The people that author elements name."""
    for element in elements:
        parts = {name_of(child).removeprefix("itunes:"): text_of(child) for child in element}
        author = Author(parts.get("name", ""), parts.get("email", "")) if parts else split_author(text_of(element))
        if author != NOBODY:
            yield author


@dataclass(slots=True)
class _Draft:
    """What was found so far in one entry."""

    language: str
    key: str = ""
    link: str | None = None
    alternates: list[str] = field(default_factory=list)
    title: Content = Content()
    media_title: Content = Content()
    bodies: list[Content] = field(default_factory=list)
    people: list[etree._Element] = field(default_factory=list)
    source_people: list[etree._Element] = field(default_factory=list)
    dates: dict[str, str] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    enclosures: list[str] = field(default_factory=list)
    thumbnails: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    has_container: bool = False


@dataclass(frozen=True, slots=True)
class EntryReader:
    """Reads the entries of one feed."""

    is_atom: bool
    is_atom_1: bool
    has_base: bool
    language: str

    def read(self, element: etree._Element) -> RawEntry:
        """The entry. Raises Odd when it is not plain."""
        draft = _Draft(element.get(_LANG, self.language), mended(element.get(_RDF_ABOUT, "")))
        for child in element:
            self._take(draft, child)
        title = draft.title if draft.title.value else draft.media_title
        # What stands inside an element that nobody knows may be all there is.
        if draft.has_container and not (title.value and (draft.link or draft.key)):
            raise Odd("a container")
        body = fullest(draft.bodies)
        published = draft.dates.get("published") or draft.dates.get("created", "")
        updated = draft.dates.get("updated", "")
        published_at, updated_at = _date(published), _date(updated)
        return RawEntry(
            key=draft.key,
            link=chosen_link(draft.link or "", draft.key, draft.alternates),
            title=title,
            body=body,
            author=next(authors_of(draft.people), None) or next(authors_of(draft.source_people), NOBODY),
            published_at=published_at,
            updated_at=updated_at,
            bad_date=published if published and not published_at else updated if updated and not updated_at else "",
            language=body.language or title.language,
            labels=tuple(dict.fromkeys(label.strip() for label in draft.labels if label.strip())),
            enclosures=tuple(draft.enclosures),
            picture=chosen_picture(draft.thumbnails, draft.images),
        )

    def _take(self, draft: _Draft, element: etree._Element) -> None:
        name = name_of(element)
        if take := _TAKEN.get(name):
            take(self, draft, element)
        elif name in _ODD:
            raise Odd(name)
        elif len(element):
            draft.has_container = True

    def _title(self, draft: _Draft, element: etree._Element) -> None:
        if not draft.title.value:
            draft.title = self._content(draft, element, "text/plain")

    def _media_title(self, draft: _Draft, element: etree._Element) -> None:
        if not draft.media_title.value:
            draft.media_title = self._content(draft, element, "text/plain")

    def _html(self, draft: _Draft, element: etree._Element) -> None:
        draft.bodies.append(self._content(draft, element, "text/html"))

    def _plain(self, draft: _Draft, element: etree._Element) -> None:
        draft.bodies.append(self._content(draft, element, "text/plain"))

    def _content(self, draft: _Draft, element: etree._Element, usual_type: str) -> Content:
        said = element.get("type", usual_type).lower()
        media_type = _TYPES.get(said, said)
        if element.get("src") or element.get("mode", "").lower() == "base64":
            raise Odd("content elsewhere")
        if media_type == _XHTML:
            value = mended(_markup(element, without_div=self.is_atom_1))
        elif media_type.startswith("text/") and not media_type.endswith("xml"):
            value = text_of(element)
        else:
            raise Odd(media_type)
        if media_type == "text/plain" and not self.is_atom and is_guessed_html(value):
            media_type = "text/html"
        is_html = media_type in ("text/html", _XHTML)
        return Content(value, is_html, self._base(element), element.get(_LANG, draft.language))

    def _link(self, draft: _Draft, element: etree._Element) -> None:
        relation, said = element.get("rel", "alternate").lower(), element.get("type", "text/html").lower()
        href = element.get("url") or element.get("uri") or element.get("href")
        link = _joined(self._base(element), href or _referred(text_of(element))).strip()
        if not href or (relation == "alternate" and _TYPES.get(said, said) in ("text/html", _XHTML)):
            draft.link = link
        if link and relation == "alternate":
            draft.alternates.append(link)
        elif link and relation == "enclosure":
            draft.enclosures.append(link)

    def _key(self, draft: _Draft, element: etree._Element) -> None:
        permanent = {name.lower(): value for name, value in element.items()}.get("ispermalink", "true") == "true"
        draft.key = text_of(element)
        if permanent:
            draft.key = _joined(self._base(element), draft.key) if draft.key else ""
            draft.link = draft.key if draft.link is None else draft.link

    def _enclosure(self, draft: _Draft, element: etree._Element) -> None:
        if href := element.get("url") or element.get("uri") or element.get("href"):
            draft.enclosures.append(href.strip())

    def _person(self, draft: _Draft, element: etree._Element) -> None:
        draft.people.append(element)

    def _source(self, draft: _Draft, element: etree._Element) -> None:
        draft.source_people.extend(child for child in element if name_of(child) in ("author", "dc:creator"))

    def _label(self, draft: _Draft, element: etree._Element) -> None:
        draft.labels.extend((element.get("label", ""), element.get("term", ""), text_of(element)))

    def _keywords(self, draft: _Draft, element: etree._Element) -> None:
        draft.labels.extend(word.strip() for word in text_of(element).split(","))

    def _topic(self, draft: _Draft, element: etree._Element) -> None:
        draft.labels.append(element.get("text", ""))
        self._group(draft, element)

    def _group(self, draft: _Draft, element: etree._Element) -> None:
        for child in element:
            self._take(draft, child)

    def _media(self, draft: _Draft, element: etree._Element) -> None:
        if element.get("medium") == "image" or element.get("type", "").startswith("image/"):
            draft.images.append(element.get("url", ""))
        self._group(draft, element)

    def _thumbnail(self, draft: _Draft, element: etree._Element) -> None:
        draft.thumbnails.append(element.get("url") or text_of(element))

    def _base(self, element: etree._Element) -> str:
        return (element.base or "") if self.has_base else ""


def _dated(name: str) -> "_Take":
    def take(_reader: EntryReader, draft: _Draft, element: etree._Element) -> None:
        draft.dates[name] = text_of(element)

    return take


_Take = Callable[[EntryReader, _Draft, etree._Element], None]
_TAKEN: dict[str, _Take] = {
    **dict.fromkeys(("title", "dc:title"), EntryReader._title),
    "media:title": EntryReader._media_title,
    **dict.fromkeys(("description", "dc:description", "media:description", "content:encoded"), EntryReader._html),
    **dict.fromkeys(("summary", "itunes:summary", "abstract", "content"), EntryReader._plain),
    "link": EntryReader._link,
    **dict.fromkeys(("id", "guid"), EntryReader._key),
    "enclosure": EntryReader._enclosure,
    **dict.fromkeys(("author", "dc:creator", "dc:author", "itunes:author", "managingeditor"), EntryReader._person),
    "source": EntryReader._source,
    **dict.fromkeys(("category", "keywords", "dc:subject", "media:category"), EntryReader._label),
    **dict.fromkeys(("itunes:keywords", "media:keywords", "tags"), EntryReader._keywords),
    **dict.fromkeys(("media:group", "categories"), EntryReader._group),
    "media:content": EntryReader._media,
    "media:thumbnail": EntryReader._thumbnail,
    "itunes:category": EntryReader._topic,
    **dict.fromkeys(("pubdate", "published", "issued", "dcterms:issued"), _dated("published")),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc:date", "dcterms:modified"), _dated("updated")),
    **dict.fromkeys(("created", "dcterms:created"), _dated("created")),
}
_ODD = frozenset(("body", "xhtml:body", "fullitem", "textinput", "item", "entry", "info", "newlocation"))


def _date(text: str) -> datetime | None:
    at = parse_date(text)
    if at is None and not text.isascii():
        raise Odd("a date in words")
    return at


def _referred(text: str) -> str:
    """A link as it was before somebody took its "&" for a letter's name."""
    return _BROKEN_REFERENCE.sub(r"&\1", text.replace("&amp;", "&"))


def _joined(base: str, link: str) -> str:
    if "///" in link:
        link = _DOUBLE_SLASH.sub(r"\1", link)
    try:
        return urljoin(base, link) if base else link
    except ValueError:
        return ""


def _markup(element: etree._Element, *, without_div: bool) -> str:
    """The elements inside ``element`` as HTML."""
    inside = element
    if without_div and len(element) == 1 and name_of(element[0]).endswith("div"):
        around = (element.text or "") + (element[0].tail or "")
        inside = element if around.strip() else element[0]
    for found in inside.iterdescendants():
        found.tag = etree.QName(found).localname
    parts = [escape(inside.text or "", quote=False)]
    parts.extend(etree.tostring(child, encoding="unicode", with_tail=True) for child in inside)
    return _EMPTY_TAG.sub(_closed, "".join(parts))


def _closed(found: re.Match[str]) -> str:
    name, attributes = found.groups()
    return f"<{name}{attributes}>" if name.lower() in _VOID else f"<{name}{attributes}></{name}>"


@lru_cache(maxsize=4096)
def _named(tag: object, is_default: bool) -> str:
    if not isinstance(tag, str):
        raise Odd("an entity")
    name = etree.QName(tag)
    return canonical_name(name.namespace or "", name.localname, is_default=is_default)
