"""judge_week(): the whole way from the items of a period to judged stories, the best first. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime

from newsletter.classify.address_marks import marks_of_host
from newsletter.classify.builtin import BuiltinSections, SectionGuess
from newsletter.classify.contenders import title_pieces
from newsletter.classify.events import find_task, forget_dates, with_event
from newsletter.classify.joining import is_reply
from newsletter.classify.rank import best_first, measure_week
from newsletter.classify.rules import Matcher, RuleOutcome, sift_items
from newsletter.classify.sections import Classifier, Guessed, JudgeContext, judge
from newsletter.classify.standing import Ranker
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.classify.title_marks import hints_of, title_marks
from newsletter.classify.titles import forget_titles
from newsletter.model.issue import SectionSettings
from newsletter.model.item import Item
from newsletter.model.rule import Rule
from newsletter.model.source import Source
from newsletter.model.story import Story, Verdict
from newsletter.text import canonical_url

Guesser = Callable[[Sequence[Story], BuiltinSections], Mapping[str, SectionGuess]]
"""Gives the guesses for stories by the ids of their leads; the rules are there to be asked."""


@dataclass(frozen=True, slots=True)
class WeekInput:
    """All that the stories of an issue follow from. ``told`` is by story id: issue number, replies then."""

    items: Sequence[Item]
    rules: Sequence[Rule]
    sections: Sequence[SectionSettings]
    stories: StoryContext
    now: datetime
    told: Mapping[str, Sequence[int]] = field(default_factory=dict)
    let_go: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """As ``told``, of stories that an editor dropped out of an earlier issue."""
    first_timers: AbstractSet[str] = frozenset()
    ranker: Ranker | None = None
    """Who says what stories are worth; the readable rule when None, and for what it does not know."""
    guesser: Guesser | None = None
    """Who guesses, all at once, where nobody decided; of what it does not know the built-in rules decide."""

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources by id."""
        return self.stories.sources


@dataclass(frozen=True, slots=True)
class JudgedStory:
    """A story with its Verdict and the day by which it is due."""

    story: Story
    verdict: Verdict
    due_on: date | None = None
    task: str = ""
    """What has to be done until then, as a verb."""


def judge_week(given: WeekInput) -> tuple[JudgedStory, ...]:
    """Every story of ``given``, dropped ones included, the best first."""
    try:
        return _judge(given)
    finally:
        forget_dates()
        forget_titles()
        for read in (title_marks, title_pieces, hints_of, marks_of_host, canonical_url):
            read.cache_clear()


def _judge(given: WeekInput) -> tuple[JudgedStory, ...]:
    matcher = Matcher(given.rules, given.sources, now=given.now)
    sifted = sift_items(given.items, matcher)
    stories = [
        with_event(story, now=given.now)
        for story in group_stories(sifted.items, context=given.stories.marking(sifted.merge_marks))
    ]
    week = measure_week(stories, now=given.now, first_timers=given.first_timers, told=given.told, let_go=given.let_go)
    outcomes = {story.id: matcher.apply(story) for story in stories}
    worths = given.ranker(stories, given.now) if given.ranker else {}
    context = JudgeContext(given.sections, _classifier(stories, outcomes, given), week, worths)
    judged = {story.id: _judged(story, outcomes[story.id], given, context) for story in stories}
    taken = frozenset(judged)
    for story, rule in _dropped(sifted.dropped, given.stories, taken):
        outcome = RuleOutcome(dropped_by=rule, fired=(rule,))
        judged[story.id] = _judged(story, outcome, given, context)
    return tuple(judged[story.id] for story, _ in best_first((each.story, each.verdict) for each in judged.values()))


def _classifier(stories: Sequence[Story], outcomes: Mapping[str, RuleOutcome], given: WeekInput) -> Classifier:
    """Who guesses: only those stories are shown to the guesser that neither a rule nor their source decides."""
    rules = BuiltinSections(given.sources, given.now)
    if given.guesser is None:
        return rules
    asked = []
    for story in stories:
        source, outcome = given.sources.get(story.lead.source_id), outcomes[story.id]
        if not (outcome.section or outcome.dropped_by or (source and source.section)):
            asked.append(story)
    return Guessed(given.guesser(asked, rules), rules)


def _judged(story: Story, outcome: RuleOutcome, given: WeekInput, context: JudgeContext) -> JudgedStory:
    source = given.sources.get(story.lead.source_id)
    if outcome.dropped_by:
        return JudgedStory(story, judge(story, outcome=outcome, source=source, context=context))
    openings = (item for item in story.items if item is story.lead or not is_reply(item))
    tasks = (find_task(item, now=given.now) for item in openings)
    ahead = ((day, task) for day, task in tasks if day and day >= given.now.date())
    due_on, task = min(ahead, default=(None, ""), key=lambda each: each[0])
    verdict = judge(story, outcome=outcome, source=source, context=context, due_on=due_on)
    return JudgedStory(story, verdict, due_on, task)


def _dropped(
    dropped: Sequence[tuple[Item, Rule]], context: StoryContext, taken: AbstractSet[str]
) -> list[tuple[Story, Rule]]:
    """What rules took out, grouped by itself so that the list of dropped stories is not a list of mails."""
    by_rule: dict[Rule, list[Item]] = defaultdict(list)
    for item, rule in dropped:
        by_rule[rule].append(item)
    found: list[tuple[Story, Rule]] = []
    for rule, items in by_rule.items():
        stories = group_stories(items, context=context.avoiding(taken))
        taken = taken | {story.id for story in stories}
        found.extend((story, rule) for story in stories)
    return found
