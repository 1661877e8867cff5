"""The rules that sort a story when neither feeds.yaml nor its source says where it belongs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from newsletter.classify.marks import is_from_elsewhere, is_press, marks_of, site_of
from newsletter.model.source import Source
from newsletter.model.story import Story
from newsletter.text import host_of

NONE = "none"
"""The word for "none of these": what fits no section of the newsletter."""


@dataclass(frozen=True, slots=True)
class SectionGuess:
    """A section (None: none of them), how sure the guess is (0 to 1), and the words for it, the weightiest first."""

    section: str | None
    confidence: float
    reasons: tuple[str, ...] = ()
    by: str = "built-in rule"
    """Who guessed, and what another judge said."""


@dataclass(frozen=True, slots=True)
class BuiltinRule:
    """Points for a section when one of ``marks`` is there, and one of ``beside`` if any are named.

    ``name`` is what readers of "why" see. A rule without marks always holds.
    """

    name: str
    section: str
    points: int
    marks: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()


def _rule(name: str, section: str, points: int, *marks: str, beside: Iterable[str] = ()) -> BuiltinRule:
    return BuiltinRule(name, section, points, frozenset(marks), frozenset(beside))


_DATES = ("date in front", "date behind", "date ahead")
BUILTIN_RULES: Sequence[BuiltinRule] = (
    _rule("a release candidate to try", "highlights", 30, "release candidate"),
    _rule("a security notice", "highlights", 32, "security"),
    _rule("an election or nomination", "highlights", 30, "election"),
    _rule("a call with a deadline", "events", 24, "call", beside=("deadline", "date ahead")),
    _rule("a call for papers or talks", "events", 22, "call"),
    _rule("a date people can attend", "events", 26, "date ahead"),
    _rule("an entry of a calendar", "events", 40, "event"),
    _rule("a meeting of people", "events", 8, "occasion"),
    _rule("a meeting with its date", "events", 24, "occasion", "event host", "event address", beside=_DATES),
    _rule("a headline that begins with a date", "events", 20, "date in front"),
    _rule("an address where people sign up for events", "events", 16, "event host", "event address"),
    _rule("a change under review", "developer", 40, "review"),
    _rule("a ticket", "developer", 36, "ticket"),
    _rule("an address of a change or ticket", "developer", 26, "change address", "ticket address"),
    _rule("a release", "developer", 24, "release"),
    _rule("a version in the headline", "developer", 12, "version"),
    _rule("a package, or where one is kept", "developer", 12, "package address", "package host", "repository"),
    _rule("a tool or library", "developer", 16, "thing"),
    _rule("a numbered proposal or ticket", "developer", 20, "numbered", "proposal address"),
    _rule("a proposal or plan for the code", "developer", 18, "plan"),
    _rule("talk about code", "developer", 14, "code"),
    _rule("words as they stand in code", "developer", 10, "code words"),
    _rule("minutes of a meeting", "developer", 14, "minutes", "chat"),
    _rule("a core team's matter", "developer", 16, "core"),
    _rule("found by a search of the press", "news", 45, "press"),
    _rule("published outside the community", "news", 12, "elsewhere"),
    _rule("an article published elsewhere", "news", 10, "article address", "blog host", beside=("elsewhere",)),
    _rule("somebody's lessons, told elsewhere", "news", 10, "lesson", "guide", beside=("elsewhere",)),
    _rule("about people", "general", 16, "people"),
    _rule("a matter of governance", "general", 24, "governance"),
    _rule("a guide or story from practice", "general", 14, "guide"),
    _rule("a newsletter or digest", "general", 26, "digest"),
    _rule("a question to the community", "general", 6, "question"),
    _rule("a job that is offered", NONE, 45, "job"),
    _rule("nothing else claims it", "general", 5),
)


def _bits(field: str) -> Mapping[str, int]:
    """By mark: the rules that name it in ``field``, a bit for each."""
    bits: dict[str, int] = {}
    for at, rule in enumerate(BUILTIN_RULES):
        for mark in getattr(rule, field):
            bits[mark] = bits.get(mark, 0) | 1 << at
    return bits


_MARKED, _BESIDE = _bits("marks"), _bits("beside")
_ALWAYS = sum(1 << at for at, rule in enumerate(BUILTIN_RULES) if not rule.marks)
_ALONE = sum(1 << at for at, rule in enumerate(BUILTIN_RULES) if not rule.beside)


def fired_rules(marks: Iterable[str]) -> tuple[BuiltinRule, ...]:
    """The rules that hold for a story with ``marks``."""
    marked, beside = _ALWAYS, _ALONE
    for mark in marks:
        marked |= _MARKED.get(mark, 0)
        beside |= _BESIDE.get(mark, 0)
    return _rules(marked & beside)


@lru_cache(maxsize=8_192)
def _rules(bits: int) -> tuple[BuiltinRule, ...]:
    return tuple(rule for at, rule in enumerate(BUILTIN_RULES) if bits >> at & 1)


@lru_cache(maxsize=8_192)
def guess_of(fired: tuple[BuiltinRule, ...]) -> SectionGuess:
    """The section with the most points; the earlier in the list where two are even."""
    points: dict[str, int] = {}
    for rule in fired:
        points[rule.section] = points.get(rule.section, 0) + rule.points
    best = max(points, key=lambda section: points[section])
    reasons = sorted((rule for rule in fired if rule.section == best), key=lambda rule: -rule.points)
    confidence = round(points[best] / sum(points.values()), 3)
    return SectionGuess(None if best == NONE else best, confidence, tuple(rule.name for rule in reasons))


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

    def marks(self, story: Story) -> frozenset[str]:
        """The marks of ``story``, those of where it was told among them."""
        found = marks_of(story, now=self.now)
        if is_press(story, self.sources):
            found |= {"press"}
        if is_from_elsewhere(story, self.sources, self.hosts):
            found |= {"elsewhere"}
        return found

    def predict(self, story: Story) -> SectionGuess | None:
        """The guess of the built-in rules."""
        return guess_of(fired_rules(self.marks(story)))
