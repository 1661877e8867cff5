import json
from datetime import UTC, date, datetime

from newsletter.fetch.chat_cursor import ChatCursor
from newsletter.fetch.chat_places import LogPlace
from newsletter.fetch.http import Document

DAY = date(2026, 3, 2)
URL = "https://logs.example.org/2026-03-02.log"
PLACE = LogPlace(URL, "2026-03-02.log", DAY)


def test_what_is_stored_comes_back() -> None:
    assert ChatCursor.read({}) == ChatCursor()
    cursor = ChatCursor({URL: Document(etag='"1"')}, DAY, {"a": None}, {}, {"b.log": [1, 2]}, has_read=True)
    cursor.remember_page("https://logs.example.org/", [PLACE], ["https://logs.example.org/2026/"])
    assert ChatCursor.read(json.loads(json.dumps(cursor.as_json()))) == cursor


def test_a_day_is_over_when_the_last_zone_has_left_it() -> None:
    cursor = ChatCursor()
    assert not cursor.is_over(DAY, datetime(2026, 3, 3, 13, 59, tzinfo=UTC))
    assert cursor.is_over(DAY, datetime(2026, 3, 3, 14, tzinfo=UTC))
    assert cursor.is_over(None, datetime(2026, 3, 2, tzinfo=UTC))


def test_days_are_finished_in_any_order() -> None:
    cursor = ChatCursor({URL: Document(etag='"1"')})
    cursor.finish_day(date(2026, 3, 5), "other")
    cursor.finish_day(DAY, URL)
    assert cursor.done_until == date(2026, 3, 6)
    assert cursor.document(URL) is None


def test_a_page_lists_what_is_not_done() -> None:
    cursor = ChatCursor()
    later = LogPlace(URL.replace("02.log", "03.log"), "2026-03-03.log", date(2026, 3, 3))
    cursor.remember_page("page", [PLACE, later], [])
    cursor.finish(PLACE)
    assert cursor.page("page") == ([later], [])
    assert cursor.page("none") == ([], [])


def test_due_are_the_new_ones_oldest_first_and_older_ones_are_done_with() -> None:
    cursor = ChatCursor()
    timeless = LogPlace("https://logs.example.org/a.log", "a.log", None)
    old = LogPlace("https://logs.example.org/old.log", "old.log", date(2026, 1, 1))
    found = cursor.due([PLACE, old, timeless], datetime(2026, 3, 1, tzinfo=UTC))
    assert found == [timeless, PLACE]
    assert list(cursor.done) == ["old.log"]
    assert cursor.due([old], None) == []


def test_the_newest_two_folders_are_always_open() -> None:
    cursor = ChatCursor(pages={"2024": {}})
    folders = ["2023", "2024", "2025", "2026"]
    assert cursor.open_folders(folders, None) == ["2025", "2026"]
    assert cursor.open_folders(folders, datetime(2026, 1, 1, tzinfo=UTC)) == ["2023", "2025", "2026"]
