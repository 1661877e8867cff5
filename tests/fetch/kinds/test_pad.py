"""The kind "pad": where its text is looked for, and what counts as added."""

import asyncio
from typing import Any

import pytest

from newsletter.errors import BadStatus, NotReadable, Unreachable
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.pad import Pad
from newsletter.fetch.permission import Disallowed
from newsletter.model.source import FetchState
from tests.fakes import Answer, FakeHttp

URL = "https://etherpad.example.org/p/SummitTopics"
EXPORT = f"{URL}/export/txt"
START = "Summit topics\n\n* Message queues\n* Dashboards and their colours\n"


def read(*answers: Answer, cursor: Any = None, http: FakeHttp | None = None, url: str = URL) -> list[Batch]:
    http = http or FakeHttp({EXPORT: list(answers), "https://etherpad.example.org/robots.txt": ""})

    async def read_all() -> list[Batch]:
        batches: list[Batch] = []
        for _ in answers or (None,):
            state = dict(batches[-1].cursor if batches else cursor or {})
            batches += [batch async for batch in Pad(url).fetch(http, FetchState("pad", state))]
        return batches

    return asyncio.run(read_all())


def test_the_first_reading_only_remembers() -> None:
    (batch,) = read(START)
    assert (batch.items, batch.is_unchanged) == ((), True)
    assert batch.warnings == ("read for the first time: its 3 lines are known now, what is added is told",)


def test_what_is_added_in_a_week_is_one_item_that_grows() -> None:
    more = START + "* Live upgrades, see https://wiki.example.org/Upgrades.\n"
    _, second, third, fourth = read(START, more, "Welcome everybody\n" + more, more)
    (item,) = second.items
    assert item.title == "SummitTopics: Live upgrades, see https://wiki.example.org/Upgrades."
    assert (item.text, item.url) == ("* Live upgrades, see https://wiki.example.org/Upgrades.", URL)
    assert item.links == ("https://wiki.example.org/Upgrades",)
    assert (item.form, item.author, item.published_at) == ("page", None, None)
    (grown,) = third.items
    assert grown.id == item.id
    assert grown.text == "Welcome everybody\n\n* Live upgrades, see https://wiki.example.org/Upgrades."
    assert fourth.items == ()


def test_moved_indented_and_restored_lines_are_not_new() -> None:
    moved = "* Dashboards  and their colours\n\n  1. Message queues\n=====\nSUMMIT TOPICS\n"
    batches = read(START, moved, "gone\n", START)
    assert [[item.text for item in batch.items] for batch in batches] == [[], [], ["gone"], []]


def test_an_unchanged_pad_is_not_read_and_robots_are_asked_once() -> None:
    (first,) = read(START)
    http = FakeHttp({EXPORT: START})
    (second,) = read(http=http, cursor=first.cursor)
    assert second.is_unchanged
    assert http.urls == [EXPORT]


def test_robots_are_obeyed() -> None:
    http = FakeHttp({EXPORT: START, "https://etherpad.example.org/robots.txt": "User-agent: *\nDisallow: /*/export/\n"})
    with pytest.raises(Disallowed):
        read(http=http)
    assert http.urls == ["https://etherpad.example.org/robots.txt"]


@pytest.mark.parametrize(
    ("url", "export"),
    [
        ("https://etherpad.example.org/SummitTopics", "https://etherpad.example.org/p/SummitTopics/export/txt"),
        ("https://pad.example.org/x/p/A%20B/timeslider#12", "https://pad.example.org/x/p/A%20B/export/txt"),
        ("https://hackmd.io/@crane/notes?view", "https://hackmd.io/@crane/notes/download"),
        ("https://md.example.org/s/abc/edit", "https://md.example.org/s/abc/download"),
        ("https://md.example.org/notes/minutes.md", "https://md.example.org/notes/minutes.md"),
    ],
)
def test_where_the_text_of_a_pad_lies(url: str, export: str) -> None:
    host = "/".join(url.split("/")[:3])
    http = FakeHttp({export: Reply(export, 200, b"one\n", {"Content-Type": "text/plain"}), f"{host}/robots.txt": ""})
    (batch,) = read(http=http, url=url)
    assert batch.cursor["export"] == export


def test_the_other_place_is_tried_when_the_first_has_none_or_a_page() -> None:
    url, other = "https://pad.example.org/minutes", "https://pad.example.org/minutes/download"
    robots = {"https://pad.example.org/robots.txt": ""}
    for first in (BadStatus(404, "404"), "<!DOCTYPE html><p>Welcome</p>"):
        http = FakeHttp(
            {"https://pad.example.org/p/minutes/export/txt": first, other: "---\ntitle: x\n---\none\n", **robots}
        )
        (batch,) = read(http=http, url=url)
        assert batch.cursor["export"] == other
        assert len(batch.cursor["lines"]["known"]) == 1
    with pytest.raises(NotReadable, match="no pad that gives its text"):
        read(http=FakeHttp(robots), url=url)
    with pytest.raises(Unreachable):
        read(http=FakeHttp({"https://pad.example.org/p/minutes/export/txt": Unreachable("off"), **robots}), url=url)


def test_hidden_addresses_are_not_printed() -> None:
    _, second = read(START, START + "Mail [email protected] about it\n")
    assert second.items[0].text == "Mail (address hidden) about it"
    assert second.items[0].warnings == ("address obfuscated",)


def test_a_large_pad_is_bounded() -> None:
    (first,) = read("\n".join(f"line {number}" for number in range(30_000)))
    assert len(first.cursor["lines"]["known"]) == 20_000


def test_it_is_registered() -> None:
    info = find_kinds()["pad"]
    assert (info.keys, info.can_read) == (("url",), True)
