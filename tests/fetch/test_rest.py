from datetime import UTC, datetime

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.http import Document, Reply
from newsletter.fetch.rest import PAGE_REPEATED, Answer, Record, ask_json, next_link, pages, read_json, records
from tests.fakes import FakeHttp

BASE = "https://api.example.org/things"


def page(number: int, link: str) -> Reply:
    return Reply(f"{BASE}?page={number}", 200, f'[{{"id": {number}}}]'.encode(), {"link": link})


def test_a_field_that_is_missing_or_of_another_type_is_nothing() -> None:
    record = Record(
        {"n": 3, "s": " a\nb ", "o": {"t": "in"}, "l": ["x", 1, " "], "r": [{"k": 1}, 2], "b": True, "d": "7", "f": "x"}
    )
    assert (record.text("s"), record.line("s"), record.text("n"), record.text("o", "t")) == (" a\nb ", "a b", "", "in")
    assert (record.whole("n"), record.whole("d"), record.whole("b"), record.whole("f")) == (3, 7, None, None)
    assert (record.key("n"), record.key("f"), record.key("o")) == ("3", "x", "")
    assert (record.is_true("b"), record.is_true("n")) == (True, False)
    assert record.texts("l") == ("x",)
    assert [each.whole("k") for each in record.records("r")] == [1]
    assert not record.record("s")
    assert record.text("o", "t", "deeper") == ""
    assert records({"a": 1}) == ()


def test_times_are_in_utc_whichever_way_they_are_written() -> None:
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    record = Record({"z": "2024-05-01T12:00:00Z", "o": "2024-05-01T14:00:00+02:00", "e": noon.timestamp(), "x": 10**30})
    assert [record.when(name) for name in ("z", "o", "e", "x", "none")] == [noon, noon, noon, None, None]


@pytest.mark.parametrize(("body", "said"), [(b"<html>no", "it begins “<html>no”"), (b"[" * 100_000, "too deeply")])
def test_what_is_no_json_is_told(body: bytes, said: str) -> None:
    with pytest.raises(NotReadable, match=said):
        read_json(body)


async def test_the_host_stands_in_the_error_and_an_unchanged_document_has_no_value() -> None:
    http = FakeHttp({BASE: b"{", f"{BASE}/same": b"[1]"})
    with pytest.raises(NotReadable, match=r"^api\.example\.org: the answer is no JSON"):
        await ask_json(http, BASE)
    first = await ask_json(http, f"{BASE}/same")
    again = await ask_json(http, f"{BASE}/same", known=first.reply.document)
    assert (first.value, again.value, again.reply.is_unchanged) == ([1], None, True)
    assert http.requests[0].headers == {"Accept": "application/json"}


async def test_pages_follow_the_link_header_to_its_end() -> None:
    http = FakeHttp(
        {
            f"{BASE}?page=1": page(1, f'<{BASE}?page=9>; rel="last", <{BASE}?page=2>; rel="next"'),
            f"{BASE}?page=2": page(2, f'<{BASE}?page=1>; rel="prev"'),
        }
    )
    assert [answer.value async for answer in pages(http, f"{BASE}?page=1")] == [[{"id": 1}], [{"id": 2}]]


async def test_pages_that_never_end_end() -> None:
    said: list[str] = []
    itself = FakeHttp({f"{BASE}?page=1": page(1, f"<{BASE}?page=1>; rel=next")})
    assert len([each async for each in pages(itself, f"{BASE}?page=1", warnings=said)]) == 1
    assert said == [PAGE_REPEATED]
    said.clear()
    endless = FakeHttp({f"{BASE}?page={n}": page(n, f'<{BASE}?page={n + 1}>; rel="next"') for n in range(9)})
    assert len([each async for each in pages(endless, f"{BASE}?page=0", warnings=said, most=5)]) == 5
    assert said == ["more than 5 pages at once; the rest was left out"]


@pytest.mark.parametrize(
    ("link", "following"),
    [
        ('</next>; title="a, b"; rel="prefetch next"', "https://api.example.org/next"),
        ("<https://elsewhere.example.net/>; rel=next", None),
        ('<x>; rel="nextish"', None),
        ("", None),
    ],
)
def test_links_as_servers_write_them(link: str, following: str | None) -> None:
    assert next_link(Answer(None, Reply(BASE, 200, b"", {"Link": link}, Document()))) == following
