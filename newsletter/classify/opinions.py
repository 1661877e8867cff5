"""What the rules and the learned model say of stories, and which of them decides."""

from collections.abc import Sequence
from dataclasses import replace

from newsletter.classify.builtin import NONE, BuiltinSections, SectionGuess, guess_of
from newsletter.classify.encoding import encode
from newsletter.classify.features import Example, example_of
from newsletter.classify.learned import SectionModel
from newsletter.model.story import Story


def example_for(story: Story, rules: BuiltinSections) -> Example:
    """The Example of ``story`` as its source told it."""
    source = rules.sources.get(story.lead.source_id)
    return example_of(story, rules.marks(story), source=source.name if source else "")


def guess_stories(
    stories: Sequence[Story], *, model: SectionModel, rules: BuiltinSections, sections: Sequence[str]
) -> dict[str, SectionGuess]:
    """By the id of its lead: the guess for each of ``stories``, with what both judges say of it.

    The model is asked about ``sections`` and "none of these" only: it may have learned others.
    """
    examples = [example_for(story, rules) for story in stories]
    by_rules = [guess_of(example.fired) for example in examples]
    asked = [at for at, name in enumerate(model.sections) if name == NONE or name in sections]
    if not examples or not asked:
        return {story.lead.id: guess for story, guess in zip(stories, by_rules, strict=True)}
    chances = model.chances(encode(examples))[:, asked]
    names = [model.sections[at] for at in asked]
    best, sure = chances.argmax(axis=1).tolist(), chances.max(axis=1).tolist()
    return {
        story.lead.id: _both(guess, names[best[at]], sure[at], model)
        for at, (story, guess) in enumerate(zip(stories, by_rules, strict=True))
    }


def _both(guess: SectionGuess, said: str, sure: float, model: SectionModel) -> SectionGuess:
    """The guess of the one that decides, with the words of both."""
    name = "none of the sections" if said == NONE else said
    if not model.record.model_decides:
        return replace(guess, by=f"{guess.by}; learned: {name}, {sure:.0%} sure")
    count = len(model.learned)
    learned = f"as editors placed such stories in {count} issues, {sure:.0%} sure"
    rule = f"{guess.by} “{guess.reasons[0]}” says {guess.section or 'none of the sections'}"
    return SectionGuess(None if said == NONE else said, round(sure, 3), (learned,), f"learned; {rule}")
