"""What the pages about a subscription may use, one doc line a field."""

from dataclasses import dataclass

from newsletter.render.contexts import LinkView


@dataclass(frozen=True, slots=True)
class OptionView:
    """Something that can be chosen."""

    value: str
    """What the form sends."""
    label: str
    """What is shown."""
    note: str
    """A few words more; may be empty."""
    is_chosen: bool
    """Whether it is chosen now."""


@dataclass(frozen=True, slots=True)
class ChoiceFormView:
    """What a reader can choose."""

    sections: tuple[OptionView, ...]
    """The sections of the newsletter, in order."""
    rhythms: tuple[OptionView, ...]
    """Every issue, once a month, only the highlights."""


@dataclass(frozen=True, slots=True)
class SubscribeContext:
    """``subscribe`` in web/subscribe.html."""

    address: str
    """What was written so far."""
    choice: ChoiceFormView
    """What to get, and how often."""
    wording: str
    """What one agrees to."""
    csrf: str
    """Hidden: shows that the form came from here."""
    stamp: str
    """Hidden: when the form was opened."""
    trap: str
    """Name of a field that no person sees."""
    problem: str = ""
    """What has to be mended."""
    closed: str = ""
    """Why nobody can subscribe here, and what to do instead; empty when one can."""


@dataclass(frozen=True, slots=True)
class PreferencesContext:
    """``mine`` in web/preferences.html: the subscription of one reader."""

    address: str
    """r…@example.org"""
    since: str
    """3 February 2025"""
    said: str
    """What was just done; may be empty."""
    problem: str
    """What has to be mended; may be empty."""
    is_active: bool
    """Whether mail goes to the reader."""
    ended: str
    """Why no mail goes there, in a sentence."""
    choice: ChoiceFormView
    """What to get, and how often."""
    paused_until: str
    """6 March 2026; empty without a pause."""
    pauses: tuple[OptionView, ...]
    """How long a pause may be."""
    new_address: str
    """What was written in the field for another address."""
    url: str
    """Where the forms of this page go."""


@dataclass(frozen=True, slots=True)
class AskContext:
    """``ask`` in web/ask.html: something is said, and perhaps one button asks for a yes."""

    title: str
    """The headline."""
    lines: tuple[str, ...]
    """What is said, a paragraph each."""
    button: str = ""
    """The words of the button; without them there is none."""
    url: str = ""
    """Where the button leads."""
    is_bad: bool = False
    """Whether the button takes something away."""
    links: tuple[LinkView, ...] = ()
    """Where else one can go."""
