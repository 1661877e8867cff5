from datetime import UTC, date, datetime

import pytest

from newsletter.fetch.chat_lines import Line, read_line, read_lines

DAY = date(2026, 11, 24)


def read(line: str) -> tuple[str, str, str] | None:
    found = read_line(line, 1)
    return (found.nick, found.text, found.sort) if found else None


@pytest.mark.parametrize(
    "line",
    [
        "[18:01] <ada> hello",
        "[18:01:03] <ada> hello",
        "18:01 <@ada> hello",
        "18:01 < ada> hello",
        "18:01:03 <ada> hello",
        "2026-11-24T18:01:03 <ada> hello",
        "2026-11-24T18:01:03+0000  <ada> hello",
        "[2026-11-24 18:01:03] <ada> hello",
        "2026-11-24 18:01:03\tada\thello",
        "2026-11-24 18:01:03\t@ada\thello",
        "Nov 24 18:01:03 <ada>\thello",
        "18:01:03 ada: hello",
        "(18:01:03) ada: hello",
        "[6:01 PM] ada: hello",
        "11/24/2026, 6:01:03 PM - ada: hello",
        "24/11/2026, 18:01:03 - ada: hello",
        "  12 [18:01] <ada> hello",
        "  1 18:01:03 <ada> hello",
        "\x0303[18:01]\x03 <\x02ada\x02> hello",
    ],
)
def test_who_said_what_in_every_form(line: str) -> None:
    log = read_lines(line, DAY)
    assert [(each.nick, each.text, each.sort) for each in log.lines] == [("ada", "hello", "said")]
    assert log.lines[0].at is not None
    assert log.lines[0].at.replace(second=0) == datetime(2026, 11, 24, 18, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("[18:01] * ada waves", ("ada", "waves", "action")),
        ("18:01 *ada waves", ("ada", "waves", "action")),
        ("2026-11-24 18:01:03\t *\tada waves", ("ada", "waves", "action")),
        ("[18:01] *** Joins: ada (~a@x)", ("", "*** Joins: ada (~a@x)", "notice")),
        ("18:01 -!- ada [a@x] has joined #kiln", ("", "-!- ada [a@x] has joined #kiln", "notice")),
        ("=== ada is now known as ada_", ("", "=== ada is now known as ada_", "notice")),
        (
            "   8 === ChanServ changed the topic of #kiln to: x",
            ("", "=== ChanServ changed the topic of #kiln to: x", "notice"),
        ),
        ("[18:01] -statusbot- all is well", ("statusbot", "-statusbot- all is well", "notice")),
        ("2026-11-24 18:01:03\t-->\tada (a@x) has joined", ("", "ada (a@x) has joined", "notice")),
        ("[18:01] <ada>", ("ada", "", "said")),
        ("24/11/2026, 18:01:03 - Ada Obi: hello", ("Ada Obi", "hello", "said")),
        ("[18:01] <@ada:kiln.example> hello", ("ada:kiln.example", "hello", "said")),
        ("[25:99] <ada> hello", None),
        ("ada: hello", None),
        ("", None),
        ("2026-11-24T18:01:03 0000  *** ada has joined", None),
        ("18:01:03 the meeting is at: noon", None),
    ],
)
def test_other_lines(line: str, found: tuple[str, str, str] | None) -> None:
    assert read(line) == found


def test_after_midnight_the_next_day_has_begun() -> None:
    log = read_lines("[23:59] <a> x\n[00:01] <a> y\n[00:00] <a> z", DAY)
    assert [each.at.day for each in log.lines if each.at] == [24, 25, 25]


def test_a_client_says_when_a_day_begins() -> None:
    log = read_lines(
        "--- Log opened Tue Nov 24 18:00:00 2026\n18:01 <a> x\n--- Day changed Wed Nov 25 2026\n00:10 <a> y"
    )
    assert [each.at for each in log.lines] == [
        datetime(2026, 11, 24, 18, 1, tzinfo=UTC),
        datetime(2026, 11, 25, 0, 10, tzinfo=UTC),
    ]


def test_a_time_in_a_zone_is_in_utc() -> None:
    assert read_lines("2026-11-24T18:01:03+0100  <a> x").lines[0].at == datetime(2026, 11, 24, 17, 1, 3, tzinfo=UTC)


def test_what_stands_around_a_chat() -> None:
    log = read_lines("Glazes -- ada\n\n[18:01] <a> x\nno line\n[18:02] <a> y\nThe end")
    assert (log.head, log.foot) == (("Glazes -- ada",), ("The end",))
    assert [each.number for each in log.lines] == [3, 5]
    assert read_lines("   125 [20:37] <a> x").lines[0].number == 125


def test_a_script_of_a_meeting_has_lines_without_names() -> None:
    assert read_lines("#startmeeting x\nhello").lines == (Line(1, "", "#startmeeting x"), Line(2, "", "hello"))
    assert read_lines("hello").lines == ()
    assert read_lines("#startmeeting x\nhello").said == ()
