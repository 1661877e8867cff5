"""What templates may use of figures: one doc line a field; docs/templates.md promises them as those of contexts.py."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatisticView:
    """A counted figure."""

    id: str
    """Name of the figure on figures.html, for anchors."""
    name: str
    """Contributors"""
    value: str
    """3,466"""
    before: str
    """The period before: 910; empty when unknown."""
    note: str
    """What it belongs to: a title, a name; may be empty."""
    note_url: str | None
    """Where that is."""
    proof: str | None
    """The address that proves it."""
    bar: int | None
    """Length of the bar in percent of the highest of eight periods; None with fewer than three."""
    mark: int | None
    """Where the period before stands on the bar, in percent."""
    line: str
    """The last periods and this one as ▂▅▃█; empty with fewer than three."""
    weeks: str
    """The same as numbers: 12, 31, 18, 44."""


@dataclass(frozen=True, slots=True)
class ProjectView:
    """The figures of one project."""

    id: str
    """Name of the project on figures.html, for anchors."""
    name: str
    """Nova"""
    contributors: str
    """People with a merged change: 12."""
    merged: str
    """Merged changes: 40."""
    reviews: str
    """Changes put up for review: 51."""
    proof: str | None
    """The address that proves it."""
    is_quiet: bool
    """Whether nothing happened in it."""


@dataclass(frozen=True, slots=True)
class ThingView:
    """One thing that a figure counts."""

    title: str
    """Its headline, or the name of somebody."""
    url: str | None
    """Where it is."""
    detail: str
    """Nova, 2026-03-12; may be empty."""


@dataclass(frozen=True, slots=True)
class QueryView:
    """A list of a service with the same things."""

    label: str
    """The source's name."""
    url: str
    """The address of the list."""


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A figure with everything that it counts."""

    id: str
    """Name of the figure inside the page, for anchors."""
    name: str
    """List messages"""
    value: str
    """63"""
    things: tuple[ThingView, ...]
    """What was counted, in order."""
    queries: tuple[QueryView, ...]
    """Lists of services with the same things, to count for oneself."""


@dataclass(frozen=True, slots=True)
class FiguresContext:
    """``figures`` in web/figures.html."""

    title: str
    """The figures of issue 57"""
    period: str
    """the week of 6 – 12 March"""
    issue: str | None
    """Link to the issue; None without a site."""
    evidence: tuple[EvidenceView, ...]
    """The figures that readers see, in their order."""
