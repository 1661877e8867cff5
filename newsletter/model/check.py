"""One thing that doctor looked at, and what is to do about it."""

from dataclasses import dataclass
from typing import Literal

Standing = Literal["ok", "warning", "fault", "not asked"]
"""``fault``: something does not work; ``warning``: it may bite later; ``not asked``: who would know did not answer."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it stands, and in one line what is so and what to do."""

    name: str
    standing: Standing
    text: str


def ok(name: str, text: str) -> Check:
    """All is well."""
    return Check(name, "ok", text)


def warning(name: str, text: str) -> Check:
    """It may bite later."""
    return Check(name, "warning", text)


def fault(name: str, text: str) -> Check:
    """It does not work."""
    return Check(name, "fault", text)


def not_asked(name: str, text: str) -> Check:
    """Who would know did not answer."""
    return Check(name, "not asked", text)
