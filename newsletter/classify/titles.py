"""What a title says once list tags, "Re:" and the author's name are off, and which number it carries."""

import re
from functools import lru_cache

from newsletter.text import one_line

_REPLY = re.compile(
    r"(?:re|fwd?|aw|wg|sv|vs|antw|tr|odp|ynt|rif|réf?)(?:\[\d+\]|\^\d+|\*\d+|\(\d+\))?\s?:\s*", re.IGNORECASE
)
_FORWARDED = re.compile(r"\[(?:fwd?|wg|tr)\s?:\s*(.+?)\]?", re.IGNORECASE)
"""What some programs write around the subject of a mail that is passed on."""
_TAG = re.compile(r"\[([^\[\]]{1,40})\]\s*:?\s*")
_TELLING_TAG = re.compile(
    r"\b(ann|announce\w*|rfc|call|vote|poll|security|release|cfp|proposal|draft|video|solved|meeting)\b|\d",
    re.IGNORECASE,
)
_LIST_NAME = re.compile(r"[^\W\d]+(?:[-.][^\W\d]+)+")
_WORD = re.compile(r"\w+")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NUMBER = re.compile(rf"(?<![\w.])[v#]?(\d[\w.~-]*)|\b((?:{_MONTHS})[a-z]*\.? \d{{4}})\b", re.IGNORECASE)
_CANDIDATE = re.compile(r"(?:\b|(?<=\d))(rc|beta|alpha|milestone)[-. ]?(\d+)", re.IGNORECASE)
_STATE = re.compile(
    r"\b(under (?:an? )?(?:\w+ )?review|in review|review\b[^.]{0,80}?\bextended|accepted|rejected|merged|implemented|"
    r"deprecated|withdrawn|postponed|returned|released|opened|closed)\b",
    re.IGNORECASE,
)
_SMALL = re.compile(
    r"an?|and|are|as|at|be|by|for|from|ha[sd]|have|how|i|into?|is|its?|new|next|of|on|or|our|out|should|that|the|their|"
    r"this|to|up|updates?|was|we|what|when|where|which|who|why|will|with|your?|available|announc\w+|releas\w+|now|vs|"
    r"via|not?|can|does"
)


def clean_title(title: str, *, author: str | None = None, is_mail: bool = False) -> str:
    """``title`` as a headline: without "Re:", list tags of a mail and "Author Name: " in front."""
    left = one_line(title)
    while True:
        if is_mail and (inside := _FORWARDED.fullmatch(left)):
            left = inside[1]
        elif found := _REPLY.match(left) or (_idle_tag(left) if is_mail else None):
            left = left[found.end() :]
        else:
            break
    if author and left.casefold().startswith(author.casefold() + ":"):
        left = left[len(author) + 1 :].strip()
    return left or one_line(title)


def _idle_tag(title: str) -> re.Match[str] | None:
    """A tag in front that names a list or a topic, and says nothing of the mail itself."""
    found = _TAG.match(title)
    if found is None or _LIST_NAME.fullmatch(found[1]):
        return found
    return None if _TELLING_TAG.search(found[1]) else found


def is_reply_title(title: str) -> bool:
    """Whether ``title`` begins with "Re:" or the like, behind any list tags."""
    left = one_line(title)
    while found := _TAG.match(left):
        left = left[found.end() :]
    return _REPLY.match(left) is not None


def tags(title: str) -> tuple[str, ...]:
    """The words in square brackets in front of ``title``, in lower case."""
    found: list[str] = []
    left = one_line(title)
    while match := _TAG.match(left) or _REPLY.match(left):
        if match.re is _TAG:
            found.append(match[1].strip().casefold())
        left = left[match.end() :]
    return tuple(found)


@lru_cache(maxsize=32_768)
def title_words(title: str) -> tuple[str, ...]:
    """All words of a headline in lower case, leading tags left out."""
    left = title
    while found := _TAG.match(left):
        left = left[found.end() :]
    return tuple(_WORD.findall(left.casefold()))


@lru_cache(maxsize=32_768)
def telling_words(title: str) -> frozenset[str]:
    """The words that tell two headlines apart: no small words, a plural as its singular."""
    words = (word for word in title_words(title) if not _SMALL.fullmatch(word) and len(word) > 1)
    return frozenset(word[:-1] if len(word) > 4 and word.endswith("s") else word for word in words)


@lru_cache(maxsize=32_768)
def numbers(title: str) -> frozenset[str]:
    """Versions, numbers of a series and months with a year; a bare year says nothing."""
    found = set()
    for match in _NUMBER.finditer(title):
        number = (match[1] or match[2]).casefold().strip(".~-_")
        if not re.fullmatch(r"(19|20)\d\d", number):
            found.add(number)
    return frozenset(found)


def differs_by_number(first: str, second: str) -> bool:
    """Whether both headlines carry a version, number or state, and not the same one."""
    return (
        _apart(numbers(first), numbers(second))
        or _apart(_candidates(first), _candidates(second))
        or _apart(_states(first), _states(second))
    )


@lru_cache(maxsize=32_768)
def _candidates(title: str) -> frozenset[str]:
    return frozenset(f"{word}{number}".casefold() for word, number in _CANDIDATE.findall(title))


@lru_cache(maxsize=32_768)
def _states(title: str) -> frozenset[str]:
    found = (state.casefold() for state in _STATE.findall(title))
    return frozenset("under review" if "review" in state else state for state in found)


def forget_titles() -> None:
    """Let go of what was read of titles: those of one week are compared again and again, and then no more."""
    for read in (title_words, telling_words, numbers, _candidates, _states):
        read.cache_clear()


def _apart(first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether neither has anything of the other; "3.0" and "3.0.0" are one version."""
    if not first or not second:
        return False
    return not any(
        one == other or one.startswith(other + ".") or other.startswith(one + ".") for one in first for other in second
    )


def is_terse(title: str) -> bool:
    """Whether ``title`` is hardly more than a name and a number: it says what came, not what is new."""
    return sum(word.isalpha() and not _CANDIDATE.search(word) for word in title_words(title)) < 2
