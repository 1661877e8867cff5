from datetime import UTC, date, datetime

import pytest

from newsletter.fetch.ical_lines import Property
from newsletter.fetch.ical_rule import MOST_STEPS, is_dense, often, read_rule, rule_text, rule_words, steps
from newsletter.fetch.ical_times import Zones

START = datetime(2026, 1, 5, 18, tzinfo=UTC)


def rule(value: str, start: date = START) -> dict[str, str] | None:
    found = read_rule(Property("RRULE", {}, value), start, Zones())
    return dict(found) if found is not None else None


@pytest.mark.parametrize(
    ("value", "start", "text"),
    [
        ("FREQ=WEEKLY;BYDAY=MO, TU", START, "FREQ=WEEKLY;BYDAY=MO,TU"),
        ("freq=daily;interval=0;count=-1", START, "FREQ=DAILY"),
        ("FREQ=DAILY;UNTIL=20260201", START, "FREQ=DAILY;UNTIL=20260201T235959Z"),
        ("FREQ=DAILY;UNTIL=20260201T000000Z", date(2026, 1, 5), "FREQ=DAILY;UNTIL=20260201"),
        ("FREQ=DAILY;UNTIL=20260201T100000Z", datetime(2026, 1, 5, 18), "FREQ=DAILY;UNTIL=20260201T100000"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20260201", START, "FREQ=DAILY;COUNT=3"),
        ("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD", START, "FREQ=YEARLY"),
    ],
)
def test_a_rule_is_made_fit_to_be_followed(value: str, start: date, text: str) -> None:
    found = rule(value, start)
    assert found is not None
    assert rule_text(found) == text


@pytest.mark.parametrize(
    "value",
    [
        "",
        "FREQ=SOMETIMES",
        "RSCALE=CHINESE;FREQ=YEARLY",
        "FREQ=DAILY;UNTIL=never",
        "FREQ=DAILY;BYDAY=MONDAYS!",
        "BYDAY=MO",
    ],
)
def test_what_is_no_rule(value: str) -> None:
    assert rule(value) is None


@pytest.mark.parametrize(
    ("value", "words", "word", "dense"),
    [
        ("FREQ=WEEKLY", "weekly", "weekly", False),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "weekly on Monday, Wednesday and Friday", "weekly", True),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every 2 weeks on Tuesday", "", False),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "on every weekday", "weekly", True),
        ("FREQ=DAILY", "daily", "daily", True),
        ("FREQ=DAILY;INTERVAL=14", "every 14 days", "", False),
        ("FREQ=MONTHLY;BYDAY=1TH", "monthly", "monthly", False),
        ("FREQ=YEARLY", "yearly", "yearly", False),
        ("FREQ=SECONDLY", "", "", True),
    ],
)
def test_a_rule_in_words(value: str, words: str, word: str, dense: bool) -> None:
    found = rule(value)
    assert found is not None
    assert (rule_words(found), often(found), is_dense(found)) == (words, word, dense)


def test_rules_that_cost_too_much_are_known_before_they_are_followed() -> None:
    end = datetime(2027, 1, 1, tzinfo=UTC)
    counted = {
        value: steps(rule(value) or {}, START, end)
        for value in ("FREQ=SECONDLY", "FREQ=DAILY", "FREQ=SECONDLY;INTERVAL=86400")
    }
    assert counted["FREQ=SECONDLY"] > MOST_STEPS
    assert counted["FREQ=DAILY"] == counted["FREQ=SECONDLY;INTERVAL=86400"] == 361
    hours = ",".join(map(str, range(24)))
    assert (
        steps(rule(f"FREQ=DAILY;BYHOUR={hours};BYMINUTE={','.join(map(str, range(60)))}") or {}, START, end)
        > MOST_STEPS
    )
    assert steps(rule("FREQ=DAILY") or {}, date(1900, 1, 1), end) < MOST_STEPS
