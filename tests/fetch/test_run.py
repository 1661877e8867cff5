import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsletter.errors import BadStatus, Gone, NotReadable, StoreFault, Throttled, Unreachable
from newsletter.fetch import kinds
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Aside, Batch, find_kinds, kind
from newsletter.fetch.run import FetchResult, Kept, _Reading, fetch_source, gather_sources
from newsletter.model.item import Item, item_id
from newsletter.model.source import FetchState, LastAnswer, Source, is_due
from tests.fakes import FakeHttp

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
STEPS: dict[str, list[Any]] = {}
"""What the test kind does for each address: batches to yield, exceptions to raise, functions to await."""


@pytest.fixture(autouse=True)
def _test_kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(kinds, "_REGISTERED", {})
    monkeypatch.setattr(kinds.pkgutil, "iter_modules", lambda _: ())
    find_kinds.cache_clear()
    STEPS.clear()

    @kind("steps")
    @dataclass(frozen=True)
    class Steps:
        url: str

        async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
            for step in STEPS[self.url]:
                if isinstance(step, Exception):
                    raise step
                yield step if isinstance(step, Batch) else await step(http)

    @kind("later", can_read=False)
    @dataclass(frozen=True)
    class Later:
        url: str

    yield
    find_kinds.cache_clear()


def item(number: int) -> Item:
    return Item(item_id("a", str(number)), "a", "steps", "post", (str(number),), f"Item {number}")


def source(name: str = "a", *steps: Any, url: str = "", **settings: Any) -> Source:
    url = url or f"https://{name}.example.org/"
    STEPS[url] = list(steps)
    return replace(Source(name, name, "steps", {"url": url}, check_every=HOUR), **settings)


async def keep_all(batch: Batch) -> Kept:
    return Kept(len(batch.items))


async def fetch(asked: Source, state: FetchState | None = None, **more: Any) -> FetchResult:
    options = {"now": NOW, "keep": keep_all, **more}
    return await fetch_source(asked, state or FetchState(asked.id), FakeHttp(), **options)


async def test_batches_are_kept_in_their_order_and_the_state_is_new() -> None:
    kept: list[Batch] = []

    async def keep(batch: Batch) -> Kept:
        kept.append(batch)
        return Kept(len(batch.items), 1)

    batches = [Batch((item(1), item(2)), {"at": 1}, ("odd",)), Batch((item(3),), {"at": 2}, ("odd", "even"))]
    result = await fetch(
        source("a", *batches), FetchState("a", failures=3, failing_since=NOW, items_count=5), keep=keep
    )
    assert kept == batches
    assert (result.new_count, result.changed_count, result.warnings) == (3, 2, ("odd", "even"))
    assert result.seconds >= 0
    assert not result.is_failed
    next_at = result.state.next_at
    assert next_at is not None
    assert NOW + HOUR <= next_at <= NOW + 1.1 * HOUR
    assert result.state == FetchState(
        "a",
        cursor={"at": 2},
        state="ok",
        reader="steps",
        checked_at=NOW,
        next_at=next_at,
        last_new_at=NOW,
        items_count=8,
        warned={"odd": NOW.isoformat(), "even": NOW.isoformat()},
    )


async def test_the_document_that_ends_a_source_is_set_aside_with_its_bytes() -> None:
    kept: list[Batch] = []

    async def keep(batch: Batch) -> Kept:
        kept.append(batch)
        return Kept()

    async def ask(http: Http) -> Batch:
        await http.get("https://a.example.org/1")
        await http.download("https://a.example.org/2")
        return Batch((item(1),), {"at": 1})

    http = FakeHttp({"https://a.example.org/1": b"one", "https://a.example.org/2": b"two"})
    for fault in (NotReadable("torn"), ZeroDivisionError("odd")):
        kept.clear()
        asked = source("a", ask, fault)
        result = await fetch_source(asked, FetchState("a"), http, now=NOW, keep=keep)
        [aside] = kept[-1].aside
        assert (aside.address, aside.data, aside.reader, aside.is_document) == (
            "https://a.example.org/2",
            b"two",
            "steps",
            True,
        )
        assert aside.reason == result.state.state_reason
        assert result.aside_count == 1
        assert result.state.cursor == {"at": 1}, "the cursor is that of the last batch"


async def test_a_secret_in_an_address_is_not_kept() -> None:
    kept: list[Batch] = []

    async def keep(batch: Batch) -> Kept:
        kept.append(batch)
        return Kept()

    url = "https://a.example.org/api?token=s%3Acret"
    asked = source("a", Batch(aside=(Aside(url, f"{url} is torn", b"x"),)))
    asked = replace(asked, settings={**asked.settings, "token": "s:cret"})
    reading = _Reading(asked, FetchState("a"))
    await reading._take(STEPS[asked.settings["url"]][0], keep)
    [aside] = kept[0].aside
    assert (aside.address, aside.reason) == (f"{url[:-8]}•••", f"{url[:-8]}••• is torn")


async def test_nothing_is_set_aside_when_no_document_is_at_fault() -> None:
    async def ask(http: Http) -> Batch:
        await http.get("https://a.example.org/1")
        return Batch(aside=(Aside("https://a.example.org/1", "torn", b"one"),))

    http = FakeHttp({"https://a.example.org/1": b"one"})
    for steps, count in (
        ([NotReadable("no question asked")], 0),
        ([ask, Unreachable("gone away")], 1),
        ([ask, NotReadable("said already")], 1),
    ):
        asked = source("a", *steps)
        result = await fetch_source(asked, FetchState("a"), http, now=NOW, keep=keep_all)
        assert (result.state.state, result.aside_count) == ("failing", count)


async def test_nothing_new_is_unchanged() -> None:
    before = FetchState("a", {"at": 1}, "ok", last_new_at=NOW - HOUR)
    for steps in ([], [Batch(is_unchanged=True)]):
        after = (await fetch(source("a", *steps), before)).state
        assert (after.state, after.cursor, after.last_new_at) == ("unchanged", {"at": 1}, NOW - HOUR)
    after = (await fetch(source("a", Batch(cursor={"at": 2})), before)).state
    assert (after.state, after.cursor) == ("ok", {"at": 2})


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (Unreachable("nobody\nthere"), "failing", f"nobody there. {Unreachable('').how}."),
        (NotReadable("a page"), "failing", "a page"),
        (ZeroDivisionError("oh"), "failing", "the reader failed: ZeroDivisionError: oh"),
        (RecursionError("deep"), "failing", "the reader failed: RecursionError: deep"),
        (MemoryError(), "failing", "the reader failed: MemoryError:"),
        (TimeoutError("its own"), "failing", "the reader failed: TimeoutError: its own"),
        (Gone("gone for good"), "gone", "gone for good. Find its new address, or take the source out."),
        (BadStatus(404, "x"), "failing", "x. Look at the address in a browser, and write down the right one."),
        (BadStatus(502, "x"), "failing", "x. The server is in trouble; it is asked again later."),
        (BadStatus(403, "Sign in."), "failing", "Sign in."),
        (Throttled("wait"), "throttled", "wait"),
    ],
)
async def test_trouble_is_a_state_and_what_was_kept_stays(error: Exception, state: str, reason: str) -> None:
    result = await fetch(source("a", Batch((item(1),), {"at": 1}), error))
    after = result.state
    assert (after.state, after.state_reason) == (state, reason)
    assert (after.cursor, after.items_count, after.failures, after.failing_since) == ({"at": 1}, 1, 1, NOW)
    assert (result.new_count, result.is_failed) == (1, True)


async def test_only_what_was_asked_counts_as_asked() -> None:
    left_alone = Throttled("x", is_asked=False)
    assert not (await fetch(source("a", left_alone))).is_asked
    assert (await fetch(source("a", Throttled("x")))).is_asked
    assert (await fetch(source("a", Unreachable("x")))).is_asked
    assert (await fetch(source("a", Batch((item(1),))))).is_asked


async def test_waits_after_trouble() -> None:
    until = NOW + timedelta(minutes=3)
    assert (await fetch(source("a", Gone("x")))).state.next_at is None
    assert (await fetch(source("a", Throttled("x", until=until)))).state.next_at == until
    state, waits = FetchState("a"), []
    for _ in range(40):
        state = (await fetch(source("a", Unreachable("x")), state)).state
        assert state.next_at is not None
        waits.append((state.next_at - NOW) / HOUR)
    assert waits[:3] == [pytest.approx(hours, rel=0.1) for hours in (1, 2, 4)]
    assert waits[-1] == 24
    assert (state.failures, state.failing_since) == (40, NOW)
    throttled = (await fetch(source("a", Throttled("x")))).state
    assert throttled.next_at is not None
    assert throttled.next_at - NOW == pytest.approx(HOUR / 4, abs=timedelta(minutes=2))
    well = (await fetch(source("a", Batch((item(1),))), state)).state
    assert (well.failures, well.failing_since, well.state, well.state_reason) == (0, None, "ok", "")


async def test_moved_goes_on_and_says_where_to() -> None:
    moved = "https://new.example.org/"
    first = (await fetch(source("a", Batch((item(1),), moved_to=moved)))).state
    assert (first.state, first.moved_to, first.moved_count) == ("moved", moved, 1)
    cursor = {"documents": {"https://a.example.org/": {"moved_to": moved}}}
    second = (await fetch(source("a", Batch(cursor=cursor, is_unchanged=True)), first)).state
    assert (second.state, second.moved_to, second.moved_count) == ("moved", moved, 2)
    after = (await fetch(source("a", Batch((item(1),), moved_to=moved)), second)).state
    assert (after.state, after.moved_to, after.failures) == ("moved", moved, 0)
    assert after.state_reason == f"moved to {moved} for good; write url: {moved}"
    elsewhere = (await fetch(source("a", Batch(moved_to="https://b.example.org/")), after)).state
    assert (elsewhere.state, elsewhere.moved_count) == ("moved", 1)
    back = (await fetch(source("a", Batch(cursor={"documents": {}})), after)).state
    assert (back.state, back.moved_to, back.moved_count) == ("ok", None, 0)


async def test_the_last_answer_is_kept_with_what_the_server_said() -> None:
    url = "https://a.example.org/"

    async def ask(http: Any) -> Batch:
        await http.get(url, known=None)
        return Batch(is_unchanged=True)

    refused = BadStatus(503, "the server answers 503")
    refused.said = "Back on Monday."
    http = FakeHttp({url: [b"twelve bytes", refused]})
    asked = source("a", ask)
    well = (await fetch_source(asked, FetchState("a"), http, now=NOW, keep=keep_all)).state
    answer = LastAnswer.from_json(well.answer)
    assert answer is not None
    assert (answer.at, answer.status, answer.size, answer.words) == (NOW, 200, 12, "")
    bad = (await fetch_source(asked, well, http, now=NOW, keep=keep_all)).state
    answer = LastAnswer.from_json(bad.answer)
    assert answer is not None
    assert (answer.status, answer.words) == (503, "Back on Monday.")


async def test_what_is_said_of_a_source_is_said_since_its_first_time() -> None:
    first = (await fetch(source("a", Batch((item(1),), warnings=("odd",))))).state
    later = replace(first, warned={"odd": "2026-02-01T00:00:00+00:00"})
    again = (await fetch(source("a", Batch((item(1),), warnings=("new", "odd"))), later)).state
    assert again.warned == {"new": NOW.isoformat(), "odd": "2026-02-01T00:00:00+00:00"}
    assert (await fetch(source("a", Batch(is_unchanged=True)), later)).state.warned == later.warned
    assert (await fetch(source("a", Batch((item(1),))), later)).state.warned == {}


async def test_kinds_that_come_later_and_settings_that_do_not_fit() -> None:
    later = (await fetch(source("a", kind="later"), FetchState("a", failures=2))).state
    assert (later.state, later.failures, later.next_at) == ("not readable in this version", 2, NOW + HOUR)
    assert later.state_reason == 'sources of kind "later" are not readable in this version'
    odd = (await fetch(source("a", settings={"url": "https://a.example.org/", "odd": 1}))).state
    assert odd.state == "failing"
    assert odd.state_reason.startswith("its settings do not fit its kind: ")


async def test_a_paused_source_is_not_asked() -> None:
    before = FetchState("a", {"at": 1})
    assert (await fetch(source("a", Unreachable("x"), paused=True), before)).state == replace(
        before, state="paused", state_reason="paused in feeds.yaml"
    )


async def test_what_the_store_raises_is_not_the_sources_fault() -> None:
    async def keep(batch: Batch) -> Kept:
        raise StoreFault("the disk is full")

    with pytest.raises(StoreFault):
        await fetch(source("a", Batch((item(1),))), keep=keep)
    with pytest.raises(StoreFault):
        [
            result
            async for result in gather_sources(
                [(source("a", Batch()), FetchState("a"))], FakeHttp(), now=NOW, keep=keep_of(keep)
            )
        ]


def keep_of(keep: Any) -> Any:
    async def of(_: Source, batch: Batch) -> Kept:
        kept: Kept = await keep(batch)
        return kept

    return of


async def test_a_source_has_a_deadline_as_a_whole() -> None:
    async def for_ever(_: Http) -> Batch:
        await asyncio.Event().wait()
        return Batch()

    result = await fetch(source("a", Batch((item(1),), {"at": 1}), for_ever), seconds=0.1)
    assert (result.state.state, result.state.cursor) == ("failing", {"at": 1})
    assert result.state.state_reason == "not done after 0.1 s; it goes on from there next time"


def test_is_due() -> None:
    plain, state = source("a"), FetchState("a")
    assert is_due(plain, state, NOW)
    assert is_due(plain, replace(state, next_at=NOW), NOW)
    assert not is_due(plain, replace(state, next_at=NOW + HOUR), NOW)
    assert not is_due(plain, replace(state, state="gone"), NOW)
    assert not is_due(replace(plain, paused=True), state, NOW)


async def gather(sources: list[Source], **more: Any) -> list[FetchResult]:
    jobs = [(asked, FetchState(asked.id)) for asked in sources]
    options = {"now": NOW, "keep": keep_of(keep_all), **more}
    return [result async for result in gather_sources(jobs, FakeHttp(), **options)]


async def test_many_sources_and_a_broken_one_stops_no_other() -> None:
    sources = [source(f"s{number}", Batch((item(number),))) for number in range(30)]
    sources[7] = source("s7", ZeroDivisionError("oh"))
    results = await gather(sources)
    assert {result.source.id for result in results} == {f"s{number}" for number in range(30)}
    assert [result.source.id for result in results if result.is_failed] == ["s7"]
    assert await gather([]) == []


async def test_so_many_at_once_and_results_as_they_come() -> None:
    running = most = 0
    gate = asyncio.Event()

    async def wait(_: Http) -> Batch:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await gate.wait()
        running -= 1
        return Batch((item(1),))

    sources = [source(f"s{number}", wait) for number in range(9)] + [source("quick", Batch())]
    sources[0] = source("first", Batch())
    jobs = [(asked, FetchState(asked.id)) for asked in sources]
    results = gather_sources(jobs, FakeHttp(), now=NOW, keep=keep_of(keep_all), at_once=4)
    assert (await anext(results)).source.id == "first"
    gate.set()
    assert len([result async for result in results]) == 9
    assert most == 4


async def test_leaving_early_ends_the_rest() -> None:
    ended: list[str] = []

    async def wait(_: Http) -> Batch:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("yes")
        return Batch()

    jobs = [(asked, FetchState(asked.id)) for asked in (source("a", wait), source("b", Batch()))]
    results = gather_sources(jobs, FakeHttp(), now=NOW, keep=keep_of(keep_all))
    assert (await anext(results)).source.id == "b"
    await results.aclose()
    assert ended == ["yes"]


async def test_hosts_take_turns() -> None:
    names = ["a1", "a2", "a3", "b1", "c1"]
    order: list[str] = []

    async def keep(asked: Source, batch: Batch) -> Kept:
        order.append(asked.id)
        return Kept()

    await gather(
        [source(name, Batch(), url=f"https://{name[0]}.example.org/{name}") for name in names], keep=keep, at_once=1
    )
    assert order == ["a1", "b1", "c1", "a2", "a3"]
