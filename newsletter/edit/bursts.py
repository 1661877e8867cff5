"""find_bursts(): sources that bring far more than usual, and how much of it enters an issue unasked. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

HELD = "held: "
"""How the reason of what is held begins, among what was dropped."""
FLOOR = 20
"""Fewer items a week are no flood."""
TIMES_OF_ALL = 2
TIMES_OF_ITSELF = 5
_FEWEST_IN = 5
_WEEKS_KNOWN = 2


@dataclass(frozen=True, slots=True)
class Flow:
    """What a source brings: ``now`` in the newest week, ``usual`` a week before, over ``known`` weeks (0: it is new).

    Counted are items that stand alone: the mails of a list make threads, and reviews make figures.
    """

    now: int
    usual: float = 0.0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Burst:
    """A flood: ``words`` say how large it is, ``limit`` how many of its stories enter an issue by themselves.

    ``rest`` is what a flood that is over left behind, by the ids of items: nothing else of the source is held then.
    """

    limit: int
    words: str
    rest: frozenset[str] | None = None

    def reason(self, name: str) -> str:
        """Why a story of the source ``name`` is held."""
        return f"{HELD}{name} {'brings' if self.rest is None else 'brought'} {self.words}"

    def holds(self, item_id: str, entered: int) -> bool:
        """Whether a story that this item leads stays out, when so many of its source are in."""
        return entered >= self.limit if self.rest is None else item_id in self.rest


def flow_of(weeks: tuple[int, ...]) -> Flow:
    """The flow of a source that brought so many items, the newest week first."""
    before = weeks[1:]
    known = max((at for at, count in enumerate(before, start=1) if count), default=0)
    return Flow(weeks[0], sum(before[:known]) / known if known else 0.0, known)


def find_bursts(flows: Mapping[str, Flow]) -> dict[str, Burst]:
    """The floods among ``flows``, by source id. While a home is new nothing is known to be usual, and none is found."""
    total = sum(each.now for each in flows.values())
    has_history = any(each.known >= _WEEKS_KNOWN for each in flows.values())
    found: dict[str, Burst] = {}
    for source_id, flow in flows.items():
        words = _words(flow, total - flow.now) if has_history and flow.now >= FLOOR else ""
        if words:
            found[source_id] = Burst(max(_FEWEST_IN, math.ceil(flow.usual)), words)
    return found


def _words(flow: Flow, others: int) -> str:
    """How large the flood is; "" for none."""
    is_unusual = flow.now >= TIMES_OF_ALL * flow.usual
    if is_unusual and flow.now >= TIMES_OF_ALL * others:
        if not others:
            return f"{flow.now} a week: all other sources together bring nothing"
        times = flow.now // others
        return f"{flow.now} a week: {'twice' if times == 2 else f'{times} times'} as much as all other sources together"
    if flow.known >= _WEEKS_KNOWN and flow.now >= TIMES_OF_ITSELF * max(flow.usual, 1.0):
        return f"{flow.now} a week: it used to bring {round(flow.usual) or 'less than 1'}"
    return ""
