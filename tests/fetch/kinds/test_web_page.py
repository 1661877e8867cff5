"""The kind "web page": what is asked, which parts are told, what fails and why."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsletter.classify.events import find_event, with_event
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.errors import BadStatus, NotReadable, Throttled
from newsletter.fetch.http import Document, Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.web_page import WebPage
from newsletter.fetch.microformat_dates import moment_of
from newsletter.fetch.permission import Disallowed
from newsletter.model.source import FetchState
from tests.corpus import CORPUS, expected, needs_corpus
from tests.fakes import Answer, FakeHttp

DATA = Path(__file__).parents[2] / "data" / "web_page"
URL = "https://wiki.example.org/Elections"
ROBOTS = "https://wiki.example.org/robots.txt"
WATCH = "#content h2, #content li"
ELECTIONS = (DATA / "elections.html").read_text()


def read(*answers: Answer, cursor: Any = None, watch: str = "", robots: Answer = "") -> list[Batch]:
    """The batches of reading a page of these answers one after the other, each with the cursor of the one before."""
    http = FakeHttp({URL: list(answers), ROBOTS: robots})

    async def read_all() -> list[Batch]:
        batches: list[Batch] = []
        state = dict(cursor or {})
        for _ in answers:
            found = [batch async for batch in WebPage(URL, watch=watch).fetch(http, FetchState("s", state))]
            batches += found
            state = dict(found[-1].cursor)
        return batches

    return asyncio.run(read_all())


def told(batch: Batch) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.title, item.labels) for item in batch.items]


def test_the_first_reading_is_the_page_as_one_item() -> None:
    (batch,) = read(ELECTIONS, watch=WATCH)
    (page,) = batch.items
    assert (page.title, page.url, page.form, page.language) == ("Elections - Harbour Wiki", URL, "page", "en")
    assert page.author is not None
    assert page.author.name == "Ada Example"
    assert (page.published_at, page.updated_at) == (None, datetime(2026, 2, 14, 10, 30, tzinfo=UTC))
    assert page.links == ("https://wiki.example.org/Candidates",)
    assert "Home" not in page.text
    assert batch.warnings == (
        'this page offers a feed, which says more: https://wiki.example.org/changes.atom ("kind: feed")',
    )


def test_a_new_part_is_an_item_and_a_changed_one_says_so() -> None:
    later = ELECTIONS.replace("<h2>Technical", '<h2 id="new">A new seat</h2><h2>Technical').replace(
        "as every year", "not as every year"
    )
    _, second, third = read(ELECTIONS, later, later + " ", watch=WATCH)
    assert told(second) == [
        ("A new seat", ()),
        ("Nominations close on 3 March 2026, not as every year", ("changed",)),
    ]
    assert second.items[0].url == URL + "#new"
    assert second.items[1].updated_at is not None
    assert (third.items, third.is_unchanged) == ((), True)


def test_a_part_keeps_its_name_when_it_moves_and_when_it_changes_twice_in_a_week() -> None:
    moved = ELECTIONS.replace('<h2 id="board">Board seats</h2>', "").replace(
        "</ul></div>", '</ul><h2 id="board">Board seats</h2></div>'
    )
    assert read(ELECTIONS, moved, watch=WATCH)[1].items == ()
    once, twice = (ELECTIONS.replace("Board seats", f"Board seats: {word}") for word in ("four", "three"))
    _, first, second = read(ELECTIONS, once, twice, watch=WATCH)
    assert [item.title for item in (*first.items, *second.items)] == ["Board seats: four", "Board seats: three"]
    assert first.items[0].id == second.items[0].id


def test_a_part_that_changes_in_a_later_week_is_told_anew() -> None:
    first, second = read(ELECTIONS, ELECTIONS.replace("Board seats", "Board chairs"), watch=WATCH)
    cursor: Any = {**second.cursor, "page": {**second.cursor["page"]}}
    cursor["page"]["pieces"] = [[*each[:4], "2011-W08"] for each in cursor["page"]["pieces"]]
    (third,) = read(ELECTIONS.replace("Board seats", "Board stools"), cursor=cursor, watch=WATCH)
    assert third.items[0].id != second.items[0].id
    assert first.items[0].id not in {second.items[0].id, third.items[0].id}


def test_no_match_fails_with_the_selector() -> None:
    with pytest.raises(NotReadable) as caught:
        read(ELECTIONS, watch="#main h2")
    assert str(caught.value) == 'No match for "#main h2": the page changed'
    assert read(ELECTIONS, watch="#main h2, h2")[0].warnings[-1] == 'no match for "#main h2"'
    with pytest.raises(NotReadable, match="cannot be read"):
        read(ELECTIONS, watch="h2[")


def test_another_watch_begins_anew() -> None:
    (first,) = read(ELECTIONS, watch="h2")
    (second,) = read(ELECTIONS, cursor=first.cursor, watch="li")
    assert [item.title for item in second.items] == ["Elections - Harbour Wiki"]
    assert not second.is_unchanged


def test_without_watch_what_stands_under_a_heading_is_a_part() -> None:
    later = ELECTIONS.replace("Five seats", "Six seats")
    _, second = read(ELECTIONS, later)
    assert told(second) == [("Board seats", ("changed",))]
    assert second.items[0].url == URL + "#board"
    assert "Six seats are open" in second.items[0].text
    assert "https://wiki.example.org/Candidates" in second.items[0].links


def test_a_page_without_structure_is_told_by_its_new_lines() -> None:
    def page(*lines: str) -> str:
        said = "".join(f"<p>{line}</p>" for line in lines)
        return f"<html><title>Notes</title><body><main>{said}</main></body></html>"

    old = ("The crane turns slowly today.", "Nobody knows why the crane turns.")
    new = "A new bridge opens: https://bridge.example.org/open"
    _, second, third = read(page(*old), page(new, *old[::-1]), page(*old))
    (item,) = second.items
    assert (item.title, item.text, item.labels) == ("Notes", new, ("changed",))
    assert third.items == ()


def test_articles_are_parts_with_their_own_times() -> None:
    def article(name: str, day: int) -> str:
        return (
            f'<article id="{name}"><h2><a href="/{name}">Story {name}</a></h2>'
            f'<p><time datetime="2026-02-0{day}">then</time> {name} came into the harbour.</p></article>'
        )

    pages = [
        f"<title>News</title><main>{''.join(article(*each) for each in each_page)}</main>"
        for each_page in ((("a", 1), ("b", 2)), (("c", 3), ("a", 1), ("b", 2)))
    ]
    first, second = read(*pages)
    assert [item.title for item in first.items] == ["Story b", "Story a", "News"]
    (item,) = second.items
    assert (item.title, item.url) == ("Story c", "https://wiki.example.org/c")
    assert item.published_at == datetime(2026, 2, 3, tzinfo=UTC)


def test_events_and_dates_from_data() -> None:
    html = (DATA / "meetup.html").read_text()
    batch, later = read(
        html, html.replace('"2026-04-01", "eventStatus": "https://schema.org/EventCancelled"', '"2026-04-01"')
    )
    meetup, page = batch.items
    assert page.published_at == datetime(2026, 2, 10, 7, 0, tzinfo=UTC)
    assert page.author is not None
    assert (page.author.name, page.language) == ("Eva Beispiel", "de")
    event = meetup.event
    assert event is not None
    assert (event.starts_at, event.timezone) == (datetime(2026, 3, 5, 18, 0, tzinfo=UTC), "UTC+01:00")
    assert (event.place, event.cost, event.seats) == ("Old Crane, Quay 1, Hamburg", "EUR 10–25.5", 80)
    assert (meetup.form, meetup.url, meetup.text) == ("event", "https://meet.example.org/5", "Talks and soup.")
    (restored,) = later.items
    assert restored.event is not None
    (cancelled,) = read(html, cursor=later.cursor)[0].items
    assert (cancelled.title, cancelled.event, cancelled.labels) == ("Old crane day", None, ("cancelled", "changed"))
    assert cancelled.id == restored.id


def test_events_and_dates_from_microdata() -> None:
    html = (DATA / "workshop.html").read_text()
    (batch,) = read(html)
    knots, page = batch.items
    event = knots.event
    assert event is not None
    assert (event.starts_at, event.ends_at) == (
        datetime(2026, 3, 5, 18, 0, tzinfo=UTC),
        datetime(2026, 3, 5, 21, 0, tzinfo=UTC),
    )
    assert (event.place, event.cost, event.seats) == ("Old Crane, Quay 1, Hamburg", "EUR 10–12.5", 20)
    assert (knots.title, knots.url, knots.text) == (
        "Knots for beginners", "https://wiki.example.org/knots", "Bring a rope.",
    )  # fmt: skip
    assert (page.title, page.published_at) == ("Workshops", None)
    (later,) = read(html.replace("Cancelled", "Scheduled"), cursor=batch.cursor)
    assert [(item.title, item.event.place if item.event else None) for item in later.items] == [
        ("Sail repair", "The quay")
    ]


@needs_corpus
def test_every_dated_event_page_of_the_suite_gives_its_event() -> None:
    pages = {
        name: peer["properties"]
        for name, found in expected("html").items()
        for peer in found["expect"].get("peer", {}).get("items", ())
        if peer["type"] == ["h-event"] and "start" in peer["properties"]
    }
    assert len(pages) == 7
    for name, said in pages.items():
        (batch,) = read((CORPUS / "html" / name).read_text())
        item = next(each for each in batch.items if each.form == "event")
        (story,) = group_stories([item], context=StoryContext())
        event = find_event(item, now=datetime.now(UTC))
        assert event is not None, name
        assert with_event(story, now=datetime.now(UTC)).event == event
        assert (event.starts_at, event.timezone) == moment_of(said["start"][0]), name
        assert (event.title, item.title) == (said["name"][0],) * 2
        if "end" in said:
            assert event.ends_at == moment_of(said["end"][0])[0], name
        assert (event.url or item.url) == said.get("url", [URL])[0]
        assert ("location" in said) == (event.place is not None)


def test_an_unchanged_page_is_not_read_again() -> None:
    first, second = read(ELECTIONS, ELECTIONS, watch=WATCH)
    assert second.is_unchanged
    assert second.cursor["page"] == first.cursor["page"]
    http = FakeHttp({URL: Reply(URL, 304, document=Document(etag="1"), is_unchanged=True), ROBOTS: ""})

    async def again() -> list[Batch]:
        return [batch async for batch in WebPage(URL, watch=WATCH).fetch(http, FetchState("s", dict(first.cursor)))]

    assert asyncio.run(again())[0].items == ()
    assert http.urls == [URL]
    assert http.requests[0].known == Document.from_json(first.cursor["documents"][URL])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "the page is empty"),
        (Reply(URL, 200, b"%PDF-1.7 \x00", {"Content-Type": "application/pdf"}), "no page that can be read"),
        ("<html><body><script>render()</script></body></html>", "made by a script"),
        ("<div>" * 3000 + "deep", "nested too deeply"),
        (Reply(URL, 200, b"plain", {"Content-Type": "text/plain"}), None),
    ],
)
def test_what_is_no_page(answer: Answer, reason: str | None) -> None:
    if reason is None:
        assert read(answer)[0].items[0].text == "plain"
        with pytest.raises(NotReadable, match="plain text"):
            read(answer, watch="h2")
        return
    with pytest.raises(NotReadable, match=reason):
        read(answer)


def test_letters_of_any_charset() -> None:
    body = "<title>Grüße</title><p>Ein Schiff läuft in den Hafen ein.</p>"
    declared = f'<meta charset="iso-8859-15">{body}'.encode("iso-8859-15")
    for answer in (
        body.encode(),
        declared,
        Reply(URL, 200, body.encode("koi8-r", "replace"), {"Content-Type": "text/html; charset=utf-8"}),
        body.encode("utf-16"),
    ):
        (batch,) = read(answer)
        assert batch.items[0].title.startswith("Gr")
    assert read(declared)[0].items[0].title == "Grüße"


def test_robots_are_obeyed() -> None:
    with pytest.raises(Disallowed, match="does not want programs"):
        read(ELECTIONS, robots="User-agent: newsletter\nDisallow: /\n")
    with pytest.raises(Disallowed):
        read(ELECTIONS, robots=BadStatus(502, "502"))
    (first,) = read(ELECTIONS, robots="User-agent: *\nCrawl-delay: 7200\n")
    with pytest.raises(Throttled):
        read(ELECTIONS, cursor=first.cursor)


def test_a_file_gives_everything(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(ELECTIONS)

    async def read_file(cursor: Any = None) -> Batch:
        kind = WebPage(file=str(path))
        (batch,) = [batch async for batch in kind.fetch(FakeHttp(), FetchState("s", cursor or {}))]
        return batch

    first = asyncio.run(read_file())
    assert [item.title for item in first.items] == ["Technical leads", "Board seats", "Elections - Harbour Wiki"]
    assert {item.url for item in first.items} == {None}
    assert asyncio.run(read_file(dict(first.cursor))).is_unchanged
    path.unlink()
    with pytest.raises(NotReadable, match="cannot be read"):
        asyncio.run(read_file())


def test_it_is_registered_with_its_keys() -> None:
    info = find_kinds()["web page"]
    assert (info.keys, info.can_read) == (("url", "file", "watch"), True)


SIGN_IN = '<html><title>Sign in</title><body><h2>Welcome</h2><form><input type="password"></form></body></html>'
PARKED = "<html><body><h2>wiki.example.org</h2><p>This domain is for sale. Buy this domain now.</p></body></html>"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (SIGN_IN, r'people sign in.*If this page itself is meant, name its parts: watch: "main h2"'),
        (PARKED, "offers the domain wiki.example.org for sale: its owner let it go"),
    ],
)
def test_a_page_that_stands_where_another_one_was_is_refused_unless_its_parts_are_named(page: str, said: str) -> None:
    with pytest.raises(NotReadable, match=said):
        read(page)
    with pytest.raises(NotReadable, match=said):
        read(ELECTIONS, page)
    (batch,) = read(page, watch="h2")
    assert len(batch.items) == 1
