"""What a story is about, as far as its title, its form and its dates say it: release, security, election, press."""

import re
from collections.abc import Mapping
from datetime import date, datetime

from newsletter.classify.titles import is_reply_title, numbers
from newsletter.model.source import Source
from newsletter.model.story import Story
from newsletter.text import host_of

_TITLE_MARKS = {
    "release candidate": r"\brelease candidates?\b|(?:\b|(?<=\d)|(?<=-))rc[-. ]?\d|\b(?:alpha|beta|milestone)[-. ]?\d",
    "released": r"\b(?:releas(?:es?|ed|ing)|is out|(?:now|is) available|available for|announc\w+|ships?|lands?)\b",
    "security": (
        r"\bsecurity (?:advisor(?:y|ies)|notices?|releases?|updates?|fix(?:es)?|alerts?|bulletins?|holes?|"
        r"bugs?|patch(?:es)?|vulnerabilit\w+|announcement)\b|\bvulnerabilit|\bcve-\d{4}-\d+|\[security\]|"
        r"\badvisory [\dA-Z-]*\d"
    ),
    "election": r"\belections?\b|\bnominations?\b|\bcandidacy\b|\bballots?\b|\bvoting\b|\bresults of the vote",
    "call": r"\bcfp\b|\bcall for (?:papers|proposals|talks|participation|presentations|speakers|sponsors|sessions)",
    "occasion": r"\b(?:conference|summit|meet-?up|hackathon|workshop|sprint|unconference|webinar|camp|open day)\b",
    "plan": (
        r"\brfc\b|\bspecs?\b|\bspecification|\bproposal|\bblueprint|\bdesign\b|\bdeprecat|\broadmap|\bapi\b|"
        r"\brefactor|\bfreeze\b|\bbranch\b|\bbackport|\bplann(?:ing|ed)\b|\bschedule\b"
    ),
    "code": (
        r"\bpatch(?:es)?\b|\breview(?:s|ers?)?\b|\bbugs?\b|\btests?\b|\bci\b|\bgate\b|\bbuild\b|\bcompil|"
        r"\bpackag|\bdriver\b|\blibrary\b|\bplugin\b|\bperformance\b|\bbenchmark"
    ),
    "minutes": r"\bminutes\b|\bmeeting (?:log|notes|summary)|\bagenda\b",
    "core": r"\bcore (?:team|members?|reviewers?|developers?|nomination)|\bmaintainer|\bcommitter",
    "people": r"\binterview|\bmeet the\b|\bprofile\b|\bwelcome\b|\bthank|\bmentor|\bintern(?:s|ship)|\bin memor",
    "governance": (
        r"\bboard\b|\bfoundation\b|\bcouncil\b|\bcharter\b|\bcode of conduct\b|\bbylaws\b|\bgovernance\b|\btrademark"
    ),
    "guide": (
        r"\bhow to\b|\bguide\b|\btutorial\b|\bwalkthrough\b|\bgetting started\b|\bhow (?:i|we)\b|\bcase study\b|"
        r"\bvideos?\b|\bpodcast\b"
    ),
}
_PATTERNS = {mark: re.compile(pattern, re.IGNORECASE) for mark, pattern in _TITLE_MARKS.items()}
_NEWS = frozenset({"security", "election", "release candidate", "release", "call"})
_CVE = re.compile(r"\bCVE-\d{4}-\d{4,}", re.IGNORECASE)
_PRESS = re.compile(r"\b(?:news|press|media|alerts?|headlines|coverage)\b", re.IGNORECASE)
_PLANET = re.compile(r"\b(?:planet|aggregat\w+|blogs)\b", re.IGNORECASE)
_HEAD = 600


def marks_of(story: Story, *, now: datetime, due_on: date | None = None) -> frozenset[str]:
    """The marks that ``story`` bears; its form is one of them."""
    lead = story.lead
    found = {mark for mark, pattern in _PATTERNS.items() if pattern.search(story.title)}
    found.add(lead.form)
    if _is_release(found, story.title):
        found.add("release")
    if lead.form == "review":
        found.discard("security")  # what touches security is not yet a notice
    if _CVE.search(f"{lead.title} {lead.text[:_HEAD]}"):
        found.add("security")
    if story.title.rstrip().endswith("?"):
        found.add("question")
    if is_over(story, now):
        found.discard("occasion")  # a report of it
    elif story.event is not None and story.event.words is None:
        found.add("date ahead")
    if due_on is not None:
        found.add("deadline")
    if is_reply_title(lead.title):
        return frozenset((found - _NEWS) | {"answer"})  # it answers news that was told elsewhere
    return frozenset(found)


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
