"""make_issue: the pure heart of drafting. The same input and the same feeds.yaml give the same issue, byte for byte."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from urllib.parse import quote_plus

from newsletter.classify.rules import Matcher
from newsletter.classify.statistics import Counted, count_statistics, newcomers
from newsletter.classify.stories import StoryContext
from newsletter.classify.summary import summarise
from newsletter.classify.week import WeekInput, judge_week
from newsletter.config.load import Config
from newsletter.edit.draft import DraftPlan, draft_issue
from newsletter.edit.placing import Judged
from newsletter.model.issue import Issue
from newsletter.model.item import Item
from newsletter.model.period import Period
from newsletter.model.rule import Rule
from newsletter.model.source import Source
from newsletter.model.story import Story
from newsletter.pipeline.snapshot import DraftInput

_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Made:
    """A draft and the stories it was made from."""

    issue: Issue
    stories: tuple[Story, ...]


def make_issue(found: DraftInput, config: Config) -> Made:
    """The draft that ``found`` and ``config`` lead to."""
    sources = {source.id: source for source in _with_ids(config.sources, found.source_ids or {})}
    current = {each.item.id for each in found.candidates}
    stories = [
        each
        for each in judge_week(_week(found, config, sources))
        if any(item.id in current for item in each.story.items)
    ]
    names = {each.item.id: each.revision for each in (*found.told_before, *found.candidates)}
    counted = counted_items(found, sources, config.rules)
    plan = DraftPlan(
        number=found.number,
        period=found.period,
        publish_at=found.publish_at,
        zone=config.schedule.zone,
        name=config.newsletter.name,
        sections=config.sections,
        sources=sources,
        sources_count=len({each.item.source_id for each in found.candidates}),
        statistics=count_statistics(counted, figure_names(config)),
        newcomers=newcomers(counted),
        quiet_projects=_quiet(sources.values(), {each.story.project for each in stories}),
        reminders=found.reminders,
        summary_of=lambda story: _summary(story, sources),
    )
    judged = [
        Judged(each.story, each.verdict, each.due_on, tuple(names[item.id] for item in each.story.items))
        for each in stories
    ]
    return Made(draft_issue(judged, plan), tuple(each.story for each in stories))


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
        first_timers=first_timers,
    )


def _with_ids(sources: Sequence[Source], known: Mapping[str, str]) -> list[Source]:
    return [replace(source, id=known.get(source.name, source.id)) for source in sources]


def _summary(story: Story, sources: Mapping[str, Source]) -> str:
    source = sources.get(story.lead.source_id)
    return summarise(story, source.quote_at_most if source else _QUOTE)


def _merged_authors(items: Sequence[Item], period: Period) -> frozenset[str]:
    """Who had a change merged in the period that the server does not know as somebody's second."""
    merged = (
        item
        for item in items
        if item.review and item.review.merged_at and item.review.merged_at in period
        if item.review.state == "merged" and item.review.is_first_contribution is not False
    )
    return frozenset(item.author.identity for item in merged if item.author)


def _quiet(sources: Iterable[Source], present: AbstractSet[str | None]) -> tuple[str, ...]:
    """The projects that sources are asked for by name (the last part of it) and that nothing was said about."""
    named = (name for source in sources for name in source.settings.get("projects") or ())
    projects = dict.fromkeys(str(name).rstrip("/").rsplit("/", 1)[-1] for name in named)
    return tuple(name for name in projects if name not in present)


def figure_names(config: Config) -> tuple[str, ...]:
    """The figures that the section of statistics asks for; none asks for all."""
    return next((section.show for section in config.sections if section.show), ())


def counted_items(found: DraftInput, sources: Mapping[str, Source], rules: Sequence[Rule]) -> Counted:
    """What the figures of the issue are counted from: everything but tips and what a rule drops for its author."""
    robots = Matcher([rule for rule in rules if rule.drop and rule.match.author], sources, now=found.publish_at)
    everything = (each.item for each in (*found.waiting, *found.candidates))
    items = [item for item in everything if not item.is_tip and not robots.apply_to_item(item).dropped_by]
    known = frozenset(found.earlier_contributors) if found.has_history else None
    counted = Counted(found.period, items, known, found.past_statistics or {})
    return replace(counted, proofs=_proofs(counted, sources.values()))


def _proofs(counted: Counted, sources: Iterable[Source]) -> dict[str, str]:
    """Where readers can count themselves: the server's own list of the changes, the archive, the change itself."""
    proofs: dict[str, str] = {}
    mails = Counter(item.source_id for item in counted.mails)
    reviews = Counter(item.source_id for item, _ in counted.merged)
    for source in sorted(sources, key=lambda each: -(mails[each.id] + reviews[each.id])):
        address = source.address.rstrip("/")
        if reviews[source.id] and source.kind == "gerrit":
            changes = address + _merged_query(source, counted.period)
            for name in ("contributors", "commits", "merged changes"):
                proofs.setdefault(name, changes)
        elif mails[source.id] == mails.total() and address.startswith("http"):
            # Several lists have no page in common on which all their mails can be counted.
            proofs.update(dict.fromkeys(("list threads", "list messages"), source.address))
    for record, names in (
        (_largest(counted, "files_count"), ("most files in one commit", "most files in one change")),
        (_largest(counted, "lines_removed"), ("most lines removed",)),
    ):
        if record and record.url:
            proofs.update(dict.fromkeys(names, record.url))
    return proofs


def _largest(counted: Counted, measure: str) -> Item | None:
    """The merged change with the most of ``measure``, a field of Review."""
    sized = [(size, item) for item, review in counted.merged if (size := getattr(review, measure))]
    return max(sized, key=lambda pair: pair[0])[1] if sized else None


def _merged_query(source: Source, period: Period) -> str:
    """The page of a Gerrit server that lists what was merged in ``period`` (its search operators)."""
    projects = [str(name) for name in source.settings.get("projects") or ()]
    start, end = (f'"{at:%Y-%m-%d %H:%M:%S} +0000"' for at in (period.start, period.end))
    asked = f"status:merged mergedafter:{start} mergedbefore:{end}"
    if projects:
        asked += " (" + " OR ".join(f"project:{name}" for name in projects) + ")"
    return "/q/" + quote_plus(asked, safe=":/()")
