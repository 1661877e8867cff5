from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from newsletter.edit.placing import Judged, Placed, place
from newsletter.model.issue import Dropped, SectionSettings
from newsletter.model.item import Event
from newsletter.model.settings import DEFAULT_SECTIONS
from newsletter.model.source import Source
from tests.edit.samples import DEV, PUBLISH, judged

UTC = ZoneInfo("UTC")


def placed(
    found: list[Judged], sections: tuple[SectionSettings, ...] = DEFAULT_SECTIONS, **values: object
) -> tuple[dict[str, Placed], tuple[Dropped, ...]]:
    given = {"sources": {"dev-list": DEV}, "publish_at": PUBLISH, "zone": UTC} | values
    parts, dropped = place(found, sections, **given)  # type: ignore[arg-type]
    return {part.settings.id: part for part in parts}, dropped


def names(found: tuple[Judged, ...]) -> list[str]:
    return [each.story.title for each in found]


def test_the_best_enter_and_the_rest_are_runners_up() -> None:
    sections = (SectionSettings("general", "General", at_most=2),)
    parts, _ = placed([judged("low", score=40), judged("high", score=80), judged("mid", score=60)], sections)
    assert names(parts["general"].entering) == ["high", "mid"]
    assert names(parts["general"].runners_up) == ["low"]


def test_what_a_rule_keeps_enters_before_better_stories() -> None:
    sections = (SectionSettings("general", "General", at_most=1),)
    parts, _ = placed([judged("kept", score=10, is_kept=True), judged("high", score=80)], sections)
    assert names(parts["general"].entering) == ["kept"]


def test_highlights_take_the_best_of_everything_but_not_dates_or_press_lines() -> None:
    parts, _ = placed(
        [
            judged("good", score=70),
            judged("plain", score=50),
            judged("meetup", "events", 90),
            judged("press", "news", 90),
            judged("chosen", "highlights", 30),
        ]
    )
    assert names(parts["highlights"].entering) == ["good", "chosen"]
    assert "Among the best of the week." in parts["highlights"].entering[0].verdict.why
    assert names(parts["general"].entering) == ["plain"]
    assert names(parts["events"].entering) == ["meetup"]


def test_each_story_that_does_not_enter_has_its_reason() -> None:
    over = Event(date(2026, 10, 1))
    _, dropped = placed(
        [
            judged("advert", dropped_by="No job adverts"),
            judged("old", told_in=6),
            judged("nowhere", None),
            judged("over", "events", event=over),
        ]
    )
    assert {each.title: each.reason for each in dropped} == {
        "advert": "dropped by the rule “No job adverts”",
        "old": "already told in issue 6",
        "nowhere": "fits no section",
        "over": "the event is over on 2026-10-16",
    }


def test_an_event_of_the_send_day_is_not_over() -> None:
    today = Event(date(2026, 10, 16))
    tonight = Event(datetime(2026, 10, 16, 19, 0))
    parts, dropped = placed([judged("today", "events", event=today), judged("tonight", "events", event=tonight)])
    assert names(parts["events"].entering) == ["today", "tonight"]
    assert not dropped


def test_a_noisy_source_is_braked_at_its_line_by_worth() -> None:
    noisy = replace(DEV, at_most_per_week=2)
    found = [judged(f"n{score}", score=score) for score in (10, 30, 20)] + [judged("kept", score=1, is_kept=True)]
    parts, dropped = placed(found, sources={"dev-list": noisy, "other": Source("other", "other")})
    assert names(parts["general"].entering) == ["n30", "kept"]
    assert [each.reason for each in dropped] == ["more than 2 of dev list this week"] * 2


def test_projects_stand_together_the_best_first_and_no_project_last() -> None:
    found = [
        judged("a1", "developer", 55, project="alpha"),
        judged("b1", "developer", 59, project="beta"),
        judged("none", "developer", 58),
        judged("a2", "developer", 57, project="alpha"),
    ]
    parts, _ = placed(found)
    assert names(parts["developer"].entering) == ["b1", "a2", "a1", "none"]


def test_dates_come_in_the_order_of_their_start() -> None:
    found = [
        judged("late", "events", 90, event=Event(date(2026, 12, 1))),
        judged("soon", "events", 40, event=Event(datetime(2026, 10, 20, 9, 0))),
        judged("undated", "events", 99),
    ]
    parts, _ = placed(found)
    assert names(parts["events"].entering) == ["soon", "late", "undated"]
