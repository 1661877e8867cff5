"""The rules that sort a story when neither feeds.yaml nor its source says where it belongs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from newsletter.classify.marks import is_from_elsewhere, is_press, marks_of, site_of
from newsletter.model.source import Source
from newsletter.model.story import Story
from newsletter.text import host_of


@dataclass(frozen=True, slots=True)
class SectionGuess:
    """A section, how sure the guess is (0 to 1), and the words for it, the weightiest first."""

    section: str
    confidence: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What built-in rules look at."""

    marks: frozenset[str]
    is_press: bool
    is_from_elsewhere: bool


@dataclass(frozen=True, slots=True)
class BuiltinRule:
    """Points for a section when ``holds``; ``name`` is what readers of "why" see."""

    name: str
    section: str
    points: int
    holds: Callable[[Look], bool]


def _marked(*marks: str) -> Callable[[Look], bool]:
    return lambda look: not look.marks.isdisjoint(marks)


def _both(first: str, *others: str) -> Callable[[Look], bool]:
    return lambda look: first in look.marks and not look.marks.isdisjoint(others)


BUILTIN_RULES: Sequence[BuiltinRule] = (
    BuiltinRule("a release candidate to try", "highlights", 30, _marked("release candidate")),
    BuiltinRule("a security notice", "highlights", 32, _marked("security")),
    BuiltinRule("an election or nomination", "highlights", 30, _marked("election")),
    BuiltinRule("a call with a deadline", "events", 24, _both("call", "deadline", "date ahead")),
    BuiltinRule("a call for papers or talks", "events", 22, _marked("call")),
    BuiltinRule("a date people can attend", "events", 26, _marked("date ahead")),
    BuiltinRule("an entry of a calendar", "events", 40, _marked("event")),
    BuiltinRule("a meeting of people", "events", 8, _marked("occasion")),
    BuiltinRule("a change under review", "developer", 40, _marked("review")),
    BuiltinRule("a ticket", "developer", 36, _marked("ticket")),
    BuiltinRule("a release", "developer", 24, _marked("release")),
    BuiltinRule("a proposal or plan for the code", "developer", 18, _marked("plan")),
    BuiltinRule("talk about code", "developer", 14, _marked("code")),
    BuiltinRule("minutes of a meeting", "developer", 14, _marked("minutes", "chat")),
    BuiltinRule("a core team's matter", "developer", 16, _marked("core")),
    BuiltinRule("found by a search of the press", "news", 45, lambda look: look.is_press),
    BuiltinRule("published outside the community", "news", 12, lambda look: look.is_from_elsewhere),
    BuiltinRule("about people", "general", 16, _marked("people")),
    BuiltinRule("a matter of governance", "general", 14, _marked("governance")),
    BuiltinRule("a guide or story from practice", "general", 14, _marked("guide")),
    BuiltinRule("a question to the community", "general", 6, _marked("question")),
    BuiltinRule("nothing else claims it", "general", 5, lambda look: True),
)


@dataclass(frozen=True)
class BuiltinSections:
    """A Classifier that adds up the points of BUILTIN_RULES."""

    sources: Mapping[str, Source]
    now: datetime

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts that the community's own sources lie on."""
        own = (source for source in self.sources.values() if source.section != "news")
        return frozenset(site_of(host) for source in own if (host := host_of(source.address)))

    def predict(self, story: Story) -> SectionGuess | None:
        """The section with the most points; the earlier in the list where two are even."""
        look = Look(
            marks_of(story, now=self.now),
            is_press(story, self.sources),
            is_from_elsewhere(story, self.sources, self.hosts),
        )
        fired = [rule for rule in BUILTIN_RULES if rule.holds(look)]
        points: dict[str, int] = {}
        for rule in fired:
            points[rule.section] = points.get(rule.section, 0) + rule.points
        best = max(points, key=lambda section: points[section])
        reasons = sorted((rule for rule in fired if rule.section == best), key=lambda rule: -rule.points)
        return SectionGuess(best, round(points[best] / sum(points.values()), 3), tuple(rule.name for rule in reasons))
