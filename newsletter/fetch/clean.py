"""Foreign HTML made harmless, and its text, links and losses."""

import html as entities
import re
import threading
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

import nh3

from newsletter.fetch.losses import HALF_LETTER, PARAGRAPH_TWICE, html_losses
from newsletter.fetch.mending import has_doubles, has_half_letters, hide_addresses, without_double_blocks
from newsletter.text import is_web_url, one_line, without_controls

TEXT_CUT = "text cut"

_LONGEST = 1_000_000
# Parsers of HTML need the square of the depth (50,000 open <div>: 8 s), and repeat open <b> in every paragraph
# (80 KB became 35 MB). No honest document does either.
_DEEPEST = 256
_MOST_REPEATED = 200_000

_PARAGRAPHS = "p h1 h2 h3 h4 h5 h6 blockquote pre dl table figure hr article section header footer aside details"
_LINES = "div ul ol dt dd tr caption figcaption summary center"
_INLINE = (
    "a abbr acronym b bdi bdo big br cite code data del dfn em i img ins kbd li mark q rp rt ruby s samp small span "
    "strike strong sub sup time tt u var wbr thead tbody tfoot th td"
)
_NOT_SHOWN = (
    "script style template title head noembed noframes iframe object applet embed select datalist canvas audio video "
    "math xml xmp plaintext"
)
_OTHER = (
    "area audio button canvas col colgroup datalist dialog dir fieldset font form input keygen label legend main map "
    "menu meter multicol nav noscript optgroup option output progress select source spacer textarea video"
)
KNOWN_TAGS = frozenset(f"{_PARAGRAPHS} {_LINES} {_INLINE} {_OTHER}".split())
"""The elements people write their texts with; what else looks like one may be text about HTML."""
_SCHEMES = {"http", "https", "mailto"}
_ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "time": {"datetime"},
    "abbr": {"title"},
    "acronym": {"title"},
}

_TAG = re.compile(r"<[^>]*>")
_OPEN_OR_CLOSE = re.compile(r"<(/?)([a-z][a-z0-9]*)")
_NEVER_DEEP = frozenset(
    ("br", "img", "hr", "wbr", "input", "meta", "link", "col", "p", "li", "dt", "dd", "td", "th", "tr", "option")
)
_FORMATTING = frozenset(("b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"))
_UNSEEN = "\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u2060-\u2069\ufeff"
_UNSAFE = re.compile(f"[{_UNSEEN}]")
_UNSAFE_ADDRESS = re.compile(f'(?:href|src)="[^"]*[{_UNSEEN}]')
_LINK = re.compile(r'<a (?:[^>]*? )?href="([^"]*)"')
_PICTURE = re.compile(r'<img (?:[^>]*? )?src="([^"]*)"')
# Without address, or a dot that counts readers.
_EMPTY_PICTURE = re.compile(
    r'<img(?:(?![^>]* src=")|(?=[^>]* width="[012](?:px)?")(?=[^>]* height="[012](?:px)?"))[^>]*>'
)

# While text is made, letters that cannot stand in it: \x02 ends a paragraph, \x03 is a <br>, \x04 a line of <pre>,
# \x05 begins a list item.
_PRE = re.compile(r"<pre\b[^>]*>.*?</pre>", re.DOTALL)
_PARAGRAPH_TAG = re.compile(rf"</?(?:{_PARAGRAPHS.replace(' ', '|')})(?: [^>]*)?>")
_ITEM_TAG = re.compile(r"<li(?: [^>]*)?>")
_LINE_TAG = re.compile(rf"</?(?:{_LINES.replace(' ', '|')})(?: [^>]*)?>")
_CELL_END = re.compile(r"</t[dh]>")
_BREAK = re.compile(r"<br(?: [^>]*)?>")
_SPACES = re.compile(" {2,}")
_ITEM_GAP = re.compile("\x05[ \n\x02\x03]*")
_GAP = re.compile("[\n\x02\x03][ \n\x02\x03]*")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Harmless ``html``, its plain ``text``, absolute web ``links`` and ``pictures`` in order, each once."""

    html: str
    text: str
    links: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


NOTHING = Cleaned("", "")

_here = threading.local()
"""Where the document being cleaned hangs its relative addresses; a cleaner for every base would cost more."""


def clean_html(html: str, base_url: str | None = None) -> Cleaned:
    """``html`` from outside with nothing left that could run; relative addresses hang on ``base_url``."""
    clean = sanitise(html, base_url)
    if not clean:
        return NOTHING
    text, repeated = text_of(clean), 0
    if has_doubles(text):
        clean, repeated = without_double_blocks(clean)
        text = text_of(clean) if repeated else text
    warnings = html_losses(clean, text)
    if repeated:
        warnings = (*warnings, PARAGRAPH_TWICE)
    if has_half_letters(html[:_LONGEST]) and HALF_LETTER not in warnings:
        warnings = (*warnings, HALF_LETTER)
    if len(html) > _LONGEST:
        warnings = (TEXT_CUT, *warnings)
    return Cleaned(clean, text, _addresses("<a ", _LINK, clean), _addresses("<img ", _PICTURE, clean), warnings)


def html_to_text(html: str) -> str:
    """The visible text of ``html``: blocks on lines of their own, list items behind "- "."""
    return text_of(sanitise(html))


def title_text(html: str) -> str:
    """The text of a title that may hold markup, on one line."""
    if "<" in html or "&" in html:
        html = text_of(sanitise(html))
    return one_line(hide_addresses(_whole_letters(html)))


def paragraphs(text: str) -> str:
    """Plain ``text`` as harmless HTML: a blank line ends a paragraph."""
    blocks = re.split(r"\n\s*\n", entities.escape(without_controls(text), quote=False))
    return "".join(f"<p>{block.strip()}</p>".replace("\n", "<br>") for block in blocks if block.strip())


def is_safe_url(url: str) -> bool:
    """Whether ``url`` may be linked: a web address without anything unseen."""
    return is_web_url(url) and not _UNSAFE.search(url)


def sanitise(html: str, base_url: str | None = None) -> str:
    """``html`` reduced to the elements, attributes and addresses that may be shown; its first million letters."""
    html = _whole_letters(html[:_LONGEST])
    if "<" not in html and "&" not in html:
        return hide_addresses(entities.escape(without_controls(html), quote=False).strip())
    if is_bomb(html):
        html = " ".join(_TAG.sub(" ", html).split())
    _here.base = base_url if base_url and is_web_url(base_url) else None
    clean = _cleaner().clean(html)
    if _UNSAFE_ADDRESS.search(clean):
        clean = _careful_cleaner().clean(clean)
    clean = without_controls(clean)
    if "<img" in clean:
        clean = _EMPTY_PICTURE.sub("", clean)
    return hide_addresses(clean.strip())


def is_bomb(html: str) -> bool:
    """Whether ``html`` is built to cost a parser far more than its size."""
    opened = html.count("<") - html.count("</")
    if opened <= _DEEPEST:
        return False
    depth = repeated = 0
    unclosed: Counter[str] = Counter()
    for slash, name in _OPEN_OR_CLOSE.findall(html.lower()):
        step = -1 if slash else 1
        if name in _FORMATTING and unclosed[name] + step >= 0:
            unclosed[name] += step
            repeated += step
        if name not in _NEVER_DEEP:
            depth = max(0, depth + step)
        if depth > _DEEPEST or repeated * opened > _MOST_REPEATED:
            return True
    return False


def text_of(clean: str) -> str:
    """The text of HTML that :func:`sanitise` made."""
    if "<" in clean:
        flow = [_flow_text(part) for part in _PRE.split(clean)]
        if len(flow) > 1:
            kept = [_pre_text(found) for found in _PRE.findall(clean)]
            flow = [text for pair in zip(flow, [*kept, ""], strict=True) for text in pair]
        clean = _GAP.sub(_gap, "".join(flow)).replace("\x04", "\n")
    if "&" in clean:
        clean = without_controls(entities.unescape(clean))
    return clean.replace("\xa0", " ").strip()


def _whole_letters(text: str) -> str:
    """``text`` as it can be written down: half letters (surrogates) become "?"."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


@lru_cache(maxsize=1)
def _cleaner() -> nh3.Cleaner:
    return _make_cleaner(url_relative=_absolute)


@lru_cache(maxsize=1)
def _careful_cleaner() -> nh3.Cleaner:
    return _make_cleaner(attribute_filter=_without_unsafe_address, url_relative="deny")


def _make_cleaner(**settings: Any) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(f"{_PARAGRAPHS} {_LINES} {_INLINE}".split()),
        clean_content_tags=set(_NOT_SHOWN.split()),
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel=None,
        **settings,
    )


def _absolute(url: str) -> str | None:
    """A relative address made absolute; None, which removes it, when that cannot be or must not."""
    try:
        found = urljoin(_here.base, url.strip().replace(" ", "%20")) if _here.base else ""
    except ValueError:
        return None
    return found if found.startswith(("http://", "https://")) else None


def _without_unsafe_address(_tag: str, attribute: str, value: str) -> str | None:
    return None if attribute in ("href", "src") and _UNSAFE.search(value) else value


def _folded(text: str) -> str:
    """White space as one space each; quicker than a pattern."""
    edge = " " if text[:1].isspace() else "", " " if text[-1:].isspace() else ""
    return edge[0] + " ".join(text.split()) + edge[1]


def _flow_text(clean: str) -> str:
    text = _BREAK.sub("\x03", _CELL_END.sub(" ", _folded(clean)))
    text = _LINE_TAG.sub("\n", _ITEM_TAG.sub("\n\x05", _PARAGRAPH_TAG.sub("\x02", text)))
    text = _SPACES.sub(" ", _TAG.sub("", text))
    text = text.replace(" \n", "\n").replace(" \x02", "\x02").replace(" \x03", "\x03")
    return _ITEM_GAP.sub("- ", text)


def _pre_text(clean: str) -> str:
    text = _TAG.sub("", _BREAK.sub("\n", clean))
    return f"\x02{text.strip(chr(10))}\x02".replace("\n", "\x04")


def _gap(found: re.Match[str]) -> str:
    gap = found.group()
    return "\n\n" if "\x02" in gap or gap.count("\x03") > 1 else "\n"


def _addresses(tag: str, pattern: re.Pattern[str], clean: str) -> tuple[str, ...]:
    if tag not in clean:
        return ()
    found = (entities.unescape(url) for url in dict.fromkeys(pattern.findall(clean)))
    return tuple(url for url in found if url.startswith(("http://", "https://")))
