"""What the preview page shows, in plain values."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from newsletter.edit.check import Act, Check, grouped
from newsletter.edit.short import HIGHLIGHTS
from newsletter.model.subscriber import Choice
from newsletter.pipeline.issue_preview import MailPreview
from newsletter.render.mail_measures import link_count, longest_lines, section_sizes
from newsletter.render.reading_order import Spoken, reading_order

VIEWS = (
    ("phone", "Phone 375"),
    ("desktop", "Desktop 640"),
    ("dark", "Dark"),
    ("text", "Plain text"),
    ("reading", "Screen-reader list"),
)
WIDTHS = {"phone": 375, "desktop": 640, "dark": 640}


@dataclass(frozen=True, slots=True)
class Tab:
    """A link among several of which one is the present one; ``key`` follows it."""

    label: str
    url: str
    is_current: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class FrameView:
    """The mail in a frame of that width."""

    title: str
    url: str
    width: int
    name: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check; ``sign`` and ``style`` go with its state. The act is a link, a form, or nothing."""

    state: str
    style: str
    sign: str
    text: str
    detail: str
    act_label: str = ""
    act_url: str = ""
    """Where the act leads; empty when it is a form."""
    act_id: str = ""
    """Names the act in a form."""
    cards: tuple[Tab, ...] = ()
    more_count: int = 0
    """How many more cards it is about than are named."""
    first: tuple["CheckView", ...] = ()
    """Those that are told together in this line; empty when it stands for itself."""
    rest: tuple["CheckView", ...] = ()
    """More of them, shown on demand."""


@dataclass(frozen=True, slots=True)
class PreviewContext:
    """What ``desk/preview.html`` shows; with ``is_building`` only the number and the tabs hold."""

    number: int
    tabs: tuple[Tab, ...]
    readers: tuple[Tab, ...]
    section_choice: tuple[tuple[str, str, bool], ...]
    """Id, title and whether it is chosen, of each section."""
    reader: str
    """For whom the mail is, in words."""
    view: str
    is_building: bool = True
    subject: str = ""
    preheader: str = ""
    size: str = ""
    minutes: int = 0
    entries_count: int = 0
    links_count: int = 0
    frames: tuple[FrameView, ...] = ()
    text: str = ""
    spoken: tuple[Spoken, ...] = ()
    sizes: tuple[tuple[str, str], ...] = ()
    wide_lines: tuple[str, ...] = ()
    checks: tuple[CheckView, ...] = ()
    good_count: int = 0
    remarks: tuple[str, ...] = ()
    cards: tuple[Tab, ...] = ()
    too_large: str = ""
    older_url: str = ""
    newer_url: str = ""
    back_url: str = ""
    eml_url: str = ""
    pictures_url: str = ""
    has_pictures: bool = False
    script_url: str = ""


def query_of(reader: Choice, **more: str) -> str:
    """The part of an address that names the reader and ``more``, with its "?"; empty when there is nothing to say."""
    pairs = [("only", each) for each in reader.sections or ()]
    pairs += [("as", reader.rhythm)] if reader.rhythm != "weekly" else []
    pairs += [(name, value) for name, value in more.items() if value]
    return f"?{urlencode(pairs)}" if pairs else ""


def card_url(number: int, entry: str) -> str:
    """The card of an entry."""
    return f"/desk/issues/{number}/items/{quote(entry, safe='')}"


def words_for(reader: Choice, titles: Sequence[str]) -> str:
    """For whom it is."""
    if reader.rhythm == "monthly":
        return "a reader who gets one mail a month: this issue and those before it that the last one did not tell"
    if reader.rhythm == "highlights":
        return f"a reader of the highlights only ({HIGHLIGHTS}, with dates and what is due)"
    return "everyone" if reader.sections is None else f"a reader of {', '.join(titles) or 'no section'} only"


def act_id(act: Act) -> str:
    """A name for an act that only the same act has."""
    return hashlib.sha256(json.dumps([act.kind, act.target, act.value]).encode()).hexdigest()[:16]


_CARDS, _FIRST = 5, 5
_SIGNS = {"stops": ("stops it", "broken", "×"), "warning": ("warning", "warning", "!"), "good": ("good", "kept", "✓")}


def check_view(number: int, check: Check, titles: dict[str, str]) -> CheckView:
    """A check with the cards it is about."""
    state, style, sign = _SIGNS[check.state]
    act = check.act
    is_look = act is not None and act.kind == "look"
    cards = tuple(Tab(titles[each], card_url(number, each)) for each in check.entries if each in titles)
    return CheckView(
        state,
        style,
        sign,
        check.text,
        check.detail,
        act_label=act.label if act else "",
        act_url=card_url(number, act.target) if act and is_look else "",
        act_id=act_id(act) if act and not is_look else "",
        cards=cards[:_CARDS] if len(cards) > 1 else (),
        more_count=max(0, len(cards) - _CARDS),
    )


def check_views(number: int, checks: Iterable[Check], titles: dict[str, str]) -> tuple[CheckView, ...]:
    """Checks as lines; those that are called alike share one, which holds each of them with its act."""
    found = []
    for group in grouped(checks):
        views = tuple(check_view(number, each, titles) for each in group.checks)
        if len(views) == 1:
            found.append(views[0])
        else:
            state, style, sign = _SIGNS[group.state]
            found.append(CheckView(state, style, sign, group.text, "", first=views[:_FIRST], rest=views[_FIRST:]))
    return tuple(found)


def measured(number: int, found: MailPreview) -> dict[str, object]:
    """The fields of the context that tell what the mail weighs and what is said about it."""
    html, text = found.parts.html, found.parts.text
    titles = dict(found.titles)
    size = len(html.encode())
    views = check_views(number, (each for each in found.checks if each.state != "good"), titles)
    return {
        "subject": found.parts.subject,
        "preheader": found.preheader,
        "size": f"{kilobytes(size)} of {kilobytes(found.size_limit)} KB",
        "minutes": found.minutes,
        "entries_count": len(found.titles),
        "links_count": link_count(html),
        "sizes": tuple((name or "Top", f"{each / 1000:.1f} KB") for name, each in section_sizes(html)),
        "wide_lines": longest_lines(text),
        "checks": views,
        "good_count": sum(each.state == "good" for each in found.checks),
        "remarks": found.remarks,
        "cards": tuple(Tab(title, card_url(number, each)) for each, title in found.titles),
        "too_large": _too_large(found),
    }


def kilobytes(size: int) -> str:
    """``size`` in whole KB."""
    return f"{size / 1000:.0f}"


def _too_large(found: MailPreview) -> str:
    if found.parts.full_size <= found.size_limit:
        return ""
    longest = sorted(found.issue.entries, key=lambda each: -len(each.summary))[:5]
    names = "; ".join(f"{each.title} ({len(each.summary):,} letters)" for each in longest)
    return f"It would have {kilobytes(found.parts.full_size)} KB. Shorten these: {names}."


def spoken_of(html: str) -> tuple[Spoken, ...]:
    """What a screen reader says of the mail."""
    return reading_order(html)


def neighbours(numbers: Iterable[int], number: int) -> tuple[int | None, int | None]:
    """The issue before and the one after."""
    known = sorted(numbers)
    before = [each for each in known if each < number]
    after = [each for each in known if each > number]
    return (before[-1] if before else None, after[0] if after else None)
