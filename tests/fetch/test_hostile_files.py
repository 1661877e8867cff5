"""Every hostile document, got over real HTTP: an item, or set aside with its bytes and a reason, in time and memory."""

import asyncio
import json
import re
import time
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import psutil
import pytest
from aiohttp import web

from newsletter.errors import FetchError
from newsletter.fetch.client import WebClient, WebSettings
from newsletter.fetch.kinds import Aside, Batch
from newsletter.fetch.replay import ReadAgain, replay
from newsletter.fetch.run import Kept, fetch_source
from newsletter.fetch.workers import WorkerPool, worker_pool
from newsletter.model.item import Item
from newsletter.model.source import FetchState, Source
from newsletter.text import one_line
from tests.corpus import CORPUS, needs_corpus
from tests.fetch.web import LOOPBACK, serving

pytestmark = [needs_corpus, pytest.mark.slow, pytest.mark.xdist_group("hostile")]

HOSTILE = CORPUS / "hostile"
SECONDS, MEMORY_MIB = 5, 512
"""Of the processor: how long it takes until one is free is no matter of the document."""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ENCODINGS = {".gz": "gzip", ".deflate": "deflate", ".zlib": "deflate"}
COUNTS = {"feed": 432, "lines": 50, "mail": 192, "bombs": 10}
OTHERS = ("calendar", "chat log", "opml", "web page")
"""Kinds whose documents no collection of hostile files has: what was meant for pages is put into such documents."""
IN_A_DOCUMENT = 200
TYPES = {"web page": {"Content-Type": "text/html"}}
ACTIVE = re.compile(r"<(?:script|iframe|object|embed|style|svg|form)\b|\b(?:href|src)=\"?\s*javascript:", re.IGNORECASE)
"""Attributes are looked at in the tests of cleaning, over the same rows."""
MARKUP = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Case:
    """A document as it is served, and the kind that reads it."""

    name: str
    kind: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What became of a case."""

    state: str
    reason: str
    seconds: float
    items: tuple[Item, ...]
    aside: tuple[Aside, ...]
    again: tuple[ReadAgain | FetchError, ...]


def files(folder: str) -> list[Path]:
    return sorted(path for path in (HOSTILE / folder).rglob("*") if path.is_file() and path.suffix != ".jsonl")


def cases() -> dict[str, list[Case]]:
    xml = {"Content-Type": "application/xml"}
    lines = (HOSTILE / "feed" / "xxe_lines.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    packed = [path for path in files("bombs") if path.suffix in ENCODINGS]
    return {
        "feed": [Case(str(path.relative_to(HOSTILE)), "feed", path.read_bytes(), xml) for path in files("feed")],
        "lines": [Case(row["id"], "feed", row["input"].encode("utf-8", "surrogatepass"), xml) for row in rows],
        "mail": [Case(str(path.relative_to(HOSTILE)), "mbox", path.read_bytes()) for path in files("mail")],
        "bombs": [
            Case(f"{path.name} as {kind}", kind, path.read_bytes())
            for path in files("bombs")
            for kind in ("feed", "mbox")
        ],
        "spoken": [
            Case(f"{path.stem} {at} as {kind}", kind, spoken(kind, lines[at : at + IN_A_DOCUMENT]), TYPES.get(kind, {}))
            for path in sorted((HOSTILE / "html").glob("*.jsonl"))
            for lines in [path.read_text(encoding="utf-8").splitlines()]
            for at in range(0, len(lines), IN_A_DOCUMENT)
            for kind in OTHERS
        ],
        "others": [
            Case(f"{path.name} as {kind}", kind, path.read_bytes()) for path in files("bombs") for kind in OTHERS
        ],
        "packed": [
            Case(f"{path.name} sent packed", kind, path.read_bytes(), xml | {"Content-Encoding": _encoding(path)})
            for path in packed
            for kind in ("feed", "mbox")
        ],
    }


def spoken(kind: str, lines: list[str]) -> bytes:
    """A document of that kind in which somebody says what stands in ``lines``."""
    said = [json.loads(line)["input"].replace("\r", "\n") for line in lines]
    if kind == "calendar":
        at = f"{datetime.now(UTC) + timedelta(days=7):%Y%m%dT120000Z}"
        texts = (each.replace("\\", "\\\\").replace("\n", "\\n").replace(";", "\\;") for each in said)
        events = (
            f"BEGIN:VEVENT\nUID:{number}\nDTSTART:{at}\nSUMMARY:{each}\nDESCRIPTION:{each}\nURL:{each}\nEND:VEVENT\n"
            for number, each in enumerate(texts)
        )
        document = f"BEGIN:VCALENDAR\n{''.join(events)}END:VCALENDAR\n"
    elif kind == "opml":
        rows = (f'<outline text="{escape(each)}" xmlUrl="http://127.0.0.1:1/{at}"/>' for at, each in enumerate(said))
        document = f"<opml version='2.0'><body>{''.join(rows)}</body></opml>"
    elif kind == "chat log":
        document = "".join(f"[10:{at % 60:02}] <mallory> {one_line(each)}\n" for at, each in enumerate(said))
    else:
        document = f"<html><body><main>{''.join(f'<h2>Part {at}</h2>{each}' for at, each in enumerate(said))}</main>"
    return document.encode("utf-8", "surrogatepass")


def _encoding(path: Path) -> str:
    return ", ".join(ENCODINGS[each] for each in path.suffixes if each in ENCODINGS)


@dataclass
class Run:
    """All outcomes by group and case, and the most memory of both sides."""

    outcomes: dict[str, dict[str, Outcome]]
    over_idle_mib: float = 0
    worker_mib: float = 0


async def run_all() -> Run:
    found = cases()
    served = {f"/{group}/{number}": case for group in found for number, case in enumerate(found[group])}

    async def answer(request: web.Request) -> web.Response:
        case = served.get(request.path)
        if case is None:
            return web.Response(status=404)
        return web.Response(body=case.body, headers=case.headers)

    settings = WebSettings(allow_networks=LOOPBACK, max_download_bytes=64 << 20)
    run = Run({group: {} for group in found})
    idle = _peak_mib("self", is_new=True)
    workers = worker_pool(1, seconds=60, memory_mib=MEMORY_MIB)
    async with serving(answer) as base, workers as pool, WebClient(settings) as http:
        for path, case in served.items():
            group = path.split("/")[1]
            run.outcomes[group][case.name + case.kind] = await _outcome(case, f"{base}{path}", http, pool)
            run.worker_mib = max(run.worker_mib, _workers_mib(pool))
    run.over_idle_mib = _peak_mib("self") - idle
    return run


async def _outcome(case: Case, url: str, http: WebClient, pool: WorkerPool) -> Outcome:
    batches: list[Batch] = []

    async def keep(batch: Batch) -> Kept:
        batches.append(batch)
        return Kept(len(batch.items))

    source = Source("hostile", "Hostile", case.kind, {"url": url})
    began = _cpu_seconds(pool)
    result = await fetch_source(source, FetchState("hostile"), http, now=NOW, keep=keep)
    seconds = _cpu_seconds(pool) - began
    aside = tuple(each for batch in batches for each in batch.aside)
    again = [await _again(source, each) for each in aside]
    items = tuple(item for batch in batches for item in batch.items)
    return Outcome(result.state.state, result.state.state_reason, seconds, items, aside, tuple(again))


def _cpu_seconds(pool: WorkerPool) -> float:
    """What this process and its workers, also those that have ended, took so far."""
    times = [psutil.Process(pid).cpu_times() for pid in pool.pids]
    ended = psutil.Process().cpu_times()
    return time.process_time() + ended.children_user + ended.children_system + sum(each[0] + each[1] for each in times)


async def _again(source: Source, aside: Aside) -> ReadAgain | FetchError:
    try:
        return await replay(source, aside)
    except FetchError as fault:
        return fault


def _peak_mib(process: str, *, is_new: bool = False) -> float:
    """The most memory a process had, since the last time that was asked with ``is_new``."""
    if is_new:
        Path(f"/proc/{process}/clear_refs").write_text("5")
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def _workers_mib(pool: WorkerPool) -> float:
    return max((_peak_mib(str(pid)) for pid in pool.pids), default=0)


@pytest.fixture(scope="module")
def run() -> Run:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return asyncio.run(run_all())


def test_all_are_here(run: Run) -> None:
    counts = {group: len(found) for group, found in run.outcomes.items()}
    assert counts.pop("spoken") > 100
    assert counts.pop("others") == len(OTHERS) * COUNTS["bombs"]
    assert counts == {**COUNTS, "bombs": 2 * COUNTS["bombs"], "packed": 18}


@pytest.mark.parametrize("group", ["feed", "lines", "mail", "bombs"])
def test_each_is_an_item_or_set_aside_with_its_bytes_and_a_reason(run: Run, group: str) -> None:
    wanted = {case.name + case.kind: case for case in cases()[group]}
    for name, outcome in run.outcomes[group].items():
        assert outcome.state in ("ok", "unchanged", "failing"), name
        assert "the reader failed" not in outcome.reason, (name, outcome.reason)
        if not outcome.items and not outcome.aside:
            assert _is_empty(wanted[name]), (name, outcome)
        for each in outcome.aside:
            assert each.reason, name
            assert each.data, name
        if outcome.state == "failing":
            [whole] = outcome.aside
            assert whole.data == wanted[name].body, name
            assert whole.reason == outcome.reason


@pytest.mark.parametrize("kind", OTHERS)
def test_what_other_kinds_are_told_does_nothing(run: Run, kind: str) -> None:
    outcomes = {name: each for name, each in run.outcomes["spoken"].items() if name.endswith(f" as {kind}{kind}")}
    for name, outcome in outcomes.items():
        # The feeds of the list are not there; what is said may make no log, or no page, of a whole document.
        assert outcome.state in ("ok", "failing"), (name, outcome.reason)
        assert outcome.state == "ok" or kind != "calendar", (name, outcome.reason)
        assert "the reader failed" not in outcome.reason, (name, outcome.reason)
        for item in outcome.items:
            assert not any(ACTIVE.search(tag) for tag in MARKUP.findall(item.html)), (name, item.html)
            assert not any(link.lower().lstrip().startswith(("javascript:", "data:")) for link in item.links), name
            assert "\n" not in item.title, name
    read = sum(outcome.state == "ok" for outcome in outcomes.values())
    assert kind == "opml" or read > len(outcomes) / 3


def test_a_bomb_is_nothing_to_other_kinds(run: Run) -> None:
    for name, outcome in run.outcomes["others"].items():
        assert outcome.state in ("failing", "ok"), (name, outcome)
        assert "the reader failed" not in outcome.reason, (name, outcome.reason)
        assert outcome.state == "ok" or outcome.aside, (name, outcome)


def _is_empty(case: Case) -> bool:
    """Whether nothing is in the document that could be an item: a feed without entries, a file without a letter."""
    if case.kind == "feed":
        return b"<item" not in case.body and b"<entry" not in case.body
    return not case.body.strip()


def test_what_is_sent_packed_ends_at_the_size_limit_in_its_own_words(run: Run) -> None:
    """Limits are 20 MiB for a document and 64 MiB for a file; what is smaller is no feed and no archive."""
    for name, outcome in run.outcomes["packed"].items():
        if "mib" in name or "members" in name:
            bomb = "larger than" in outcome.reason or "packed" in outcome.reason or outcome.aside
            assert bomb, (name, outcome)
        assert outcome.items == (), name
        assert outcome.state == "failing" or name.startswith("trailing_junk"), (name, outcome)
    over = [name for name, outcome in run.outcomes["packed"].items() if "larger than" in outcome.reason]
    assert {name.partition(" ")[0] for name in over} >= {"zeros_256mib.gz", "zeros_64mib.zlib", "feed_64mib.xml.gz"}


def test_each_takes_its_time_and_its_memory_and_no_more(run: Run) -> None:
    slow = {
        name: outcome.seconds
        for found in run.outcomes.values()
        for name, outcome in found.items()
        if outcome.seconds > (10 if name.startswith("feed/made/") else SECONDS)
    }
    assert slow == {}
    assert run.worker_mib < MEMORY_MIB
    assert run.over_idle_mib < 256


def test_all_that_is_set_aside_can_be_tried_again(run: Run) -> None:
    """Nothing was mended, so each ends as it did; none ends the process that tries."""
    tried = 0
    for found in run.outcomes.values():
        for name, outcome in found.items():
            for aside, again in zip(outcome.aside, outcome.again, strict=True):
                tried += 1
                assert isinstance(again, FetchError), name
                assert "ended the process" not in str(again), name
                if aside.is_document:
                    assert str(again) == aside.reason, name
    assert tried > 50
