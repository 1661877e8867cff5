"""Texts that are lists: the points of a changelog, the decisions of a meeting, told as one line."""

import re
from collections.abc import Iterator, Sequence

from newsletter.text import one_line, shorten_words

_POINT = re.compile(r"^(?P<indent>\s*)(?:[-*•·–+]|\d{1,2}[.)])\s+(?P<text>\S.*)$")
_HEADING = re.compile(r"^(?P<title>[A-Z][\w ]{2,30}):\s*$")
_BY = re.compile(
    r"\s*(?:\(?\b(?:by|thanks(?: to)?|contributed by|via)\s+(?:@[\w-]+(?:\[bot\])?(?:,?\s*(?:and )?@[\w-]+)*)\)?|"
    r"\bin https?://\S+|\((?:(?:GH-?|PR ?|!|#|bug )\s?#?\d+|[0-9a-f]{7,40}|https?://\S+)(?:,\s*(?:#?\d+|"
    r"[0-9a-f]{7,40}))*\)|"
    r"\s#\d+$|https?://\S+)",
    re.IGNORECASE,
)
_HASH = re.compile(r"^[0-9a-f]{7,40}:?\s+")
_NOISE = re.compile(
    r"^(?:bump|update|upgrade)s? (?:the )?(?:dependenc\w+|\S+ from \S+ to \S+|version to|actions/)|\bfull changelog\b|"
    r"^merge (?:branch|pull request|tag)|^(?:chore|ci|build|test|style|docs?)(?:\([^)]*\))?!?:|first contribution|"
    r"^release \S+$|^v?\d+(?:\.\d+)+\S*$|^@\S+$|^\S+\.(?:zip|gz|exe|dmg|deb|rpm|apk|whl|jar|sha256)\b|"
    r"pre-commit autoupdate",
    re.IGNORECASE,
)
_TYPE = re.compile(r"^(?:feat|fix|perf|refactor|revert)(?:\([^)]*\))?!?:\s*", re.IGNORECASE)
_MARKS = re.compile(r"(\*\*|__|``?|\*|_)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_LINKED = re.compile(r"!?\[([^\]\n]{1,200})\]\((?:[^()\s]|\([^()\s]*\))*\)")
_MOST = 2
_LONGEST_POINT = 30


def list_line(text: str) -> str:
    """The first two points of the lists in ``text`` that tell a change, as one line; "" when there is none."""
    return _line(_points(text.split("\n")))


def meeting_line(text: str) -> str:
    """What a meeting decided, else who will do what, else what it was about, as one line that says which."""
    parts: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.split("\n"):
        if heading := _HEADING.match(line):
            lines = parts.setdefault(heading["title"].casefold(), [])
        else:
            lines.append(line)
    for name in ("decisions", "action items", "topics"):
        if told := _line(_points(parts.get(name, []))):
            return f"{name.capitalize()}: {told[:1].lower() + told[1:] if _is_plain(told) else told}"
    return ""


def _is_plain(told: str) -> bool:
    """Whether its first word is a word like others, which begins small in the middle of a line."""
    first = told.split(" ", 1)[0]
    return first[1:].islower() and first[1:].isalpha()


def _line(points: Iterator[str]) -> str:
    found: list[str] = []
    for point in points:
        if point not in found:
            found.append(point)
        if len(found) == _MOST:
            break
    if not found:
        return ""
    told = "; ".join([found[0], *(_small(each) for each in found[1:])])
    return told[:1].upper() + told[1:] + ("" if told.endswith(("…", "!", "?")) else ".")


def _small(point: str) -> str:
    return point[:1].lower() + point[1:] if _is_plain(point) else point


def _points(lines: Sequence[str]) -> Iterator[str]:
    """Each point of the outermost level, without who did it and where; what goes on in further lines is joined."""
    at = 0
    while at < len(lines):
        found = _POINT.match(lines[at])
        at += 1
        if found is None or len(found["indent"]) > 3:
            continue
        parts = [found["text"]]
        while at < len(lines) and lines[at].startswith("  ") and lines[at].strip() and not _POINT.match(lines[at]):
            parts.append(lines[at])
            at += 1
        point = _plain(" ".join(parts))
        if len(point.split()) > 1 and not _NOISE.search(point) and not point.endswith(":"):
            yield point


def _plain(point: str) -> str:
    left = _MARKS.sub(r"\2", _LINKED.sub(r"\1", point))
    left = _TYPE.sub("", _HASH.sub("", _BY.sub("", left)))
    first = re.split(r"(?<=[a-z)])\.\s+(?=[A-Z])", one_line(left), maxsplit=1)[0]
    return shorten_words(first.rstrip(" .;,-"), _LONGEST_POINT)
