"""What a check before approval says, and what it looks at: Check, Act, MailFacts, CheckInput."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from newsletter.model.issue import Issue, IssueState
from newsletter.model.link import LinkReport

State = Literal["good", "warning", "stops"]


@dataclass(frozen=True, slots=True)
class Act:
    """What an editor can do about it with one button.

    ``kind`` is an action of edit.changes with its ``target`` and ``value``; or "look": go to the card ``target``.
    """

    kind: str
    target: str
    value: Any
    label: str


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the approve page: ``text`` in a few words, ``detail`` what it is about, entries by their ids."""

    id: str
    state: State
    text: str
    detail: str = ""
    act: Act | None = None
    entries: tuple[str, ...] = ()
    group: str = ""
    """What several like it are called, after their number: “links are gone”; empty when it stands alone."""


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """Checks that are told together: ``text`` says how many of what they are."""

    text: str
    checks: tuple[Check, ...]

    @property
    def state(self) -> State:
        """The state of all of them."""
        return self.checks[0].state


def grouped(checks: Iterable[Check]) -> tuple[CheckGroup, ...]:
    """``checks`` in their order; those that are called alike stand together, where the first of them stands."""
    found: dict[object, list[Check]] = {}
    for at, each in enumerate(checks):
        found.setdefault((each.state, each.group) if each.group else at, []).append(each)
    return tuple(
        CheckGroup(each[0].text if len(each) == 1 else f"{len(each):,} {each[0].group}", tuple(each))
        for each in found.values()
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as the mail shows it."""

    id: str
    title: str
    url: str | None


@dataclass(frozen=True, slots=True)
class MailFacts:
    """The mail as it was rendered."""

    subject: str
    """As readers see it: cut when it is too long."""
    text: str
    html_size: int
    full_size: int
    """Bytes of HTML before it was shortened to fit."""
    size_limit: int
    left_out_count: int = 0
    """Summaries and entries that the HTML leaves out for its size."""
    shown: tuple[Shown, ...] = ()
    no_alt: tuple[str, ...] = ()
    """Addresses of pictures that have no words, in the mail and on the web page."""
    pictures_count: int = 0
    lowest_contrast: float = 21.0
    faint: tuple[str, ...] = ()
    """Words that are hard to read, each with its contrast."""
    accent_remarks: tuple[str, ...] = ()
    whole_subject: str = ""
    """The subject before it was cut; empty when nothing was."""


@dataclass(frozen=True, slots=True)
class CheckInput:
    """Everything the checks look at; ``others`` are the other issues with their states."""

    issue: Issue
    mail: MailFacts
    now: datetime
    send_at: datetime
    zone: ZoneInfo
    links: LinkReport = LinkReport()
    others: Mapping[int, IssueState] = field(default_factory=dict)
    looked_at: frozenset[str] = frozenset()
    """Ids of entries that an editor decided or changed something about."""
    item_warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By entry id: what its originals lost on their way."""
    tips: frozenset[str] = frozenset()
    """Ids of entries that a reader sent in."""
    unnamed: tuple[str, ...] = ()
    """Who does not want to be named."""
    since_drafted: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By key of feeds.yaml that stands in the mail: what the draft has and what is there now, where that differs."""

    @property
    def goes_at(self) -> datetime:
        """When readers get it at the soonest: its hour, or now when that has passed."""
        return max(self.now, self.send_at)


def counted(count: int, one: str, many: str | None = None) -> str:
    """``count`` with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def look_at(entry_id: str) -> Act:
    """Go to the card of an entry."""
    return Act("look", entry_id, None, "Look")
