"""Every reply of a misbehaving web ends in a named state within its time; the others go on, nothing inside is read."""

import asyncio
import json
import sys
import warnings
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.corpus import CORPUS, needs_corpus
from tests.replaying import replay_module

pytestmark = [needs_corpus, pytest.mark.slow, pytest.mark.xdist_group("hostile")]

PLACE = "127.0.7.1"
WELL = [f"/living/feed.atom?well={number}" for number in range(5)]
PRIVATE = """canary localhost metadata ipv6 mapped decimal hex zero short ten file gopher ftp userinfo scheme-relative
data empty crlf"""
MORE = {
    "gzip-bomb": ["/hostile/gzip-bomb?gb=0.2&layers=2"],
    "redirect-chain": ["/hostile/redirect-chain/20"],
    "moved": [f"/hostile/moved/{status}" for status in (302, 303, 307, 308)],
    "429-then-ok": ["/hostile/429-then-ok?date=1", "/hostile/429-then-ok?none=1"],
    "redirect-private": [f"/hostile/redirect-private/{name}" for name in PRIVATE.split()],
}
ENDLESS = ("drip", "slow-headers", "endless", "huge-length", "many-items")
"""They never end of themselves, or not for long: that they ended is the doing of a limit."""
ITS_KIND: dict[str, dict[str, Any]] = {
    "rrule-bomb": {"kind": "calendar"},
    "opml-bomb": {"kind": "opml"},
    "gerrit-paging-loop": {"kind": "gerrit", "take": ["open", "merged"]},
}
JSON_KINDS: dict[str, dict[str, Any]] = {
    "gerrit": {},
    "github": {"repositories": ["a/b"]},
    "gitlab": {"repositories": ["a/b"]},
    "gitea": {"repositories": ["a/b"]},
    "launchpad": {"projects": ["lamp"]},
    "pagure": {"repositories": ["lamp"]},
    "bugzilla": {},
    "phabricator": {},
    "discourse": {},
    "askbot": {},
    "mediawiki": {"url": "/api.php"},
    "meetup": {},
    "calendar": {},
    "opml": {},
    "chat log": {},
    "web page": {},
}
"""Kinds and what else their sources need; "url" stands behind the address."""
FOR_ALL_ENDLESS = ("drip", "slow-headers")
FOR_ALL = ("broken-json", "deep-json", "link-paging-loop", "huge-headers", "cookie-wall")
LIMITS = (
    *("has stopped sending", "sent no answer", "did not give the whole answer in"),
    *("larger than", "took longer than"),
)
NAMED = ("ok", "unchanged", "failing", "gone", "moved", "throttled")
EXPECTED = {
    "drip": ("failing", ""),
    "slow-headers": ("failing", ""),
    "endless": ("failing", ""),
    "huge-length": ("failing", "larger than 20 MiB"),
    "gzip-bomb": ("failing", "larger than 20 MiB"),
    "always-304": ("failing", "nothing was read before"),
    "gone": ("gone", "gone for good"),
    "not-found": ("failing", "404 Not Found"),
    "forbidden": ("failing", "403 Forbidden"),
    "teapot": ("failing", "418"),
    "always-500": ("failing", "500 Internal Server Error"),
    "unauthorized": ("failing", "401 Unauthorized"),
    "429-then-ok": ("throttled", "asks to be left alone"),
    "429-forever": ("throttled", "asks to be left alone until"),
    "503-maintenance": ("throttled", "(503)"),
    "500-three-times": ("failing", "500"),
    "flaky": ("failing", "502 Bad Gateway"),
    "reset": ("failing", "broke off"),
    "short-body": ("failing", "broke off"),
    "close-at-once": ("failing", "without an answer"),
    "cut-gzip": ("failing", "ends in the middle"),
    "huge-headers": ("ok", ""),
    "redirect-loop": ("failing", "more than 8 redirects"),
    "cookie-wall": ("failing", "more than 8 redirects"),
    "redirect-chain/20": ("failing", "more than 8 redirects"),
    "redirect-chain": ("ok", ""),
    "moved": ("moved", "for good; write url: "),
    "moved/302": ("ok", ""),
    "moved/308": ("moved", "for good; write url: "),
    "redirect-private/crlf": ("failing", "404"),
    "redirect-private/empty": ("failing", "does not say where"),
    "redirect-private/file": ("failing", "Only http and https"),
    "redirect-private/gopher": ("failing", "Only http and https"),
    "redirect-private/canary": ("failing", "inside your network"),
    "redirect-private/ten": ("failing", "inside your network"),
    "redirect-private/metadata": ("failing", "inside your network"),
    "redirect-private/userinfo": ("failing", "sign-in name"),
    "lying-gzip": ("ok", ""),
    "unasked-gzip": ("ok", ""),
    "unknown-encoding": ("ok", ""),
    "good": ("ok", ""),
}
"""What the first fetch must end in; every other endpoint in any named state."""


def feed(path: str, port: int) -> dict[str, Any]:
    """The path as a feed on a host of its own."""
    host = path.partition("?")[0].removeprefix("/hostile/").replace("/", "-").strip("-")
    return {"name": path, "kind": "feed", "settings": {"url": f"http://{host}.test:{port}{path}"}}


def other_kinds(port: int) -> list[dict[str, Any]]:
    """Sources of the kinds that an endpoint is made for, and of all kinds for those that anybody may meet."""
    asked = [(name, more["kind"], more) for name, more in ITS_KIND.items()]
    asked += [(name, kind, more) for name in (*FOR_ALL, *FOR_ALL_ENDLESS) for kind, more in JSON_KINDS.items()]
    sources = []
    for name, kind, more in asked:
        # A loop of links leads on only where it leads to the same host.
        host = PLACE if name == "link-paging-loop" else f"{name}-{kind.replace(' ', '-')}.test"
        settings = {key: value for key, value in more.items() if key not in ("kind", "url")}
        url = f"http://{host}:{port}/hostile/{name}{more.get('url', '')}"
        sources.append({"name": f"{name} as {kind}", "kind": kind, "settings": {"url": url, **settings}})
    return sources


def is_endless(name: str) -> bool:
    return name.removeprefix("/hostile/").partition(" ")[0] in ENDLESS


@dataclass(frozen=True)
class Run:
    """What one gather of everything hostile came to: results by turn and name, memory, and the log of the web."""

    rows: dict[tuple[int, str], dict[str, Any]]
    over_idle_mib: float
    worker_mib: float
    log: list[dict[str, Any]]
    names: list[str]


async def run_gather() -> Run:
    module = replay_module()
    play = module.Replay(CORPUS, drip_seconds=0.05)
    runners, port = await module.start(play, host=PLACE)
    # The canary stands for what lies inside the operator's network, so it listens there as well.
    await web.TCPSite(runners[1], "127.0.0.1", play.canary).start()
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://{PLACE}:{port}/hostile/") as reply:
            names = sorted(await reply.json())
        paths = [path for name in names for path in [f"/hostile/{name}", *MORE.get(name, [])]] + WELL
        sources = [feed(path, port) for path in paths] + other_kinds(port)
        hurried = [each for each in sources if is_endless(each["name"])]
        asked = [[each for each in sources if each not in hurried], hurried]
        script = str(Path(__file__).with_name("hostile_gather.py"))
        process = await asyncio.create_subprocess_exec(sys.executable, script, stdin=PIPE, stdout=PIPE)
        out, _ = await process.communicate(json.dumps(asked).encode())
        assert process.returncode == 0
        report = json.loads(out)
    finally:
        for runner in runners:
            await asyncio.wait_for(runner.cleanup(), 10)
    rows = {(row["turn"], row["name"]): row for row in report["rows"]}
    names = [each["name"] for part in asked for each in part]
    return Run(rows, report["over_idle_mib"], report["worker_mib"], list(play.rows), names)


@pytest.fixture(scope="module")
def run() -> Run:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the server that plays, not of the program
        return asyncio.run(run_gather())


def test_every_source_ends_in_a_named_state(run: Run) -> None:
    assert len(run.names) > 180
    for name in run.names:
        for turn in (1, 2):
            row = run.rows[turn, name]
            assert row["state"] in NAMED, row
            assert bool(row["reason"]) == (row["state"] not in ("ok", "unchanged")), row
            assert "the reader failed" not in row["reason"], row
            assert is_endless(name) or not any(said in row["reason"] for said in LIMITS[:3]), row


def test_what_never_ends_is_ended(run: Run) -> None:
    """However busy the machine is: without its limit such a source would go on for ever."""
    names = [name for name in run.names if is_endless(name)]
    assert len(names) > 30
    for name in names:
        for turn in (1, 2):
            row = run.rows[turn, name]
            assert row["state"] == "failing", row
            assert "robots.txt" in row["reason"] or any(said in row["reason"] for said in LIMITS), row


def test_pages_that_never_end_are_cut(run: Run) -> None:
    assert run.rows[1, "gerrit-paging-loop as gerrit"]["state"] == "ok"
    assert run.rows[2, "gerrit-paging-loop as gerrit"]["state"] == "unchanged"
    for name in ("gerrit-paging-loop", "link-paging-loop"):
        asked = [row for row in run.log if row["path"].startswith(f"/hostile/{name}")]
        assert 4 < len(asked) < 200, name


@pytest.mark.parametrize("name", EXPECTED)
def test_states_and_their_reasons(run: Run, name: str) -> None:
    state, reason = EXPECTED[name]
    row = run.rows[1, f"/hostile/{name}"]
    assert row["state"] == state, row
    assert reason in row["reason"]


def test_the_second_fetch_knows_what_the_first_one_saw(run: Run) -> None:
    for name in ("good", "etag-flaps", "weak-etag", "redirect-chain"):
        assert run.rows[2, f"/hostile/{name}"]["state"] == "unchanged", name
    assert run.rows[2, "/hostile/429-forever"]["state"] == "throttled"
    assert len([row for row in run.log if row["path"] == "/hostile/429-forever"]) == 1
    asked = [row["path"] for row in run.log if row["path"] == "/hostile/moved"]
    assert len(asked) == 1


def test_the_others_are_not_affected(run: Run) -> None:
    for path in WELL:
        first, second = run.rows[1, path], run.rows[2, path]
        assert (first["state"], first["new"]) == ("ok", 5)
        assert (second["state"], second["new"]) == ("unchanged", 0)


def test_nothing_inside_was_read(run: Run) -> None:
    assert [row for row in run.log if row["host"] == "canary"] == []
    shown = [title for row in run.rows.values() for title in row["titles"]]
    assert not any("SECRET" in title or "root:" in title for title in shown)


def test_titles_are_one_line(run: Run) -> None:
    shown = [title for row in run.rows.values() for title in row["titles"]]
    assert shown
    assert not any("\n" in title or "\r" in title for title in shown)


def test_memory_stays_small(run: Run) -> None:
    assert run.over_idle_mib < 64
    assert run.worker_mib < 512
