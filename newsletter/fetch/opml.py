"""Lists of feeds: OPML, and the FOAF some planets keep, however broken. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from html.entities import name2codepoint
from urllib.parse import urljoin

from lxml import etree  # type: ignore[import-untyped]

from newsletter.errors import NotReadable
from newsletter.fetch.clean import is_safe_url
from newsletter.text import canonical_url, one_line, shorten

_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_XML_OWN = (b"amp", b"lt", b"gt", b"quot", b"apos")
_END = re.compile(rb"(?<=</opml>)", re.IGNORECASE)
_FEED_TYPES = ("rss", "atom", "feed")
_DOCUMENTS_AT_MOST = 20
_FOLDERS_AT_MOST = 20
_FOAF = "{http://xmlns.com/foaf/0.1/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_RSS_CHANNEL = "{http://purl.org/rss/1.0/}channel"
_YANDEX_FEED = "{http://blogs.yandex.ru/schema/foaf/}feed"
_SEE_ALSO = "{http://www.w3.org/2000/01/rdf-schema#}seeAlso"
_Paths = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A feed, or another list, as a list names it; ``paths`` are the folders it lies in, from outside to inside."""

    url: str
    title: str = ""
    paths: _Paths = ()

    @property
    def folders(self) -> tuple[str, ...]:
        """The names of all folders, each once."""
        return tuple(dict.fromkeys(name for path in self.paths for name in path))[:_FOLDERS_AT_MOST]


@dataclass(frozen=True, slots=True)
class FeedList:
    """The feeds of a list, the other lists it names, and the entries with no address that may be asked, as written."""

    title: str
    feeds: tuple[Listed, ...]
    lists: tuple[Listed, ...]
    left_out: tuple[str, ...] = ()


def read_list(data: bytes, url: str = "") -> FeedList:
    """The feeds that an OPML or FOAF document names; relative addresses hang on ``url``. Raises NotReadable."""
    feeds: list[Listed] = []
    lists: list[Listed] = []
    left_out: list[str] = []
    title = ""
    roots = [root for part in _END.split(data)[:_DOCUMENTS_AT_MOST] if (root := _root(part)) is not None]
    known = [root for root in roots if _local(root) in ("opml", "rdf")]
    if not known:
        raise NotReadable("the document is no list of feeds: it is neither OPML nor FOAF")
    for root in known:
        found = _outlines(root) if _local(root) == "opml" else _agents(root)
        for is_list, listed in found:
            address = _absolute(listed.url, url) if listed.url else ""
            if address:
                (lists if is_list else feeds).append(replace(listed, url=address))
            else:
                left_out.append(": ".join(filter(None, (listed.title, shorten(listed.url, 200)))))
        title = title or one_line(root.findtext("head/title"))
    return FeedList(title, _once(feeds), _once(lists), tuple(dict.fromkeys(filter(None, left_out))))


def _root(data: bytes) -> etree._Element | None:
    if not data.strip():
        return None
    try:
        return etree.fromstring(_ENTITY.sub(_spelled_out, data).lstrip(), _parser())
    except (etree.LxmlError, ValueError):
        return None


@lru_cache(maxsize=1)
def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, recover=True, collect_ids=False
    )


def _spelled_out(found: re.Match[bytes]) -> bytes:
    """A letter by its number instead of the name that HTML has for it."""
    code = name2codepoint.get(found[1].decode("ascii"))
    return b"&#%d;" % code if code is not None and found[1] not in _XML_OWN else found[0]


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _outlines(root: etree._Element) -> Iterator[tuple[bool, Listed]]:
    """What each outline names, in document order; without recursion, for some are nested for harm."""
    waiting: list[tuple[etree._Element, tuple[str, ...]]] = [(root, ())]
    while waiting:
        element, path = waiting.pop()
        inside = path
        if _local(element) == "outline":
            found = _outline(element, path)
            if found:
                yield found
            elif name := _attributes(element).get("name", ""):
                inside = (*path, shorten(name, 100))[-_FOLDERS_AT_MOST:]
        waiting.extend((child, inside) for child in reversed(element))


def _attributes(element: etree._Element) -> dict[str, str]:
    """The attributes, whatever the capitals, and the ``name`` people see."""
    found = {str(key).lower(): one_line(str(value)) for key, value in element.items()}
    return {**found, "name": found.get("text") or found.get("title") or ""}


def _outline(element: etree._Element, path: tuple[str, ...]) -> tuple[bool, Listed] | None:
    """Whether the outline names another list, and what it names."""
    said = _attributes(element)
    kind, feed = said.get("type", "").lower(), said.get("xmlurl", "")
    title, paths = shorten(said["name"], 200), _paths(path, said.get("category", ""))
    if feed:
        return kind == "source", Listed(feed, title, paths)
    other = said.get("url", "")
    if other and kind in ("include", "link"):
        return True, Listed(other, title, paths)
    # What says that it is a feed and has no address is no folder.
    return (False, Listed("", title, paths)) if kind in _FEED_TYPES and not len(element) else None


def _paths(path: tuple[str, ...], category: str) -> _Paths:
    """The folder it stands in, and those it names itself: "/news/local,weather"."""
    named = (tuple(one_line(name) for name in each.split("/") if name.strip()) for each in category.split(",")[:50])
    return tuple(dict.fromkeys(found for found in (path, *named) if found))


def _agents(root: etree._Element) -> Iterator[tuple[bool, Listed]]:
    """The feeds of people and groups in FOAF, and the lists of those they know."""
    for element in root.iter(_RSS_CHANNEL, _YANDEX_FEED, _SEE_ALSO):
        url = one_line(element.get(f"{_RDF}about") or element.get(f"{_RDF}resource"))
        is_list = element.tag == _SEE_ALSO
        if not url or (is_list and not any(each.tag == f"{_FOAF}knows" for each in element.iterancestors())):
            continue
        names = [(each.tag, _foaf_name(each)) for each in element.iterancestors() if str(each.tag).startswith(_FOAF)]
        title = next((name for tag, name in names if name and tag != f"{_FOAF}Group"), "")
        groups = tuple((name,) for tag, name in names if tag == f"{_FOAF}Group" and name)
        yield is_list, Listed(url, title, groups)


def _foaf_name(element: etree._Element) -> str:
    found = element.find(f"{_FOAF}name")
    if found is None:
        found = element.find(f"{_FOAF}member_name")
    return shorten("".join(found.itertext()), 200) if found is not None else ""


def _absolute(link: str, base: str) -> str:
    """An address that may be asked, or ""."""
    try:
        url = urljoin(base, link.replace(" ", "%20")) if base else link
    except ValueError:
        return ""
    if url.startswith("feed://"):
        url = f"http://{url.removeprefix('feed://')}"
    return url if is_safe_url(url) else ""


def _once(found: Iterable[Listed]) -> tuple[Listed, ...]:
    """Each address once, with the folders of all places where it stands."""
    known: dict[str, Listed] = {}
    for each in found:
        if each.url:
            key = canonical_url(each.url)
            before = known.get(key, each)
            paths = tuple(dict.fromkeys((*before.paths, *each.paths)))
            known[key] = replace(before, title=before.title or each.title, paths=paths)
    return tuple(known.values())
