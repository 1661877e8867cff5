"""The text of a mail out of its MIME parts: what a person reads first, attachments left aside."""

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from newsletter.fetch.clean import html_to_text
from newsletter.fetch.mail_head import base64_bytes, decode_text, read_head

_MOST_PARTS = 200
_DEEPEST = 20
_LONGEST_PART = 1 << 20

_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"?|([^\s;"]*))')
_TYPE = re.compile(r"\s*([\w.+-]+)/([\w.+-]+)")
# An archive that lost the headers of a mail keeps its parts in the body.
_BARE_PARTS = re.compile(rb"(?:This is a [^\n]{1,100}\n)?\s*--([^\r\n]{1,70}?)[ \t]*\r?\nContent-", re.IGNORECASE)

_QUOTE = re.compile(r"<(/?)blockquote\b[^<>]{0,1000}>", re.IGNORECASE)
# Letters that nobody sends, around what stood in a <blockquote>.
_BEGIN, _END = "\ue0f0", "\ue0f1"

_WRITTEN, _FORWARDED, _BESIDE = range(3)
_Head = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    """Text of a part; ``rank`` tells words of the writer from a forwarded mail and from an attachment."""

    text: str
    rank: int = _WRITTEN
    is_html: bool = False


_NOTHING = _Found("", _BESIDE)


def body_text(head: _Head, body: bytes) -> str:
    """The plain text that the mail with these headers says; quotes in HTML begin with ">" as in plain text."""
    if "content-type" not in head:
        bare = _BARE_PARTS.match(body) if body[:200].lstrip()[:4] in (b"This", b"----") or b"--" in body[:3] else None
        if bare is None:
            return _decoded(head, body, "").replace("\r\n", "\n")
        return _joined(head, _split(body, bare[1]), "mixed", _Budget()).text
    return _read(head, body, _Budget()).text


@dataclass(slots=True)
class _Budget:
    """How many parts may still be read, and how deep in them we are."""

    parts: int = _MOST_PARTS
    depth: int = 0


def _read(head: _Head, body: bytes, budget: _Budget) -> _Found:
    main, sub, parameters = _content_type(head.get("content-type", ""))
    if main == "multipart":
        boundary = parameters.get("boundary", "").encode("utf-8", "replace").rstrip()
        if (not boundary or b"--" + boundary not in body) and (bare := _BARE_PARTS.match(body)):
            boundary = bare[1]
        if boundary and budget.depth < _DEEPEST:
            return _joined(head, _split(body, boundary), sub, budget)
        main, sub = "text", "plain"
    if main == "message":
        return _forwarded(body, budget)
    if main != "text" or sub in ("calendar", "directory", "vcard", "rtf"):
        return _NOTHING
    text = _decoded(head, body, parameters.get("charset", "")).replace("\r\n", "\n")
    is_written = sub in ("plain", "html", "enriched", "markdown", "x-markdown") and not parameters.get("name")
    if sub == "html":
        return _Found(html_text(text), _WRITTEN if is_written else _BESIDE, is_html=True)
    return _Found(text, _WRITTEN if is_written else _BESIDE)


def _forwarded(body: bytes, budget: _Budget) -> _Found:
    if budget.depth >= _DEEPEST:
        return _NOTHING
    head, at = read_head(body)
    budget.depth += 1
    found = _read(head, body[at:], budget)
    budget.depth -= 1
    return _Found(found.text, max(found.rank, _FORWARDED), found.is_html)


def _content_type(value: str) -> tuple[str, str, dict[str, str]]:
    found = _TYPE.match(value)
    parameters = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(value[:4_000])}
    if found is None:
        return "text", "plain", parameters
    return found[1].lower(), found[2].lower(), parameters


def _joined(head: _Head, parts: Iterator[bytes], sub: str, budget: _Budget) -> _Found:
    """What the parts of a multipart say together."""
    budget.depth += 1
    found: list[_Found] = []
    for part in parts:
        if budget.parts <= 0:
            break
        budget.parts -= 1
        part_head, at = read_head(part)
        if part_head.get("content-disposition", "").strip().lower().startswith("attachment"):
            continue
        found.append(_read(part_head, part[at:], budget))
        if sub in ("signed", "related", "report", "appledouble") and found[-1].text.strip():
            break
    budget.depth -= 1
    return _chosen(found, sub)


def _chosen(found: list[_Found], sub: str) -> _Found:
    said = [part for part in found if part.text.strip() and part.rank != _BESIDE]
    if not said:
        return _NOTHING
    rank = min(part.rank for part in said)
    said = [part for part in said if part.rank == rank]
    if sub == "alternative":
        return next((part for part in said if not part.is_html), said[0])
    if rank == _FORWARDED and sub != "digest":
        return said[0]
    return _Found("\n".join(part.text.rstrip("\n") + "\n" for part in said), rank)


def _split(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """The parts between the lines that are "--" and ``boundary``; the last one may have no end."""
    line = b"--" + boundary
    begun = -1
    at = body.find(line)
    while at >= 0:
        after = at + len(line)
        rest = body[after : body.find(b"\n", after) + 1 or len(body)]
        if (at == 0 or body[at - 1] == 10) and rest.strip() in (b"", b"--"):
            if begun >= 0:
                yield body[begun:at].removesuffix(b"\n").removesuffix(b"\r")
            begun = after + len(rest)
            if rest.startswith(b"--"):
                return
        at = body.find(line, after)
    if begun < len(body):
        yield body[max(begun, 0) :]


def _decoded(head: _Head, body: bytes, charset: str) -> str:
    encoding = head.get("content-transfer-encoding", "").strip().strip("\"';").lower()
    body = body[: _LONGEST_PART * 2]
    if encoding == "base64":
        body = base64_bytes(body)
    elif encoding == "quoted-printable":
        body = binascii.a2b_qp(body)
    return decode_text(body[:_LONGEST_PART], charset)


def html_text(html: str) -> str:
    """The text of ``html``, with ">" before the lines that it quotes."""
    if "blockquote" not in html.lower():
        return html_to_text(html)
    marked = _QUOTE.sub(lambda found: f"<p>{_END if found[1] else _BEGIN}</p>", html)
    lines, depth = [], 0
    for line in html_to_text(marked).split("\n"):
        depth = max(0, depth + line.count(_BEGIN) - line.count(_END))
        line = line.replace(_BEGIN, "").replace(_END, "")
        lines.append(f"> {line}" if depth and line else line)
    return "\n".join(lines)
