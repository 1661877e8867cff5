"""What a text lost on its way to us: an announced list, a link, an address, the end of a title."""

import re
from collections.abc import Iterable

from newsletter.fetch.mending import HIDDEN, has_half_letters
from newsletter.text import one_line, shorten

LIST_MISSING = "list announced and missing"
LINK_LOST = "link lost"
ADDRESS_OBFUSCATED = "address obfuscated"
TITLE_CUT = "title cut"
HALF_LETTER = "half a letter, perhaps of an emoji"
PARAGRAPH_TWICE = "paragraph stood twice"
CODE_BROKEN_OUT = "code broken out of a sentence"
DATE_IN_WORDS = "date in words only"

_PROTECTED = re.compile(rf"\[email[\s\xa0]*protected\]|{re.escape(HIDDEN)}", re.IGNORECASE)
_AT = re.compile(r"\w(?: ?(?:\[at\]|\(at\)) ?(?P<bracket>)| at )", re.IGNORECASE)
_HOST = re.compile(r"[\w-]{1,63}(?: ?(?:\[dot\]|\(dot\)|\.| dot ) ?[a-z0-9-]+)+", re.IGNORECASE)
# Without brackets only "dot" tells an address from a sentence.
_HOST_IN_WORDS = re.compile(r"[\w-]{2,63}(?: dot [a-z0-9-]+)+\b", re.IGNORECASE)
_SIGNS = ("[at]", "(at)", " dot ", "[AT]", "(AT)", " DOT ")
_CUT = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])$")
_CUT_AT = (69, 70)
"""Where many programs cut a title without a word."""
_ENDS_OPEN = re.compile(r"(?:[,(\[/&–-]|\b(?:an?|and|at|by|for|from|in|of|on|or|the|to|with|via))$", re.IGNORECASE)
_ANNOUNCING = re.compile(
    r"\b(?:follow(?:s|ing)|below|these|(?:are|is|includes?|including|were|list|topics|names|companies|projects|agenda)"
    r"(?: the)?)[^<>\n:.!?]{0,60}$",
    re.IGNORECASE,
)
_BEFORE = 90
_IN_LINE = r"(?:\s|&nbsp;|</?(?:a|b|strong|em|i|u|span|code|small)(?: [^>]*)?>)*"
_NO_LIST_HTML = re.compile(
    rf":{_IN_LINE}(?:$|</p>|</div>|<br>)"
    r"(?:\s|&nbsp;|<br>|</?div(?: [^>]*)?>|<p(?: [^>]*)?>(?:\s|&nbsp;|<br>)*</p>)*"
    # What follows is no list when it is the end, a heading, or a paragraph that begins like prose.
    r"(?:$|<h\d|<hr|<p(?: [^>]*)?>(?![\s\w]{0,3}[-–—*•·>\d\"'“‘«<&]))"
)
# A colon with nothing behind it up to an empty line or the end.
_COLON_ENDS = re.compile(r":[ \t]*(?:\n[ \t]*(?:\n|\Z)|\Z)")
_POINTING = ("here", "Here", "ink", "here ", "ink ")
_SAID = ("wrote", "writes", "said", "says")
_IN_ROUND_BRACKETS = re.compile(rf"\((?:at|AT|url|URL|links?|Link|click|{HIDDEN[1:-1]})\)")
_IN_SQUARE_BRACKETS = re.compile(r"\[(?:at|AT|url|URL|links?|Link|click|email.protected|EMAIL.PROTECTED)\]")
# The end, or a paragraph of one line that begins like prose: the last one, or one before another. Longer ones mostly
# are what was announced.
_NO_LIST_TEXT = re.compile(
    r":[ \t]*(?:\s*\Z|\n\s*\n(?=(?P<next>[A-Z][^\n]*[^\n:])(?:\n*\Z|\n\s*\n[A-Z])))",
)
# People write colons before all sorts of things; only these words say that several are to come.
_ANNOUNCING_SEVERAL = re.compile(
    r"\b(?:(?:the|these|those|with|in) following|as follows|(?:are|were)(?: the| as)?|includ(?:e|es|ing)|below|these|"
    r"(?:list|topics|names|companies|projects|speakers|agenda)(?: (?:is|are|of))?)\b[^<>\n:.!?]{0,60}\Z",
    re.IGNORECASE,
)
_SEVERAL = frozenset(
    {"following", "follows", "are", "were", "include", "includes", "including", "below", "these", "list", "topics"}
    | {"names", "companies", "projects", "speakers", "agenda"}
)
"""The words of which one is in each text that matches; much cheaper to look for."""
_ONE_THING = re.compile(
    r"\b(?:here|reference|wrote|said|says|quoted?|copied|cop(?:y|ies)|reproduced|example|scenario|error|message|"
    r"exception|traceback|output|question|answer|code|patch|diff|commands?|submission|entry|reply|summary|way)\b",
    re.IGNORECASE,
)
_CODE_LINE = re.compile(
    r"\s*(?:if|elif|else|for|while|def|class|try|except|with|switch|case)\b[^,]*\Z|[^\n]*[=(){};>|\\]\s*\Z"
)
_LABEL = re.compile(r"[A-Z][\w /-]{0,30}:(?:\s|\Z)")
_ENDS_LIKE_PROSE = re.compile(r"[.!?,][\"')\]]*\s*\Z")
_LIST_LINE = re.compile(r"\s*(?:[-–—*•·‣○>\"'“‘«]|\d+[.)]|\(?[a-z]\)|https?:|[A-Z][\w /-]{0,25}: )", re.IGNORECASE)
_PROSE = 100
_COPY_FOLLOWS = re.compile(r"\b(?:here|reference|wrote|said|says|quote|copied|reproduced)\b", re.IGNORECASE)

# "here" said of an address, in a text that may have lost the address: "full details published here."
_POINTS = (
    r"(?:details?|list|schedule|agenda|slides?|video|recording|form|published|posted|found|available|read|see|seen|"
    r"obtain(?:ed)?|download(?:ed)?|register|registration|sign up|rsvp|apply|click|put this|more|information|docs?)"
)
_HERE = re.compile(
    rf"\b{_POINTS}\b(?:[^.!?\n:]|\.(?=\w)){{0,60}}?\bhere\b(?=\s*(?:[.!,;)]|:?\s*$))", re.IGNORECASE | re.MULTILINE
)
# What stands below such a colon may be the address all the same, or code, or a list.
_SEE_NOTHING = re.compile(
    r"\b(?:(?:see|read|click|found|available|video|slides|details|published|posted|register)\b[^\n:.!?]{0,40}\bhere|"
    r"link)\s?:[ \t]*(?=\n\s*\Z|\Z|\n[ \t]*\n(?=[A-Z]))(?!\s*[^\n]{0,200}://)",
    re.IGNORECASE,
)
_BARE_LINK = re.compile(r"(?<![\w\]])[\[(](?:link|url|links?|click)[\])](?![(:\[])", re.IGNORECASE)
_ONLINE = re.compile(r"\b(?:slides|video|recording)s?\b[^.!?\n]{0,40}\b(?:is|are) online\b", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S|\b[\w-]+\.(?:org|com|net|io|edu)/")
_ANCHOR = re.compile(r"<a (?:[^>]*? )?href=[^>]*>.*?</a>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_IN_WORDS = re.compile(
    r"\b(?:(?:later|earlier) (?:this|next) (?:week|month|year)(?:, [A-Z][a-z]+ \d{4})?|"
    r"(?:this|next|last) (?:week|month|weekend)|in (?:about |around )?(?:a|one|two|three|a few|\d+) (?:weeks?|months?)|"
    r"in the next few (?:days|weeks|months))\b",
    re.IGNORECASE,
)
_MOST = 20


def html_losses(clean: str, text: str) -> tuple[str, ...]:
    """Warnings about sanitised HTML and the ``text`` in it."""
    is_lost = "here" in text and any(_lost_links(_TAG.sub("", _ANCHOR.sub(" ", clean)), _HERE))
    return _warnings(":" in clean and _is_list_missing(_NO_LIST_HTML, clean), is_lost, text)


def text_losses(text: str) -> tuple[str, ...]:
    """Warnings about plain text: that of a mail, where people write the addresses they mean."""
    # Every mail passes here: each text is gone through for rare signs only, and what costs more follows where they are.
    is_missing = is_lost = False
    for found in _COLON_ENDS.finditer(text):
        at = found.start()
        if text.endswith(_POINTING, 0, at):
            is_lost = True
            continue
        nothing = _NO_LIST_TEXT.match(text, at)
        is_missing = is_missing or (nothing is not None and _announces_nothing(text, nothing))
    is_lost = is_lost and any(_lost_links(text, _SEE_NOTHING))
    if ("]" in text and _IN_SQUARE_BRACKETS.search(text)) or ("(" in text and _IN_ROUND_BRACKETS.search(text)):
        is_lost = is_lost or any(_lost_links(text, _BARE_LINK))
    elif not is_missing and not is_lost and " dot " not in text and text.isascii():
        return ()
    return _warnings(is_missing, is_lost, text)


def flat_losses(text: str) -> tuple[str, ...]:
    """Warnings about text that was flattened out of a web page, a paragraph a line, each with what it is about."""
    found = [f"{LIST_MISSING} after “{line}”" for line in lost_lists(text)]
    found += [f"{LINK_LOST}: “{words}”" for words in lost_links(text)]
    if count := len(_PROTECTED.findall(text)):
        found.append(ADDRESS_OBFUSCATED if count == 1 else f"{ADDRESS_OBFUSCATED} ({count} times)")
    elif is_obfuscated(text):
        found.append(ADDRESS_OBFUSCATED)
    return (*found, HALF_LETTER) if has_half_letters(text) else tuple(found)


def title_losses(title: str, text: str = "") -> tuple[str, ...]:
    """Warnings about a title: that somebody cut it. ``text`` may begin with the whole of it."""
    if _CUT.search(title) or _goes_on(title, text):
        return (TITLE_CUT,)
    return (TITLE_CUT,) if len(title) in _CUT_AT and _ENDS_OPEN.search(title) else ()


def vague_dates(text: str) -> tuple[str, ...]:
    """Warnings about times that only somebody who knows the day of writing could tell."""
    found = tuple(dict.fromkeys(one_line(each.group()) for each in _IN_WORDS.finditer(text)))
    longest = (each for each in found if not any(each != other and each in other for other in found))
    return tuple(f"{DATE_IN_WORDS}: “{words}”" for words in longest)[:_MOST]


def lost_lists(text: str) -> tuple[str, ...]:
    """The sentences of flat ``text`` that announce a list which is not there."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    found = []
    for at, line in enumerate(lines):
        if not line.endswith(":") or not _ANNOUNCING.search(line[-_BEFORE - 1 : -1]):
            continue
        sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z])", line)[-1]
        if not _COPY_FOLLOWS.search(sentence) and not _is_list_there(lines[at + 1 : at + 3]):
            found.append(shorten(sentence, 200))
    return tuple(dict.fromkeys(found))[:_MOST]


def _is_list_there(following: list[str]) -> bool:
    """Whether the lines behind an announcement are a list: marked as one, or short lines in a row."""
    if not following:
        return False
    if _LIST_LINE.match(following[0]):
        return True
    return len(following[0]) < _PROSE and len(following) > 1 and len(following[1]) < _PROSE


def lost_links(text: str) -> tuple[str, ...]:
    """The words of ``text`` that point at an address which is not there."""
    patterns = (_HERE, _ONLINE, _SEE_NOTHING, _BARE_LINK)
    found = (each for pattern in patterns for each in _lost_links(text, pattern))
    return tuple(dict.fromkeys(found))[:_MOST]


def _lost_links(text: str, pattern: re.Pattern[str]) -> Iterable[str]:
    for found in pattern.finditer(text):
        begin = text.rfind("\n", 0, found.start()) + 1
        stop_before = text.rfind(". ", begin, found.start())
        begin = stop_before + 2 if stop_before >= 0 else begin
        end = text.find("\n", found.end())
        rest = text[begin : end if end >= 0 else None]
        stop = re.search(r"[.!?](?:\s|$)", rest[found.end() - begin :])
        sentence = rest[: found.end() - begin + stop.end()] if stop else rest
        if not _ADDRESS.search(sentence):
            yield shorten(sentence, 120)


def is_obfuscated(text: str) -> bool:
    """Whether ``text`` holds an address that nobody can write to."""
    if ("rotected]" in text or HIDDEN in text) and _PROTECTED.search(text):
        return True
    if not any(sign in text for sign in _SIGNS):
        return False
    return any(
        (_HOST_IN_WORDS if found["bracket"] is None else _HOST).match(text, found.end()) for found in _AT.finditer(text)
    )


def _goes_on(title: str, text: str) -> bool:
    """Whether ``text`` begins with ``title`` and goes on with it in the middle of a word or a sentence."""
    if len(title) < _CUT_AT[0] - 20 or not text.startswith(title):
        return False
    after = text[len(title) : len(title) + 2]
    return after[:1].isalnum() or (after[:1] == " " and after[1:2].islower())


def _is_list_missing(pattern: re.Pattern[str], text: str) -> bool:
    befores = (text[max(0, found.start() - _BEFORE) : found.start()] for found in pattern.finditer(text))
    # "here:" announces an address.
    return any(_ANNOUNCING.search(before) and not before.endswith("here") for before in befores)


def _announces_nothing(text: str, found: re.Match[str]) -> bool:
    """Whether the line before a colon announces several things and what stands behind it is none of them."""
    before = text[max(0, found.start() - _BEFORE) : found.start()]
    if before.endswith(_SAID) or _SEVERAL.isdisjoint(before.lower().split()):
        return False
    if not _ANNOUNCING_SEVERAL.search(before):
        return False
    line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
    if _ONE_THING.search(before[-60:]) or _CODE_LINE.match(line):
        return False
    following: str | None = found["next"]
    # A heading, a name or a label begins a list of its own.
    return following is None or (_ENDS_LIKE_PROSE.search(following) is not None and not _LABEL.match(following))


def _warnings(is_list_missing: bool, is_link_lost: bool, text: str) -> tuple[str, ...]:
    found = [LIST_MISSING] if is_list_missing else []
    found += [LINK_LOST] if is_link_lost else []
    found += [ADDRESS_OBFUSCATED] if is_obfuscated(text) else []
    return tuple([*found, HALF_LETTER] if has_half_letters(text) else found)
