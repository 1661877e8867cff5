"""What the review page holds, from the desk of an issue: its sections, its list, the issue so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from newsletter.edit.changes import act_of, effective
from newsletter.edit.desk import Card, Desk, DeskSection
from newsletter.edit.said import said_of
from newsletter.model.issue import Change
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.times import publish_time
from newsletter.render import words
from newsletter.render.email import SIZE_LIMIT
from newsletter.text import one_line, shorten
from newsletter.web.assets import asset_url
from newsletter.web.card_words import said_in_change
from newsletter.web.mail_sizes import MailSize
from newsletter.web.review_views import (
    Closed,
    Due,
    Group,
    LastAct,
    Meter,
    OutlineLine,
    OutlineSection,
    Outside,
    Quiet,
    RailItem,
    Review,
    Row,
)
from newsletter.web.rows import MOST_ROWS, RowMaker, gone_from, grouped

_KEYS = 9
_TITLE, _OUTLINE = 100, 80
_MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the desk a page is to show."""

    section: str = ""
    at: str = ""
    rows: int = MOST_ROWS
    has_below: bool = False
    """Whether what lies below the line is shown, too."""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """What the page says of who looks at it, beside the desk itself."""

    editor: str
    others: dict[str, str]
    """The initials of other editors, by the entries they are at."""
    size: MailSize | None
    newest: int
    """The number of the newest issue."""
    tips: int = 0
    """How many tips nobody decided about."""


def base_of(number: int) -> str:
    """The address under which all pages of an issue's desk lie."""
    return f"/desk/issues/{number}/"


def open_card_of(desk: Desk, asked: Asked) -> Card | None:
    """The card to open: the one that was asked for, else the open one that is worth most, in the section if asked."""
    if asked.at:
        return desk.card(asked.at)
    if desk.issue.state != "draft":
        return None
    left = desk.open[: desk.enough_from]
    return next((card for card in left if not asked.section or card.section == asked.section), None)


def review_of(app: Newsletter, desk: Desk, asked: Asked, around: Around) -> Review:
    """The page."""
    card = open_card_of(desk, asked)
    section = _section(desk, asked, card)
    base, zone = base_of(desk.issue.number), app.config.schedule.zone
    today = app.now().astimezone(zone).date()
    is_closed = desk.issue.state != "draft"
    at = card.entry.id if card else ""
    maker = RowMaker(base, at, today, is_closed, around.others)
    groups, below = _groups(maker, section, asked.rows), [maker.row(each) for each in section.below]
    shown = sum(len(group.rows) for group in groups)
    has_below = asked.has_below or any(row.id == at for row in below)
    shown_below = _cut(below, max(MOST_ROWS, asked.rows - shown), at) if has_below else ()
    is_cut = shown < len(section.cards) or (has_below and len(shown_below) < len(below))
    left = len(desk.open) - desk.open_count
    place = [each.id for each in desk.sections].index(section.id) + 1
    return Review(
        number=desk.issue.number,
        base=base,
        section=section.id,
        title=one_line(section.title) or section.id,
        about=_about(section),
        place=f"Section {place} of {len(desk.sections)}",
        seen=desk.last_number,
        at=at,
        rail=tuple(_rail(desk, base, section.id)),
        outside=tuple(_outside(desk, base, around.tips)),
        short="" if is_closed else _short(desk),
        is_short=desk.issue.is_short,
        groups=groups,
        below=shown_below,
        below_text=f"{words.counted(len(below), 'runner-up', 'runners-up')} below the line" if below else "",
        below_url="" if has_below else f"{base}?section={quote(section.id)}{_at(at)}&below=1#below",
        gone=tuple(maker.gone(drop, is_snoozed=later) for drop, later in gone_from(desk, section))[:MOST_ROWS],
        quiet=tuple(_quiet(desk, section)),
        more_url=f"{base}?section={quote(section.id)}{_at(at)}&below=1&rows={asked.rows + 200}" if is_cut else "",
        enough="" if is_closed else _enough(desk.open_count, left),
        is_enough=desk.open_count == 0,
        deadlines=tuple(
            Due(words.distance(each.on, today), words.day_month(each.on, year_of=today), one_line(each.title))
            for each in desk.issue.deadlines
        ),
        outline=tuple(_outline(desk, base, today)),
        meter=_meter(around.size, base),
        closed=_closed(app, desk, base, around.newest),
        last=None if is_closed else _last_act(desk, around.editor),
        open_ids=() if is_closed else tuple(each.entry.id for each in desk.open[: desk.enough_from]),
        sortable_url=asset_url(app, "vendor/Sortable.min.js"),
        said=asked.said,
        sections=tuple((each.id, one_line(each.title) or each.id) for each in desk.sections if not _is_figures(each)),
    )


def _at(entry_id: str) -> str:
    return f"&at={quote(entry_id)}" if entry_id else ""


def _section(desk: Desk, asked: Asked, card: Card | None) -> DeskSection:
    found = desk.section(card.section if card else asked.section)
    return found or next((each for each in desk.sections if not _is_figures(each)), desk.sections[0])


def _groups(maker: RowMaker, section: DeskSection, most: int) -> tuple[Group, ...]:
    """The first ``most`` rows under their heads, and as many more as it takes to reach the open card."""
    rows = [(title, maker.row(card)) for title, cards in grouped(section) for card in cards]
    shown = rows[: len(_cut([row for _, row in rows], most, maker.at))]
    found: dict[str, list[Row]] = {}
    for title, row in shown:
        found.setdefault(title, []).append(row)
    return tuple(Group(title, tuple(each)) for title, each in found.items())


def _cut(rows: Sequence[Row], most: int, at: str) -> tuple[Row, ...]:
    place = next((number for number, row in enumerate(rows, 1) if row.id == at), 0)
    return tuple(rows[: max(most, place)])


def is_figures(desk: Desk, section_id: str) -> bool:
    """Whether that section holds figures: they have a page of their own."""
    section = desk.section(section_id)
    return section is not None and _is_figures(section) and not section.cards


def _is_figures(section: DeskSection) -> bool:
    return bool(section.settings and section.settings.show)


def _about(section: DeskSection) -> str:
    kept = f"{section.kept_count} of {section.at_most} kept" if section.at_most else f"{section.kept_count} kept"
    return f"{kept}, {section.open_count} open. What would change the issue most comes first."


def _rail(desk: Desk, base: str, current: str) -> Iterable[RailItem]:
    held = sum(each.is_held for each in desk.issue.statistics)
    left = desk.open[: desk.enough_from]
    for place, section in enumerate(desk.sections, 1):
        here = [card for card in left if card.section == section.id]
        figures = _is_figures(section)
        to_check = held if figures else sum(card.is_guess for card in here)
        count = f"{section.kept_count}/{section.at_most}" if section.at_most else str(len(section.cards))
        yield RailItem(
            key=str(place) if place <= _KEYS else "",
            id=section.id,
            title=one_line(section.title) or section.id,
            said=_said(section, to_check, len(here) - (0 if figures else to_check)),
            count=str(len(desk.issue.statistics)) if figures else count,
            url=f"{base}figures" if figures else f"{base}?section={quote(section.id)}#main",
            is_current=section.id == current,
        )


def _said(section: DeskSection, to_check: int, open_count: int) -> str:
    parts = [f"! {to_check} to check" if to_check else "", f"? {open_count} open" if open_count else ""]
    said = words.sentence(parts)
    if said or _is_figures(section) or not section.cards:
        return said
    return "✓ done" if section.has_room else "✓ full"


def _outside(desk: Desk, base: str, tips: int) -> Iterable[Outside]:
    yield Outside("Dropped", str(len(desk.dropped)), f"{base}dropped")
    yield Outside("Snoozed", str(len(desk.snoozed)), f"{base}snoozed")
    yield Outside("Tips", f"{tips} new" if tips else "", f"{base}tips")
    yield Outside("Late item", "", f"{base}late")
    if desk.drafted.statistics and not any(map(_is_figures, desk.sections)):
        yield Outside("Figures", str(len(desk.drafted.statistics)), f"{base}figures")
    yield Outside("History", str(len(desk.changes)), f"{base}history")


def _short(desk: Desk) -> str:
    """What the short form asks for, or what it leaves out while the issue has it; empty when there is none."""
    if desk.issue.is_short:
        waiting = sum(len(each.below) for each in desk.sections if not each.cards)
        return f"It goes out short: highlights, deadlines, events. {words.counted(waiting, 'entry', 'entries')} wait."
    picking = [each for each in desk.sections if each.settings and each.settings.pick]
    dated = [card for each in desk.sections for card in each.cards if card.entry.event and each not in picking]
    decisions = sum(len(each.cards) for each in picking) + len(dated)
    if not picking:
        return ""
    best = words.counted(len(picking[0].cards), "highlight")
    return f"{best}, deadlines, events: {words.counted(decisions, 'decision')}"


def _quiet(desk: Desk, section: DeskSection) -> Iterable[Quiet]:
    """The projects the draft found quiet; what readers are told is what the editors left of it."""
    drafted = next((each for each in desk.drafted.sections if each.id == section.id), None)
    offered = dict.fromkeys((*(drafted.quiet_projects if drafted else ()), *section.quiet_projects))
    return (Quiet(project, project in section.quiet_projects) for project in offered)


def _enough(open_count: int, left: int) -> str:
    if open_count:
        rest = f" The other {left} would not make it." if left else ""
        return f"{words.counted(open_count, 'open item')} would change the issue.{rest}"
    return f"The other {left} would not make the issue. Enough." if left else "Everything is decided."


def _outline(desk: Desk, base: str, today: date) -> Iterable[OutlineSection]:
    for section in desk.sections:
        lines = [
            OutlineLine(
                shorten(one_line(card.entry.title), _OUTLINE),
                f"{base}?at={quote(card.entry.id)}#card",
                _day(card, today),
                card.is_guess,
            )
            for card in section.cards[:_MOST_LINES]
        ]
        if lines:
            yield OutlineSection(one_line(section.title), tuple(lines), len(section.cards) - len(lines))


def _day(card: Card, today: date) -> str:
    event = card.entry.event
    return words.day_month(words.event_day(event.starts_at, event), year_of=today) if event else ""


def _meter(size: MailSize | None, base: str) -> Meter:
    most = SIZE_LIMIT // 1000
    if size is None:
        return Meter("", 0, "", False, f"{base}size")
    text, percent = f"{round(size.size / 1000)} of {most} KB", min(100, round(100 * size.size / SIZE_LIMIT))
    return Meter(text, percent, f"{size.minutes} min", size.is_current, f"{base}size")


def meter_of(number: int, size: MailSize | None) -> Meter:
    """The size meter alone."""
    return _meter(size, base_of(number))


def _closed(app: Newsletter, desk: Desk, base: str, newest: int) -> Closed | None:
    issue = desk.issue
    if issue.state == "draft":
        return None
    at = (issue.send_at or publish_time(app.config.schedule, issue.period)).astimezone(app.config.schedule.zone)
    when = f"{words.weekday_date(at.date())} {at:%H:%M}"
    later: tuple[tuple[str, str], ...] = (("Next issue", "/desk/"),) if newest > issue.number else ()
    mails = ("Deliveries", f"/desk/deliveries/{issue.number}")
    states: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
        "approved": (f"is approved and goes out on {when}", (("Take it back or look at it", f"{base}approve"), mails)),
        "sending": ("is on its way to readers", (mails,)),
        "stopped": ("was stopped while it was sent", (mails,)),
        "sent": (f"went out on {when}", (("Correct", f"{base}correct"), mails, *later)),
    }
    if issue.state == "approved" and app.now() >= at:
        states["approved"] = (
            f"is approved; its hour was {when}",
            (("Look at it", f"{base}approve"), ("Correct", f"{base}correct"), mails, *later),
        )
    text, links = states[issue.state]
    return Closed(f"Issue {issue.number} {text}.", links)


def _last_act(desk: Desk, editor: str) -> LastAct | None:
    mine = [each for each in effective(desk.changes) if each.editor == editor]
    if not mine:
        return None
    act = [each for each in mine if act_of(each) == act_of(mine[-1])]
    told = [each for each in act if each.action != "keep" or len(act) == 1] or act
    targets = list(dict.fromkeys(each.target for each in told))
    what = _named(desk, told[-1]) if len(targets) == 1 else words.counted(len(targets), "item")
    other = said_in_change(told[-1]) if told[-1].action == "merge" else ""
    said = f"joined “{shorten(other, _TITLE)}” to" if other else said_of(told[-1])
    return LastAct(f"You {said} {what}.", act_of(mine[-1]))


def _named(desk: Desk, change: Change) -> str:
    """What a change was done to: by its title in quotes, or by what it is."""
    title = _title_of(desk, change)
    if title:
        return f"“{shorten(one_line(title), _TITLE)}”"
    if any(figure.name == change.target for figure in desk.drafted.statistics):
        return f"the figure {change.target}"
    return "a tip" if change.action == "decline tip" else "a link" if change.action == "link" else "the issue"


def _title_of(desk: Desk, change: Change) -> str:
    """The title of the entry or the section that ``change`` is about; empty for anything else."""
    card, section = desk.card(change.target), desk.section(change.target)
    if card or section:
        return card.entry.title if card else section.title if section else ""
    pool = (entry for each in desk.drafted.sections for entry in (*each.entries, *each.runners_up))
    found = next((entry.title for entry in pool if entry.id == change.target), "")
    entry = change.value.get("entry") if isinstance(change.value, Mapping) else None
    return found or (str(entry.get("title") or "") if isinstance(entry, Mapping) else "")
