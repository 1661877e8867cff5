from datetime import UTC, date, datetime

import pytest

from newsletter.fetch.waiting import Waiting, short_project, waiting_item
from newsletter.model.item import Item

WEEK = date(2026, 10, 12)


def made(*found: Waiting, week: date | None = WEEK) -> Item:
    return waiting_item(found, 14, source_id="s", kind="gerrit", url="https://review.example/q", week=week)


def change(since: datetime | None, number: int = 1) -> Waiting:
    return Waiting("glaze/kiln", f"Change {number}", "Ada", since, f"https://review.example/{number}", number)


@pytest.mark.parametrize(
    ("since", "week", "told"),
    [
        (datetime(2026, 9, 25, tzinfo=UTC), WEEK, "waits since 25 September."),
        (datetime(2018, 9, 25, tzinfo=UTC), WEEK, "waits since 25 September 2018."),
        (datetime(2026, 9, 25, tzinfo=UTC), None, "waits since 25 September 2026."),
        (None, WEEK, "waits."),
    ],
)
def test_the_oldest_change_is_told_with_the_year_when_it_is_another(
    since: datetime | None, week: date | None, told: str
) -> None:
    assert made(change(since), week=week).text.splitlines()[0] == f"The oldest one, “Change 1” (Ada), {told}"


def test_the_longest_waiting_stands_first_and_the_week_names_the_item() -> None:
    item = made(change(datetime(2026, 9, 2, tzinfo=UTC), 2), change(datetime(2026, 9, 1, tzinfo=UTC), 1))
    assert item.title == "Two changes wait for a reviewer for more than 14 days"
    assert item.links == ("https://review.example/1", "https://review.example/2")
    assert item.native_keys == ("waiting more than 14 days, week of 2026-10-12",)
    assert item.project == "kiln"
    assert item.id != made(change(None), week=date(2026, 10, 19)).id


def test_a_project_is_called_by_its_last_part() -> None:
    assert [short_project(name) for name in ("openstack/nova", "nova/", "/")] == ["nova", "nova", "/"]
