"""What follows from mail that came back: rules only. One that is dead counts at once, three that may pass do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

BounceKind = Literal["hard", "soft", "complaint"]
Verdict = Literal["keep", "ask", "remove"]
"""``ask``: nothing more is mailed but the question whether the address is alive."""

MOST_SOFT = 3
"""So many days with a soft bounce; one hard bounce or one complaint is enough."""
COUNTS_FOR = timedelta(days=60)
ASK_AFTER = timedelta(days=1)
"""A server that forgot its users for an hour knows them again by then."""
ALIVE_AFTER = timedelta(days=7)
"""A question that did not come back by then was read, or could have been."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """One that counts: at most one a day."""

    kind: BounceKind
    day: date


def verdict(counted: Iterable[Bounce], *, today: date) -> Verdict:
    """What is to be done about a reader to whom ``counted`` happened; what is older than 60 days counts no more."""
    kinds = [each.kind for each in counted if today - each.day <= COUNTS_FOR]
    if "complaint" in kinds:
        return "remove"
    return "ask" if "hard" in kinds or kinds.count("soft") >= MOST_SOFT else "keep"
