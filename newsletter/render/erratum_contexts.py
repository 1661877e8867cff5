"""What templates may use of corrections: at an entry of the web page, and in the erratum mail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """What was corrected in an entry after the issue was out."""

    id: str
    """Name of the correction inside the page, for anchors."""
    date: str
    """12 March; with the year when it is another one."""
    date_iso: str
    """2026-03-12"""
    text: str
    """What was wrong, in a sentence."""


@dataclass(frozen=True, slots=True)
class WrongView:
    """One thing that was wrong in an issue, and what is right."""

    title: str
    """The headline of the entry as it is right."""
    url: str | None
    """Where the headline leads, as it is right."""
    note: str
    """What was wrong, in a sentence; may be empty."""
    changes: tuple[tuple[str, str, str], ...]
    """What it concerns (title, text, address), what was said and what is right."""


@dataclass(frozen=True, slots=True)
class ErratumContext:
    """``erratum`` in email/erratum.html and email/erratum.txt."""

    name: str
    """Name of the newsletter."""
    language: str
    """Its language, as in html lang."""
    number: int
    """Number of the issue that was wrong."""
    date: str
    """Friday 13 March 2026: when that issue went out."""
    subject: str
    """Correction to issue 57: Heron 3.0"""
    wrongs: tuple[WrongView, ...]
    """What was wrong."""
    web_url: str | None
    """The issue on the web, where it is right by now; None without a site."""
    reason: str
    """Why one gets the mail."""
    unsubscribe_url: str
    """Where one leaves."""
    preferences_url: str | None
    """Where one changes what one gets; None where there is no page for it."""
    postal_address: str
    """Who sends it; may be empty."""
    accent: str
    """Colour of links, on light ground."""
    accent_dark: str
    """The same on dark ground."""
