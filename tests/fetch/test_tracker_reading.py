import json
from collections.abc import Sequence

import pytest

from newsletter.errors import BadStatus, NotReadable, Throttled
from newsletter.fetch.kinds import Aside
from newsletter.fetch.tracker import Ticket, ticket_item
from newsletter.fetch.tracker_reading import Part, Reading
from newsletter.model.item import Item


def item(key: str) -> Item:
    return ticket_item(Ticket(key, key, ""), "s", "k")


async def part(reading: Reading, name: str, keys: Sequence[str], fault: Exception | None = None) -> Part:
    memory = reading.memory("parts", name)
    for key in keys:
        memory["last"] = key
        yield (item(key),)
    if fault:
        raise fault


async def test_each_batch_has_the_cursor_as_it_was_then() -> None:
    stored = {"parts": {"a": {"last": "0"}}}
    reading = Reading.of(stored)
    reading.warnings.append("hm")
    found = [batch async for batch in reading.batches([part(reading, "a", "12"), part(reading, "b", "3")])]
    assert [json.dumps(batch.cursor["parts"]) for batch in found] == [
        '{"a": {"last": "1"}}',
        '{"a": {"last": "2"}}',
        '{"a": {"last": "2"}, "b": {"last": "3"}}',
        '{"a": {"last": "2"}, "b": {"last": "3"}}',
    ]
    assert [batch.is_unchanged for batch in found] == [False, False, False, True]
    assert [batch.warnings for batch in found] == [("hm",), (), (), ()]
    assert stored == {"parts": {"a": {"last": "0"}}}


async def test_a_part_that_cannot_be_read_is_a_warning_as_long_as_another_can() -> None:
    reading = Reading.of({})
    reading.aside.append(Aside("x", "y"))
    parts = [part(reading, "a", "", NotReadable("no list")), part(reading, "b", "3")]
    found = [batch async for batch in reading.batches(parts)]
    assert found[0].warnings == ("no list",)
    assert (found[0].aside, found[1].aside) == ((Aside("x", "y"),), ())


@pytest.mark.parametrize("fault", [BadStatus(404, "not there"), NotReadable("no list"), Throttled("later")])
async def test_a_source_of_which_nothing_can_be_read_is_broken(fault: Exception) -> None:
    reading = Reading.of({})
    with pytest.raises(type(fault)):
        _ = [batch async for batch in reading.batches([part(reading, "a", "", fault)])]


async def test_what_is_no_fault_of_one_part_ends_all() -> None:
    reading = Reading.of({})
    parts = [part(reading, "a", "1"), part(reading, "b", "", Throttled("later")), part(reading, "c", "2")]
    with pytest.raises(Throttled):
        _ = [batch async for batch in reading.batches(parts)]
