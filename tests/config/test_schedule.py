from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from newsletter.config.schedule import day_name, week_time, zone
from newsletter.config.values import Wrong
from newsletter.model.period import WeekTime
from newsletter.model.settings import Schedule
from tests.config.sample import problems, read

HEAD = "newsletter:\n  name: A\n  from: a@bees.example\nsources:\n  - name: B\n    url: https://b.example/\nschedule:\n"


def schedule(*lines: str) -> Schedule:
    return read(HEAD + "".join(f"  {line}\n" for line in lines)).schedule


def told(*lines: str) -> list[str]:
    return problems(HEAD + "".join(f"  {line}\n" for line in lines))


def test_all_hours_can_be_said() -> None:
    assert schedule(
        "timezone: America/Chicago",
        "collect until: Sunday 23:59",
        "draft ready: Mon 00:30",
        "remind reviewer: monday, 6:00",
        "send: Monday 08:00",
        "if not approved: Send highlights only",
        "approval: Two people",
        "skip: [2026-12-25, 2027-01-01]",
    ) == Schedule(
        ZoneInfo("America/Chicago"),
        WeekTime(6, time(23, 59)),
        WeekTime(0, time(0, 30)),
        WeekTime(0, time(6)),
        WeekTime(0, time(8)),
        "send highlights only",
        frozenset({date(2026, 12, 25), date(2027, 1, 1)}),
        "two people",
    )


def test_the_draft_follows_the_collecting_when_nothing_is_said() -> None:
    assert schedule("collect until: Friday 23:45", "send: Monday 8:00").draft_ready == WeekTime(5, time(0, 15))
    assert schedule("collect until: Friday 9:50").draft_ready == WeekTime(4, time(10, 0))


def test_an_issue_may_go_out_in_the_next_week() -> None:
    assert schedule("send: Monday 10:00").send == WeekTime(0, time(10))


TODAY = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("skipped", "said"),
    [
        ("2026-12-05", "2026-12-05 is a Saturday, and issues go out on Sundays; did you mean 2026-12-06?"),
        ("2026-12-09", "2026-12-09 is a Wednesday, and issues go out on Sundays; did you mean 2026-12-06?"),
        ("2026-12-10", "2026-12-10 is a Thursday, and issues go out on Sundays; did you mean 2026-12-13?"),
        ("2026-11-27", "2026-11-27 is a Friday, and issues go out on Sundays; did you mean 2026-11-29?"),
        ("2026-12-06, 2026-12-07", "2026-12-07 is a Monday, and issues go out on Sundays; it skips nothing."),
    ],
)
def test_a_day_to_skip_on_which_no_issue_goes_out_is_warned_of(skipped: str, said: str) -> None:
    lines = f"  collect until: Saturday 18:00\n  send: Sunday 10:00\n  skip: [{skipped}]\n"
    assert list(map(str, read(HEAD + lines).warnings_at(TODAY))) == [f"feeds.yaml:10: {said}"]


def test_days_to_skip_that_are_past_or_right_are_not_warned_of() -> None:
    right = read(HEAD + "  send: Friday 10:00\n  skip:\n    - 2026-11-26\n    - 2026-12-25\n")
    assert right.warnings_at(TODAY) == ()
    assert right.schedule.skip_lines == {date(2026, 11, 26): 10, date(2026, 12, 25): 11}


def test_the_nearest_day_is_not_one_that_is_past() -> None:
    said = read(HEAD + "  send: Friday 10:00\n  skip: 2026-11-28\n").warnings_at(TODAY + timedelta(days=1))
    assert said[0].text.endswith("did you mean 2026-12-04?")


ORDER = 'The issue would go out before its week is collected ("collect until" is {}). Move one of the two.'


@pytest.mark.parametrize(
    ("lines", "line", "text"),
    [
        (["send: Thursday 10:00"], 8, ORDER.format("Thursday 18:00")),
        (["send: Tuesday 10:00"], 8, ORDER.format("Thursday 18:00")),
        (["collect until: Friday 18:00"], 8, ORDER.format("Friday 18:00")),
        (["collect until: Friday 18:00", "send: Friday 17:59"], 9, ORDER.format("Friday 18:00")),
        (
            ["draft ready: Thursday 12:00"],
            8,
            'The draft would be made before its week is collected ("collect until" is Thursday 18:00). '
            "Move one of the two.",
        ),
        (
            ["draft ready: Friday 12:00"],
            8,
            'The issue would go out before its draft is made ("draft ready" is Friday 12:00). Move one of the two.',
        ),
        (
            ["remind reviewer: Friday 12:00"],
            8,
            "The reviewer can only be reminded between the draft (Thursday 18:30) and the issue (Friday 10:00). "
            "Move it there.",
        ),
    ],
)
def test_hours_that_cannot_follow_each_other_are_told(lines: list[str], line: int, text: str) -> None:
    assert told(*lines) == [f"feeds.yaml:{line}: {text}"]


def test_an_hour_that_is_wrong_is_the_only_thing_told() -> None:
    assert told("collect until: Funday 18:00", "send: Thursday 9:00") == [
        'feeds.yaml:8: "Funday" is not a day. Did you mean "Sunday"?'
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9:15", '"send: 9:15" needs a day and a time, for example "send: Friday 09:15".'),
        ("Friday", '"send: Friday" needs a day and a time, for example "send: Friday 10:00".'),
        ("10:00 Friday", '"send: 10:00 Friday" needs a day and a time, for example "send: Friday 10:00".'),
        ("25:00", '"send: 25:00" needs a day and a time, for example "send: Friday 10:00".'),
        ("Friday 25:00", '"25:00" is not a time of day. Write hours and minutes, for example 18:30.'),
        ("Friday 6pm", '"6pm" is not a time of day. Write hours and minutes, for example 18:30.'),
        ("Xyz 10:00", '"Xyz" is not a day. Write Monday, Tuesday or another.'),
        ("T 10:00", '"T" is not a day. Write Monday, Tuesday or another.'),
    ],
)
def test_what_is_no_hour_of_the_week_is_told(text: str, said: str) -> None:
    assert week_time("send", text) == Wrong(said)


CITY = "Name a city, for example Europe/Berlin or America/Chicago."


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("CST", CITY),
        ("est", CITY),
        ("Chicago", 'Did you mean "America/Chicago"?'),
        ("los angeles", 'Did you mean "America/Los_Angeles"?'),
        ("Europe/Berln", 'Did you mean "Europe/Berlin"?'),
        ("../../etc/passwd", CITY),
        ("/etc/localtime", CITY),
        ("Zürich", CITY),
    ],
)
def test_what_is_no_zone_is_told(text: str, hint: str) -> None:
    assert zone("timezone", text) == Wrong(f'"{text}" is not a time zone. {hint}')


def test_zones_and_days_are_known_by_name() -> None:
    assert zone("timezone", "UTC") == ZoneInfo("UTC")
    assert [day_name(word) for word in ("fri", "Thurs.", "S", "day")] == ["Friday", "Thursday", None, None]
