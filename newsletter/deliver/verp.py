"""Envelope senders that say whose mail comes back: the signed token of the reader behind a "+" (VERP).

The token is written in base32, for some servers turn an address into small letters on its way (RFC 5321, 2.4 forbids
it, and they do it all the same).
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Errand = Literal["bounce", "probe"]
"""What was mailed: an issue, or the question whether the address is alive."""

_MARKS: dict[str, Errand] = {"b": "bounce", "p": "probe"}
_LETTERS = 39
_TAGGED = re.compile(rf"\+([bp])-([a-z2-7]{{{_LETTERS}}})@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Returned:
    """The token that stood in an envelope sender, and what had been mailed with it."""

    token: str
    errand: Errand


def envelope_sender(address: str, token: str, *, errand: Errand = "bounce") -> str:
    """``address`` with ``token`` in it: ``bounces+b-TOKEN@example.org``."""
    local, _, domain = address.rpartition("@")
    packed = base64.b32encode(base64.urlsafe_b64decode(token)).decode("ascii").rstrip("=").lower()
    return f"{local}+{errand[0]}-{packed}@{domain}"


def returned_to(addresses: Iterable[str | None]) -> Returned | None:
    """The token in the first of ``addresses`` that has one; whether it is ours tells its signature only."""
    for address in addresses:
        found = _TAGGED.search(address or "")
        if found:
            data = base64.b32decode(found[2].upper() + "=")
            return Returned(base64.urlsafe_b64encode(data).decode("ascii"), _MARKS[found[1].lower()])
    return None
