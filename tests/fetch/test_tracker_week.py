from datetime import UTC, date, datetime

from newsletter.fetch.tracker import Ticket
from newsletter.fetch.tracker_week import Weeks, Words, week_item

WORDS = Words("launchpad", "bug", "bugs", ("Critical", "High"))
MONDAY = date(2026, 2, 23)
THURSDAY = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)


def bug(number: int, importance: str = "", project: str | None = "lamp", **values: datetime) -> Ticket:
    url = f"https://x.example/{number}"
    return Ticket(f"bug {number}", f"Bug <{number}>", url, number, project, importance=importance, **values)


def at(day: int, month: int = 2) -> datetime:
    return datetime(2026, month, day, 12, 0, tzinfo=UTC)


def test_a_week_says_what_was_opened_and_fixed_the_gravest_first() -> None:
    opened = [bug(1, "Wishlist"), bug(2, "high"), bug(3, "Critical"), bug(4), bug(3, "Critical")]
    item = week_item(MONDAY, opened, [bug(9)], words=WORDS, source_id="bugs", url="https://x.example/")
    assert item.title == "4 bugs opened, 1 fixed from 23 February to 1 March"
    assert item.published_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert item.text.splitlines()[:2] == [
        "4 bugs opened, 1 fixed.",
        "Opened by importance: 1 Critical, 1 high, 1 Wishlist.",
    ]
    assert item.links == tuple(f"https://x.example/{number}" for number in (3, 2, 1, 4, 9))
    assert '<li><a href="https://x.example/3">Bug &lt;3&gt; (Critical)</a></li>' in item.html
    assert item.project == "lamp"


def test_a_week_without_anything_known_says_no_more_than_that() -> None:
    item = week_item(date(2026, 3, 2), [bug(1, project=None)], [], words=WORDS, source_id="bugs", url="")
    assert item.title == "1 bug opened, 0 fixed from 2 to 8 March"
    assert item.text == "1 bug opened, 0 fixed.\n\nOpened:\n- Bug <1>"
    assert (item.url, item.project) == (None, None)


def test_projects_are_named_where_there_are_several_and_long_lists_are_cut() -> None:
    tickets = [bug(number, project=("lamp", "oil")[number % 2]) for number in range(40)]
    item = week_item(MONDAY, tickets, [Ticket("bug x", "No page", "")], words=WORDS, source_id="bugs", url="")
    assert "- lamp: Bug <0>" in item.text
    assert item.text.count("\n- ") == 25 + 1 + 1
    assert "- and 15 more" in item.text
    assert "<li>No page</li>" in item.html
    assert item.project is None


def test_only_weeks_that_are_over_are_told_and_each_once() -> None:
    weeks = Weeks.read(None, datetime(2026, 2, 19, 18, 0, tzinfo=UTC))
    assert weeks.start == datetime(2026, 2, 16, tzinfo=UTC)
    assert weeks.is_due(THURSDAY)
    tickets = [
        bug(1, created_at=at(10)),
        bug(2, created_at=at(17), fixed_at=at(25)),
        bug(3, created_at=at(24)),
        bug(4, created_at=at(3, 3)),
    ]
    found = weeks.tell(tickets, WORDS, source_id="bugs", url="", now=THURSDAY)
    assert [item.title.partition(" from ")[0] for item in found] == ["1 bug opened, 0 fixed", "1 bug opened, 1 fixed"]
    again = Weeks.read(weeks.as_json(), None)
    assert again.start == datetime(2026, 3, 2, tzinfo=UTC)
    assert not again.is_due(THURSDAY)
    assert again.is_due(datetime(2026, 3, 9, tzinfo=UTC))


def test_without_a_limit_all_weeks_are_told() -> None:
    weeks = Weeks.read("", None)
    assert (weeks.start, weeks.is_due(THURSDAY), weeks.as_json()) == (None, True, "")
    found = weeks.tell(
        [bug(1, created_at=datetime(2006, 3, 16, tzinfo=UTC))], WORDS, source_id="b", url="", now=THURSDAY
    )
    assert [item.published_at for item in found] == [datetime(2006, 3, 20, tzinfo=UTC)]
