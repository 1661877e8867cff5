"""What the page that says why each entry is there may use; docs/templates.md promises it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReasonView:
    """Why one entry is there."""

    id: str
    """Name of the entry inside the page, the same as on the page of the issue."""
    title: str
    """Its headline."""
    url: str
    """Link to it on the page of the issue."""
    section: str
    """The section it stands in."""
    sentence: str
    """Why it stands there, in one sentence."""
    decided: str
    """An editor decided that it stands here; empty when nobody had to."""
    score: str
    """64 points"""
    language: str | None
    """Language of the title when it is not the newsletter's."""
    direction: str | None
    """rtl for languages written from right to left."""


@dataclass(frozen=True, slots=True)
class WhyContext:
    """``why`` in web/why.html."""

    title: str
    """Why it is in issue 57"""
    period: str
    """the week of 6 – 12 March"""
    issue: str
    """Link to the issue."""
    reasons: tuple[ReasonView, ...]
    """Every entry, in reading order."""
