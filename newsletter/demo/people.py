"""The people of the sample community, all invented."""

from dataclasses import dataclass
from datetime import timedelta, timezone
from functools import cache
from importlib.resources import files

DOCUMENTS = files("newsletter.demo") / "documents"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the sample community: how they are named, where they live by the clock, how they quote and sign."""

    key: str
    name: str
    address: str
    zone: timezone
    quotes: str
    signature: str

    @property
    def number(self) -> int:
        """The account number at the review server."""
        return 1000 + list(members()).index(self.key)

    @property
    def domain(self) -> str:
        """The part of the address after the @."""
        return self.address.partition("@")[2]


def read_document(name: str) -> str:
    """The text of one file of the sample's documents."""
    return (DOCUMENTS / name).read_text(encoding="utf-8")


@cache
def members() -> dict[str, Member]:
    """Everybody, by their short name."""
    found = {}
    for line in read_document("people.txt").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        key, name, address, offset, quotes, signature = (part.strip() for part in line.split("|"))
        found[key] = Member(key, name, address, _zone(offset), quotes, signature.replace(" / ", "\n"))
    return found


def _zone(offset: str) -> timezone:
    sign = -1 if offset.startswith("-") else 1
    hours, minutes = offset[1:].split(":")
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))
