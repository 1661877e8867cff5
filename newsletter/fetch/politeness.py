"""Waiting as servers ask: Retry-After per registrable domain, and a back-off that never gives up."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from ipaddress import ip_address

from publicsuffixlist import PublicSuffixList

from newsletter.fetch.dates import parse_date

MOST_PATIENCE = timedelta(days=7)
"""The longest wait a server can ask for."""
FIRST_PAUSE = timedelta(minutes=15)
"""The pause after a 429 that names none."""
LONGEST_PAUSE = timedelta(days=1)
_FIRST_EPOCH = 10**9
"""A smaller number is seconds from now, a larger one a time."""


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(4096)
def domain_of(host: str, port: int | None = None) -> str:
    """The registrable domain of ``host``; an address, and a name without one, stand for themselves with their port."""
    try:
        ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        found = _suffixes().privatesuffix(host.rstrip(".").lower())
        if found:
            return str(found)
    return f"{host.lower()}:{port}" if port else host.lower()


class Throttles:
    """Which domains asked to be left alone, and until when."""

    def __init__(self, until: Mapping[str, datetime] | None = None) -> None:
        self.until: dict[str, datetime] = dict(until or {})

    def wait_until(self, host: str, port: int | None, *, now: datetime) -> datetime | None:
        """When ``host`` may be asked again, None for now."""
        if not self.until:
            return None
        at = self.until.get(domain_of(host, port))
        return at if at is not None and at > now else None

    def note(self, host: str, port: int | None, until: datetime) -> None:
        """Remember that the domain of ``host`` is to be left alone until then."""
        domain = domain_of(host, port)
        self.until[domain] = max(until, self.until.get(domain, until))


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the server wants to be asked again (RFC 9110, 10.2.3), None if it does not say.

    At most a week from ``now``.
    """
    text = headers.get("Retry-After", "").strip()
    if not text:
        at = used_up_until(headers, now)
    elif text.isascii() and text.isdigit():
        at = now + timedelta(seconds=min(int(text[:9]), MOST_PATIENCE.total_seconds()))
    else:
        at = _from_date(text)
    return min(max(at, now), now + MOST_PATIENCE) if at else None


def used_up_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Until when nothing is left of what the server grants; None while there is, or when it does not count.

    GitHub, GitLab, Mastodon and others count so, with and without "X-", the end as a time or as seconds from now.
    """
    for prefix in ("X-RateLimit-", "RateLimit-"):
        if headers.get(f"{prefix}Remaining", "").strip() == "0":
            at = _from_reset(headers.get(f"{prefix}Reset", ""), now)
            return min(max(at, now), now + MOST_PATIENCE) if at else None
    return None


def _from_reset(text: str, now: datetime) -> datetime | None:
    if "T" in text:
        return parse_date(text)
    try:
        number = int(text)
        return now + timedelta(seconds=number) if 0 <= number < _FIRST_EPOCH else datetime.fromtimestamp(number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _from_date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def back_off(key: str, failures: int, first: timedelta) -> timedelta:
    """How long to wait after that many failures in a row: doubling from ``first`` up to a day.

    Up to a tenth is added or taken away, always the same for ``key`` and ``failures``, so that
    sources that broke together do not come back together.
    """
    plain: timedelta = first * 2 ** min(max(failures - 1, 0), 20)
    digest = hashlib.blake2b(f"{key}\0{failures}".encode("utf-8", "surrogatepass"), digest_size=2).digest()
    shifted: timedelta = plain * (0.9 + 0.2 * int.from_bytes(digest, "big") / 0xFFFF)
    return min(shifted, max(LONGEST_PAUSE, first))
