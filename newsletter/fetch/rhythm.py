"""When a source is read next: as often as it has news, as its server asks, and never all at once."""

import hashlib
import re
from datetime import datetime, timedelta

from newsletter.fetch.http import Reply
from newsletter.model.source import FetchState, Source

QUIET_SHARE = 8
"""A source that had no news for a time is asked again after this part of it."""
_SPREAD = 0.1
_LONGEST_WISH = 35 * 86_400
_HEAD = 8192
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_NO_STORE = re.compile(r"(?:^|[\s,])no-(?:store|cache)\b", re.IGNORECASE)
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)


def next_check(source: Source, state: FetchState, now: datetime, *, has_news: bool) -> datetime:
    """When ``source`` is to be read after a reading that went well.

    At its ``check_every`` while it has news; the longer it was quiet, the more seldom, down to its
    ``check_at_least_every``. What its server said about how long nothing changes holds in between. Up to a tenth is
    added, always the same for one source and one hour, so that sources which began together come apart.
    """
    slowest = max(source.check_every, source.check_at_least_every)
    wait = source.check_every
    if not has_news:
        # Where nothing new ever came, only the first reading is known; it cannot be called quiet yet.
        quiet = now - state.last_new_at if state.last_new_at else timedelta()
        wait = max(wait, quiet / QUIET_SHARE)
    if state.fresh_seconds:
        wait = max(wait, timedelta(seconds=state.fresh_seconds))
    wait = min(wait, slowest)
    return now + wait * (1 + _SPREAD * share_of(source.id, f"{now:%Y%m%d%H}"))


def share_of(key: str, turn: str = "") -> float:
    """A number from 0 to 1 that is always the same for ``key`` and ``turn``."""
    digest = hashlib.blake2b(f"{key}\0{turn}".encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 0xFFFFFFFF


def fresh_seconds(reply: Reply, before: int | None) -> int | None:
    """For how many seconds nothing will change, as the server says (RFC 9111, 4.2.1) or its feed (RSS, ttl).

    ``before`` is what was known: an answer that nothing changed brings no feed that could say it again.
    """
    control = reply.header("cache-control")
    if found := None if _NO_STORE.search(control) else _MAX_AGE.search(control):
        age = reply.header("age")
        seconds = int(found[1]) - (int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0)
    elif reply.is_unchanged and not reply.body:
        return before
    else:
        seconds = 0
    ttl = _TTL.search(reply.body[:_HEAD].partition(b"<item")[0]) if reply.body else None
    seconds = max(seconds, int(ttl[1]) * 60 if ttl else 0)
    return min(seconds, _LONGEST_WISH) if seconds > 0 else None
