import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest

from newsletter.errors import NotFound, WrongState
from newsletter.model.issue import STEPS, Change, Issue, IssueState, Section, SectionSettings, Statistic
from newsletter.model.period import Period
from newsletter.store.database import Database
from newsletter.store.issues import (
    add_change,
    changes,
    draft_number,
    edited_before,
    has_changes,
    issue,
    issue_about,
    numbers,
    save_draft,
    step,
)
from tests.store.samples import AT

WEEK = timedelta(days=7)


def period(week: int) -> Period:
    return Period(AT + week * WEEK, AT + (week + 1) * WEEK)


def draft(number: int, week: int, title: str = "Title") -> Issue:
    section = Section("general", "General", period(week), settings=SectionSettings("general", "General", at_most=3))
    return Issue(
        number,
        title,
        period(week),
        date(2026, 3, 13),
        sections=(section,),
        statistics=(Statistic("contributors", 3, 2),),
    )


def make(database: Database, week: int, title: str = "Title") -> int:
    with database.transaction() as db:
        number = draft_number(db, period(week))
        save_draft(db, draft(number, week, title), now=AT)
        return number


def test_numbers_count_up_and_a_period_keeps_its_own(database: Database) -> None:
    assert [make(database, week) for week in (5, 2, 5, 9, 2)] == [1, 2, 1, 3, 2]
    with database.reading() as db:
        assert numbers(db) == [1, 2, 3]


def test_a_draft_comes_back_whole(database: Database) -> None:
    number = make(database, 1)
    with database.reading() as db:
        stored = issue(db, number)
        assert stored == issue_about(db, period(1))
        assert stored.issue == draft(number, 1)
        assert (stored.state, stored.period, stored.publish_on) == ("draft", period(1), date(2026, 3, 13))
        assert issue_about(db, period(2)) is None
        with pytest.raises(NotFound, match="There is no issue 99"):
            issue(db, 99)


def test_a_draft_made_anew_replaces_the_old_one_and_keeps_the_changes(database: Database) -> None:
    number = make(database, 1, "Before")
    change = Change(0, "Ada", AT, "title", "issue", "Better")
    with database.transaction() as db:
        add_change(db, number, change)
        save_draft(db, draft(number, 1, "After"), now=AT + WEEK)
        stored = issue(db, number)
        assert (stored.title, stored.created_at, stored.drafted_at) == ("After", AT, AT + WEEK)
        assert changes(db, number) == (replace(change, number=1),)


def test_a_draft_under_a_number_that_is_not_its_own_is_refused(database: Database) -> None:
    make(database, 1)
    with database.transaction() as db:
        for wrong in (draft(7, 1), draft(1, 2), draft(5, 2)):
            with pytest.raises(WrongState, match="The issue about this period is number"):
                save_draft(db, wrong, now=AT)


def test_only_a_draft_is_drafted_anew(database: Database) -> None:
    number = make(database, 1)
    with database.transaction() as db:
        step(db, number, "approved", now=AT)
        with pytest.raises(WrongState, match="Issue 1 is approved; only a draft can be made anew"):
            save_draft(db, draft(number, 1), now=AT)


@pytest.mark.parametrize("at", list(STEPS))
def test_steps_are_those_of_the_model_and_no_others(database: Database, at: IssueState) -> None:
    ways: dict[str, tuple[IssueState, ...]] = {
        "draft": (),
        "approved": ("approved",),
        "sending": ("approved", "sending"),
        "stopped": ("approved", "sending", "stopped"),
        "sent": ("approved", "sending", "sent"),
    }
    for week, to in enumerate(STEPS):
        number = make(database, week)
        with database.transaction() as db:
            for state in ways[at]:
                step(db, number, state, now=AT)
            if to in STEPS[at]:
                stored = step(db, number, to, now=AT + WEEK)  # type: ignore[arg-type]
                assert (stored.state, stored.issue.state, stored.state_at) == (to, to, AT + WEEK)
            else:
                with pytest.raises(WrongState, match=f"Issue {number} is {at}; it cannot become {to}"):
                    step(db, number, to, now=AT)  # type: ignore[arg-type]
                assert issue(db, number).state == at


def test_of_two_that_take_the_same_step_one_does_it(database: Database, database_url: str) -> None:
    number = make(database, 1)
    done: list[str] = []

    def approve() -> None:
        own = Database(database_url)
        try:
            with own.transaction() as db:
                step(db, number, "approved", now=AT)
            done.append("approved")
        except WrongState:
            done.append("refused")
        own.close()

    programs = [threading.Thread(target=approve) for _ in range(2)]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    assert sorted(done) == ["approved", "refused"]


def test_two_that_draft_at_the_same_time_get_two_numbers(database: Database, database_url: str) -> None:
    numbers: list[int] = []

    def draft_week(week: int) -> None:
        own = Database(database_url)
        numbers.append(make(own, week))
        own.close()

    programs = [threading.Thread(target=draft_week, args=(week,)) for week in (1, 2, 2, 3)]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    assert len(numbers) == 4
    assert set(numbers) == {1, 2, 3}


def test_changes_are_appended_and_numbered(database: Database) -> None:
    first, second = make(database, 1), make(database, 2)
    values = [None, "text", {"text": "Hello", "by": "Ada"}, ["b", "a"], 3]
    with database.transaction() as db:
        made = [add_change(db, first, Change(0, "Ada", AT, "order", "general", value)) for value in values]
        assert [change.number for change in made] == [1, 2, 3, 4, 5]
        assert changes(db, first) == tuple(made)
        assert [change.value for change in made] == values
        assert changes(db, second) == ()
        assert add_change(db, second, made[0]).number == 1


def test_only_a_draft_is_changed(database: Database) -> None:
    number = make(database, 1)
    change = Change(0, "Ada", AT, "title", "issue", "Better")
    with database.transaction() as db:
        step(db, number, "approved", now=AT)
        with pytest.raises(WrongState, match="Issue 1 is approved; only a draft can be changed"):
            add_change(db, number, change)
        with pytest.raises(NotFound):
            add_change(db, 99, change)
        assert changes(db, number) == ()


def test_which_issues_an_editor_had_in_hand(database: Database) -> None:
    for week in range(5):
        make(database, week)
    with database.transaction() as db:
        assert not has_changes(db, but="note")
        add_change(db, 1, Change(0, "ada", AT, "note", "issue", {"text": "Hello."}))
        assert not has_changes(db, but="note")
        add_change(db, 2, Change(0, "ada", AT, "drop", "x", ""))
        add_change(db, 2, Change(0, "ada", AT, "drop", "y", ""))
        step(db, 3, "approved", now=AT)
        add_change(db, 5, Change(0, "ada", AT, "drop", "x", ""))
    with database.reading() as db:
        assert has_changes(db, but="note")
        assert edited_before(db, 5, but="note") == [2, 3]
        assert edited_before(db, 6, but="note") == [2, 3, 5]
        assert edited_before(db, 2, but="note") == []
