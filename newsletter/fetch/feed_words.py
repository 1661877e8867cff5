"""The words of all feed formats brought together, and what their writers commonly get wrong."""

import contextlib
import re
from html.entities import entitydefs

from newsletter.fetch.clean import KNOWN_TAGS
from newsletter.fetch.feed_entries import Author

BASE_NAMESPACES = (
    "",
    "http://www.w3.org/2005/atom",
    "http://purl.org/atom/ns#",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://purl.org/rss/1.0/modules/rss091#",
)
_PREFIXES = {
    **dict.fromkeys(BASE_NAMESPACES, ""),
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://search.yahoo.com/mrss": "media:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
}
_CLOSE_OR_ENTITY = re.compile(r"</\w+>|&#?\w+;")
_TAG_NAME = re.compile(r"</?(\w+)")
_ENTITY_NAME = re.compile(r"&(\w+);")
_C1 = re.compile("[\x80-\x9f]")
_ADDRESS = re.compile(r"[\w.+-]+@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]{2,}(?:\?subject=\S+)?")


def canonical_name(namespace: str, local: str, *, is_default: bool) -> str:
    """One name for an element, whatever its prefix: "title", "dc:creator"; "?:name" in a namespace nobody knows."""
    prefix = _PREFIXES.get(namespace.lower())
    if prefix is None:
        prefix = "" if is_default or "backend.userland.com/rss" in namespace.lower() else "?:"
    return prefix + local.lower()


def is_guessed_html(text: str) -> bool:
    """Whether ``text``, said to be plain, is HTML after all: it closes a tag or names a letter, and all are HTML's."""
    if not _CLOSE_OR_ENTITY.search(text):
        return False
    if any(name.lower() not in KNOWN_TAGS for name in _TAG_NAME.findall(text)):
        return False
    return all(name in entitydefs for name in _ENTITY_NAME.findall(text))


def mended(text: str) -> str:
    """``text`` with two common mistakes undone: UTF-8 taken for Latin-1, and Windows letters written as controls."""
    text = text.strip()
    if text.isascii():
        return text
    with contextlib.suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return _C1.sub(_from_windows, text)


def split_author(text: str) -> Author:
    """Name and address in "address (Name)", "Name <address>" and the like."""
    found = _ADDRESS.search(text)
    if found is None:
        return Author(text.strip())
    rest = text.replace(found[0], "").replace("()", "").replace("<>", "").replace("&lt;&gt;", "").strip()
    return Author(rest.removeprefix("(").removesuffix(")").strip(), found[0])


def _from_windows(found: re.Match[str]) -> str:
    return found[0].encode("latin-1").decode("cp1252", "replace").replace("\ufffd", "")
