"""Things that a page marks with itemscope and itemprop (microdata), as JSON-LD would say them. Read without trust."""

from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsletter.text import one_line

_MOST_THINGS = 200
_MOST_NODES = 20_000
_DEEPEST = 8
_ADDRESSED = {"a": "href", "area": "href", "link": "href", "img": "src", "iframe": "src", "object": "data"}
_VALUED = {"time": "datetime", "data": "value", "meter": "value"}


def microdata_things(tree: LexborHTMLParser, url: str) -> list[dict[str, Any]]:
    """The things of a page that belong to no other thing, in its order; their addresses are whole."""
    reader = _Reader(url)
    outer = (node for node in tree.css("[itemscope][itemtype]:not([itemprop])")[:_MOST_THINGS])
    return [reader.thing(node, 0) for node in outer]


class _Reader:
    """Reads the things of one page, so many elements of it at most."""

    def __init__(self, url: str) -> None:
        self._url, self._left = url, _MOST_NODES

    def thing(self, node: LexborNode, depth: int) -> dict[str, Any]:
        """``node`` and what it says about itself; things it names twice are a list, of texts the first holds."""
        found: dict[str, list[Any]] = {}
        stack = _children(node)
        while stack and self._left:
            self._left -= 1
            each = stack.pop()
            attributes = each.attributes
            is_thing = "itemscope" in attributes
            for name in (attributes.get("itemprop") or "").split():
                # A property may be named by its whole address.
                found.setdefault(name.rpartition("/")[2], []).append(self._value(each, is_thing, depth))
            if not is_thing:
                stack.extend(_children(each))
        said: dict[str, Any] = {name: _one_or_more(values) for name, values in found.items()}
        said["@type"] = (node.attributes.get("itemtype") or "").split()
        if own_id := node.attributes.get("itemid"):
            said["@id"] = _joined(self._url, own_id)
        return said

    def _value(self, node: LexborNode, is_thing: bool, depth: int) -> Any:
        if is_thing:
            return self.thing(node, depth + 1) if depth < _DEEPEST else {}
        attributes, tag = node.attributes, (node.tag or "").lower()
        # "content" belongs to meta elements; search engines take it from any, so pages write it on any.
        if (content := attributes.get("content")) is not None:
            return content
        if tag in _ADDRESSED:
            return _joined(self._url, attributes.get(_ADDRESSED[tag]) or "")
        return attributes.get(_VALUED.get(tag, "")) or one_line(node.text())


def _one_or_more(values: list[Any]) -> Any:
    things = [each for each in values if isinstance(each, dict)]
    return things if len(things) > 1 else values[0]


def _children(node: LexborNode) -> list[LexborNode]:
    """The elements within, the first at the end of the list."""
    return list(node.iter())[::-1]


def _joined(url: str, link: str) -> str:
    try:
        return urljoin(url, link.strip())
    except ValueError:
        return ""
