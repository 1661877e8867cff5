"""Whether rendered HTML can be read by everybody: the contrast of its words on their ground, words for its pictures."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from newsletter.render.colours import ACCENT, ACCENT_DARK, GROUNDS, GROUNDS_DARK, LEAST, contrast
from newsletter.text import one_line, shorten

_BLACK, _WHITE = "#000000", "#ffffff"
_NAMED = {"black": _BLACK, "white": _WHITE, "gray": "#808080", "grey": "#808080", "silver": "#c0c0c0", "red": "#ff0000"}
_HEX = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b")
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)")
_HIDDEN = re.compile(r"display:none|visibility:hidden|font-size:0(?:px)?(?:;|$)|max-height:0")
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_UNSEEN = frozenset(("head", "style", "script", "title", "template"))


@dataclass(frozen=True, slots=True)
class Legible:
    """The lowest contrast of words, the words below the least one with theirs, and pictures without words."""

    lowest: float = 21.0
    faint: tuple[str, ...] = ()
    no_alt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Element:
    tag: str
    colour: str
    ground: str
    is_hidden: bool


def look_at_html(html: str) -> Legible:
    """What can be seen in ``html`` whose styles stand in its tags, on light ground."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Legible(reader.lowest, tuple(reader.faint), tuple(reader.no_alt))


def lowest_accent(light: str = ACCENT, dark: str = ACCENT_DARK) -> float:
    """The lowest contrast that an accent and its twin have on any ground of the pages."""
    return min(
        *(contrast(light, ground) for ground in GROUNDS.values()),
        *(contrast(dark, ground) for ground in GROUNDS_DARK.values()),
    )


def colour_of(text: str) -> str | None:
    """A colour of CSS as #rrggbb; None for one that is not known here."""
    text = text.strip().lower()
    if found := _HEX.search(text):
        digits = found[0][1:]
        return f"#{digits if len(digits) == 6 else ''.join(letter * 2 for letter in digits)}"
    if rgb := _RGB.search(text):
        return "#" + "".join(f"{min(int(part), 255):02x}" for part in rgb.groups())
    return _NAMED.get(text.split(" ")[0])


class _Reader(HTMLParser):
    """Walks through the tags with the colours that hold inside them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lowest = 21.0
        self.faint: dict[str, None] = {}
        self.no_alt: list[str] = []
        self._open = [_Element("", _BLACK, _WHITE, False)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Colours change, or a picture is met."""
        found = {name: value or "" for name, value in attrs}
        if tag == "img" and not found.get("alt", "").strip() and found.get("aria-hidden") != "true":
            self.no_alt.append(found.get("src", ""))
        if tag not in _VOID:
            self._open.append(self._entered(tag, found))

    def _entered(self, tag: str, attributes: dict[str, str]) -> _Element:
        around = self._open[-1]
        style = attributes.get("style", "").lower().replace(" ", "").replace("!important", "")
        rules = dict(each.partition(":")[::2] for each in style.split(";") if ":" in each)
        colour = colour_of(rules.get("color", "") or attributes.get("color", ""))
        ground = rules.get("background-color", "") or rules.get("background", "") or attributes.get("bgcolor", "")
        hidden = around.is_hidden or tag in _UNSEEN or bool(_HIDDEN.search(style)) or "hidden" in attributes
        return _Element(tag, colour or around.colour, colour_of(ground) or around.ground, hidden)

    def handle_endtag(self, tag: str) -> None:
        """Back to the colours around; an end without a beginning changes nothing."""
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at].tag == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        """Words: how well they stand out."""
        here = self._open[-1]
        if here.is_hidden or not data.strip():
            return
        ratio = contrast(here.colour, here.ground)
        self.lowest = min(self.lowest, ratio)
        if ratio < LEAST:
            self.faint[f"“{shorten(one_line(data), 40)}” {here.colour} on {here.ground}: {ratio:.1f}"] = None
