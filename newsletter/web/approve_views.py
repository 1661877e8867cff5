"""What the approve page shows, in plain values."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from newsletter.edit.mail_checks import SUBJECT, SUBJECT_ON_PHONES
from newsletter.model.issue import IssueState
from newsletter.pipeline.readers import Readers
from newsletter.text import one_line
from newsletter.web.preview_views import CheckView


@dataclass(frozen=True, slots=True)
class TypedHour:
    """What somebody typed into the form of the hour and could not be done; it stands there still."""

    at: str
    note: str
    error: str = ""
    """Why it could not be done."""


@dataclass(frozen=True, slots=True)
class ApproveContext:
    """What ``desk/approve.html`` shows."""

    number: int
    state: IssueState
    period: str
    subject: str
    subject_count: str
    mail_subject: str
    """The subject as readers get it."""
    is_cut: bool
    """Whether that is not all of it."""
    on_phones: str
    """The first letters, as phones show them."""
    phones_show: int
    """How many letters that are."""
    summary: str
    looks: tuple[CheckView, ...]
    """What stops the issue, then what is to be looked at."""
    good: tuple[CheckView, ...]
    is_stopped: bool
    readers: Readers
    sends: str
    """Day and hour in the newsletter's zone, then in UTC."""
    hour: str
    """The same for a field of a form."""
    zone: str
    is_moved: bool
    is_past: bool
    is_shown: bool
    """Whether readers see it before its hour, as a draft that was made before the first editor."""
    seen: int
    needs_two: bool
    approved_by: tuple[str, ...]
    is_mine: bool
    """Whether who looks has approved it as it stands."""
    may_approve: bool
    is_short: bool
    is_asking: bool
    """Whether the links are being asked just now."""
    is_looking: bool
    """Whether the issue is being rendered and looked at just now: no check is known yet."""
    is_sure: bool
    """Whether the question with the number of people is asked."""
    said: str
    """What came of the last act."""
    my_address: str
    test_readers: tuple[str, ...]
    script_url: str
    put_back: str = ""
    """Why nothing goes out of a copy that was restored, as long as nobody let it; else empty."""
    typed: TypedHour | None = None
    subject_error: str = ""
    """Why the subject that was sent is not stored."""

    @property
    def reach(self) -> str:
        """The number of people in words."""
        return self.readers.said


def subject_count(subject: str) -> str:
    """How long a subject is."""
    return f"{len(one_line(subject))} of {SUBJECT} characters"


def on_phones(subject: str) -> str:
    """What phones show of it."""
    return subject if len(subject) <= SUBJECT_ON_PHONES else f"{subject[: SUBJECT_ON_PHONES - 1].rstrip()}…"


def hour_in(zone: ZoneInfo, at: datetime) -> str:
    """An hour in the newsletter's zone, then in UTC."""
    local, utc = at.astimezone(zone), at.astimezone(UTC)
    city = zone.key.rpartition("/")[2].replace("_", " ")
    same_day = "" if local.date() == utc.date() else f"{utc:%A} "
    shown = f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M} {city}"
    return shown if city == "UTC" else f"{shown} = {same_day}{utc:%H:%M} UTC"
