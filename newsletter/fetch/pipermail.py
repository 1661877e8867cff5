"""Pages of a Mailman 2 archive: the index with its texts, and a month's page with the numbers of its mails."""

import html
import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urljoin

from newsletter.fetch.mail_volumes import Volume

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_TEXT = re.compile(rb"""href\s*=\s*["']?([A-Za-z0-9-]{4,40})\.txt(\.gz)?["'\s>]""", re.IGNORECASE)
_NAME = re.compile(
    r"(?P<month_year>\d{4})-(?P<month>[A-Z][a-z]{2,8})|(?P<quarter_year>\d{4})q(?P<quarter>[1-4])|"
    r"Week-of-Mon-(?P<week>\d{8})|(?P<day>\d{8})|(?P<year>\d{4})"
)
_SIGNS = (b"pipermail", b"mailman", b"downloadable version", b"thread.html")
_EMPTY = re.compile(rb"view by:|no messages have been posted", re.IGNORECASE)
_ARCHIVE = re.compile(
    rb"""href\s*=\s*["']([^"'<>\s]{0,500}/(?:pipermail|private)/[^"'<>\s]{1,200})["']""", re.IGNORECASE
)


def find_volumes(page: bytes) -> tuple[Volume, ...]:
    """The texts that an index page offers, the oldest first."""
    found: dict[str, Volume] = {}
    for name, packed in _TEXT.findall(page):
        volume = make_volume(name.decode(), f"{name.decode()}.txt{packed.decode()}")
        if volume is not None:
            found.setdefault(volume.name, volume)
    return tuple(sorted(found.values()))


def make_volume(name: str, file: str) -> Volume | None:
    """The volume that Mailman calls ``name``: "2015-November", "2015q4", "Week-of-Mon-20151102", "20151102", "2015"."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        begins_on, ends_on = _span(match.groupdict())
    except (ValueError, OverflowError):
        return None
    return Volume(begins_on, ends_on, name, file)


def _span(part: dict[str, str | None]) -> tuple[date, date]:
    if part["month_year"]:
        month = _MONTHS.index(part["month"] or "")
        return _months(int(part["month_year"]), month, 1)
    if part["quarter_year"]:
        return _months(int(part["quarter_year"]), int(part["quarter"] or 1) * 3 - 3, 3)
    if part["year"]:
        return _months(int(part["year"]), 0, 12)
    begins_on = datetime.strptime(part["week"] or part["day"] or "", "%Y%m%d").replace(tzinfo=UTC).date()
    return begins_on, begins_on + timedelta(days=7 if part["week"] else 1)


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    after = month + count
    return date(year, month + 1, 1), date(year + after // 12, after % 12 + 1, 1)


def looks_like_archive(page: bytes) -> bool:
    """Whether ``page`` is the index of an archive made by Mailman 2, an empty one included."""
    lowered = page[:100_000].lower()
    if b"<html" not in lowered or not any(sign in lowered for sign in _SIGNS):
        return False
    return bool(find_volumes(page) or (b"archives" in lowered and _EMPTY.search(lowered)))


def archive_link(page: bytes, url: str) -> str | None:
    """The address of the archive that a page about a list names."""
    found = _ARCHIVE.search(page)
    return urljoin(url, html.unescape(found[1].decode("latin-1"))) if found else None
