"""What a screen reader says of a page: its headings, links, pictures and words in reading order."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Literal

from newsletter.text import one_line

Kind = Literal["heading", "link", "picture", "text"]

_HEADING = re.compile(r"h([1-6])")
_BREAKS = frozenset(
    (
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    )
)
_UNSAID = frozenset(("head", "script", "style", "template", "noscript", "title", "svg"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_HIDDEN = re.compile(r"display:none|visibility:hidden")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One thing that is said; ``level`` is a heading's, ``url`` a link's or picture's, ``language`` a foreign one."""

    kind: Kind
    text: str
    level: int = 0
    url: str = ""
    language: str = ""


def reading_order(html: str) -> tuple[Spoken, ...]:
    """Everything that ``html`` says, in its order; a heading that is a link is one heading with an address."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.spoken()


@dataclass(slots=True)
class _Open:
    tag: str
    is_hidden: bool
    language: str
    url: str
    level: int


class _Reader(HTMLParser):
    """Gathers words until something ends what they belong to."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open = [_Open("", False, "", "", 0)]
        self._found: list[Spoken] = []
        self._words: list[str] = []
        self._url = self._own = ""

    def spoken(self) -> tuple[Spoken, ...]:
        """What was said."""
        self._say()
        return tuple(self._found)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A new part begins, or a picture stands here."""
        found = {name: value or "" for name, value in attrs}
        around = self._open[-1]
        heading = _HEADING.fullmatch(tag)
        begins = tag in _BREAKS or heading or tag == "img" or (tag == "a" and not around.level)
        if begins:
            self._say()
        if tag == "img":
            self._picture(found)
        if tag == "a":
            self._url = found.get("href", "")
        if tag in _VOID:
            return
        if tag == "html":
            self._own = found.get("lang", "")
        style = found.get("style", "").lower().replace(" ", "")
        is_hidden = tag in _UNSAID or "hidden" in found or found.get("aria-hidden") == "true" or _HIDDEN.search(style)
        self._open.append(
            _Open(
                tag,
                around.is_hidden or bool(is_hidden),
                found.get("lang", around.language),
                found.get("href", "") if tag == "a" else around.url,
                int(heading[1]) if heading else around.level,
            )
        )

    def handle_endtag(self, tag: str) -> None:
        """A part ends; an end without a beginning says nothing."""
        at = next((at for at in range(len(self._open) - 1, 0, -1) if self._open[at].tag == tag), None)
        if at is None:
            return
        ends = self._open[at]
        if tag in _BREAKS or _HEADING.fullmatch(tag) or (tag == "a" and not ends.level):
            self._say()
        del self._open[at:]

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._open[-1].is_hidden:
            self._words.append(data)

    def _picture(self, found: dict[str, str]) -> None:
        if self._open[-1].is_hidden or found.get("alt") == "" or found.get("role") == "presentation":
            return
        text = one_line(found.get("alt")) or "without words"
        self._found.append(Spoken("picture", text, url=found.get("src", "")))

    def _say(self) -> None:
        text, here = one_line("".join(self._words)), self._open[-1]
        self._words.clear()
        if any(letter.isalnum() for letter in text):
            kind: Kind = "heading" if here.level else "link" if here.url else "text"
            url = self._url if here.level else here.url
            language = "" if here.language == self._own else here.language
            self._found.append(Spoken(kind, text, here.level, url, language))
        if not here.level or text:
            self._url = ""
