"""Calendars in the iCalendar format. The reader comes with a later version; the keys are checked already."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from newsletter.fetch.kinds import kind


@kind("calendar", can_read=False)
@dataclass(frozen=True, slots=True)
class Calendar:
    """The dates of an iCalendar file, on the web or on disk, for the time of ``look_ahead``."""

    url: str | None = None
    file: str | None = None
    look_ahead: timedelta = timedelta(weeks=6)

    one_of: ClassVar[tuple[str, ...]] = ("url", "file")
    address_shape: ClassVar[str] = r"\.ics$|^webcal:"
