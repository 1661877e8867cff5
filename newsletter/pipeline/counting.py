"""The figures of an issue with their proofs: from what was collected for a draft to statistics and their evidence."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from newsletter.classify.figures import MEMBERS, NEW_CORE
from newsletter.classify.rules import Matcher
from newsletter.classify.statistics import Counted, Figure, by_project, count_figures, newcomers, statistics_of
from newsletter.config.load import Config
from newsletter.model.evidence import Evidence, Thing
from newsletter.model.issue import Issue, ProjectFigures, Statistic
from newsletter.model.item import CANCELLED, Item
from newsletter.model.rule import Rule
from newsletter.model.source import Source
from newsletter.model.story import Story
from newsletter.model.unnamed import Unnamed
from newsletter.pipeline.proofs import PAGE, Proofs
from newsletter.pipeline.snapshot import DraftInput
from newsletter.text import shorten

BURST_TIMES = 2
_BURST_FLOOR = 20
_LABELS = frozenset((*NEW_CORE, *MEMBERS))


@dataclass(frozen=True, slots=True)
class Figures:
    """What an issue says in numbers, and the things behind them."""

    statistics: tuple[Statistic, ...] = ()
    projects: tuple[ProjectFigures, ...] = ()
    newcomers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def put_into(self, issue: Issue) -> Issue:
        """``issue`` with its figures."""
        return replace(
            issue,
            statistics=self.statistics,
            projects=self.projects,
            newcomers=self.newcomers,
            warnings=self.warnings,
        )


def issue_figures(
    found: DraftInput, config: Config, sources: Mapping[str, Source], stories: Sequence[Story]
) -> Figures:
    """The figures of the issue that ``found`` leads to; ``stories`` are those it may tell."""
    counted, left_out = counted_items(found, sources, config)
    counted = replace(counted, ahead=_dates_ahead(stories, found.publish_at.astimezone(config.schedule.zone).date()))
    site = config.newsletter.site
    page = f"{site.rstrip('/')}/issues/{found.number}/{PAGE}" if site else None
    proofs = Proofs(counted, left_out, sources, page)
    figures = count_figures(counted, figure_names(config))
    statistics = statistics_of(figures, counted.past, _proved(figures, proofs))
    quiet = quiet_projects(sources.values(), found.active_projects)
    projects, project_evidence = _projects(counted, config, quiet, proofs)
    return Figures(
        statistics,
        projects,
        newcomers(counted),
        (*_held(statistics), *_bursts(found, sources)),
        (*_evidence(figures, proofs), *project_evidence),
    )


def counted_items(found: DraftInput, sources: Mapping[str, Source], config: Config) -> tuple[Counted, tuple[Item, ...]]:
    """What figures are counted from, and what is not: tips, and what a rule drops for its author."""
    matcher = Matcher([rule for rule in config.rules if _decides(rule)], sources, now=found.publish_at)
    items, left_out, labels = [], [], {}
    for each in (*found.waiting, *found.candidates):
        item = each.item
        if item.is_tip:
            continue
        outcome = matcher.apply_to_item(item) if matcher.rules else None
        if outcome and outcome.dropped_by:
            left_out.append(item)
            continue
        items.append(item)
        if outcome and outcome.labels:
            labels[item.id] = outcome.labels
    known = frozenset(found.earlier_contributors) if found.has_history else None
    unnamed = Unnamed(config.newsletter.leave_out_names)
    past = found.past_statistics or {}
    return Counted(found.period, items, known, past, labels, unnamed=unnamed), tuple(left_out)


def _decides(rule: Rule) -> bool:
    """Whether a rule says something about figures: who is no person, what is a new member."""
    return bool(rule.drop and rule.match.author) or (rule.label or "").casefold() in _LABELS


def figure_names(config: Config) -> tuple[str, ...]:
    """The figures that the section of statistics asks for; none asks for all."""
    return next((section.show for section in config.sections if section.show), ())


def figure_values(found: DraftInput, sources: Mapping[str, Source], config: Config) -> dict[str, int]:
    """The bare figures of a period that no issue was made of; what only the present knows is left out."""
    counted, _ = counted_items(found, sources, config)
    known_then = ("reviews", "new reviews", "waiting for review", "longest waiting review", "events ahead")
    figures = count_figures(counted, figure_names(config))
    return {name: figure.value for name, figure in figures.items() if name.casefold() not in known_then}


def asked_projects(sources: Iterable[Source]) -> tuple[str, ...]:
    """The projects that sources are asked for by name, by the last part of it."""
    named = (
        name for source in sources for key in ("projects", "repositories") for name in source.settings.get(key) or ()
    )
    return tuple(dict.fromkeys(str(name).rstrip("/").rsplit("/", 1)[-1] for name in named))


def project_name(project: str) -> str:
    """What tells two projects apart by their last part: "Nova" and "openstack/nova" are one."""
    return project.rstrip("/").rsplit("/", 1)[-1].casefold()


def quiet_projects(
    sources: Iterable[Source], active: Sequence[str] | None, present: Iterable[str | None] = ()
) -> tuple[str, ...]:
    """The projects that sources are asked for, that are alive, and that nothing in ``present`` belongs to.

    ``active`` are those of which something was read lately; None when that is not known.
    """
    told = {project_name(name) for name in present if name}
    return tuple(
        name
        for name in asked_projects(sources)
        if project_name(name) not in told and (active is None or name in active)
    )


def _dates_ahead(stories: Sequence[Story], publish_on: date) -> tuple[Thing, ...] | None:
    """The dates that are still to come when readers get the issue; guessed and cancelled ones are none."""
    dated = [story for story in stories if story.event]
    if not dated:
        return None
    found: dict[tuple[date, str], Thing] = {}
    for story in dated:
        event = story.event
        if event is None or event.is_guess or CANCELLED in story.lead.labels:
            continue
        starts = event.starts_at.date() if isinstance(event.starts_at, datetime) else event.starts_at
        if starts >= publish_on:
            title = shorten(event.title or story.title, 80)
            found.setdefault((starts, story.id), Thing(title, event.url or story.url, starts.isoformat()))
    return tuple(found[key] for key in sorted(found))


def _proved(figures: Mapping[str, Figure], proofs: Proofs) -> dict[str, str]:
    found = {name: proofs.of(name, figure) for name, figure in figures.items()}
    return {name: url for name, url in found.items() if url}


def _evidence(figures: Mapping[str, Figure], proofs: Proofs) -> tuple[Evidence, ...]:
    return tuple(Evidence(name, figure.things, proofs.queries(figure.asked)) for name, figure in figures.items())


def _projects(
    counted: Counted, config: Config, asked: Sequence[str], proofs: Proofs
) -> tuple[tuple[ProjectFigures, ...], tuple[Evidence, ...]]:
    """The table by project, when a section of figures is grouped so; ``asked`` are there even without news, unless
    quiet projects are left out."""
    section = next((each for each in config.sections if _is_of_figures(each.id, each.show) and each.group_by), None)
    if section is None or not counted.has_reviews:
        return (), ()
    quiet = () if section.quiet_projects is False else asked
    rows, evidence = [], []
    for each in by_project(counted, quiet):
        name = each.figures.project
        rows.append(replace(each.figures, proof=proofs.of_project(name, each.full_names)))
        queries = proofs.queries("merged", each.full_names) if each.full_names else ()
        evidence.append(Evidence(f"project {name}", each.things, queries))
    return tuple(rows), tuple(evidence)


def _is_of_figures(section_id: str, show: Sequence[str]) -> bool:
    return section_id == "statistics" or bool(show)


def _held(statistics: Iterable[Statistic]) -> tuple[str, ...]:
    return tuple(
        f"“{each.name}” is held back for a look: {each.held_because}. Readers see it once an editor lets it through."
        for each in statistics
        if each.held_because
    )


def _bursts(found: DraftInput, sources: Mapping[str, Source]) -> tuple[str, ...]:
    """A source that brings more than twice as much as all others together."""
    counts = Counter(each.item.source_id for each in found.candidates if each.effective_at in found.period)
    total = counts.total()
    return tuple(
        f"{sources[source_id].name if source_id in sources else source_id} brought {count:,} of {total:,} items of "
        "this period, more than twice as many as all other sources together. Look whether it is itself."
        for source_id, count in counts.most_common(1)
        if count >= _BURST_FLOOR and len(sources) > 1 and count > BURST_TIMES * (total - count)
    )
