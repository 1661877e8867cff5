"""The time in the sample community: one fixed week, and the moment its newsletter is made."""

from datetime import UTC, datetime

from newsletter.model.period import Period

ZONE_NAME = "Europe/Ljubljana"
"""The zone of the sample newsletter."""

WEEK = Period(datetime(2026, 10, 8, 16, tzinfo=UTC), datetime(2026, 10, 15, 16, tzinfo=UTC))
"""The issue's week: it ends on Thursday 15 October 2026 at 18:00 in the newsletter's zone."""

LAST_LOOK = datetime(2026, 10, 15, 15, 58, tzinfo=UTC)
"""The last look at the sources inside the week; what carries no date of its own was seen then."""

DEMO_NOW = datetime(2026, 10, 15, 16, 34, tzinfo=UTC)
"""The clock of the demo: four minutes after the draft hour."""

YEAR = 2026
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def written_at(text: str) -> datetime:
    """The time that the sample's documents write as "10-09 07:48", in UTC; a year may stand before it."""
    stamp = text.strip()
    full = stamp if stamp.count("-") == 2 else f"{YEAR}-{stamp}"
    return datetime.strptime(full, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def rfc822_date(at: datetime) -> str:
    """The date as mails and RSS write it (RFC 5322), whatever the system's language."""
    return f"{DAYS[at.weekday()]}, {at.day} {MONTHS[at.month - 1][:3]} {at:%Y %H:%M:%S %z}"


def asctime(at: datetime) -> str:
    """The date as the first line of a mail in an mbox writes it."""
    return f"{DAYS[at.weekday()]} {MONTHS[at.month - 1][:3]} {at.day:2} {at:%H:%M:%S %Y}"
