"""Two items alone: one story or two, and why."""

from dataclasses import dataclass

from newsletter.classify.stories import StoryContext, group_stories
from newsletter.classify.titles import differs_by_number, telling_words
from newsletter.model.item import Item
from newsletter.text import canonical_url, host_of


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """Whether two items tell one story, and the reason in words."""

    is_same: bool
    why: str


def judge_pair(first: Item, second: Item) -> PairVerdict:
    """The verdict on two items of different sources, with nothing else to go by."""
    stories = group_stories([first, second], context=StoryContext())
    if len(stories) == 1:
        return PairVerdict(True, ", ".join(stories[0].because) or "the same item")
    return PairVerdict(False, _why_not(first, second))


def _why_not(first: Item, second: Item) -> str:
    if first.url and second.url and canonical_url(first.url) == canonical_url(second.url):
        if differs_by_number(first.title, second.title):
            return "one address, but another version, number or state"
        if "/" not in canonical_url(first.url):
            return "a front page shows more than one thing"
        return "one address, but told long apart or under unlike titles"
    if differs_by_number(first.title, second.title):
        return "another version, number or state"
    shared = telling_words(first.title) & telling_words(second.title)
    if not shared:
        return "nothing in common"
    is_one_host = first.url and second.url and host_of(first.url) == host_of(second.url)
    return f"only some words in common{' and the host' if is_one_host else ''}: {', '.join(sorted(shared)[:5])}"
