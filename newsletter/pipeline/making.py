"""make_issue: the pure heart of drafting. The same input and the same feeds.yaml give the same issue, byte for byte."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from newsletter.classify.builtin import BuiltinSections, SectionGuess
from newsletter.classify.sentences import sentences
from newsletter.classify.standing import Ranker
from newsletter.classify.stories import StoryContext
from newsletter.classify.summary import summarise
from newsletter.classify.week import Guesser, JudgedStory, WeekInput, judge_week
from newsletter.config.load import Config
from newsletter.edit.draft import DraftPlan, draft_issue, entry_of
from newsletter.edit.placing import Judged
from newsletter.model.evidence import Evidence
from newsletter.model.issue import Entry, Issue
from newsletter.model.item import Item
from newsletter.model.period import Period
from newsletter.model.source import Source
from newsletter.model.story import ScorePart, Story, Verdict
from newsletter.model.unnamed import Unnamed
from newsletter.pipeline.bursts import held_bursts, with_bursts
from newsletter.pipeline.counting import issue_figures, quiet_projects
from newsletter.pipeline.judges import recorded_guesser, recorded_ranker
from newsletter.pipeline.snapshot import DraftInput

_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Made:
    """A draft, the stories it was made from, and the things that its figures count."""

    issue: Issue
    stories: tuple[Story, ...]
    evidence: tuple[Evidence, ...] = ()
    guesses: Mapping[str, SectionGuess] | None = None
    worths: Mapping[str, tuple[ScorePart, ...]] | None = None
    """By the ids of their leads what ``guesser`` guessed, and what ``ranker`` said that stories are worth."""
    judged: tuple[Judged, ...] = ()


def make_issue(
    found: DraftInput, config: Config, *, guesser: Guesser | None = None, ranker: Ranker | None = None
) -> Made:
    """The draft that ``found`` and ``config`` lead to.

    ``guesser`` guesses sections where nobody decided, ``ranker`` says what stories are worth; if left out, what
    ``found`` holds of an earlier one.
    """
    guesses: dict[str, SectionGuess] = {}
    worths: dict[str, tuple[ScorePart, ...]] = {}
    sources = {each.id: each for each in _with_ids(config.sources, found.source_ids or {})}
    week = replace(
        _week(found, config, sources),
        guesser=_listened(guesser, guesses) if guesser else recorded_guesser(found),
        ranker=_heard(ranker, worths) if ranker else recorded_ranker(found),
    )
    current = {each.item.id for each in found.candidates}
    everything = judge_week(week)
    stories = [each for each in everything if any(item.id in current for item in each.story.items)]
    plan = _plan(found, config, sources, stories)
    judged = _judged(found, stories)
    figures = issue_figures(found, config, sources, [each.story for each in everything if not each.verdict.dropped_by])
    issue = with_bursts(figures.put_into(draft_issue(judged, plan)), plan.bursts, sources)
    told = tuple(each.story for each in stories)
    return Made(issue, told, figures.evidence, guesses or None, worths or None, tuple(judged))


def make_entries(found: DraftInput, config: Config) -> tuple[tuple[Entry, str | None], ...]:
    """Every story of ``found`` as the line that would tell it, whatever speaks against it, with its section."""
    sources = {each.id: each for each in _with_ids(config.sources, found.source_ids or {})}
    stories = judge_week(_week(found, config, sources))
    plan = _plan(found, config, sources, stories)
    settings = {each.id: each for each in config.sections}
    plain = next((each for each in config.sections if not (each.pick or each.show or each.order)), config.sections[0])
    return tuple(
        (entry_of(each, settings.get(each.verdict.section or "", plain), plan), each.verdict.section)
        for each in _judged(found, stories)
    )


def _plan(
    found: DraftInput, config: Config, sources: Mapping[str, Source], stories: Sequence[JudgedStory]
) -> DraftPlan:
    unnamed = Unnamed(config.newsletter.leave_out_names)
    return DraftPlan(
        number=found.number,
        period=found.period,
        publish_at=found.publish_at,
        zone=config.schedule.zone,
        name=config.newsletter.name,
        sections=config.sections,
        sources=sources,
        sources_count=len({each.item.source_id for each in found.candidates}),
        quiet_projects=quiet_projects(
            sources.values(), found.active_projects, (each.story.project for each in stories)
        ),
        reminders=found.reminders,
        bursts=held_bursts(found, sources),
        summary_of=lambda story: _summary(story, sources, unnamed),
        unnamed=unnamed,
    )


def _judged(found: DraftInput, stories: Sequence[JudgedStory]) -> list[Judged]:
    """The stories with the revisions they were made from; what an editor put off to this issue enters it."""
    names = {each.item.id: each.revision for each in (*found.told_before, *found.candidates)}
    snoozed = found.snoozed or {}
    return [
        Judged(
            each.story,
            _waited(each.verdict, snoozed.get(each.story.id)),
            each.due_on,
            tuple(names[item.id] for item in each.story.items),
            each.task,
        )
        for each in stories
    ]


def _waited(verdict: Verdict, since: int | None) -> Verdict:
    if since is None:
        return verdict
    return replace(verdict, is_kept=True, why=f"Put off from issue {since}. {verdict.why}".strip())


def _listened(guesser: Guesser, heard: dict[str, SectionGuess]) -> Guesser:
    """``guesser``, with everything it says written down in ``heard``."""

    def guess(stories: Sequence[Story], rules: BuiltinSections) -> Mapping[str, SectionGuess]:
        heard.update(guesser(stories, rules))
        return heard

    return guess


def _heard(ranker: Ranker, heard: dict[str, tuple[ScorePart, ...]]) -> Ranker:
    """``ranker``, with everything it says written down in ``heard``."""

    def rank(stories: Sequence[Story], now: datetime) -> Mapping[str, tuple[ScorePart, ...]]:
        heard.update(ranker(stories, now))
        return heard

    return rank


def _week(found: DraftInput, config: Config, sources: Mapping[str, Source]) -> WeekInput:
    items = [each.item for each in (*found.told_before, *found.candidates)]
    context = StoryContext(
        known=found.known_stories or {},
        merge=found.merge,
        apart=found.apart,
        threads={item.thread.root_id: item.thread for item in items if item.thread},
        sources=sources,
    )
    first_timers = (
        _merged_authors(items, found.period) - set(found.earlier_contributors) if found.has_history else frozenset()
    )
    return WeekInput(
        items,
        config.rules,
        config.sections,
        context,
        found.publish_at,
        told=found.told or {},
        let_go=found.let_go or {},
        first_timers=first_timers,
    )


def _with_ids(sources: Sequence[Source], known: Mapping[str, str]) -> list[Source]:
    return [replace(source, id=known.get(source.name, source.id)) for source in sources]


def _summary(story: Story, sources: Mapping[str, Source], unnamed: Unnamed) -> str:
    """The story's sentences, without those that name somebody who does not want it."""
    source = sources.get(story.lead.source_id)
    found = summarise(story, source.quote_at_most if source else _QUOTE)
    if len(unnamed.without([found])) == 1:
        return found
    return " ".join(unnamed.without(sentences(found)))


def _merged_authors(items: Sequence[Item], period: Period) -> frozenset[str]:
    """Who had a change merged in the period that the server does not know as somebody's second."""
    merged = (
        item
        for item in items
        if item.review and item.review.merged_at and item.review.merged_at in period
        if item.review.state == "merged" and item.review.is_first_contribution is not False
    )
    return frozenset(item.author.identity for item in merged if item.author)
