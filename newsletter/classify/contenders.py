"""What ranking looks at: a discussion among those of one issue, in plain numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_WORD = re.compile(r"[^\W\d_][\w-]+")
_NUMBERED = re.compile(r"\bv?\d+\.\d+|\brelease[ds]?\b|\brc[-. ]?\d", re.IGNORECASE)
_PLAN = re.compile(
    r"\bproposals?\b|\brfc\b|\bdrafts?\b|\bspec(?:ification)?s?\b|\benhancement|\bblueprints?\b|\b[A-Z]{1,3}IPs?\b",
    re.IGNORECASE,
)
_ROUTINE = re.compile(r"\bmeetings?\b|\bagenda\b|\bminutes\b|\bnewsletter\b|\bpodcast\b|\bweekly\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Contender:
    """A discussion as it stood when its issue was made.

    Counts are of the days that the issue looks at (``posts``, ``people_count``) and from the
    beginning on (``all_posts``, ``all_people``). ``people`` are those who wrote in these days.
    """

    id: str
    title: str
    source: str = ""
    starter: str = ""
    people: tuple[str, ...] = ()
    posts: int = 1
    people_count: int = 1
    all_posts: int = 1
    all_people: int = 1
    age_days: float = 0.0
    starter_posts: int = 0
    """How much its starter wrote in the two years before."""
    marks: frozenset[str] = frozenset()
    """What it is about, as :mod:`newsletter.classify.marks` tells it."""
    sources_count: int = 1

    @property
    def everybody(self) -> frozenset[str]:
        """Its starter and all who wrote."""
        return frozenset(name for name in (self.starter, *self.people) if name)


@dataclass(frozen=True, slots=True)
class Pool:
    """The contenders of one issue, with what each is measured against."""

    contenders: tuple[Contender, ...]
    most_posts: int = 1
    most_people: int = 1

    @classmethod
    def of(cls, contenders: Sequence[Contender]) -> "Pool":
        """The pool that ``contenders`` make."""
        return cls(
            tuple(contenders),
            max((max(1, each.posts) for each in contenders), default=1),
            max((max(1, each.people_count) for each in contenders), default=1),
        )


@lru_cache(maxsize=16_384)
def title_pieces(title: str) -> frozenset[str]:
    """The words of a title and the pairs of neighbours among them, in lower case."""
    words = _WORD.findall(title.casefold())[:40]
    return frozenset(words) | {f"{one} {other}" for one, other in pairwise(words)}


def is_release_title(title: str) -> bool:
    """Whether ``title`` tells a version."""
    return _NUMBERED.search(title) is not None


def is_plan_title(title: str) -> bool:
    """Whether ``title`` proposes something: a draft, a specification, an enhancement proposal."""
    return _PLAN.search(title) is not None


def is_routine_title(title: str) -> bool:
    """Whether ``title`` is of a thing that comes every week: a meeting, its minutes, somebody's newsletter."""
    return _ROUTINE.search(title) is not None
