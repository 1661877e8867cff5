"""What templates may use of the planet, the river of all items."""

from dataclasses import dataclass

from newsletter.render.contexts import LinkView


@dataclass(frozen=True, slots=True)
class RiverView:
    """One item of the planet, or the mails of one thread on one day."""

    title: str
    """Headline, one line."""
    url: str | None
    """Where it leads."""
    text: str
    """Its first words; may be empty."""
    source: str
    """The source's name."""
    author: str
    """Who wrote it; may be empty."""
    time: str
    """18:05"""
    time_iso: str
    """The same for machines, with the date (ISO 8601)."""
    language: str | None
    """Its language when it is not the newsletter's."""
    direction: str | None
    """rtl for languages written from right to left."""
    mails: tuple[LinkView, ...] = ()
    """The mails of the thread on this day, by author, when there are several."""


@dataclass(frozen=True, slots=True)
class RiverDayView:
    """A day of the planet."""

    date: str
    """Friday 13 March 2026"""
    id: str
    """Name of the day inside the page."""
    count: str
    """12 items"""
    items: tuple[RiverView, ...]
    """What appeared, newest first."""


@dataclass(frozen=True, slots=True)
class PlanetContext:
    """``planet`` in web/planet.html."""

    days: tuple[RiverDayView, ...]
    """The days of this page, newest first."""
    sources: str
    """14 sources"""
    newer: str | None
    """Link to the page with newer items."""
    older: str | None
    """Link to the page with older items."""
