"""What the desk's pages about readers show, in plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from newsletter.model.address import masked
from newsletter.model.subscriber import Subscriber
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.reader_choices import fitted, paused_until
from newsletter.pipeline.subscribing import DESK, FORM
from newsletter.render.subscription_words import day_words, rhythm_words, sections_words
from newsletter.store.subscriber_lists import Bounced, Counts, Filter, Received
from newsletter.text import shorten

MOST_BOUNCES = 3
"""So often mail may come back before nothing more is sent."""
_SIGNS = {"accepted": "✓", "failed": "×", "suppressed": "×", "unknown": "?"}
_LOOKS = {
    "active": ("kept", "✓", "gets it"),
    "bouncing": ("slow", "!", "mail comes back; asked whether they are there"),
    "waiting": ("open", "?", "waits to confirm"),
    "left": ("", "–", "left"),
    "removed": ("broken", "×", "removed"),
    "erased": ("", "–", "erased"),
}


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """A reader in the list."""

    url: str
    address: str
    look: str
    sign: str
    state: str
    gets: str
    often: str
    since: str
    last: str
    """What became of the last mail, or why mail came back."""


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter."""

    value: str
    label: str
    is_chosen: bool


def count_words(counts: Counts) -> tuple[str, ...]:
    """4,812 active; 63 waiting to confirm; …"""
    found = [f"{counts.active:,} active", f"{counts.waiting - counts.imported:,} waiting to confirm"]
    found += [f"{counts.paused:,} paused", f"{counts.left:,} left", f"{counts.bouncing:,} bouncing"]
    if counts.removed:
        found.append(f"{counts.removed:,} removed")
    if counts.erased:
        found.append(f"{counts.erased:,} erased")
    return tuple(found)


def reader_row(
    app: Newsletter,
    reader: Subscriber,
    *,
    last: Received | None = None,
    bounced: Bounced | None = None,
    is_whole: bool = False,
) -> ReaderRow:
    """One line of the list."""
    schedule = app.config.schedule
    look, sign, state = _LOOKS[reader.state]
    until = paused_until(app, reader)
    if reader.state == "active" and until:
        look, sign, state = "slow", "‖", f"paused until {day_words(until, schedule)}"
    if reader.state == "waiting" and reader.source not in (FORM, DESK):
        look, sign, state = "slow", "!", "brought in, not agreed"
    choice = fitted(app, reader.choice)
    return ReaderRow(
        url=f"/desk/subscribers/{reader.id}",
        address=reader.address or "erased" if is_whole else masked(reader.address),
        look=look,
        sign=sign,
        state=state,
        gets=sections_words(choice, app.config.sections),
        often=rhythm_words(choice.rhythm, schedule),
        since=day_words(reader.confirmed_at or reader.created_at, schedule),
        last=_last(last, bounced),
    )


def _last(last: Received | None, bounced: Bounced | None) -> str:
    if bounced:
        return f"bounced {bounced.count} of {MOST_BOUNCES}: “{shorten(bounced.words, 80)}”"
    return f"last sent {last.issue_number} {_SIGNS.get(last.state, '…')}" if last else ""


def options(names: Mapping[str, str], chosen: str) -> tuple[Option, ...]:
    """A filter with its values; the first leaves nobody out."""
    return tuple(Option(value, label, value == chosen) for value, label in {"": "all", **names}.items())


def list_url(base: str, wanted: Filter, **more: str) -> str:
    """The address of a list that is narrowed to what is ``wanted``."""
    pairs = {"q": wanted.text, "section": wanted.section, "rhythm": wanted.rhythm, "state": wanted.state, **more}
    query = urlencode({name: value for name, value in pairs.items() if value})
    return f"{base}?{query}" if query else base


def form_html(site: str, name: str) -> str:
    """The form for somebody's own site, to copy."""
    return (
        f'<form action="{site}subscribe" method="post">\n'
        f"  <label>{name} by mail:\n"
        '    <input name="address" type="email" autocomplete="email" required></label>\n'
        "  <button>Subscribe</button>\n"
        "</form>"
    )


def newest_received(found: Sequence[Received]) -> dict[int, Received]:
    """The newest mail of each reader; ``found`` is the newest first."""
    made: dict[int, Received] = {}
    for each in found:
        made.setdefault(each.subscriber_id, each)
    return made
