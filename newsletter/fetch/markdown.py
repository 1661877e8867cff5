"""What people write on code hosts (CommonMark with HTML in it) as plain text and the links in it. Pure."""

import re
from dataclasses import dataclass
from html import unescape

from newsletter.fetch.clean import is_safe_url
from newsletter.text import without_controls

_LONGEST = 20_000
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+")
_HEADING_END = re.compile(r"[ \t]+#+[ \t]*$")
_RULE = re.compile(r" {0,3}(?:=+|-{2,}|(?:[*_-][ \t]*){3,}|\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?)?)[ \t]*")
_BULLET = re.compile(r"([ \t]*)[*+-][ \t]+(?:\[[ xX]\][ \t]+)?")
_DEFINED = re.compile(r" {0,3}\[([^\[\]]{1,200})\]:[ \t]*<?([^\s>]+)>?(?:[ \t]+[\"'(].*)?")
_PICTURE = re.compile(r"!\[([^\[\]]{0,500})\](?:\([^()\n]{0,2000}\)|\[[^\[\]]{0,200}\])")
_TARGET = r"<?((?:[^\s()<>]|\([^\s()<>]{0,300}\)){0,2000})>?"
_LINK = re.compile(rf"\[([^\[\]]{{0,1000}})\]\([ \t]*{_TARGET}(?:[ \t]+[\"'][^\"'\n]{{0,300}}[\"'])?[ \t]*\)")
_REFERENCE = re.compile(r"\[([^\[\]]{1,1000})\]\[([^\[\]]{0,200})\]")
_AUTO = re.compile(r"<(https?://[^\s<>]+)>", re.IGNORECASE)
_HREF = re.compile(r"<a\s[^<>]{0,1000}?href\s*=\s*[\"']?([^\s\"'<>]+)", re.IGNORECASE)
_BARE = re.compile(r"https?://[^\s<>\[\]\"'`]+", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/summary|/h[1-6]|/tr)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_STRONG = re.compile(r"(\*\*|__|~~)(?=\S)([^\n]{1,400}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*_\\])([*_])(?=[^\s*_])([^*_\n]{1,1000})(?<=\S)\1(?![\w*_])")
_CODE = re.compile(r"(`{1,9})([^\n]{1,400}?)\1(?!`)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_GAP = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True)
class Written:
    """Plain ``text`` with its paragraphs and lists, and the web ``links`` in it, each once."""

    text: str = ""
    links: tuple[str, ...] = ()


def read_markdown(source: str) -> Written:
    """The text and the links of ``source``; comments, pictures and marks are gone, code stands as it is."""
    if not source.strip():
        return Written()
    source = _COMMENT.sub("", without_controls(source[:_LONGEST]))
    parts = list(_parts(source))
    defined = {
        found[1].casefold(): found[2]
        for is_code, part in parts
        if not is_code
        for line in part.split("\n")
        if (found := _DEFINED.fullmatch(line))
    }
    links: list[str] = []
    texts = [part if is_code else _prose(part, defined, links) for is_code, part in parts]
    text = _GAP.sub("\n\n", "\n".join(texts)).strip("\n").rstrip()
    return Written(text, tuple(dict.fromkeys(link for link in links if is_safe_url(link))))


def _parts(source: str) -> "list[tuple[bool, str]]":
    """The fenced code (true) and what stands between (false), in order."""
    parts: list[tuple[bool, list[str]]] = [(False, [])]
    fence = ""
    for line in source.split("\n"):
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
            parts.append((True, []))
        elif found and found[1].startswith(fence) and not line[found.end() :].strip():
            fence = ""
            parts.append((False, []))
        else:
            parts[-1][1].append(line)
    return [(is_code, "\n".join(lines)) for is_code, lines in parts if lines]


def _prose(part: str, defined: dict[str, str], links: list[str]) -> str:
    lines = (_line(line) for line in part.split("\n") if not _DEFINED.fullmatch(line))
    text = "\n".join(line for line in lines if line is not None)
    links += _HREF.findall(text)
    text = _PICTURE.sub("", text)

    def inline(found: re.Match[str]) -> str:
        links.append(found[2])
        return found[1]

    def referred(found: re.Match[str]) -> str:
        target = defined.get((found[2] or found[1]).casefold())
        if target is None:
            return found[0]
        links.append(target)
        return found[1]

    text = _REFERENCE.sub(referred, _LINK.sub(inline, text))
    text = _AUTO.sub(r"\1", text)
    links += (_without_end(url) for url in _BARE.findall(text))
    text = _TAG.sub("", _BREAK.sub("\n", text))
    text = _EMPHASIS.sub(r"\2", _STRONG.sub(r"\2", _STRONG.sub(r"\2", text)))
    return unescape(_ESCAPED.sub(r"\1", _CODE.sub(r"\2", text)))


def _line(line: str) -> str | None:
    """A line without the marks at its beginning; None for one that is a mark as a whole."""
    if not line.strip():
        return ""
    if _RULE.fullmatch(line):
        return None
    heading = _HEADING.match(line)
    if heading:
        return _HEADING_END.sub("", line[heading.end() :])
    return _BULLET.sub(r"\1- ", line, count=1) if _BULLET.match(line) else line.rstrip()


def _without_end(url: str) -> str:
    """A bare address without what ends the sentence around it."""
    url = url.rstrip(".,;:!?*_")
    return url.rstrip(")") if url.endswith(")") and "(" not in url else url
