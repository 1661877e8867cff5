"""Sources as the desk shows them: rows of the list, and the parts of a source's own page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from urllib.parse import quote, urlencode

from newsletter.model.item import Item
from newsletter.model.source import FetchState, LastAnswer
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.in_force import feeds_file
from newsletter.pipeline.preview import moment_of
from newsletter.pipeline.source_acts import SourceText
from newsletter.pipeline.source_board import SourceStanding
from newsletter.pipeline.source_outcomes import Outcome
from newsletter.render.words import counted, day_month
from newsletter.text import is_web_url, one_line
from newsletter.web import source_words as words
from newsletter.web.card_words import clock
from newsletter.web.file_lines import line_url

PATH = "/desk/sources"
RESERVED = ("file", "history", "try", "add", "look")
"""Words that are pages of their own under PATH. A source with such an id is reached as "~file"."""
_BAR, _STEP, _HIGH = 16, 20, 40


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source in the list."""

    url: str
    name: str
    kind: str
    look: str
    sign: str
    word: str
    last_new: str
    week: str
    use: str
    percent: int
    weight: str
    next: str


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """An item and what became of it."""

    day: str
    title: str
    url: str
    look: str
    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One week of the last eight."""

    x: int
    y: int
    height: int
    is_now: bool


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of feeds.yaml with its number."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An item that was found by looking: its day and its title."""

    day: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """What is said while the file on the disk has mistakes."""

    words: str
    problems: tuple[tuple[str, str], ...]
    """The first of them, each with the address of its line."""


def source_url(source_id: str, **more: str) -> str:
    """The page of a source."""
    name = f"~{source_id}" if source_id in RESERVED else source_id
    query = urlencode({key: value for key, value in more.items() if value})
    anchor = f"#{'ask' if 'ask' in more else 'asked'}" if "ask" in more or "task" in more else ""
    return f"{PATH}/{quote(name, safe='~')}{f'?{query}' if query else ''}{anchor}"


def source_row(each: SourceStanding, zone: tzinfo, now: datetime) -> SourceRow:
    """The row of a source."""
    look, sign = words.LOOKS[each.word]
    found, state = each.health, each.health.state
    is_silent = each.word in ("broken", "gone", "stopped", "unreadable", "slow", "new")
    return SourceRow(
        url=source_url(found.source.id),
        name=found.source.name,
        kind=words.kind_words(found.source, state),
        look=look,
        sign=sign,
        word=each.word,
        last_new=words.ago(state.last_new_at if state else None, now),
        week="–" if is_silent and not found.weeks[0] else str(found.weeks[0]),
        use=words.use_words(found.shown, found.kept),
        percent=words.percent(found.shown, found.kept),
        weight=words.signed(found.source.weight),
        next=words.next_words(each, zone, now),
    )


def outcome_rows(outcomes: Iterable[Outcome], zone: tzinfo, now: datetime) -> tuple[OutcomeRow, ...]:
    """The newest items and what became of them."""
    today = now.astimezone(zone).date()
    return tuple(
        OutcomeRow(
            day_month(each.at.astimezone(zone).date(), year_of=today),
            one_line(each.item.title) or "no title",
            web_address(each.item.url),
            *words.outcome_words(each),
        )
        for each in outcomes
    )


def bars_of(weeks: tuple[int, ...]) -> tuple[tuple[Bar, ...], str]:
    """The weeks as bars, the newest at the right, and in words, the oldest first."""
    oldest_first, top = tuple(reversed(weeks)), max(weeks) or 1
    bars = []
    for at, count in enumerate(oldest_first):
        height = max(1, round(_HIGH * count / top)) if count else 0
        bars.append(Bar(at * _STEP, _HIGH - height, height, at == len(weeks) - 1))
    return tuple(bars), ", ".join(map(str, oldest_first))


def file_lines(text: SourceText) -> tuple[FileLine, ...]:
    """The lines of a source with their numbers."""
    return tuple(FileLine(text.first + at, line) for at, line in enumerate(text.lines))


def shown_items(found: Iterable[Item], zone: tzinfo, now: datetime) -> tuple[Shown, ...]:
    """Items that were found by looking, as rows."""
    today = now.astimezone(zone).date()
    made = []
    for item in found:
        at = moment_of(item)
        day = at.astimezone(zone).date() if isinstance(at, datetime) else at
        when = day_month(day, year_of=today) if day else "no date"
        made.append(Shown(when, one_line(item.title) or "no title", web_address(item.url)))
    return tuple(made)


def web_address(url: str | None) -> str:
    """``url`` if a browser may be sent there, else nothing."""
    return url if url and is_web_url(url) else ""


def answer_lines(state: FetchState | None, zone: tzinfo, now: datetime) -> tuple[str, str]:
    """The last answer of the server in figures, and its words as they came."""
    answer = LastAnswer.from_json(state.answer) if state else None
    if answer is None:
        return "", ""
    return words.answer_words(answer, zone, now), answer.words


def warned_lines(warned: Mapping[str, str], zone: tzinfo, now: datetime) -> tuple[str, ...]:
    """What was said about the source at its last reading, each since when."""
    return tuple(
        f"{text.rstrip('.')} (since {clock(datetime.fromisoformat(at), zone, now)})." for text, at in warned.items()
    )


def broken_file(app: Newsletter) -> BrokenFile | None:
    """feeds.yaml has 1 mistake since 20:41; the version of 20:12 is in force."""
    if not app.problems:
        return None
    zone, now = app.config.schedule.zone, app.now()
    changed_at = datetime.fromtimestamp(feeds_file(app.home).stat().st_mtime, zone)
    held = f"; the version of {clock(app.in_force_since, zone, now)} is in force" if app.in_force_since else ""
    said = f"feeds.yaml has {counted(app.problems_total, 'mistake')} since {clock(changed_at, zone, now)}{held}."
    return BrokenFile(said, tuple((str(each), line_url(each.line, file=each.file)) for each in app.problems[:3]))


def version_words(app: Newsletter, at: datetime | None) -> str:
    """version of 20:12 in force."""
    return f"version of {clock(at, app.config.schedule.zone, app.now())} in force" if at else ""


def week_ago(now: datetime) -> datetime:
    """From when on things are news for a source whose last days are wanted."""
    return now - timedelta(days=7)
