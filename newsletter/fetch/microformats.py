"""Microformats 2 (microformats.org/wiki/microformats2-parsing): what a page says about itself in class names."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsletter.fetch.microformat_dates import join_values
from newsletter.text import one_line

_MOST = 1_000
_DEEPEST = 40
_ROOT = re.compile(r"h(?:-[a-z0-9]+)?-[a-z]+(?:-[a-z]+)*")
_PROPERTY = re.compile(r"(p|u|dt|e)-((?:[a-z0-9]+-)?[a-z]+(?:-[a-z]+)*)")
# The names before version 2, as WordPress and calendars still write them.
_CLASSIC_ROOTS = {"hentry": "h-entry", "hfeed": "h-feed", "vevent": "h-event", "vcard": "h-card"}
_CLASSIC: Mapping[str, Mapping[str, str]] = {
    "h-entry": {
        "entry-title": "p-name",
        "entry-summary": "p-summary",
        "entry-content": "e-content",
        "published": "dt-published",
        "updated": "dt-updated",
        "author": "p-author",
    },
    "h-event": {
        "summary": "p-name",
        "dtstart": "dt-start",
        "dtend": "dt-end",
        "location": "p-location",
        "description": "p-description",
        "url": "u-url",
    },
    "h-card": {"fn": "p-name", "url": "u-url"},
    "h-feed": {},
}
_SHOWN_BY_TITLE = ("abbr", "link")
_HAS_SRC = ("img", "audio", "video", "source", "iframe")
_UNSEEN = ("script", "style", "template")


@dataclass(slots=True)
class Thing:
    """A microformat: its ``types``, the values of each property, and what stands in it without a property.

    A value is a text; of an element that is a microformat itself it is the Thing.
    """

    types: tuple[str, ...]
    properties: dict[str, list["str | Thing"]] = field(default_factory=dict)
    children: list["Thing"] = field(default_factory=list)
    html: str = ""
    """The first "e-content", as it stands on the page."""
    id: str = ""

    def text(self, name: str) -> str:
        """The first value of a property as text, "" for none."""
        return next(
            (each if isinstance(each, str) else each.text("name") for each in self.properties.get(name, ())), ""
        )

    def texts(self, name: str) -> tuple[str, ...]:
        """All values of a property as texts."""
        values = (each if isinstance(each, str) else each.text("name") for each in self.properties.get(name, ()))
        return tuple(each for each in values if each)

    def things(self, name: str) -> tuple["Thing", ...]:
        """The values of a property that are microformats themselves."""
        return tuple(each for each in self.properties.get(name, ()) if isinstance(each, Thing))


def find_things(tree: LexborHTMLParser, url: str) -> tuple[Thing, ...]:
    """The outermost microformats of a page at ``url``."""
    base = tree.css_first("base[href]")
    reader = _Reader(_joined(url, (base.attributes.get("href") or "") if base else ""))
    root = tree.root
    return tuple(reader.read_children(root, None, 0)) if root is not None else ()


def flattened(things: Iterator[Thing] | tuple[Thing, ...] | list[Thing]) -> Iterator[Thing]:
    """Each thing, and those that stand in it without being a property of it."""
    for thing in things:
        yield thing
        yield from flattened(thing.children)


@dataclass(slots=True)
class _Reader:
    base: str
    count: int = 0

    def read_children(self, node: LexborNode, owner: Thing | None, depth: int) -> Iterator[Thing]:
        """The microformats below ``node``; properties on the way go to ``owner``."""
        if depth > _DEEPEST * 5:
            return
        for child in node.iter():
            if child.tag in _UNSEEN:
                continue
            names = (child.attributes.get("class") or "").split()
            roots = _roots(names)
            properties = _properties(names, owner)
            if roots and self.count < _MOST:
                thing = self.read_thing(child, roots, depth)
                if owner is None:
                    yield thing
                elif properties:
                    for _, name in properties:
                        owner.properties.setdefault(name, []).append(thing)
                else:
                    owner.children.append(thing)
                continue
            if owner is not None:
                for prefix, name in properties:
                    self._add(owner, child, prefix, name)
            yield from self.read_children(child, owner, depth + 1)

    def read_thing(self, node: LexborNode, types: tuple[str, ...], depth: int) -> Thing:
        """The microformat whose root is ``node``."""
        self.count += 1
        thing = Thing(types, id=(node.attributes.get("id") or "").strip())
        for _ in self.read_children(node, thing, depth + 1):
            pass
        self._imply(thing, node)
        return thing

    def _add(self, owner: Thing, node: LexborNode, prefix: str, name: str) -> None:
        if prefix == "dt":
            value = self._date(node, owner, name)
        elif prefix == "u":
            value = self._url(node)
        elif prefix == "e":
            value = self._text(node)
            owner.html = owner.html or (node.inner_html or "" if name == "content" else "")
        else:
            value = self._plain(node)
        owner.properties.setdefault(name, []).append(value)

    def _plain(self, node: LexborNode) -> str:
        attributes = node.attributes
        if (values := self._values(node)) is not None:
            return "".join(values)
        if node.tag in _SHOWN_BY_TITLE and attributes.get("title") is not None:
            return attributes["title"] or ""
        if node.tag in ("data", "input") and attributes.get("value") is not None:
            return attributes["value"] or ""
        if node.tag in ("img", "area") and attributes.get("alt") is not None:
            return attributes["alt"] or ""
        return self._text(node)

    def _url(self, node: LexborNode) -> str:
        attributes, tag = node.attributes, node.tag
        name = (
            "href"
            if tag in ("a", "area", "link")
            else "poster"
            if tag == "video" and not attributes.get("src")
            else "src"
            if tag in _HAS_SRC
            else "data"
            if tag == "object"
            else ""
        )
        found = attributes.get(name) if name else None
        if found is None and (values := self._values(node)) is not None:
            found = "".join(values)
        if found is None and tag == "abbr":
            found = attributes.get("title")
        if found is None and tag in ("data", "input"):
            found = attributes.get("value")
        return _joined(self.base, (self._text(node) if found is None else found).strip())

    def _date(self, node: LexborNode, owner: Thing, name: str) -> str:
        attributes, tag = node.attributes, node.tag
        if (values := self._values(node, is_date=True)) is not None:
            before = owner.text("start") if name == "end" else ""
            return join_values(values, before)
        if tag in ("time", "ins", "del") and attributes.get("datetime") is not None:
            return (attributes["datetime"] or "").strip()
        if tag == "abbr" and attributes.get("title") is not None:
            return (attributes["title"] or "").strip()
        if tag in ("data", "input") and attributes.get("value") is not None:
            return (attributes["value"] or "").strip()
        return one_line(self._text(node))

    def _values(self, node: LexborNode, *, is_date: bool = False) -> list[str] | None:
        """The parts of a value that are marked as such (the value class pattern), None when there are none."""
        found: list[str] = []
        for child in _before_roots(node):
            names = (child.attributes.get("class") or "").split()
            if "value-title" in names:
                found.append(child.attributes.get("title") or "")
            elif "value" in names:
                found.append(self._value(child, is_date=is_date))
        return found or None

    def _value(self, node: LexborNode, *, is_date: bool) -> str:
        attributes = node.attributes
        for tags, name in (
            (("img", "area"), "alt"),
            (("data",), "value"),
            (("abbr",), "title"),
            (("time", "ins", "del") if is_date else (), "datetime"),
        ):
            if node.tag in tags and (found := attributes.get(name)) is not None:
                return found
        return one_line(self._text(node))

    def _text(self, node: LexborNode) -> str:
        return "".join(self._pieces(node, 0)).strip()

    def _pieces(self, node: LexborNode, depth: int) -> Iterator[str]:
        for child in node.iter(include_text=True):
            if child.is_text_node:
                yield child.text(deep=False) or ""
            elif child.tag == "img":
                attributes = child.attributes
                alt = attributes.get("alt")
                yield f" {_joined(self.base, attributes.get('src') or '')} " if alt is None else alt
            elif child.tag not in _UNSEEN and child.is_element_node and depth < _DEEPEST * 5:
                yield from self._pieces(child, depth + 1)

    def _imply(self, thing: Thing, node: LexborNode) -> None:
        """A name and an address that nobody marked but that can only be these."""
        nested = any(thing.things(name) for name in thing.properties) or bool(thing.children)
        marked = {prefix for prefix, _ in _marked_below(node, thing)}
        if "name" not in thing.properties and not nested and not marked & {"p", "e"}:
            thing.properties["name"] = [self._implied_name(node)]
        if "url" not in thing.properties and not nested and "u" not in marked:
            url = self._implied_url(node)
            if url:
                thing.properties["url"] = [url]

    def _implied_name(self, node: LexborNode) -> str:
        for each in _only_descendants(node):
            name = {"img": "alt", "area": "alt", "abbr": "title"}.get(each.tag or "")
            if name and (found := each.attributes.get(name)):
                return found.strip()
        return self._text(node)

    def _implied_url(self, node: LexborNode) -> str:
        for each in (node, *_lone_links(node)):
            if each.tag in ("a", "area") and (found := each.attributes.get("href")) is not None:
                return _joined(self.base, found.strip())
        return ""


def _roots(names: list[str]) -> tuple[str, ...]:
    found = tuple(name for name in names if _ROOT.fullmatch(name))
    return found or tuple(_CLASSIC_ROOTS[name] for name in names if name in _CLASSIC_ROOTS)


def _properties(names: list[str], owner: Thing | None) -> list[tuple[str, str]]:
    found = [(match[1], match[2]) for name in names if (match := _PROPERTY.fullmatch(name))]
    if found or owner is None:
        return list(dict.fromkeys(found))
    classic = [
        _CLASSIC[kind][name] for kind in owner.types if kind in _CLASSIC for name in names if name in _CLASSIC[kind]
    ]
    return [(prefix, rest) for prefix, _, rest in (each.partition("-") for each in classic)]


def _marked_below(node: LexborNode, thing: Thing) -> Iterator[tuple[str, str]]:
    for child in _before_roots(node):
        yield from _properties((child.attributes.get("class") or "").split(), thing)


def _before_roots(node: LexborNode) -> Iterator[LexborNode]:
    """The elements below ``node`` that belong to no microformat within it."""
    for child in node.iter():
        if not _roots((child.attributes.get("class") or "").split()):
            yield child
            yield from _before_roots(child)


def _only_descendants(node: LexborNode) -> Iterator[LexborNode]:
    """The element itself, its only child, and the only child of that."""
    yield node
    for _ in range(2):
        children = list(node.iter())
        if len(children) != 1:
            return
        node = children[0]
        if _roots((node.attributes.get("class") or "").split()):
            return
        yield node


def _lone_links(node: LexborNode) -> Iterator[LexborNode]:
    """The only link among the children of ``node``, or of its only child."""
    for each in list(_only_descendants(node))[:2]:
        links = [child for child in each.iter() if child.tag in ("a", "area")]
        if len(links) == 1 and not _roots((links[0].attributes.get("class") or "").split()):
            yield links[0]


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return link
