"""Passwords: what is asked of a new one, how they are kept (Argon2id), and how they are compared."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from newsletter.errors import Busy, UsageError
from newsletter.text import slug

SHORTEST, LONGEST = 12, 1024
HASHER = PasswordHasher()
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each comparison takes 64 MB of memory: two at once, or sign-ins eat the machine."""
_PATIENCE_SECONDS = 10


def check_new(password: str, *, names: tuple[str, ...]) -> None:
    """Refuse a password that is too short, too long, or one of ``names`` in disguise (UsageError)."""
    if len(password) < SHORTEST:
        raise UsageError(f"A password has at least {SHORTEST} characters; this one has {len(password)}. Any words do.")
    if len(password) > LONGEST:
        raise UsageError(f"A password has at most {LONGEST:,} characters; this one has {len(password):,}.")
    if len(set(password)) < 4:
        raise UsageError("A password of one character again and again is guessed at once. Take some words.")
    plain = slug(password).replace("-", "")
    for name in names:
        known = slug(name).replace("-", "")
        if known and plain and not plain.replace(known, "").strip("0123456789"):
            raise UsageError(f"“{name}” is the first thing others would try. Take a password without it.")


def hashed(password: str) -> str:
    """What is stored of a password."""
    with _Place():
        return HASHER.hash(_bytes(password))


def is_right(kept: str | None, password: str) -> bool:
    """Whether a password is the one that is kept; with nothing kept it takes as long and is never right."""
    with _Place():
        try:
            return HASHER.verify(kept or _nobodys(), _bytes(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether a password should be hashed again, because what Argon2 is asked for has changed."""
    return HASHER.check_needs_rehash(kept)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")[: 4 * LONGEST]


@cache
def _nobodys() -> str:
    return HASHER.hash(b"nobody has this password")


class _Place:
    """One of the two places; Busy when none gets free in time."""

    def __enter__(self) -> None:
        if not _AT_ONCE.acquire(timeout=_PATIENCE_SECONDS):
            raise Busy("Many people sign in at this moment. Try again in a minute.")

    def __exit__(self, *_: object) -> None:
        _AT_ONCE.release()
