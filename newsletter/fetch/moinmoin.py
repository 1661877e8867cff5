"""The recent changes of a MoinMoin wiki (RSS 1.0 with the wiki module), read into Edits. Pure."""

import hashlib
from functools import lru_cache

from lxml import etree  # type: ignore[import-untyped]

from newsletter.errors import NotReadable
from newsletter.fetch.clean import title_text
from newsletter.fetch.dates import parse_date
from newsletter.fetch.wiki import Edit
from newsletter.model.robots import is_robot_name
from newsletter.text import one_line, shorten

_RSS = "{http://purl.org/rss/1.0/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
WIKI = "http://purl.org/rss/1.0/modules/wiki/"


@lru_cache(maxsize=1)
def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, recover=True, collect_ids=False
    )


def read_moin_changes(data: bytes) -> tuple[Edit, ...]:
    """The changes in the document ``?action=rss_rc`` gives, oldest first. Raises NotReadable."""
    try:
        root = etree.fromstring(data, _parser())
    except (etree.LxmlError, ValueError) as fault:
        raise NotReadable("the document is not the RSS of a MoinMoin wiki") from fault
    if root is None or not str(root.tag).endswith("}RDF"):
        raise NotReadable("the document is not the RSS of a MoinMoin wiki")
    edits = [made for item in root.iter(f"{_RSS}item") if (made := _edit(item))]
    return tuple(sorted(edits, key=lambda each: (each.at, each.key)))


def _edit(item: etree._Element) -> Edit | None:
    page, at = title_text(_text(item, f"{_RSS}title")), parse_date(_text(item, f"{_DC}date"))
    if not page or at is None:
        return None
    person = one_line(_text(item, f"{_DC}contributor/{_RDF}Description/{_RDF}value"))
    version, diff = _text(item, f"{{{WIKI}}}version"), _text(item, f"{{{WIKI}}}diff")
    said = f"{page}\0{at.isoformat()}\0{version}\0{person}".encode("utf-8", "replace")
    status = _text(item, f"{{{WIKI}}}status").lower()
    return Edit(
        key=hashlib.sha256(said).hexdigest()[:16],
        page=shorten(page, 300),
        at=at,
        person=shorten(person, 80),
        comment=title_text(_text(item, f"{_RSS}description")),
        is_new=status == "new",
        is_minor=_text(item, f"{{{WIKI}}}importance").lower() == "minor",
        is_robot=is_robot_name(person),
        # With differences asked for, the link of an entry leads to one; the page stands before "?".
        url=_text(item, f"{_RSS}link").partition("?")[0].partition("#")[0],
        diff=diff,
    )


def _text(item: etree._Element, path: str) -> str:
    found = item.find(path)
    return "".join(found.itertext()).strip() if found is not None else ""
