"""Which story enters which section: the best first, "at most" lines, brakes for noisy sources."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from newsletter.edit.brakes import Brakes
from newsletter.edit.bursts import Burst
from newsletter.model.issue import Dropped, Entry, SectionSettings
from newsletter.model.source import Source
from newsletter.model.story import Story, Verdict

HIGHLIGHT_FROM = 60
"""The score from which a story of another section may be picked as a highlight."""
TIP_WAITS = "A tip that a reader sent: it waits for an editor."
_PICKED = "Among the best of the week."
_RUNNERS_UP = 3
"""So many times what fits is offered below the line."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A story with its verdict, and the day by which it is due."""

    story: Story
    verdict: Verdict
    due_on: date | None = None
    revisions: tuple[str, ...] = ()
    task: str = ""
    """What has to be done until then, as a verb."""

    @property
    def order(self) -> tuple[int, float, str]:
        """Best first: score, then newest, then id."""
        at = self.story.last_at or self.story.first_at
        return (-self.verdict.score, -(at.timestamp() if at else 0.0), self.story.id)

    @property
    def is_tip(self) -> bool:
        """Whether an editor has to take it before it is shown: somebody sent it, or a part of it, to them alone."""
        return any(item.is_tip for item in self.story.items)


@dataclass(frozen=True, slots=True)
class Placed:
    """One section's stories: those that enter, in order, and those below the line."""

    settings: SectionSettings
    entering: tuple[Judged, ...] = ()
    runners_up: tuple[Judged, ...] = ()


def place(
    judged: Iterable[Judged],
    sections: Sequence[SectionSettings],
    *,
    sources: Mapping[str, Source],
    publish_at: datetime,
    zone: ZoneInfo,
    bursts: Mapping[str, Burst] | None = None,
) -> tuple[tuple[Placed, ...], tuple[Dropped, ...]]:
    """The stories of each section in the order of ``sections``, and those that enter nowhere.

    Of a source in ``bursts`` only the best few enter; the others are held.
    """
    entering, dropped = _split_dropped(judged)
    entering, past = _without_past_events(entering, sections, publish_at, zone)
    brakes = Brakes(sources, bursts)
    by_section: dict[str, list[Judged]] = defaultdict(list)
    tips: dict[str, list[Judged]] = defaultdict(list)
    for each in sorted(entering, key=lambda found: found.order):
        pool = tips if each.is_tip else by_section
        pool[each.verdict.section or ""].append(each)
    for settings in sections:
        if settings.pick == "best of everything":
            _pick_best(settings, by_section, sections, brakes)
    entered, braked = _let_in(by_section, sections, brakes)
    filled = [_fill(each, entered[each.id], by_section[each.id], braked) for each in sections]
    return tuple(_with_tips(placed, tips[placed.settings.id]) for placed, _ in filled), (
        *dropped,
        *(
            _dropped(each, braked[each.story.id])
            for found in by_section.values()
            for each in found
            if each.story.id in braked
        ),
        *past,
        *(each for _, rest in filled for each in rest),
    )


def _with_tips(placed: Placed, tips: Sequence[Judged]) -> Placed:
    """The section with its tips below the line, the first there: however good one is, an editor has to take it."""
    waiting = (
        replace(each, verdict=replace(each.verdict, why=f"{TIP_WAITS} {each.verdict.why}".strip())) for each in tips
    )
    return replace(placed, runners_up=(*waiting, *placed.runners_up)) if tips else placed


def _split_dropped(judged: Iterable[Judged]) -> tuple[list[Judged], list[Dropped]]:
    entering: list[Judged] = []
    dropped: list[Dropped] = []
    for each in judged:
        verdict = each.verdict
        if verdict.dropped_by:
            dropped.append(_dropped(each, f"dropped by the rule “{verdict.dropped_by}”"))
        elif verdict.told_in is not None and not verdict.is_kept:
            dropped.append(_dropped(each, f"already told in issue {verdict.told_in}"))
        elif verdict.let_go_in is not None and not verdict.is_kept:
            dropped.append(_dropped(each, f"an editor dropped it out of issue {verdict.let_go_in}"))
        elif verdict.section is None:
            dropped.append(_dropped(each, verdict.why or "fits no section"))
        else:
            entering.append(each)
    return entering, dropped


def _dropped(each: Judged, reason: str) -> Dropped:
    return Dropped(each.story.id, each.story.title, each.story.url, reason, each.verdict.score)


def _let_in(
    by_section: Mapping[str, list[Judged]], sections: Sequence[SectionSettings], brakes: Brakes
) -> tuple[dict[str, list[Judged]], dict[str, str]]:
    """Who enters which section, and by story id why a brake keeps one out.

    Sections that pick from others come first, then all others together, the best first, so that a
    brake leaves the best of its source in, whatever their sections.
    """
    entered: dict[str, list[Judged]] = {settings.id: [] for settings in sections}
    braked: dict[str, str] = {}
    picking = [settings for settings in sections if settings.pick]
    for part in (picking, [settings for settings in sections if not settings.pick]):
        pool = [(each, settings) for settings in part for each in by_section[settings.id]]
        for each, settings in sorted(pool, key=lambda pair: (not pair[0].verdict.is_kept, pair[0].order)):
            if settings.at_most is not None and len(entered[settings.id]) >= settings.at_most:
                reason = brakes.full(each.story.lead)
            else:
                reason = brakes.refusal(each.story.lead, settings)
            reason = None if each.verdict.is_kept else reason
            if reason:
                braked[each.story.id] = reason
            elif settings.at_most is None or len(entered[settings.id]) < settings.at_most:
                brakes.count(each.story.lead, settings)
                entered[settings.id].append(each)
    return entered, braked


def event_ends_at(story: Story, zone: ZoneInfo) -> datetime | None:
    """When the story's event is over, in UTC; days and times without zone are read in ``zone``."""
    event = story.event
    if event is None:
        return None
    ends = event.ends_at or event.starts_at
    if not isinstance(ends, datetime):
        ends = datetime(ends.year, ends.month, ends.day, 23, 59, 59, tzinfo=zone)
    return (ends if ends.tzinfo else ends.replace(tzinfo=zone)).astimezone(UTC)


def _without_past_events(
    entering: list[Judged], sections: Sequence[SectionSettings], publish_at: datetime, zone: ZoneInfo
) -> tuple[list[Judged], list[Dropped]]:
    hiding = {settings.id for settings in sections if settings.hide_after}
    kept: list[Judged] = []
    dropped: list[Dropped] = []
    for each in entering:
        ends_at = event_ends_at(each.story, zone) if each.verdict.section in hiding else None
        if ends_at is not None and ends_at < publish_at:
            dropped.append(_dropped(each, f"the event is over on {publish_at.astimezone(zone):%Y-%m-%d}"))
        else:
            kept.append(each)
    return kept, dropped


def _pick_best(
    settings: SectionSettings, by_section: dict[str, list[Judged]], sections: Sequence[SectionSettings], brakes: Brakes
) -> None:
    """Move the best stories of the other sections up, until the section is full.

    Dates stay in a section that is ordered by date, and one-line sections keep their lines.
    """
    chosen = by_section[settings.id]
    free = (settings.at_most or 5) - len(chosen)
    giving = [found.id for found in sections if found.id != settings.id and _gives(found)]
    pool = sorted((each for name in giving for each in by_section[name]), key=lambda found: found.order)
    tried = brakes.copy()
    for each in chosen:
        tried.count(each.story.lead, settings)
    for each in pool:
        if free <= 0 or each.verdict.score < HIGHLIGHT_FROM:
            break
        if not each.verdict.is_kept and tried.refusal(each.story.lead, settings):
            continue
        tried.count(each.story.lead, settings)
        free -= 1
        by_section[each.verdict.section or ""].remove(each)
        why = f"{each.verdict.why} {_PICKED}".strip()
        chosen.append(replace(each, verdict=replace(each.verdict, section=settings.id, why=why)))
    chosen.sort(key=lambda found: found.order)


def is_picked(entry: Entry) -> bool:
    """Whether the program moved ``entry`` up among the highlights for its score."""
    return entry.why.endswith(_PICKED)


def _gives(settings: SectionSettings) -> bool:
    return settings.order != "by date" and settings.lines_per_item != 1 and not settings.show


def _fill(
    settings: SectionSettings, entering: list[Judged], found: list[Judged], braked: Mapping[str, str]
) -> tuple[Placed, list[Dropped]]:
    """The section, and what lies so far below its line that nobody is asked about it."""
    inside = {each.story.id for each in entering}
    rest = [each for each in found if each.story.id not in inside and each.story.id not in braked]
    limit = settings.at_most if settings.at_most is not None else len(entering)
    arrange = _ARRANGE.get(settings.order or settings.group_by or "", _by_worth)
    ranked = sorted(entering, key=lambda each: (not each.verdict.is_kept, each.order))
    runners_up = _by_worth(rest)[: _RUNNERS_UP * max(limit, 5)]
    below = [_dropped(each, f"below the line of {settings.title}") for each in _by_worth(rest)[len(runners_up) :]]
    return Placed(settings, tuple(arrange(ranked)), tuple(runners_up)), below


def _by_worth(found: list[Judged]) -> list[Judged]:
    return sorted(found, key=lambda each: each.order)


def _by_date(found: list[Judged]) -> list[Judged]:
    def start(each: Judged) -> tuple[str, str]:
        event = each.story.event
        return (event.starts_at.isoformat() if event else "9999", each.story.id)

    return sorted(found, key=start)


def _by_project(found: list[Judged]) -> list[Judged]:
    """Projects with the best story first; what belongs to no single project comes last."""
    best: dict[str | None, tuple[int, float, str]] = {}
    for each in sorted(found, key=lambda item: item.order):
        best.setdefault(each.story.project, each.order)
    return sorted(
        found,
        key=lambda each: (each.story.project is None, best[each.story.project], each.story.project or "", each.order),
    )


_ARRANGE: Mapping[str, Callable[[list[Judged]], list[Judged]]] = {"by date": _by_date, "project": _by_project}
