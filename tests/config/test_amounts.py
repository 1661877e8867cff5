from datetime import timedelta

import pytest

from newsletter.config.amounts import age, amount, span, span_text
from newsletter.config.values import Wrong
from newsletter.model.rule import Amount

CHECK = span(timedelta(minutes=1), timedelta(weeks=5), "2 hours")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20 or more", Amount(20)),
        ("20 replies or more", Amount(20)),
        ("at least 20 replies", Amount(20)),
        ("more than 20", Amount(21)),
        ("over 20", Amount(21)),
        ("under 3", Amount(None, 2)),
        ("fewer than 3 replies", Amount(None, 2)),
        ("3 or fewer", Amount(None, 3)),
        ("up to 3", Amount(None, 3)),
        ("3 to 5", Amount(3, 5)),
        ("5-3", Amount(3, 5)),
        ("between 3 and 5", Amount(3, 5)),
        ("7", Amount(7, 7)),
        ("exactly 7", Amount(7, 7)),
    ],
)
def test_an_amount_is_read_as_it_is_said(text: str, meant: Amount) -> None:
    assert amount("replies")("replies", text) == meant


@pytest.mark.parametrize("text", ["many", "-3", "3 or so", "1.5 or more", "under 0", "20 people or more", ""])
def test_what_is_no_amount_is_told(text: str) -> None:
    told = f'replies must be an amount such as "20 or more", "under 3" or "3 to 5", not "{text}".'
    assert amount("replies")("replies", text) == Wrong(told)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("older than 10 days", Amount(240)),
        ("10 days or older", Amount(240)),
        ("under 3 hours", Amount(None, 3)),
        ("newer than 2 weeks", Amount(None, 336)),
        ("2 to 5 days", Amount(48, 120)),
        ("12 hours to 2 days", Amount(12, 48)),
    ],
)
def test_an_age_is_in_hours(text: str, meant: Amount) -> None:
    assert age("age", text) == meant


@pytest.mark.parametrize("text", ["old", "10", "older than 10", "older than ten days"])
def test_what_is_no_age_is_told(text: str) -> None:
    assert age("age", text) == Wrong(f'age must be a time such as "older than 10 days" or "2 to 5 days", not "{text}".')


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2 hours", timedelta(hours=2)),
        ("15 minutes", timedelta(minutes=15)),
        ("an hour", timedelta(hours=1)),
        ("every 3 days", timedelta(days=3)),
        ("1 week", timedelta(weeks=1)),
        ("daily", timedelta(days=1)),
    ],
)
def test_a_span_is_read_as_it_is_said(text: str, meant: timedelta) -> None:
    assert CHECK("check every", text) == meant


@pytest.mark.parametrize("text", ["0 minutes", "2", "6 weeks", "1:30:00", ".nan", "0777", "999999 years", "-1 hours"])
def test_a_span_that_cannot_be_meant_is_told(text: str) -> None:
    told = f'check every must be a time from 1 minute to 5 weeks, for example "2 hours", not "{text}".'
    assert CHECK("check every", text) == Wrong(told)


def test_a_span_is_said_in_its_largest_unit() -> None:
    assert [span_text(timedelta(minutes=minutes)) for minutes in (1, 90, 120, 10080)] == [
        "1 minute",
        "90 minutes",
        "2 hours",
        "1 week",
    ]
