"""judge(): the section of a story and why. Rules of feeds.yaml first, then its source, then a classifier."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from newsletter.classify.builtin import SectionGuess
from newsletter.classify.marks import is_over
from newsletter.classify.rank import START, Week, score_of, telling_part, worth
from newsletter.classify.rules import RuleOutcome
from newsletter.classify.scam import scam_parts
from newsletter.model.issue import SectionSettings
from newsletter.model.source import Source
from newsletter.model.story import ScorePart, Story, Verdict


class Classifier(Protocol):
    """Guesses the section of a story that no rule and no source decides; None says it fits none."""

    def predict(self, story: Story) -> SectionGuess | None:
        """The guess for ``story``."""
        ...


@dataclass(frozen=True, slots=True)
class JudgeContext:
    """What holds for all stories of an issue: its sections, who guesses, and the week."""

    sections: Sequence[SectionSettings]
    classifier: Classifier
    week: Week
    worths: Mapping[str, tuple[ScorePart, ...]] = field(default_factory=dict)
    """By the id of a story's lead: what it is worth to these editors, as far as they taught it."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A section and the reason for it."""

    section: str | None
    reason: str


def judge(
    story: Story, *, outcome: RuleOutcome, source: Source | None, context: JudgeContext, due_on: date | None = None
) -> Verdict:
    """The Verdict on ``story``; ``source`` is the one its lead came from. Its parts add up to its score."""
    if due_on is not None and due_on < context.week.now.date():
        due_on = None  # nobody can do it any more
    choice = _choose(story, outcome, source, context)
    told_in = None if _stays(choice.section, story, outcome, context) else context.week.told_in(story)
    weight = [ScorePart(part_of_source(source), source.weight, source.own_line)] if source else []
    learned = context.worths.get(story.lead.id)
    worthy = worth(story, context.week, due_on=due_on) if learned is None else learned
    doubts = scam_parts(story, is_known=bool(story.author and story.author.identity in context.week.known_people))
    choice = _not_in_front(choice, outcome, context) if doubts else choice
    own = (*worthy, *telling_part(story, context.week, told_in), *doubts)
    parts = (ScorePart("start", START), *weight, *outcome.parts, *own)
    score, shown = score_of([part for part in parts if part.points])
    return Verdict(
        section=choice.section,
        score=score,
        parts=shown,
        why=_with_doubts(_why(story, outcome, choice, told_in, due_on), doubts),
        is_kept=outcome.is_kept,
        dropped_by=outcome.dropped_by.name if outcome.dropped_by else None,
        told_in=told_in,
        let_go_in=context.week.let_go_in(story) if told_in is None else None,
        show_as=outcome.show_as or _show_as(story, source),
        labels=outcome.labels,
        rules=tuple(rule.name for rule in outcome.fired),
    )


def part_of_source(source: Source) -> str:
    """What the part of a score is called that the weight of a source gives."""
    return f"source {source.name}"


def _choose(story: Story, outcome: RuleOutcome, source: Source | None, context: JudgeContext) -> _Choice:
    if outcome.section and outcome.decided_by:
        rule = outcome.decided_by
        said = outcome.because or rule.name
        return _Choice(fitting_section(outcome.section, context.sections), f"{said.rstrip(' .')} (rule {rule.number})")
    if source and source.section:
        section = fitting_section(source.section, context.sections)
        title = next((each.title for each in context.sections if each.id == section), section)
        return _Choice(section, f"{source.name} belongs to {title}")
    guess = context.classifier.predict(story)
    if guess is None:
        return _Choice(None, "It fits no section")
    reason = guess.reasons[0] if guess.reasons else guess.section or ""
    if guess.section is None:
        return _Choice(None, f"It fits no section: {reason} ({guess.by})")
    return _Choice(fitting_section(guess.section, context.sections), f"{reason[:1].upper()}{reason[1:]} ({guess.by})")


def _not_in_front(choice: _Choice, outcome: RuleOutcome, context: JudgeContext) -> _Choice:
    """``choice``, but no highlight unless a rule says so."""
    picking = {each.id for each in context.sections if each.pick}
    if outcome.section or choice.section not in picking:
        return choice
    return replace(choice, section=fitting_section("general", context.sections))


def _with_doubts(why: str, doubts: tuple[ScorePart, ...]) -> str:
    return " ".join([why, *(f"It {each.name}." for each in doubts)])


@dataclass(frozen=True, slots=True)
class Guessed:
    """A Classifier of guesses that were made before, by the id of a story's lead; of others ``rest`` decides."""

    guesses: Mapping[str, SectionGuess]
    rest: Classifier

    def predict(self, story: Story) -> SectionGuess | None:
        """The guess made before."""
        return self.guesses.get(story.lead.id) or self.rest.predict(story)


def fitting_section(wanted: str, sections: Sequence[SectionSettings]) -> str | None:
    """``wanted``, or the section that does its work where the editor named others; None when there is none.

    Sections that only show figures take no stories.
    """
    open_to_stories = [each for each in sections if not each.show]
    if any(each.id == wanted for each in open_to_stories):
        return wanted
    work = {
        "highlights": [each.id for each in open_to_stories if each.pick],
        "events": [each.id for each in open_to_stories if each.order == "by date"],
        "developer": [each.id for each in open_to_stories if each.group_by == "project"],
        "news": [each.id for each in open_to_stories if each.lines_per_item == 1],
    }
    plain = [each.id for each in open_to_stories if not each.pick and each.order != "by date"]
    general = [name for name in plain if name == "general"]
    return next(iter([*work.get(wanted, []), *general, *plain, *(each.id for each in open_to_stories)]), None)


def _stays(section: str | None, story: Story, outcome: RuleOutcome, context: JudgeContext) -> bool:
    """A pinned story stays; so does a date, in a section that shows dates until they are over."""
    if outcome.is_pinned:
        return True
    until_over = any(each.id == section and each.hide_after for each in context.sections)
    return until_over and story.event is not None and not is_over(story, context.week.now)


def _show_as(story: Story, source: Source | None) -> str | None:
    """As the source says; a thread as long as the source asks for becomes a digest."""
    if source is None:
        return None
    asked = re.match(r"\d+", str(source.settings.get("digest_threads_with") or ""))
    if asked and story.reply_count >= int(asked[0]):
        return "digest with link"
    return source.show_as


def _why(story: Story, outcome: RuleOutcome, choice: _Choice, told_in: int | None, due_on: date | None) -> str:
    """One plain sentence."""
    if outcome.dropped_by:
        return f"Dropped by “{outcome.dropped_by.name}” (rule {outcome.dropped_by.number})."
    if told_in is not None:
        return f"Already told in issue {told_in}."
    facts = _facts(story, due_on)
    return f"{choice.reason}: {facts}." if facts else f"{choice.reason}."


def _facts(story: Story, due_on: date | None) -> str:
    if story.reply_count >= 3:
        people = "1 person" if story.people_count == 1 else f"{story.people_count} people"
        return f"{story.reply_count} replies by {people}"
    if due_on:
        return f"due on {due_on.day} {due_on:%B %Y}"
    if story.event:
        start = story.event.starts_at
        return f"{start.day} {start:%B %Y}"
    count = len({item.source_id for item in story.items})
    return f"told by {count} sources" if count > 1 else ""
