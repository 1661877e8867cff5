"""What a text lost on its way to us: an announced list, an address, the end of a title."""

import re

LIST_MISSING = "list announced and missing"
ADDRESS_OBFUSCATED = "address obfuscated"
TITLE_CUT = "title cut"

_PROTECTED = re.compile(r"\[email[\s\xa0]*protected\]", re.IGNORECASE)
_AT = re.compile(r"\w(?: ?(?:\[at\]|\(at\)) ?(?P<bracket>)| at )", re.IGNORECASE)
_HOST = re.compile(r"[\w-]{1,63}(?: ?(?:\[dot\]|\(dot\)|\.| dot ) ?[a-z0-9-]+)+", re.IGNORECASE)
# Without brackets only "dot" tells an address from a sentence.
_HOST_IN_WORDS = re.compile(r"[\w-]{2,63}(?: dot [a-z0-9-]+)+\b", re.IGNORECASE)
_CUT = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])$")
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
_NO_LIST_TEXT = re.compile(r":[ \t]*(?:\s*$|\n\s*\n(?=[A-Z][^\n]*[^\n:]\n*$)|\n\s*\n(?=[A-Z][^\n]+\n\s*\n[A-Z]))")


def html_losses(clean: str, text: str) -> tuple[str, ...]:
    """Warnings about sanitised HTML and the ``text`` in it."""
    return _warnings(":" in clean and _is_list_missing(_NO_LIST_HTML, clean), text)


def text_losses(text: str) -> tuple[str, ...]:
    """Warnings about plain text."""
    return _warnings(":" in text and _is_list_missing(_NO_LIST_TEXT, text), text)


def title_losses(title: str) -> tuple[str, ...]:
    """Warnings about a title: that somebody cut it."""
    return (TITLE_CUT,) if _CUT.search(title) else ()


def is_obfuscated(text: str) -> bool:
    """Whether ``text`` holds an address that nobody can write to."""
    folded = text.lower()
    if "protected]" in folded and _PROTECTED.search(text):
        return True
    if "[at]" not in folded and "(at)" not in folded and " dot " not in folded:
        return False
    return any(
        (_HOST_IN_WORDS if found["bracket"] is None else _HOST).match(text, found.end()) for found in _AT.finditer(text)
    )


def _is_list_missing(pattern: re.Pattern[str], text: str) -> bool:
    colons = (found.start() for found in pattern.finditer(text))
    return any(_ANNOUNCING.search(text[max(0, colon - _BEFORE) : colon]) for colon in colons)


def _warnings(is_list_missing: bool, text: str) -> tuple[str, ...]:
    found = [LIST_MISSING] if is_list_missing else []
    return tuple([*found, ADDRESS_OBFUSCATED] if is_obfuscated(text) else found)
