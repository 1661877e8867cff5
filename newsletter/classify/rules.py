"""The rules of feeds.yaml at work: which rules an item or a story meets, and what comes of it.

A story is met by a rule when one of the items that open it is: its lead, and what is no answer to
something else. A word in the nineteenth answer does not say what a debate is about.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from newsletter.classify.joining import is_reply
from newsletter.classify.traits import has_trait
from newsletter.classify.words import finder, same
from newsletter.model.item import Item
from newsletter.model.period import DAYS
from newsletter.model.rule import Amount, Match, Rule
from newsletter.model.source import Source
from newsletter.model.story import ScorePart, Story


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What the rules make of an item or a story; ``decided_by`` named the section."""

    section: str | None = None
    decided_by: Rule | None = None
    parts: tuple[ScorePart, ...] = ()
    dropped_by: Rule | None = None
    is_kept: bool = False
    is_pinned: bool = False
    is_copy: bool = False
    show_as: str | None = None
    labels: tuple[str, ...] = ()
    because: str | None = None
    fired: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class _Seen:
    """What rules look at: some items that belong together, with their counts."""

    items: tuple[Item, ...]
    replies: int
    people: int
    at: datetime | None

    @cached_property
    def titles(self) -> list[tuple[str, str]]:
        return [(item.title, item.title.lower()) for item in self.items]

    @cached_property
    def texts(self) -> list[tuple[str, str]]:
        return [(item.text, item.text.lower()) for item in self.items]


class Matcher:
    """Tells which of ``rules`` an item or a story meets."""

    def __init__(self, rules: Sequence[Rule], sources: Mapping[str, Source], *, now: datetime) -> None:
        self.rules = tuple(rule if rule.number else replace(rule, number=at) for at, rule in enumerate(rules, 1))
        self._sources = sources
        self._now = now

    def matches(self, rule: Rule, story: Story) -> bool:
        """Whether ``story`` meets ``rule``."""
        return self._holds(rule.match, _seen_story(story))

    def source_of(self, item: Item) -> Source | None:
        """The source that ``item`` came from."""
        return self._sources.get(item.source_id)

    def only(self, rules: Sequence[Rule]) -> "Matcher":
        """A Matcher of some of the rules; they keep their numbers."""
        return Matcher(rules, self._sources, now=self._now)

    def apply(self, story: Story) -> RuleOutcome:
        """What all rules make of ``story``, from top to bottom."""
        return self._apply(_seen_story(story))

    def apply_to_item(self, item: Item) -> RuleOutcome:
        """What the rules make of ``item`` alone, before it is grouped."""
        return self._apply(_seen_item(item))

    def _apply(self, seen: _Seen) -> RuleOutcome:
        fired: list[Rule] = []
        is_kept = False
        for rule in self.rules:
            if self._holds(rule.match, seen):
                fired.append(rule)
                is_kept = is_kept or rule.keep
                if rule.drop and not is_kept:
                    return replace(_outcome(fired, seen.at, self._now), dropped_by=rule)
        return _outcome(fired, seen.at, self._now)

    def _holds(self, match: Match, seen: _Seen) -> bool:
        if match.replies is not None and not _within(match.replies, seen.replies):
            return False
        if match.people is not None and not _within(match.people, seen.people):
            return False
        if not self._old_enough(match.age, seen.at):
            return False
        if len(seen.items) == 1:
            return self._item_holds(match, seen, 0)
        return any(self._item_holds(match, seen, number) for number in range(len(seen.items)))

    def _old_enough(self, amount: Amount | None, at: datetime | None) -> bool:
        if amount is None:
            return True
        return at is not None and _within(amount, (self._now - at) // timedelta(hours=1))

    def _item_holds(self, match: Match, seen: _Seen, number: int) -> bool:
        """Cheap fields first; all fields that stand must hold for the same item."""
        item = seen.items[number]
        if not self._is_of(match, item) or not _within(match.length, _length(item, match.length)):
            return False
        if match.title and not finder(match.title).finds(*seen.titles[number]):
            return False
        if match.author and not _is_by(match.author, item):
            return False
        if match.link and not _links(match.link, item):
            return False
        if match.text and not finder(match.text).finds(*seen.texts[number]):
            return False
        if match.has and not any(has_trait(item, trait, now=self._now) for trait in match.has):
            return False
        return match.none_of is None or not self._any_field_holds(match.none_of, seen, number)

    def _any_field_holds(self, match: Match, seen: _Seen, number: int) -> bool:
        """For "not": none of the fields may hold."""
        alone = replace(seen, items=(seen.items[number],))
        return any(self._holds(single, alone) for single in _single_fields(match))

    def _is_of(self, match: Match, item: Item) -> bool:
        source = self._sources.get(item.source_id)
        if match.source and not same(match.source, item.source_id, source.name if source else None):
            return False
        if match.kind and not same(match.kind, item.kind, source.kind if source else None):
            return False
        project = item.project or ""
        if match.project and not same(match.project, project, project.rsplit("/", 1)[-1]):
            return False
        language = item.language or ""
        return not match.language or same(match.language, language, language.split("-", 1)[0])


@dataclass(frozen=True, slots=True)
class Sifted:
    """Items after the rules that look at items: what is left, and what fell to which rule."""

    items: tuple[Item, ...]
    dropped: tuple[tuple[Item, Rule], ...] = ()
    merge_marks: frozenset[str] = frozenset()


def sift_items(items: Sequence[Item], matcher: Matcher) -> Sifted:
    """Take out what a rule drops by itself; mark what a rule calls a copy.

    Rules that ask for replies or people wait for the stories.
    """
    early = [rule for rule in matcher.rules if _decides_alone(rule)]
    if not any(rule.drop or rule.merge_with_original for rule in early):
        return Sifted(tuple(items))
    alone = matcher.only(early)
    left: list[Item] = []
    dropped: list[tuple[Item, Rule]] = []
    marks: set[str] = set()
    for item in items:
        outcome = alone.apply_to_item(item)
        if outcome.dropped_by:
            dropped.append((item, outcome.dropped_by))
        else:
            left.append(item)
            if outcome.is_copy:
                marks.add(item.id)
    return Sifted(tuple(left), tuple(dropped), frozenset(marks))


def _decides_alone(rule: Rule) -> bool:
    """Whether the rule can have a say on a single item: only what drops, keeps or marks it matters."""
    if rule.drop:
        return not _asks_for_counts(rule.match)
    return rule.keep or rule.merge_with_original


def _asks_for_counts(match: Match) -> bool:
    inner = match.none_of is not None and _asks_for_counts(match.none_of)
    return match.replies is not None or match.people is not None or inner


def _seen_item(item: Item) -> _Seen:
    replies = item.thread.reply_count if item.thread else 0
    people = item.thread.people_count if item.thread else 1
    return _Seen((item,), replies, people, item.published_at)


def _seen_story(story: Story) -> _Seen:
    others = (item for item in story.items[1:] if not is_reply(item))
    return _Seen((story.lead, *others), story.reply_count, story.people_count, story.first_at)


def _single_fields(match: Match) -> Iterator[Match]:
    empty = Match()
    for name in ("source", "kind", "project", "language", "title", "text", "author", "link", "has"):
        if value := getattr(match, name):
            yield replace(empty, **{name: value})
    for name in ("replies", "people", "age", "length"):
        if (value := getattr(match, name)) is not None:
            yield replace(empty, **{name: value})


def _within(amount: Amount | None, value: int) -> bool:
    if amount is None:
        return True
    return (amount.least is None or value >= amount.least) and (amount.most is None or value <= amount.most)


def _length(item: Item, amount: Amount | None) -> int:
    return len(item.text.split()) if amount else 0


def _is_by(words: tuple[str, ...], item: Item) -> bool:
    if item.author is None:
        return False
    names = (item.author.name, item.author.key)
    return any(finder(words).finds(name, name.lower()) for name in names if name)


def _links(words: tuple[str, ...], item: Item) -> bool:
    looking = finder(words, anywhere=True)
    return any(looking.finds(url, url.lower()) for url in (item.url or "", *item.links))


def part_of_rule(rule: Rule) -> str:
    """What the part of a score is called that a rule gives."""
    return f"rule “{rule.name}”"


def _outcome(fired: Sequence[Rule], at: datetime | None, now: datetime) -> RuleOutcome:
    """Boosts add up, the first rule that names a section decides, drop ends it unless kept before."""
    decider = next((rule for rule in fired if rule.section), None)
    kept = any(rule.keep for rule in fired)
    pinned = any(_is_pinned(rule, at, now) for rule in fired)
    return RuleOutcome(
        section=decider.section if decider else None,
        decided_by=decider,
        parts=tuple(ScorePart(part_of_rule(rule), rule.boost, rule.own_line) for rule in fired if rule.boost),
        is_kept=kept or pinned,
        is_pinned=pinned,
        is_copy=any(rule.merge_with_original for rule in fired),
        show_as=next((rule.show_as for rule in fired if rule.show_as), None),
        labels=tuple(dict.fromkeys(rule.label for rule in fired if rule.label)),
        because=next((rule.because for rule in fired if rule.because), None),
        fired=tuple(fired),
    )


def _is_pinned(rule: Rule, at: datetime | None, now: datetime) -> bool:
    """A date holds through its day; a day of the week is the first one after the story began."""
    if not rule.pin_until:
        return False
    until = rule.pin_date
    if until is None:
        days = [day.casefold() for day in DAYS]
        name = rule.pin_until.strip().casefold()
        if name not in days:
            return False
        start = (at or now).date()
        until = start + timedelta(days=(days.index(name) - start.weekday()) % 7)
    return now.date() <= until
