"""What a card shows beside its entry: the items it was made of, what rules say, what a model proposes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.classify.rules import Matcher
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.edit.desk import Card, Desk
from newsletter.model.item import Item
from newsletter.model.rule import Rule
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
    dropped_by: tuple[Rule, ...] = ()
    """Rules that drop what this is made of."""
    kept_by: tuple[Rule, ...] = ()
    """Rules that keep it whatever others say."""
    proposal: Proposal | None = None
    alike: tuple[AlikeEntry, ...] = ()


def card_facts(app: Newsletter, desk: Desk, card: Card) -> CardFacts:
    """The facts of ``card`` as the store and feeds.yaml have them now."""
    with app.database.reading() as db:
        read = items.revisions(db, card.entry.revisions)
    found = tuple(read[name] for name in card.entry.revisions if name in read)
    dropping, keeping = _rules(app, found)
    proposals = {each.entry_id: each for each in read_proposals(app, desk.issue.number)}
    return CardFacts(
        items=found,
        sources={source.id: source for source in app.config.sources},
        dropped_by=dropping,
        kept_by=keeping,
        proposal=proposals.get(card.entry.id),
        alike=alike_entries(app, desk, card.entry.id),
    )


def _rules(app: Newsletter, found: Sequence[Item]) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules that would drop, and those that keep, a story of these items."""
    if not found or not app.config.rules:
        return (), ()
    sources = {source.id: source for source in app.config.sources}
    matcher = Matcher(app.config.rules, sources, now=app.now())
    stories = group_stories(found, context=StoryContext(sources=sources))
    fired = [rule for rule in matcher.rules if any(matcher.matches(rule, story) for story in stories)]
    return tuple(rule for rule in fired if rule.drop), tuple(rule for rule in fired if rule.keep)
