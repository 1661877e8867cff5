"""Bugs as Bugzilla writes them in XML, with their comments, made into Tickets. Pure."""

import re
from datetime import datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from newsletter.errors import NotReadable
from newsletter.fetch.bugzilla import known, person
from newsletter.fetch.dates import parse_date
from newsletter.fetch.tracker import Comment, Ticket
from newsletter.model.item import Person
from newsletter.text import one_line, shorten

# What XML 1.0 forbids, and Bugzilla writes all the same when somebody pasted it into a comment.
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]{0,500}(\[.*?\]\s*)?>", re.DOTALL)
_BUG = re.compile(rb"<bug\b[^>]{0,200}>.*?</bug\s*>", re.DOTALL)


def read_bugs(body: bytes, base: str) -> tuple[list[Ticket], list[bytes]]:
    """The bugs of a document that everybody may see, and those parts of it that are broken. Raises NotReadable."""
    body = _FORBIDDEN.sub(b"", body)
    if b"<!ENTITY" in body:
        raise NotReadable("this XML declares entities, which Bugzilla never does")
    doctype = _DOCTYPE.search(body[:10_000])
    if doctype:
        body = body[: doctype.start()] + body[doctype.end() :]
    try:
        found, broken = [_parsed(body)], list[bytes]()
    except NotReadable:
        found, broken = _one_by_one(body)
        if not found:
            raise
    bugs = [bug for root in found for bug in root.iter("bug")]
    return [made for bug in bugs if (made := _ticket(bug, base))], broken


def _parsed(body: bytes) -> Element:
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError) as fault:
        raise NotReadable(f"this is not Bugzilla's XML: {shorten(str(fault), 80)}") from fault
    if root.tag not in ("bugzilla", "bug"):
        raise NotReadable("this is not Bugzilla's XML")
    return root


def _one_by_one(body: bytes) -> tuple[list[Element], list[bytes]]:
    """The bugs of a document that is broken somewhere, and the broken ones."""
    found, broken = [], []
    for part in _BUG.findall(body) if b"<bugzilla" in body else ():
        try:
            found.append(_parsed(part))
        except NotReadable:
            broken.append(part)
    return found, broken


def _ticket(bug: Element, base: str) -> Ticket | None:
    """A bug; None when there is none, or not for everybody."""
    number = _said(bug, "bug_id")
    if "error" in bug.attrib or bug.find("group") is not None or not re.fullmatch("[0-9]{1,18}", number):
        return None
    said = bug.findall("long_desc")
    # The first one is the description, private or not.
    opened = [each for each in said[:1] if _is_public(each)]
    comments = [Comment(_who(each.find("who"), base), _when(each, "bug_when")) for each in said[1:] if _is_public(each)]
    status = f"{known(_said(bug, 'bug_status'))} {known(_said(bug, 'resolution'))}".strip()
    keywords = [one_line(each) for each in _said(bug, "keywords").split(",")]
    return Ticket(
        key=f"bug {int(number)}",
        number=int(number),
        title=_said(bug, "short_desc"),
        url=f"{base}/show_bug.cgi?id={int(number)}",
        project=_said(bug, "product") or None,
        status=status,
        importance=known(_said(bug, "bug_severity")),
        author=_who(bug.find("reporter"), base),
        created_at=_when(bug, "creation_ts"),
        updated_at=_when(bug, "delta_ts"),
        text=(opened[0].findtext("thetext") or "") if opened else "",
        labels=tuple(label for label in (known(_said(bug, "component")), *keywords) if label),
        comments=tuple(comments),
    )


def _is_public(comment: Element) -> bool:
    return comment.get("isprivate") != "1"


def _said(bug: Element, name: str) -> str:
    return one_line(bug.findtext(name))


def _when(bug: Element, name: str) -> datetime | None:
    return parse_date(_said(bug, name))


def _who(who: Element | None, base: str) -> Person | None:
    return person(who.text or "", who.get("name", ""), base) if who is not None else None
