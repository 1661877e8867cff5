"""What ``desk/_card.html`` and its parts may use: plain values, one doc line a field."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlaceView:
    """Where the story can be read."""

    label: str
    """The word for the place: thread, review, blog."""
    url: str
    detail: str
    """Planet, feed, Monday 9 March 14:22; may be empty."""


@dataclass(frozen=True, slots=True)
class OriginalView:
    """One item that the entry was made of, as its source has it."""

    id: str
    title: str
    start: str
    """The beginning of its text."""
    more: str
    """The rest; empty when the beginning is all."""
    is_cut: bool
    """Whether even the rest ends before the text does."""
    facts: str
    """Who, where and when, in a line."""
    url: str | None
    language: str | None
    direction: str | None


@dataclass(frozen=True, slots=True)
class JoinedView:
    """A story that an editor joined to this one."""

    title: str
    made_of: str
    """3 items"""
    items: tuple[str, ...]
    """Their ids: what goes out when the two are split again."""


@dataclass(frozen=True, slots=True)
class EditView:
    """The form for title and text."""

    title: str
    text: str
    drafted_title: str
    """As the program had them; both empty when an editor brought the entry in."""
    drafted_text: str
    is_rewritten: bool
    size: str
    """69 characters"""
    errors: tuple[str, ...] = ()
    """What is wrong with what was sent; then the form stands open."""


@dataclass(frozen=True, slots=True)
class PartView:
    """Points of the score."""

    points: str
    """+30, −4, ±0"""
    name: str
    line: str
    """line 142 of feeds.yaml; empty when no line is behind it."""
    url: str = ""
    """Where that line can be read; may be empty."""


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule that meets it."""

    text: str
    """rule 3, “Big things stay”: keeps it"""
    line: str
    url: str


@dataclass(frozen=True, slots=True)
class WhyView:
    """Why the entry stands where it stands."""

    sentence: str
    parts: tuple[PartView, ...]
    rules: tuple[RuleView, ...]
    """What rules do beside giving points, also one that came too late: “would drop it; rule 1 keeps it”."""
    note: str = ""
    """Of what a rule drops and an editor keeps."""


@dataclass(frozen=True, slots=True)
class DoneView:
    """One thing that was done to the entry."""

    batch: int
    """The act it belongs to, which can be taken back."""
    who: str
    what: str
    """kept, changed the title of"""
    words: str
    """What was written; may be empty."""
    when: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class RemarkView:
    """A word of one editor to the other."""

    who: str
    text: str
    when: str


@dataclass(frozen=True, slots=True)
class TargetView:
    """A section into which the entry can go."""

    id: str
    title: str
    key: str
    """The digit for it, or empty."""


@dataclass(frozen=True, slots=True)
class AtView:
    """Who else is at the card."""

    name: str
    initials: str
    since: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of the event form."""

    name: str
    label: str
    value: str
    is_guess: bool
    note: str
    """What the guess was made from, the days left, or what is wrong; may be empty."""
    error: str


@dataclass(frozen=True, slots=True)
class EventCardView:
    """The date of an entry."""

    has_event: bool
    """False: the form is there to give it one."""
    is_guess: bool
    words: str
    """The words a guess was made from."""
    fields: tuple[FieldView, ...]
    question: str
    """A text to send to the author."""
    is_open: bool
    """Whether the form stands open: a guess waits for an answer, or something is wrong in it."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A run of words, shaded when the other text has them, too."""

    text: str
    is_shared: bool


@dataclass(frozen=True, slots=True)
class SideView:
    """One side of a merge card."""

    heading: str
    """Dev list, Tuesday 10 March"""
    title: tuple[RunView, ...]
    text: tuple[RunView, ...]
    facts: str


@dataclass(frozen=True, slots=True)
class MergeView:
    """Another entry that may be the same story."""

    entry_id: str
    title: str
    percent: int
    because: str
    """The same author, 14 words in a row; may be empty."""
    first: SideView
    second: SideView


@dataclass(frozen=True, slots=True)
class CardView:
    """A card: everything that is shown of an entry, and what its forms carry."""

    id: str
    issue: int
    url: str
    """The page of the card alone; its forms go to addresses below it."""
    section: str
    section_title: str
    seen: int
    """The number of the last change the page knows."""
    sign: str
    state: str
    """kept, open, below the line"""
    style: str
    is_kept: bool
    score: str
    title: str
    original_url: str | None
    discussion_url: str | None
    replies: str
    since: str
    author: str
    project: str
    waited: str
    """Since when it was put off; empty when it was not."""
    labels: tuple[str, ...]
    places: tuple[PlaceView, ...]
    originals: tuple[OriginalView, ...]
    joined: tuple[JoinedView, ...]
    """The stories that editors joined to it, each of which can stand for itself again."""
    edit: EditView
    proposal: str
    """What a model would say; empty without one."""
    proposal_by: str
    warnings: tuple[str, ...]
    outdated: str
    """Who wrote and when, if the original changed since; empty when it did not."""
    changed_title: str
    """The title and text that the original would have now."""
    changed_text: str
    why: WhyView
    history: tuple[DoneView, ...]
    remarks: tuple[RemarkView, ...]
    targets: tuple[TargetView, ...]
    can_pin: bool
    event: EventCardView
    merges: tuple[MergeView, ...]
    at: AtView | None
    """Another editor who is at the card: then it is read only, until it is taken over."""
    locked: str
    """Why nothing can be changed; empty while the issue is a draft."""
    script_url: str

    @property
    def is_read_only(self) -> bool:
        """Whether the card is shown without its forms."""
        return self.at is not None or bool(self.locked)
