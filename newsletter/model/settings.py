"""The parts of feeds.yaml that belong to the whole newsletter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from zoneinfo import ZoneInfo

from newsletter.model.issue import SectionSettings
from newsletter.model.period import WeekTime


@dataclass(frozen=True, slots=True)
class BlurbSettings:
    """A language model that may propose summaries to editors: where it answers, its name, its key."""

    url: str
    model: str
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewsletterSettings:
    """Who sends the newsletter and where it lives."""

    name: str
    sender: str
    reply_to: str | None = None
    site: str | None = None
    language: str = "en"
    postal_address: str | None = None
    templates: str | None = None
    accent: str | None = None
    accent_dark: str | None = None
    people_picked_before: str = "count"
    """Whether a story gains by whose earlier stories were taken: "count" or "do not count"."""
    leave_out_names: tuple[str, ...] = ()
    """People who are counted and never named: names, addresses or accounts."""
    blurbs: BlurbSettings | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The weekly hours, in ``zone``."""

    zone: ZoneInfo = ZoneInfo("UTC")
    collect_until: WeekTime = WeekTime(3, time(18, 0))
    draft_ready: WeekTime = WeekTime(3, time(18, 30))
    remind_reviewer: WeekTime | None = None
    send: WeekTime = WeekTime(4, time(10, 0))
    if_not_approved: str = "hold"
    skip: frozenset[date] = frozenset()
    approval: str = "one person"
    """Who has to approve: "one person", or "two people", the second another one than the first."""
    skip_lines: Mapping[date, int] = field(default_factory=dict, compare=False, repr=False)
    """Where each day of ``skip`` stands in feeds.yaml."""


DEFAULT_SECTIONS = (
    SectionSettings("highlights", "Highlights", at_most=5, pick="best of everything"),
    SectionSettings("events", "Events", order="by date", hide_after="the event", calendar_file=True),
    SectionSettings("developer", "Developer Community", at_most=12, group_by="project"),
    SectionSettings("general", "General Community", at_most=10),
    SectionSettings("statistics", "Community Statistics"),
    SectionSettings("news", "In the News", at_most=8, lines_per_item=1),
)
"""The six sections of the 2011 model, when feeds.yaml names none."""
