"""The planet: everything that was read, newest first, in pages of days."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby

from newsletter.model.codec import time_text
from newsletter.model.item import Item
from newsletter.render import words
from newsletter.render.contexts import LinkView
from newsletter.render.entries import foreign
from newsletter.render.press import Press, safe_url
from newsletter.render.river_contexts import PlanetContext, RiverDayView, RiverView
from newsletter.text import one_line, shorten

PAGE_ITEMS = 120
"""Items on one page; about 80 KB of HTML."""
TEXT_LENGTH = 220
"""So much of an item's text is shown to everybody."""
_ANSWER = re.compile(r"^(?:(?:re|aw|sv|antw|fwd?)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RiverItem:
    """An item, the name of its source, and when it counts as said."""

    item: Item
    source: str
    at: datetime


def planet_pages(press: Press, river: Iterable[RiverItem]) -> tuple[PlanetContext, ...]:
    """The pages of the planet, newest first; one empty page when nothing was read."""
    zone = press.schedule.zone
    newest = sorted(river, key=lambda each: (each.at, each.item.id), reverse=True)
    sources = words.counted(len({each.source for each in newest}), "source")
    shown = [
        (day, view) for day, found in groupby(newest, lambda each: _day(each, zone)) for view in _views(press, found)
    ]
    pages = [shown[at : at + PAGE_ITEMS] for at in range(0, len(shown), PAGE_ITEMS)] or [[]]
    return tuple(
        PlanetContext(
            days=_days(page),
            sources=sources,
            newer=page_name(number - 1) if number else None,
            older=page_name(number + 1) if number + 1 < len(pages) else None,
        )
        for number, page in enumerate(pages)
    )


def page_name(number: int) -> str:
    """The file of page ``number``, counted from 0."""
    return "index.html" if number == 0 else f"{number + 1}.html"


def _day(each: RiverItem, zone: tzinfo) -> date:
    return each.at.astimezone(zone).date()


def _days(page: Sequence[tuple[date, RiverView]]) -> tuple[RiverDayView, ...]:
    days = []
    for day, found in groupby(page, lambda each: each[0]):
        items = tuple(view for _, view in found)
        count = sum(max(1, len(view.mails)) for view in items)
        title = f"{words.weekday_date(day)} {day.year}"
        days.append(RiverDayView(title, f"day-{day.isoformat()}", words.counted(count, "item"), items))
    return tuple(days)


def _views(press: Press, found: Iterable[RiverItem]) -> list[RiverView]:
    """One view an item; the mails of a thread on one day share one, where the newest stands."""
    together: dict[tuple[str, str], list[RiverItem]] = {}
    for each in found:
        root = each.item.thread.root_id if each.item.thread else each.item.id
        together.setdefault((each.source, root), []).append(each)
    return [_view(press, each) for each in together.values()]


def _view(press: Press, found: Sequence[RiverItem]) -> RiverView:
    newest, oldest = found[0], found[-1]
    item = oldest.item
    language = foreign(item.language, press)
    title = one_line(item.title)
    mails = [
        LinkView(_author(each.item) or "mail", url) for each in reversed(found) if (url := safe_url(each.item.url))
    ]
    is_thread = len(mails) > 1
    return RiverView(
        title=(_ANSWER.sub("", title) if is_thread else title) or "Without a title",
        url=safe_url(item.url),
        text=shorten(_own_words(item.text), TEXT_LENGTH),
        source=one_line(newest.source),
        author=words.counted(len(found), "mail") if len(found) > 1 else _author(item),
        time=f"{newest.at.astimezone(press.schedule.zone):%H:%M}" if newest.item.published_at else "no date",
        time_iso=(time_text(newest.at) or "") if newest.item.published_at else "",
        language=language,
        direction=words.direction(language),
        mails=tuple(mails) if is_thread else (),
    )


def _author(item: Item) -> str:
    return one_line(item.author.name) if item.author else ""


def _own_words(text: str) -> str:
    """The first words that are not quoted from somebody else; signatures end them."""
    lines: list[str] = []
    for line in text.split("\n"):
        if line.rstrip() == "--" or len(lines) > 12:
            break
        if line.strip() and not line.lstrip().startswith((">", "|")):
            lines.append(line)
    if lines and re.search(r"(wrote|writes|schrieb|a écrit|escribió)\s*:?\s*$", lines[0]):
        lines = lines[1:]
    return " ".join(lines)
