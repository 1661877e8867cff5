"""What is said of deliveries: hours, spans, reasons, comparisons."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from newsletter.pipeline.delivery_board import Standing
from newsletter.store.delivery_figures import Refusals
from newsletter.store.mailings import Mailing
from newsletter.web import delivery_words as words

NOW, OSLO = datetime(2026, 3, 6, 16, 20, tzinfo=UTC), ZoneInfo("Europe/Oslo")


def standing(counts: dict[str, int], *, number: int = 57, kind: str = "issue", **more: object) -> Standing:
    mailing = Mailing(1, number, kind, "done", NOW, NOW, NOW, NOW, "", "")
    return Standing(mailing, counts, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW, "at 17:20"),
        (NOW.replace(day=7, hour=9), "on Saturday 7 March, 10:20"),
        (NOW.replace(year=2027), "on Saturday 6 March 2027, 17:20"),
        (NOW.replace(hour=23), "on Saturday 7 March, 00:20"),
    ],
)
def test_hours(at: datetime, said: str) -> None:
    assert words.at_hour(at, NOW, OSLO) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(-5, "0 s"), (20, "20 s"), (300, "5 min"), (7_200, "2 h"), (200_000, "2 days")]
)
def test_spans(seconds: int, said: str) -> None:
    assert words.span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("code", "start", "said"),
    [
        (550, "5.1.1 ", "no such address"),
        (552, "5.2.2 ", "the mailbox is full"),
        (550, "5.7.26", "the server does not trust us; nothing is held against the reader"),
        (550, "5.5.0 ", "refused (5.5.0)"),
        (550, "No suc", "refused (550)"),
        (451, "gave up after 48 h: 4.7.1 too many", "gave up after 48 h of trying"),
        (None, "left after approval", "left after approval"),
        (None, "", "nothing was said"),
    ],
)
def test_reasons(code: int | None, start: str, said: str) -> None:
    assert words.reason_of(Refusals("failed", code, start, 1)) == said


def test_one_issue_beside_the_one_before() -> None:
    now, before = standing({"accepted": 999, "failed": 1}), standing({"accepted": 1000, "failed": 4}, number=56)
    assert words.compared(now, before) == "1,000 readers, 4 fewer than issue 56; 99.9 % accepted, 99.6 % then."
    assert words.compared(standing({"accepted": 99_999, "failed": 1}), before).endswith("99.9 % accepted, 99.6 % then.")
    assert words.compared(now, None) == ""
    assert words.compared(now, standing({})) == ""
    assert words.compared(standing({"accepted": 1}, kind="erratum-1"), before) == ""


def test_names_and_paces() -> None:
    assert words.name_of(standing({}, kind="erratum-2").mailing) == "Erratum 2 of issue 57"
    assert words.pace_of(standing({})) == ()
    assert words.pace_of(standing({}, per_minute=1200, minutes_left=8)) == ("1,200 a minute", "about 8 min left")
    assert words.pace_of(standing({}, per_minute=1200)) == ("1,200 a minute",)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("mail:25 cannot be trusted (self-signed)", "Its certificate does not hold"),
        ("the mail server does not take our sender: 550", "The address in “from:”"),
        ("something else", "Mend the cause, then go on."),
    ],
)
def test_what_to_mend(reason: str, said: str) -> None:
    assert words.mend_words(reason).startswith(said)
