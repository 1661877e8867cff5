"""A rule that would have done what editors did by hand, or none. Pure.

What corrections have in common gives the candidates; what speaks for and against each is counted by matching the very
rule that would be written, over everything that editors decided.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from newsletter.classify.rules import Matcher
from newsletter.model.rule import Match, Rule
from newsletter.model.story import Story

LEAST = 3
"""So many like corrections make a habit."""
SURE = 0.8
"""How sure it must be, counted with one example more for and one against: 3 of 3, 7 of 8, 14 of 17."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    """
    about after again also before being from have here into just like more most news next only other over should some
    than that their them then there these they this update updates version very weekly what when where which will with
    would your open first last call meeting release released
    """.split()  # noqa: SIM905  a list of words is read more easily as a text
)
_MEANING = re.compile(r"[*/]")
"""Letters that mean something in a rule."""
_FIELDS = ("source", "project", "author", "source and title", "title")
"""What a rule may look for; of two that fit as well the earlier is proposed.

Never a kind alone: it says how something is read, not what it is about, and decides for sources that nobody looked at.
"""
_Elsewhere = Mapping[str, Counter[str]]
"""By word of a title: how many undecided stories have it, by the section that they stand in."""


@dataclass(frozen=True, slots=True)
class Example:
    """A story that an editor decided about: ``final`` is its section, None when it was dropped."""

    story: Story
    final: str | None
    corrected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule and its evidence: of ``total`` stories that it meets ``agreeing`` ended where it would put them."""

    field: str
    values: tuple[str, ...]
    rule: Rule
    agreeing: int
    total: int
    corrections: tuple[Example, ...]
    before: str | None = None
    """The rule that it has to stand in front of, or it would come too late."""

    @property
    def sureness(self) -> float:
        """Between 0 and 1."""
        return (self.agreeing + 1) / (self.total + 2)

    @property
    def key(self) -> str:
        """By what an answer is remembered."""
        values = "+".join(each.casefold() for each in self.values)
        return f"{self.field}={values}>{self.rule.section or 'drop'}"


def suggest_rules(
    examples: Sequence[Example],
    matcher: Matcher,
    names: dict[str, str],
    *,
    undecided: Iterable[tuple[str, str]] = (),
) -> list[Suggestion]:
    """Rules worth asking about, the best first. ``names`` are those of the sources, by id.

    ``undecided`` are titles that nobody decided about, with their sections: they tell which words say nothing.
    """
    elsewhere = _by_word(undecided)
    found = [
        made
        for outcome in dict.fromkeys(each.final for each in examples if each.corrected_at)
        for field, values in _common_traits(examples, outcome, names)
        if (made := _weighed(field, values, outcome, examples, matcher)) is not None
        and not _is_everywhere(made, elsewhere)
    ]
    return sorted(found, key=lambda each: (any(_explains(one, each) for one in found), *_order(each)))


def _order(found: Suggestion) -> tuple[object, ...]:
    return (-found.sureness, -len(found.corrections), _FIELDS.index(found.field), found.values)


def _explains(plain: Suggestion, other: Suggestion) -> bool:
    """Whether ``plain`` does all but some stray ones of what ``other`` would do, and has no more against it."""
    if plain.rule.section != other.rule.section or _FIELDS.index(plain.field) >= _FIELDS.index(other.field):
        return False
    done = {each.story.id for each in plain.corrections}
    stray = sum(each.story.id not in done for each in other.corrections)
    return stray < LEAST and plain.total - plain.agreeing <= other.total - other.agreeing


def _by_word(titles: Iterable[tuple[str, str]]) -> _Elsewhere:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for title, section in titles:
        for word in _words(title):
            found[word][section] += 1
    return found


def _is_everywhere(found: Suggestion, elsewhere: _Elsewhere) -> bool:
    """Whether its word stands over as many stories that nobody wanted there as it explains."""
    if found.field != "title":
        return False
    counts = elsewhere.get(found.values[0], Counter())
    return counts.total() - counts[found.rule.section or ""] >= found.agreeing


def _common_traits(
    examples: Sequence[Example], outcome: str | None, names: dict[str, str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What enough of the corrections to ``outcome`` have in common."""
    corrected = [each for each in examples if each.corrected_at and each.final == outcome]
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for each in corrected:
        counts.update(set(_traits(each.story, names)))
    return (trait for trait, count in sorted(counts.items()) if count >= LEAST)


def _traits(story: Story, names: dict[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    lead = story.lead
    source = names.get(lead.source_id)
    if source:
        yield "source", (source,)
    if lead.project:
        yield "project", (lead.project,)
    if story.author and story.author.name and not _MEANING.search(story.author.name):
        yield "author", (story.author.name,)
    for word in _words(lead.title):
        yield "title", (word,)
        if source:
            yield "source and title", (source, word)


def _words(title: str) -> set[str]:
    return {found.casefold() for found in _WORD.findall(title)} - _COMMON


def _match(field: str, values: tuple[str, ...]) -> Match:
    made = {
        "source": Match(source=values),
        "project": Match(project=values),
        "author": Match(author=values),
        "source and title": Match(source=values[:1], title=values[1:]),
        "title": Match(title=values),
    }
    return made[field]


def _weighed(
    field: str, values: tuple[str, ...], outcome: str | None, examples: Sequence[Example], matcher: Matcher
) -> Suggestion | None:
    """The rule with its evidence; None when it is too thin, or when the file does it already."""
    rule = Rule("", _match(field, values), section=outcome, drop=outcome is None)
    met = [each for each in examples if matcher.matches(rule, each.story)]
    agreeing = [each for each in met if each.final == outcome]
    open_ones = [each for each in agreeing if each.corrected_at and not _is_done(each, matcher)]
    made = Suggestion(field, values, rule, len(agreeing), len(met), tuple(open_ones), _before(open_ones, rule, matcher))
    return made if len(open_ones) >= LEAST and made.sureness >= SURE else None


def _is_done(each: Example, matcher: Matcher) -> bool:
    """Whether the file, as it is, would do what the editor did."""
    outcome = matcher.apply(each.story)
    if each.final is None:
        return outcome.dropped_by is not None
    if outcome.section:
        return outcome.section == each.final
    source = matcher.source_of(each.story.lead)
    return source is not None and source.section == each.final


def _before(found: Sequence[Example], rule: Rule, matcher: Matcher) -> str | None:
    """The first rule that would decide before one at the end of the file."""
    earlier: list[Rule] = []
    for each in found:
        outcome = matcher.apply(each.story)
        if rule.drop:
            earlier += [one for one in outcome.fired if one.keep]
        elif outcome.dropped_by:
            earlier.append(outcome.dropped_by)
        if not rule.drop and outcome.decided_by:
            earlier.append(outcome.decided_by)
    return min(earlier, key=lambda one: one.number).name if earlier else None
