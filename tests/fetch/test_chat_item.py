from datetime import UTC, datetime

from newsletter.fetch.chat_class import Class
from newsletter.fetch.chat_item import DECISIONS, QUESTIONS, Told, class_item, day_item, meeting_item
from newsletter.fetch.chat_lines import Line
from newsletter.fetch.chat_meeting import Meeting
from newsletter.model.item import Item

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def line(number: int, nick: str, text: str) -> Line:
    return Line(number, nick, text, at=DAY.replace(hour=18, minute=number))


def told(*take: str, day: datetime | None = DAY) -> Told:
    return Told("a", "kiln.log", "https://logs.example.org/kiln.log", take, "kiln", day)


def day(*lines: Line, take: tuple[str, ...] = (), at: datetime | None = DAY) -> Item:
    return day_item(lines, "#kiln", told(*take, day=at))


def test_a_day_counts_who_spoke_and_what() -> None:
    item = day(line(1, "ada", "The glaze is dry."), line(2, "jo", "Good."), line(3, "ada", "It is."))
    assert item.title == "Chat in #kiln on 2026-03-02"
    assert item.text.startswith("3 messages by 2 people: ada")
    assert day(line(1, "ada", "Hello.")).text.startswith("1 message by 1 person: ada")


def test_a_day_on_which_nobody_spoke_and_one_without_a_date() -> None:
    item = day(at=None)
    assert (item.title, item.published_at) == ("Chat in #kiln", None)
    assert item.text.startswith("0 messages by 0 people.")


def test_questions_are_told_only_when_they_are_taken() -> None:
    lines = (line(1, "ada", "How hot is the kiln at noon?"), line(2, "jo", "ada: it is at nine hundred degrees then"))
    assert "nine hundred degrees" in day(*lines, take=(QUESTIONS,)).text
    assert "nine hundred degrees" not in day(*lines).text


def test_the_same_log_is_the_same_item() -> None:
    assert day(line(1, "ada", "One.")).id == day(line(1, "ada", "One."), line(2, "jo", "Two.")).id


def test_a_class_without_anything_is_a_class() -> None:
    item = class_item(Class("", (), ()), told(QUESTIONS))
    assert item.title == "Class"
    assert item.text.startswith("0 questions.")
    assert item.author is None


def test_a_meeting_without_an_end_says_so() -> None:
    item = meeting_item(Meeting(), told(DECISIONS))
    assert item.title == "Meeting: kiln, 2026-03-02"
    assert "It was not over when the log was read." in item.text
