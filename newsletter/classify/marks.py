"""What a story is about, as far as its title, its form and its dates say it: release, security, election, press."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from newsletter.classify.address_marks import Address, address_marks, read_address
from newsletter.classify.title_marks import title_marks
from newsletter.classify.titles import is_reply_title, numbers
from newsletter.model.source import Source
from newsletter.model.story import Story
from newsletter.text import host_of

_NEWS = frozenset({"security", "election", "release candidate", "release", "call"})
_DAYS = frozenset({"date in front", "date behind"})
_CVE = re.compile(r"\bCVE-\d{4}-\d{4,}", re.IGNORECASE)
_PRESS = re.compile(r"\b(?:news|press|media|alerts?|headlines|coverage)\b", re.IGNORECASE)
_PLANET = re.compile(r"\b(?:planet|aggregat\w+|blogs)\b", re.IGNORECASE)
_HEAD = 600


def marks_of(story: Story, *, now: datetime, due_on: date | None = None) -> frozenset[str]:
    """The marks that ``story`` bears; its form is one of them."""
    lead = story.lead
    found = {lead.form, *title_marks(story.title)}
    if story.url:
        found |= address_marks(read_address(story.url))
    if _is_release(found, story.title):
        found.add("release")
    if lead.form == "review":
        found.discard("security")  # what touches security is not yet a notice
    if _CVE.search(f"{lead.title} {lead.text[:_HEAD]}"):
        found.add("security")
    if is_over(story, now):
        found -= {"occasion", *_DAYS}  # a report of it
    elif story.event is not None and story.event.words is None:
        found.add("date ahead")
    if due_on is not None:
        found.add("deadline")
    if is_reply_title(lead.title):
        return frozenset((found - _NEWS) | {"answer"})  # it answers news that was told elsewhere
    return frozenset(found)


def marks_of_line(title: str, address: Address, title_found: Iterable[str], text: str = "") -> set[str]:
    """The marks of a line of an issue of which nothing but title, address and text is known.

    ``title_found`` are the marks of its title. Of a line nobody knows which source told it.
    """
    found = {"elsewhere", *title_found, *address_marks(address)}
    if _is_release(found, title):
        found.add("release")
    if "CVE-" in text and _CVE.search(text[:_HEAD]):
        found.add("security")
    return found


def _is_release(found: set[str], title: str) -> bool:
    """A version that is said to be there."""
    return "released" in found and bool(numbers(title)) and not found & {"plan", "review", "ticket"}


def is_over(story: Story, now: datetime) -> bool:
    """Whether the event of ``story`` has ended, by the day."""
    event = story.event
    last = (event.ends_at or event.starts_at) if event else None
    day = last.date() if isinstance(last, datetime) else last
    return day is not None and day < now.date()


def is_press(story: Story, sources: Mapping[str, Source]) -> bool:
    """Whether a search for news or a press page brought it, and nobody of the community told it."""
    told_by = [sources[item.source_id] for item in story.items if item.source_id in sources]
    return bool(told_by) and all(source.section == "news" or _PRESS.search(source.name) for source in told_by)


def is_from_elsewhere(story: Story, sources: Mapping[str, Source], hosts: frozenset[str]) -> bool:
    """Whether it lies on a host that no source is read from; a planet's members belong to the community."""
    source = sources.get(story.lead.source_id)
    host = host_of(story.url or "")
    if story.lead.form != "post" or not host or source is None or _PLANET.search(source.name):
        return False
    return site_of(host) not in hosts


def site_of(host: str) -> str:
    """The last two parts of ``host``; enough to tell a community's hosts from others."""
    return ".".join(host.split(".")[-2:])
