from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from newsletter.config import values
from newsletter.config.values import Wrong, limit, one_of, whole, words_of

TAKE = words_of(("merged", "first-time contributor", "waiting more than N days"))

RIGHT: list[tuple[Callable[[str, str], Any], str, Any]] = [
    (values.read_text, "Ana's weekly", "Ana's weekly"),
    (values.read_lines, "Hive\n Main street 1 \n", "Hive\nMain street 1"),
    (values.yes_or_no, "Yes", True),
    (values.yes_or_no, "off", False),
    (whole(-50, 50), "-50", -50),
    (whole(0, 9), "+009", 9),
    (limit(0, 9), "No limit", -1),
    (one_of("by date"), "By-Date", "by date"),
    (TAKE, "First time contributor", "first-time contributor"),
    (TAKE, "waiting more than 14 days", "waiting more than 14 days"),
    (TAKE, "waiting more than 1 day", "waiting more than 1 days"),
    (values.web_address, "http://127.0.0.1:8080/x?a=b@c", "http://127.0.0.1:8080/x?a=b@c"),
    (values.mail_address, "a.b+c@bees.example", "a.b+c@bees.example"),
    (values.named_address, "The Hive <hive@bees.example>", "The Hive <hive@bees.example>"),
    (values.named_address, "hive@bees.example", "hive@bees.example"),
    (values.language, "pt-BR", "pt-BR"),
    (values.colour, "#C98", "#cc9988"),
    (values.colour, "0a6b5d", "#0a6b5d"),
    (values.day, "2026-12-25", date(2026, 12, 25)),
    (values.word_count, "60 words", 60),
    (values.word_count, "0", 0),
]

WRONG: list[tuple[Callable[[str, str], Any], str, str]] = [
    (
        values.read_text,
        "a\r\nBcc: x@y",
        "k holds a line break or a character that cannot be seen. Write it on one line.",
    ),
    (values.read_text, "x" * 501, "k is longer than 500 letters. Shorten it."),
    (values.read_text, "", 'k is empty: "". Write something, or remove the line.'),
    (values.read_lines, "a\n\x07", "k holds a line break or a character that cannot be seen. Write it on one line."),
    (values.read_lines, " \n", 'k is empty: "". Write something, or remove the line.'),
    (values.yes_or_no, "maybe", 'k must be yes or no, not "maybe".'),
    (whole(0, 9), "9.5", 'k must be a whole number from 0 to 9, not "9.5".'),
    (whole(0, 9, "Take 3."), "9" * 5000, 'k must be a whole number from 0 to 9, not "' + "9" * 79 + '…". Take 3.'),
    (whole(0, 9), "٣", 'k must be a whole number from 0 to 9, not "٣".'),
    (limit(0, 9), "none", 'k must be a whole number from 0 to 9, not "none". Or "no limit".'),
    (one_of("by date"), "by dat", 'k cannot be "by dat". Did you mean "by date"? It can be: by date.'),
    (
        TAKE,
        "wating more than 7 days",
        'k cannot hold "wating more than 7 days". Did you mean "waiting more than N days"? '
        "It can hold: merged, first-time contributor, waiting more than N days.",
    ),
    (
        TAKE,
        "waiting more than N days",
        'k cannot hold "waiting more than N days". Did you mean "waiting more than N days"? '
        "It can hold: merged, first-time contributor, waiting more than N days.",
    ),
    (
        values.web_address,
        "bees.example/feed",
        '"bees.example/feed" is not a web address. Did you mean "https://bees.example/feed"?',
    ),
    (
        values.web_address,
        "javascript:alert(1)",
        '"javascript:alert(1)" is not a web address. It begins with http:// or https://.',
    ),
    (
        values.web_address,
        "https://bees.example/a b",
        '"https://bees.example/a b" is not a web address. Write it without spaces.',
    ),
    (values.web_address, "https://b.example/" + "x" * 2000, "k is longer than 2000 letters."),
    (values.mail_address, "hive at bees", 'k must be a mail address such as news@example.org, not "hive at bees".'),
    (
        values.named_address,
        "Hive <hive@bees.example>\r\nBcc: a@b.example",
        "k must be a name and a mail address such as Me <me@example.org>, "
        'not "Hive <hive@bees.example> Bcc: a@b.example".',
    ),
    (
        values.language,
        "English please",
        'k must be the short name of a language such as en or pt-BR, not "English please".',
    ),
    (values.colour, "green", 'k must be a colour such as "#0a6b5d", not "green".'),
    (values.day, "25.12.2026", '"25.12.2026" is not a date. Write it as 2011-12-30.'),
    (values.day, "2026-02-30", '"2026-02-30" is not a date. Write it as 2011-12-30.'),
    (values.word_count, "2000", 'k must be a number of words such as "60 words", at most 1000, not "2000".'),
]


@pytest.mark.parametrize(("reader", "text", "meant"), RIGHT)
def test_a_value_is_taken(reader: Callable[[str, str], Any], text: str, meant: object) -> None:
    assert reader("k", text) == meant


@pytest.mark.parametrize(("reader", "text", "told"), WRONG)
def test_a_wrong_value_is_told(reader: Callable[[str, str], Any], text: str, told: str) -> None:
    assert reader("k", text) == Wrong(told)


def test_calendars_may_be_named_by_webcal() -> None:
    assert values.source_address("url", "webcal://kiln.example/all.ics") == "webcal://kiln.example/all.ics"
    assert values.source_address("url", "https://kiln.example/") == "https://kiln.example/"
    for wrong in ("webcal://", "webcal://jo:secret@kiln.example/", "ftp://kiln.example/"):
        assert isinstance(values.source_address("url", wrong), values.Wrong)
