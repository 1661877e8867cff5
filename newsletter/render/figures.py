"""Figures as the words that templates show, and the page that lists what each of them counts."""

from collections.abc import Sequence

from newsletter.model.evidence import Evidence
from newsletter.model.issue import Issue, ProjectFigures, Statistic
from newsletter.render import words
from newsletter.render.figure_contexts import (
    EvidenceView,
    FiguresContext,
    ProjectView,
    QueryView,
    StatisticView,
    ThingView,
)
from newsletter.render.press import Press, safe_url
from newsletter.text import one_line, slug

_SIGNS = "▁▂▃▄▅▆▇█"
_FEWEST = 3
"""With fewer values there is no line to speak of, and a bar would be full for want of anything to compare with."""
PROJECT = "project "
"""Begins the names of evidence that belongs to a project."""


def statistic_view(statistic: Statistic) -> StatisticView:
    """A figure with the lengths of its bars."""
    highest = max(statistic.high or 0, statistic.value, statistic.last or 0, 1)
    values = (*statistic.past, statistic.value)
    has_line = len(values) >= _FEWEST
    return StatisticView(
        id=slug(statistic.name),
        name=_capital(one_line(statistic.name)),
        value=words.number(statistic.value),
        before="" if statistic.last is None else words.number(statistic.last),
        note=one_line(statistic.note),
        note_url=safe_url(statistic.note_url),
        proof=safe_url(statistic.proof),
        bar=round(max(statistic.value, 0) * 100 / highest) if has_line else None,
        mark=round(max(statistic.last, 0) * 100 / highest) if has_line and statistic.last is not None else None,
        line=spark(values) if has_line else "",
        weeks=", ".join(map(words.number, values)) if has_line else "",
    )


def spark(values: Sequence[int]) -> str:
    """``values`` as a line of blocks, from nothing to the highest of them."""
    highest = max(*values, 1)
    return "".join(_SIGNS[round(max(value, 0) * (len(_SIGNS) - 1) / highest)] for value in values)


def project_view(figures: ProjectFigures) -> ProjectView:
    """A row of the table by project."""
    return ProjectView(
        id=slug(PROJECT + figures.project),
        name=words.project(figures.project) or "No project",
        contributors=words.number(figures.contributors),
        merged=words.number(figures.merged),
        reviews=words.number(figures.reviews),
        proof=safe_url(figures.proof),
        is_quiet=not (figures.contributors or figures.merged or figures.reviews),
    )


def figures_context(press: Press, issue: Issue, evidence: Sequence[Evidence]) -> FiguresContext:
    """Everything that the figures of ``issue`` count; what is held back from readers is not there either."""
    shown = {each.name: words.number(each.value) for each in issue.figures}
    shown |= {PROJECT + each.project: words.number(each.merged) for each in issue.projects}
    return FiguresContext(
        title=f"The figures of issue {issue.number}",
        period=words.period_words(issue.period, press.schedule.zone),
        issue=press.issue_url(issue.number),
        evidence=tuple(_evidence(each, shown[each.name]) for each in evidence if each.name in shown),
    )


def _evidence(evidence: Evidence, value: str) -> EvidenceView:
    is_project = evidence.name.startswith(PROJECT)
    name = f"{words.project(evidence.name.removeprefix(PROJECT))}: merged changes" if is_project else evidence.name
    queries = ((one_line(each.label), safe_url(each.url)) for each in evidence.queries)
    return EvidenceView(
        id=slug(evidence.name),
        name=_capital(one_line(name)),
        value=value,
        things=tuple(
            ThingView(one_line(each.title) or "Without a title", safe_url(each.url), one_line(each.detail))
            for each in evidence.things
        ),
        queries=tuple(QueryView(label, url) for label, url in queries if url),
    )


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
