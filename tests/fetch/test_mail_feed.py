from datetime import UTC, datetime

import pytest

from newsletter.fetch.mail_feed import as_mails, thread_of
from newsletter.model.item import Item, Person, Thread


def entry(key: str, title: str, url: str | None = None, hour: int = 9, who: str = "Mo") -> Item:
    at = datetime(2026, 3, 2, hour, tzinfo=UTC)
    return Item(key, "list", "feed", "post", (key,), title, url=url, author=Person(who), published_at=at)


@pytest.mark.parametrize("title", ["Glue", "Re: Glue", "AW: Re: [dev] Glue", "[dev] Re[2]: glue", "Fwd:  Glue "])
def test_answers_have_the_name_of_what_they_answer(title: str) -> None:
    assert thread_of(entry("a", title)) == "subject glue"


def test_topics_have_their_address_for_a_name() -> None:
    for number in ("", "/", "/2", "/2/"):
        assert thread_of(entry("a", "x", f"https://forum.example/t/glue/77{number}")) == "forum.example/t/glue/77"
    assert thread_of(entry("a", "x", "https://groups.io/g/b/topic/glue/123?p=1")) == "groups.io/g/b/topic/glue/123"
    assert thread_of(entry("a", "Re: ", "https://groups.io/g/b/message/1")) == "a"


def test_entries_become_mails_in_threads() -> None:
    one, other, answer = as_mails(
        [entry("a", "Glue"), entry("b", "Wood"), entry("c", "Re: Glue", hour=11, who="Zo")], "mailing list"
    )

    first, last = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (9, 11))
    assert one.thread == answer.thread == Thread("subject glue", 1, 2, first, last)
    assert other.thread == Thread("subject wood", 0, 1, first, first)
    assert {(mail.kind, mail.form) for mail in (one, other, answer)} == {("mailing list", "mail")}
