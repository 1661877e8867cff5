"""The rules of subscribing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from newsletter.deliver import subscription as rules
from newsletter.errors import UsageError, WrongState
from newsletter.model.subscriber import Choice, Subscriber

AT = datetime(2026, 3, 6, 18, tzinfo=UTC)
TODAY = date(2026, 3, 6)
READER = Subscriber(1, "rita@example.org", "active", Choice(), AT, "form", confirmed_at=AT)
WAITING = replace(READER, state="waiting", confirmed_at=None)
LEFT = replace(READER, state="left", left_at=AT)


def test_asking() -> None:
    assert rules.on_ask(None) == "add"
    assert rules.on_ask(READER) == "is known"
    removed = replace(READER, state="removed")
    assert {rules.on_ask(each) for each in (WAITING, LEFT, removed)} == {"ask again"}


def test_an_old_link_brings_nobody_back() -> None:
    later, earlier = AT + timedelta(seconds=1), AT - timedelta(seconds=1)
    assert rules.can_confirm(WAITING, AT)
    assert rules.can_confirm(READER, None)
    assert [rules.can_confirm(LEFT, each) for each in (None, earlier, AT, later)] == [False, False, False, True]
    assert not rules.can_confirm(replace(READER, state="erased"), later)


def test_confirming_and_leaving() -> None:
    again = rules.confirmed(replace(LEFT, paused_until=TODAY), AT)
    assert (again.state, again.left_at, again.paused_until) == ("active", None, None)
    assert rules.confirmed(READER, AT + timedelta(days=1)) is READER
    gone = rules.left(replace(READER, paused_until=TODAY), AT)
    assert (gone.state, gone.left_at, gone.paused_until) == ("left", AT, None)
    assert rules.left(gone, AT + timedelta(days=1)) is gone
    assert rules.left(WAITING, AT).state == "left"


def test_pausing() -> None:
    paused = rules.paused(READER, 2, TODAY)
    assert paused.paused_until == date(2026, 3, 20)
    assert rules.is_paused(paused, date(2026, 3, 19))
    assert not rules.is_paused(paused, date(2026, 3, 20))
    assert rules.resumed(paused) == READER
    for weeks in (0, -1, 53):
        with pytest.raises(UsageError):
            rules.paused(READER, weeks, TODAY)
    for step in (lambda: rules.paused(LEFT, 1, TODAY), lambda: rules.resumed(WAITING)):
        with pytest.raises(WrongState):
            step()
    with pytest.raises(WrongState):
        rules.changed(LEFT, Choice())


@pytest.mark.parametrize(
    ("rhythm", "is_month_end", "gets"),
    [
        *(("weekly", False, True), ("weekly", True, True), ("monthly", False, False), ("monthly", True, True)),
        *(("highlights", False, True), ("highlights", True, True)),
    ],
)
def test_who_gets_an_issue(rhythm: str, is_month_end: bool, gets: bool) -> None:
    reader = rules.changed(READER, Choice(rhythm))  # type: ignore[arg-type]
    assert rules.gets(reader, TODAY, is_month_end=is_month_end) is gets
    assert not rules.gets(rules.paused(reader, 1, TODAY), TODAY, is_month_end=is_month_end)
    assert not rules.gets(replace(reader, state="waiting"), TODAY, is_month_end=is_month_end)
    assert not rules.gets(rules.left(reader, AT), TODAY, is_month_end=is_month_end)


def test_choices() -> None:
    offered = ("a", "b", "c")
    assert rules.choice_of("weekly", ["c", "a"], offered) == Choice("weekly", ("a", "c"))
    assert rules.choice_of("monthly", ["c", "a", "b", "x"], offered) == Choice("monthly")
    for rhythm, sections in (("daily", ["a"]), ("weekly", []), ("weekly", ["x"])):
        with pytest.raises(UsageError):
            rules.choice_of(rhythm, sections, offered)
    assert rules.fitting(Choice("weekly", ("a", "gone")), offered) == Choice("weekly", ("a",))
    assert rules.fitting(Choice("weekly", ("gone",)), offered) == Choice()
    assert rules.fitting(Choice("monthly"), offered) == Choice("monthly")
