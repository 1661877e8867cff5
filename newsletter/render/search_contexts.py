"""What web/search.html may use, one doc line a field."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HitView:
    """An entry of an earlier issue that was found."""

    title: str
    """Its headline."""
    url: str
    """Its place on the issue's page."""
    summary: str
    """What it said; may be empty."""
    facts: str
    """Issue 57, 11 March 2011 · Developer Community · Nova · J. Santa Barbara"""


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One of several values of a filter."""

    value: str
    """What the form sends."""
    label: str
    """What is shown."""
    is_chosen: bool
    """Whether it is the present one."""


@dataclass(frozen=True, slots=True)
class NearView:
    """A word that looks like the one that was looked for."""

    word: str
    """The word."""
    url: str
    """Where it is looked for."""


@dataclass(frozen=True, slots=True)
class SearchContext:
    """``search`` in web/search.html: the form and what was found."""

    words: str
    """What is looked for; empty before anything is."""
    person: str
    """Whose entries alone; may be empty."""
    project: str
    """About which project alone; may be empty."""
    years: tuple[ChoiceView, ...]
    """The years there are, with "every year" first."""
    sections: tuple[ChoiceView, ...]
    """The sections there are, with "every section" first."""
    said: str
    """How many were found, in words; empty before anything is looked for."""
    hits: tuple[HitView, ...]
    """One page of them."""
    near: tuple[NearView, ...]
    """Other words, when nothing was found."""
    more_url: str
    """The next page; empty on the last one."""
