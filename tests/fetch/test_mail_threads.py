from datetime import UTC, datetime, timedelta

from newsletter.fetch.mail_threads import Mail, join_threads, known_parents
from newsletter.model.item import Person, Thread

AT = datetime(2026, 3, 2, tzinfo=UTC)


def mail(key: str, *answered: str, by: str = "Ada", hours: int | None = 0) -> Mail:
    at = None if hours is None else AT + timedelta(hours=hours)
    return Mail(key, author=Person(by, f"{by}@tide.example"), published_at=at, answered=answered)


def test_a_thread_is_counted_over_all_its_mails() -> None:
    mails = [mail("a"), mail("b", "a", by="Jo", hours=2), mail("x", hours=5), mail("c", "b", "a", by="Jo", hours=1)]

    threads = join_threads(mails)

    assert threads[0] == threads[1] == threads[3] == Thread("a", 2, 2, AT, AT + timedelta(hours=2))
    assert threads[2] == Thread("x", 0, 1, AT + timedelta(hours=5), AT + timedelta(hours=5))


def test_answers_may_come_before_what_they_answer() -> None:
    assert {thread.root_id for thread in join_threads([mail("c", "b", "a"), mail("b", "a"), mail("a")])} == {"a"}


def test_a_root_that_is_not_there_joins_all_the_same() -> None:
    threads = join_threads([mail("b", "a"), mail("c", "a"), mail("d", "c"), mail("e", "z", "a")])

    assert [(thread.root_id, thread.reply_count) for thread in threads] == [("a", 3)] * 4


def test_the_nearest_mail_that_is_there_is_the_parent() -> None:
    answered = {"a": (), "b": ("a",), "c": ("gone", "b", "a"), "d": ("d", "c"), "e": ("gone",)}

    assert known_parents(answered) == {"b": "a", "c": "b", "d": "c"}


def test_circles_and_self_answers_end() -> None:
    threads = join_threads([mail("b", "a"), mail("a", "c"), mail("c", "b"), mail("d", "b"), mail("e", "e")])

    assert [thread.root_id for thread in threads] == ["a", "a", "a", "a", "e"]


def test_the_same_mail_twice_counts_once() -> None:
    assert [thread.reply_count for thread in join_threads([mail("a"), mail("b", "a"), mail("b", "a")])] == [1, 1, 1]


def test_nobody_and_no_date() -> None:
    mails = [Mail("a"), Mail("b", answered=("a",))]

    assert join_threads(mails) == [Thread("a", 1, 1)] * 2
    assert join_threads([]) == []


def test_a_long_line_of_answers() -> None:
    mails = [mail(f"{number:05}", *([f"{number - 1:05}"] if number else [])) for number in range(5_000)]

    assert {thread.root_id for thread in join_threads(list(reversed(mails)))} == {"00000"}
