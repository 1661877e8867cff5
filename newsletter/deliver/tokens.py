"""Tokens of links in mails: bound to a person and a purpose, signed, readable by nobody else, all of one length."""

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

Purpose = Literal["unsubscribe", "preferences", "confirm", "move", "bounce"]
"""``move`` confirms a new address; its number is that of the wish, not of the reader."""

LENGTH = 32
"""Letters of a token: A-Z, a-z, 0-9, "-" and "_" (RFC 4648, 5)."""
VALID_DAYS = 400
"""So long the links of a mail work; at least 60 days are promised."""
CONFIRM_DAYS = 60
"""So long a wish waits for its confirmation."""
_FIRST_DAY = date(2000, 1, 1)
_HEAD = struct.Struct(">IHH")
_MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says that was signed by us and is not too old."""

    subscriber_id: int
    epoch: int
    made_on: date


def make_token(secret: bytes, purpose: Purpose, *, subscriber_id: int, epoch: int, on: date) -> str:
    """The token with which the reader ``subscriber_id`` may do what ``purpose`` names; made ``on`` a day (UTC)."""
    head = _HEAD.pack(subscriber_id, epoch & 0xFFFF, (on - _FIRST_DAY).days)
    return base64.urlsafe_b64encode(head + _mac(secret, purpose, head)).decode("ascii")


def read_token(secret: bytes, purpose: Purpose, token: str, *, now: datetime) -> Claim | None:
    """What ``token`` says; None when it was made for something else, by somebody else, or too long ago."""
    if len(token) != LENGTH or not token.isascii():
        return None
    try:
        data = base64.b64decode(token, altchars=b"-_", validate=True)
    except ValueError:
        return None
    head, mac = data[: _HEAD.size], data[_HEAD.size :]
    if not hmac.compare_digest(mac, _mac(secret, purpose, head)):
        return None
    subscriber_id, epoch, days = _HEAD.unpack(head)
    made_on = _FIRST_DAY + timedelta(days=days)
    age = (now.astimezone(UTC).date() - made_on).days
    if age > (CONFIRM_DAYS if purpose in ("confirm", "move") else VALID_DAYS):
        return None
    return Claim(subscriber_id, epoch, made_on)


def _mac(secret: bytes, purpose: Purpose, head: bytes) -> bytes:
    return hmac.digest(secret, f"{purpose}\0".encode() + head, hashlib.sha256)[:_MAC_BYTES]
