"""draft_issue(): judged stories become the draft of an Issue."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from newsletter.edit.bursts import Burst
from newsletter.edit.deadlines import Soon, day_of, find_deadlines, price_day
from newsletter.edit.placing import Judged, Placed, place
from newsletter.model.issue import Entry, Issue, Reminder, Section, SectionSettings
from newsletter.model.item import CANCELLED, MOVED
from newsletter.model.period import Period
from newsletter.model.picture import Picture, first_picture
from newsletter.model.source import Source
from newsletter.model.story import Story, Verdict
from newsletter.model.unnamed import Unnamed
from newsletter.text import host_of, shorten

_TITLE_LENGTH = 92


def _no_summary(story: Story) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """What a draft is made for: its number and times, its sections, and what is counted beside it."""

    number: int
    period: Period
    publish_at: datetime
    zone: ZoneInfo
    name: str
    sections: tuple[SectionSettings, ...]
    sources: Mapping[str, Source]
    sources_count: int = 0
    """How many sources the issue was made from: those that gave something."""
    quiet_projects: tuple[str, ...] = ()
    """Projects that nothing was said about."""
    unnamed: Unnamed = Unnamed()
    """People who are shown nowhere as an author."""
    reminders: tuple[Reminder, ...] = ()
    """What earlier issues told that has a day ahead."""
    bursts: Mapping[str, Burst] = field(default_factory=dict)
    """By source id: what floods the week, so that most of it waits for an editor."""
    summary_of: Callable[[Story], str] = _no_summary
    """The sentences readers see; asked only for stories that come near the issue."""

    @property
    def publish_on(self) -> date:
        """The day readers get the issue, in the newsletter's zone."""
        return self.publish_at.astimezone(self.zone).date()


def draft_issue(judged: Sequence[Judged], plan: DraftPlan) -> Issue:
    """The draft: sections filled in order, dates beside them, deadlines and a title."""
    placed, dropped = place(
        judged,
        plan.sections,
        sources=plan.sources,
        publish_at=plan.publish_at,
        zone=plan.zone,
        bursts=plan.bursts,
    )
    placed = _add_dates(placed, plan)
    sections = tuple(_section(each, plan) for each in placed)
    soon = Soon(plan.publish_on, plan.publish_on + plan.period.length, plan.zone)
    return Issue(
        number=plan.number,
        title=issue_title(sections, plan.name),
        period=plan.period,
        publish_on=plan.publish_on,
        sections=sections,
        deadlines=find_deadlines(sections, plan.reminders, soon),
        dropped=tuple(sorted(dropped, key=lambda each: (-each.score, each.title, each.story_id))),
        sources_count=plan.sources_count,
        zone=plan.zone.key,
    )


def _add_dates(placed: tuple[Placed, ...], plan: DraftPlan) -> tuple[Placed, ...]:
    """Events told as a highlight stand among the dates as well."""
    told = [each for part in placed if part.settings.pick for each in part.entering if _is_ahead(each, plan)]
    return tuple(
        Placed(part.settings, _by_start((*part.entering, *told)), part.runners_up)
        if part.settings.order == "by date" and told
        else part
        for part in placed
    )


def _is_ahead(each: Judged, plan: DraftPlan) -> bool:
    event = each.story.event
    return event is not None and not event.is_guess and day_of(event.starts_at, plan.zone) >= plan.publish_on


def _by_start(found: Sequence[Judged]) -> tuple[Judged, ...]:
    def start(each: Judged) -> tuple[str, str]:
        return (each.story.event.starts_at.isoformat() if each.story.event else "9999", each.story.id)

    return tuple(sorted(found, key=start))


def _section(placed: Placed, plan: DraftPlan) -> Section:
    settings = placed.settings
    is_usual = settings.group_by == "project" and bool(placed.entering)
    is_named = is_usual if settings.quiet_projects is None else settings.quiet_projects
    return Section(
        id=settings.id,
        title=settings.title,
        period=plan.period,
        entries=tuple(entry_of(each, settings, plan) for each in placed.entering),
        runners_up=tuple(entry_of(each, settings, plan) for each in placed.runners_up),
        quiet_projects=plan.quiet_projects if is_named else (),
        settings=settings,
    )


_NEWS_OF_A_DATE = {CANCELLED: ("Called off", "cancel", "called off"), MOVED: ("Moved", "moved", "new date")}
"""What readers are told of a date that was told before, unless its title says so in one of these words."""


def _as_it_stands(title: str, story: Story) -> str:
    for label, (news, *words) in _NEWS_OF_A_DATE.items():
        if label in story.lead.labels and not any(word in title.casefold() for word in words):
            return f"{news}: {title}"
    return title


def entry_of(each: Judged, settings: SectionSettings, plan: DraftPlan) -> Entry:
    """The line that tells the story ``each`` in the section with these ``settings``."""
    story, verdict = each.story, each.verdict
    source = plan.sources.get(story.lead.source_id)
    is_date = settings.order == "by date" and story.event is not None
    title = _as_it_stands(story.event.title if is_date and story.event and story.event.title else story.title, story)
    author = plan.unnamed.name_of(story.author)
    return Entry(
        id=story.id[:12] + ("-date" if is_date and verdict.section != settings.id else ""),
        story_id=story.id,
        title=shorten(title, 160),
        url=(story.event.url if is_date and story.event else None) or story.url,
        summary="" if settings.lines_per_item == 1 else plan.summary_of(story),
        places=story.places,
        author=author,
        source=_told_by(story, author, source.name if source else None, is_line=settings.lines_per_item == 1),
        form=story.lead.form,
        reply_count=story.reply_count,
        people_count=story.people_count,
        since=story.first_at,
        project=story.project,
        event=story.event if is_date or (settings.pick and story.event and not story.event.is_guess) else None,
        due_on=None if each.due_on == price_day(story.event) else each.due_on,
        task=each.task,
        score=verdict.score,
        parts=verdict.parts,
        why=verdict.why,
        show_as=verdict.show_as,
        picture=_picture(story) if verdict.show_as == "picture with link" else None,
        language=story.lead.language,
        labels=_labels(story, verdict),
        revisions=each.revisions,
    )


def _labels(story: Story, verdict: Verdict) -> tuple[str, ...]:
    """What rules call it, and whether the event it tells is called off or moved."""
    said = (label for item in story.items[:1] for label in item.labels if label in (CANCELLED, MOVED))
    return tuple(dict.fromkeys((*verdict.labels, *said)))


def _picture(story: Story) -> Picture | None:
    """The picture of the item in front, else of the first that has one."""
    return next((found for item in story.items if (found := first_picture(item.html, story.title))), None)


def _told_by(story: Story, author: str | None, source: str | None, *, is_line: bool) -> str | None:
    """Who tells it: the source, or, on a line about the press, whoever wrote it: a search found it only."""
    if not is_line:
        return source
    return author or host_of(story.url or "") or source


def issue_title(sections: Sequence[Section], name: str) -> str:
    """What the issue is about in one line: its best story, whole, and the next two if there is room."""
    entries = [
        entry
        for section in sections
        for entry in section.entries
        if not entry.is_doubtful and (not entry.event or section is sections[0])
    ]
    title = ""
    for entry in entries[:3]:
        part = _headline(entry.title)
        longer = f"{title}; {part}" if title else part
        if title and len(longer) > _TITLE_LENGTH:
            break
        title = longer
    return title or name


def _headline(title: str) -> str:
    """The part of a title that stands alone: before a colon or dash with enough words on that side."""
    if len(title) <= 40:
        return title
    head = re.split(r"(?<=\w): | (?:[–—]|-{1,3}) | \(|; ", title, maxsplit=1)[0]
    return head.rstrip(" .,") if len(head.split()) > 1 else title
