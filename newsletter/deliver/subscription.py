"""The rules of subscribing, without any I/O: what each step makes of a reader, and who gets an issue."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from newsletter.errors import UsageError, WrongState
from newsletter.model.subscriber import Choice, Rhythm, Subscriber

LONGEST_PAUSE = 52
"""Weeks that a reader may pause at once."""
RHYTHMS: tuple[Rhythm, ...] = get_args(Rhythm)

Ask = Literal["add", "ask again", "is known"]


def on_ask(known: Subscriber | None) -> Ask:
    """What it means that somebody asks for mail at an address: only who is a reader now is not asked to confirm.

    Whoever left, or was removed, may always come back; until they confirm they stay as they are.
    """
    if known is None:
        return "add"
    return "is known" if known.state == "active" else "ask again"


def can_confirm(reader: Subscriber, asked_at: datetime | None) -> bool:
    """Whether a confirmation means anything: who left after they asked last is not brought back by an old link."""
    if reader.state == "erased":
        return False
    ended_at = reader.left_at if reader.state in ("left", "removed") else None
    return ended_at is None or (asked_at is not None and asked_at > ended_at)


def confirmed(reader: Subscriber, at: datetime) -> Subscriber:
    """``reader`` after confirming: a reader from now on; one who is already stays as they are."""
    if reader.state == "active":
        return reader
    return replace(reader, state="active", confirmed_at=at, left_at=None, paused_until=None)


def left(reader: Subscriber, at: datetime) -> Subscriber:
    """``reader`` after leaving; who is out already stays so."""
    if reader.state in ("left", "removed", "erased"):
        return reader
    return replace(reader, state="left", left_at=at, paused_until=None)


def paused(reader: Subscriber, weeks: int, today: date) -> Subscriber:
    """``reader`` who gets nothing for ``weeks`` from ``today`` on (UsageError, WrongState)."""
    if not 1 <= weeks <= LONGEST_PAUSE:
        raise UsageError(f"A pause lasts 1 to {LONGEST_PAUSE} weeks.")
    return replace(_active(reader), paused_until=today + timedelta(weeks=weeks))


def resumed(reader: Subscriber) -> Subscriber:
    """``reader`` after the pause was ended early."""
    return replace(_active(reader), paused_until=None)


def changed(reader: Subscriber, choice: Choice) -> Subscriber:
    """``reader`` with another choice (WrongState when they are none any more)."""
    return replace(_active(reader), choice=choice)


def is_paused(reader: Subscriber, on: date) -> bool:
    """Whether ``reader`` gets nothing on that day because of a pause; on its last day the mail comes again."""
    return reader.paused_until is not None and on < reader.paused_until


def gets(reader: Subscriber, on: date, *, is_month_end: bool) -> bool:
    """Whether an issue that goes out ``on`` a day goes to ``reader``; monthly ones get the last one of a month."""
    if reader.state != "active" or is_paused(reader, on):
        return False
    return reader.choice.rhythm != "monthly" or is_month_end


def choice_of(rhythm: str, sections: Iterable[str], offered: Collection[str]) -> Choice:
    """The choice that a form says, of the sections that are ``offered``; all of them are stored as "all"."""
    if rhythm not in RHYTHMS:
        raise UsageError("Say how often the newsletter should come.")
    wanted = set(sections)
    chosen = tuple(each for each in offered if each in wanted)
    if not chosen:
        raise UsageError("Choose at least one section.")
    return Choice(rhythm, None if len(chosen) == len(offered) else chosen)


def fitting(choice: Choice, offered: Collection[str]) -> Choice:
    """``choice`` without sections that the newsletter does not have any more; when none is left, all."""
    if choice.sections is None:
        return choice
    kept = tuple(each for each in choice.sections if each in offered)
    return replace(choice, sections=kept or None)


def _active(reader: Subscriber) -> Subscriber:
    if reader.state != "active":
        raise WrongState("You get nothing at the moment, so there is nothing to change. Subscribe again first.")
    return reader
