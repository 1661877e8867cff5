"""What a card shows beside its entry: the items it was made of, what rules say, what a model proposes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.classify.firing import rules_said
from newsletter.classify.rules import Matcher, part_of_rule
from newsletter.classify.sections import part_of_source
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.edit.desk import Card, Desk
from newsletter.model.item import Item
from newsletter.model.rule_said import RuleSaid
from newsletter.model.source import Source
from newsletter.pipeline.alike import AlikeEntry, alike_entries
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.blurbs import Proposal, read_proposals
from newsletter.store import items


@dataclass(frozen=True, slots=True)
class CardFacts:
    """The facts of one card. ``items`` are as they were when the entry was made, the one in front first."""

    items: tuple[Item, ...] = ()
    sources: Mapping[str, Source] | None = None
    """By their ids."""
    rules: tuple[RuleSaid, ...] = ()
    """Every rule of the file in force that meets what this is made of, as ``newsletter why`` tells it."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """By the name of a part of the score: the line of the file in force that it comes from."""
    proposal: Proposal | None = None
    alike: tuple[AlikeEntry, ...] = ()


def card_facts(app: Newsletter, desk: Desk, card: Card) -> CardFacts:
    """The facts of ``card`` as the store and feeds.yaml have them now."""
    with app.database.reading() as db:
        read = items.revisions(db, card.entry.revisions)
    found = tuple(read[name] for name in card.entry.revisions if name in read)
    proposals = {each.entry_id: each for each in read_proposals(app, desk.issue.number)}
    return CardFacts(
        items=found,
        sources={source.id: source for source in app.config.sources},
        rules=_rules(app, found),
        lines=_lines(app),
        proposal=proposals.get(card.entry.id),
        alike=alike_entries(app, desk, card.entry.id),
    )


def _rules(app: Newsletter, found: Sequence[Item]) -> tuple[RuleSaid, ...]:
    """What the rules make of these items, told as one."""
    if not found or not app.config.rules:
        return ()
    sources = {source.id: source for source in app.config.sources}
    titles = {section.id: section.title for section in app.config.sections}
    matcher = Matcher(app.config.rules, sources, now=app.now())
    stories = group_stories(found, context=StoryContext(sources=sources))
    return rules_said(matcher, stories, title_of=lambda name: titles.get(name, name))


def _lines(app: Newsletter) -> dict[str, int]:
    """Where what gives points stands now; a draft knows the lines of the file that it was made with."""
    rules = {part_of_rule(rule): rule.own_line or 0 for rule in app.config.rules}
    return rules | {part_of_source(source): source.own_line or 0 for source in app.config.sources}
