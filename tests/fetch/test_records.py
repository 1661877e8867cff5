from datetime import UTC, datetime

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.kinds import Aside
from newsletter.fetch.records import at_second, made_again, made_of
from newsletter.fetch.rest import Record


def test_a_broken_record_is_set_aside_and_the_others_go_on() -> None:
    def make(record: Record) -> int | None:
        if record.text("name") == "bad":
            raise ValueError("no\nnumber")
        return record.whole("id")

    aside: list[Aside] = []
    found = made_of(
        [Record({"id": 1}), Record({"name": "bad"}), Record({}), Record({"id": 2})], make, "https://x", aside
    )
    assert [value for _, value in found] == [1, 2]
    assert aside == [
        Aside("https://x", "ValueError: no number", b'{"name": "bad"}'),
        Aside("https://x", "a field that every record of its sort has is missing", b"{}"),
    ]


def test_a_record_is_made_again_or_says_why_not() -> None:
    def number(record: Record) -> int | None:
        return record.whole("id")

    assert made_again(Aside("https://x", "torn", b'{"id": 7}'), number) == 7
    for data, reason in ((b"{}", "is missing"), (b"[]", "no record"), (b'{"id": ', "no JSON")):
        with pytest.raises(NotReadable, match=reason):
            made_again(Aside("https://x", "torn", data), number)


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("1772452800", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        (10**17, None),
        ("soon", None),
        (None, None),
        (True, None),
    ],
)
def test_seconds_are_a_time_in_utc(value: object, at: datetime | None) -> None:
    assert at_second(Record({"at": {"second": value}}), "at", "second") == at
