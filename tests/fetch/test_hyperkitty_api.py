import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.hyperkitty_api import (
    Named,
    Row,
    api_address,
    archive_of,
    following,
    found_records,
    read_mail_record,
    read_named,
    read_rows,
)
from newsletter.fetch.rest import Record
from newsletter.model.item import Person

DATA = Path(__file__).parents[1] / "data/hyperkitty"
BASE = "https://lists.gliders.example/archives/list/dev@gliders.example/"
ONE, TWO, THREE = (f"{each}FG2CWB4JRBUBUBFSBCYQBLU4UXJEA" for each in ("WEA", "IVB", "AEA"))
TWO = "IVBXRFWTNIWHCGHM3QGGMN44F7FODQVB"


def load(name: str) -> Any:
    return json.loads((DATA / name).read_bytes())


def test_threads_with_their_last_activity() -> None:
    assert list(read_rows(found_records(load("threads.json")))) == [
        Row(ONE, "2026-03-03T10:00:00Z", 3, datetime(2026, 3, 3, 10, tzinfo=UTC))
    ]
    assert list(read_rows([Record({"url": f"https://x.example/api/list/a@b/thread/{ONE}/"})])) == [Row(ONE)]


def test_a_mail_names_all_that_it_answers_and_who_wrote_it() -> None:
    named = read_named(found_records(load("emails.json")))
    assert named[THREE] == Named(THREE, "three@gliders.example", datetime(2026, 3, 3, 10, tzinfo=UTC), TWO)
    mail = read_mail_record(Record(load("email.json")), named, BASE, "dev@gliders.example")
    assert (mail.key, mail.title) == ("three@gliders.example", "Re: [Dev] Wings of flax?")
    assert mail.answered == ("two@gliders.example", "one@gliders.example")
    assert mail.author == Person("Ada Obi", "ada@gliders.example")
    assert mail.published_at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert mail.text == "We have, see https://gliders.example/wet"
    assert mail.url == f"{BASE}message/{THREE}/"


def test_parents_in_a_circle_end() -> None:
    named = {ONE: Named(ONE, "one", None, TWO), TWO: Named(TWO, "two", None, ONE)}
    mail = read_mail_record(Record({"message_id_hash": ONE, "message_id": "one", "subject": "x"}), named, BASE, "")
    assert mail.answered == ("two",)


@pytest.mark.parametrize("value", [{}, "x", None, 7, {"results": 3}, {"detail": "Not found."}])
def test_another_answer_is_not_readable(value: Any) -> None:
    with pytest.raises(NotReadable):
        found_records(value)


@pytest.mark.parametrize("value", [None, 7, [], {}, "\ud83d", True])
def test_fields_of_the_wrong_sort_are_unknown(value: Any) -> None:
    odd = [Record(dict.fromkeys(("thread_id", "url", "date_active", "replies_count", "parent", "date"), value))]
    assert list(read_rows(odd)) == []
    assert read_named(odd) == {}


def test_addresses_of_the_api_and_of_its_pages() -> None:
    assert api_address(BASE) == "https://lists.gliders.example/archives/api/list/dev@gliders.example/"
    assert archive_of(f"{api_address(BASE)}email/{ONE}/") == BASE
    assert archive_of(BASE) is None
    here = "https://lists.gliders.example/archives/api/x/"
    assert following({"next": "http://lists.gliders.example/archives/api/x/?page=2"}, here) == f"{here}?page=2"
    assert following({"next": "?page=3"}, here) == f"{here}?page=3"
    for value in ({"next": "https://else.example/"}, {"next": None}, {"next": 7}, {}, [], None):
        assert following(value, here) is None
