"""What proves a figure: the things that were counted, and how a service is asked for the same ones."""

from dataclasses import dataclass
from typing import Literal

from newsletter.model.item import Person
from newsletter.model.period import Period
from newsletter.model.story import Place

Asked = Literal["merged", "put up", "mails"]
"""What a service can be asked for: changes merged in a period, changes put up for review, mails."""


@dataclass(frozen=True, slots=True)
class ProofAsked:
    """The question for the page of a service that shows exactly what was counted, and nothing else.

    ``projects`` are full names; none stands for all that the source reads. ``left_out`` are the
    robots whose things the service has as well and nobody counted.
    """

    what: Asked
    period: Period
    projects: tuple[str, ...] = ()
    left_out: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that was counted: a change, a mail, a person."""

    title: str
    url: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the figure ``name`` counts; ``queries`` are lists of services with the same things."""

    name: str
    things: tuple[Thing, ...] = ()
    queries: tuple[Place, ...] = ()
