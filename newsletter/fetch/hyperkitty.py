"""Archives that HyperKitty (Mailman 3) shows: their addresses, and which spans of time to ask for."""

import base64
import hashlib
import html
import re
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote, unquote, urljoin

from newsletter.fetch.mail_volumes import Volume

OVERLAP = timedelta(days=2)
"""Mails are sorted by the date their writers gave them: so long one of the past may still come."""
SETTLED = timedelta(days=7)
"""So long after its end a month is read once more, for the mails that came late; then never again."""
_LONGEST_WINDOW = timedelta(days=5)
_AHEAD = timedelta(days=2)
_FIRST_YEAR = 1990
_POSSIBLE = (1970, 2100)

_LIST = re.compile(r"^(?P<base>.*?/list/(?P<name>[^/?#@]+)(?:@|%40)(?P<host>[^/?#@]+))(?:[/?#]|$)", re.IGNORECASE)
_LINK = re.compile(
    rb"""href\s*=\s*["']([^"'<>\s]{0,500}/list/[^"'/<>\s]{1,200}(?:@|%40)[^"'/<>\s]{1,200})/""", re.IGNORECASE
)
_MONTH = re.compile(
    rb"""href\s*=\s*["'][^"'<>\s]{0,700}(?:@|%40)[^"'/<>\s]{1,200}/(\d{4})/(\d{1,2})/["']""", re.IGNORECASE
)
_FEED = re.compile(rb"""href\s*=\s*["']([^"'<>\s]{0,700}(?:@|%40)[^"'/<>\s]{1,200}/feed/)["']""", re.IGNORECASE)
_HEAD = 200_000


def list_address(url: str) -> tuple[str, str] | None:
    """The address of the list's archive that ``url`` stands for or is a page of, and the list's name."""
    found = _LIST.match(url)
    return (f"{found['base']}/", unquote(found["name"])) if found else None


def archive_link(page: bytes, url: str) -> str | None:
    """The address of the archive that a page about a list names."""
    found = _LINK.search(page[:_HEAD])
    return urljoin(url, html.unescape(found[1].decode("latin-1")) + "/") if found else None


def looks_like_archive(page: bytes) -> bool:
    """Whether ``page`` was made by HyperKitty for one list."""
    head = page[:_HEAD]
    return b"hyperkitty" in head.lower() and _MONTH.search(head) is not None


def find_months(page: bytes) -> tuple[str, ...]:
    """The months in which the page of a list says that there are mails, as "2026-03", the oldest first."""
    found = {(int(year), int(month)) for year, month in _MONTH.findall(page)}
    months = (
        (year, month) for year, month in sorted(found) if _POSSIBLE[0] <= year < _POSSIBLE[1] and 1 <= month <= 12
    )
    return tuple(f"{year:04}-{month:02}" for year, month in months)


def feed_address(page: bytes, base: str) -> str:
    """The feed that the page of a list names, else the one that it has since 1.3.4."""
    found = _FEED.search(page[:_HEAD])
    return urljoin(base, html.unescape(found[1].decode("latin-1"))) if found else urljoin(base, "feed/")


def message_url(base: str, message_id: str) -> str:
    """The page that shows a mail: it is named after a hash of the Message-ID."""
    digest = hashlib.sha1(message_id.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    return urljoin(base, f"message/{base64.b32encode(digest).decode()}/")


def month_url(base: str, at: datetime | None) -> str:
    """The page of the month in which something was sent, or of the whole list."""
    return urljoin(base, f"{at.year}/{at.month}/") if at else base


def plan(months: Collection[str], done: Collection[str], *, today: date, since: datetime | None) -> tuple[Volume, ...]:
    """The spans of time that make up an archive, the oldest first; those of the past that are ``done`` included.

    ``months`` are those the archive lists, none when it does not say. What has ended a week ago is a
    month. The time since then is read in pieces up to two days ago, which are not asked for again
    while the month is open, and the rest as a window that begins where the last piece ends.
    """
    settled = today - SETTLED
    first_open = _first_of(settled)
    past = tuple(_past(months, first_open, since))
    ends = [date.fromisoformat(name[-10:]) for name in done if is_piece(name)]
    begins_on = max([first_open, *ends])
    until = max(today - OVERLAP, first_open)
    if not any(end > first_open for end in ends) or until - begins_on > _LONGEST_WINDOW:
        pieces, begins_on = tuple(_pieces(begins_on, until)), max(begins_on, until)
    else:
        pieces = ()
    window = _volume(begins_on, today + _AHEAD, f"{begins_on}--")
    return (*past, *pieces, window)


def months_until(months: Collection[str], today: date, since: datetime | None) -> list[str]:
    """The months that are listed and all after them, or those since, up to ``today``; the oldest first."""
    listed = sorted(months)
    from_on = (since - timedelta(days=1)).astimezone(UTC).date() if since else None
    begins_on = date.fromisoformat(f"{listed[0]}-01") if listed else _first_of(from_on or today)
    found = []
    while begins_on <= today:
        name = f"{begins_on:%Y-%m}"
        is_there = not listed or name in months or name > listed[-1]
        if is_there and (from_on is None or _next_month(begins_on) > from_on):
            found.append(name)
        begins_on = _next_month(begins_on)
    return found


def is_settled(month: str, today: date) -> bool:
    """Whether a month ended so long ago that nothing is added to it any more."""
    return _next_month(date.fromisoformat(f"{month}-01")) <= today - SETTLED


def is_piece(name: str) -> bool:
    """Whether a volume of that name is a piece of an open month."""
    return "--" in name and not name.endswith("--")


def still_open(name: str, today: date) -> bool:
    """Whether what is known of the volume of that name says anything about the open months."""
    return not is_piece(name) or date.fromisoformat(name[-10:]) > _first_of(today - SETTLED)


def _past(months: Collection[str], until: date, since: datetime | None) -> Iterator[Volume]:
    """What lies before ``until``: the months that are listed and all after them; or those since; or years."""
    if months:
        listed = [date.fromisoformat(f"{month}-01") for month in sorted(months)]
        yield from (_month(month) for month in listed if month < until)
        begins_on = _next_month(listed[-1])
    elif since:
        begins_on = _first_of(since.astimezone(UTC).date())
    else:
        yield _volume(date(1970, 1, 1), date(_FIRST_YEAR, 1, 1), f"before-{_FIRST_YEAR}")
        yield from (
            _volume(date(year, 1, 1), date(year + 1, 1, 1), f"{year}") for year in range(_FIRST_YEAR, until.year)
        )
        begins_on = date(until.year, 1, 1)
    while begins_on < until:
        yield _month(begins_on)
        begins_on = _next_month(begins_on)


def _pieces(begins_on: date, until: date) -> Iterator[Volume]:
    """The time from ``begins_on`` to ``until``, apart where a month ends."""
    while begins_on < until:
        ends_on = min(until, _next_month(begins_on))
        yield _volume(begins_on, ends_on, f"{begins_on}--{ends_on}")
        begins_on = ends_on


def _month(begins_on: date) -> Volume:
    return _volume(begins_on, _next_month(begins_on), f"{begins_on:%Y-%m}")


def _volume(begins_on: date, ends_on: date, name: str) -> Volume:
    return Volume(begins_on, ends_on, name, f"{quote(name)}.mbox.gz?start={begins_on}&end={ends_on}")


def _first_of(day: date) -> date:
    return day.replace(day=1)


def _next_month(day: date) -> date:
    return _first_of(_first_of(day) + timedelta(days=32))
