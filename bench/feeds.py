"""What it costs to gather 300 feeds, beside the `reader` library doing the same.

    python bench/feeds.py [--feeds 300] [--cache ~/.cache/newsletter-bench]

The feeds are made from the recorded ones (20 to 300 KB each) and served from 50 loopback hosts by
a process that is not counted. What is counted is CPU time, of the process and its children, from
the first request to the last commit; imports come before. The peer gets an environment of its own.

Limits, as shares of the peer's first update of the same feeds in the same run: a first gather
0.55, a second one answered with 304 0.05, a second one with the same bodies and no validators 0.02.
"""

import argparse
import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from peers import ROOT, peer_python, run_side

CORPUS = ROOT.parent / "shared" / "corpus" / "feeds" / "recorded"
HOSTS = 50
SMALLEST, LARGEST = 20_000, 290_000
PEER = ("reader==3.26", "sgmllib3k")
REFUSED_BY_THE_PEER = frozenset(
    (
        "fastfeedparser/kagi.xml",
        "fastfeedparser/osm-pl.xml",
        "fastfeedparser/postgis.xml",
        "miniflux/parser/rdf_UTF8.xml",
        "netnewswire/pxlnv.json",
    )
)
LIMITS = {"cold": 0.55, "304": 0.05, "same": 0.02}
WAYS = (("v", ("cold", "304")), ("p", ("cold, no validators", "same")))
Row = dict[str, Any]
ENTRY = re.compile(rb"<(item|entry)[\s>].*?</\1>", re.DOTALL)
NAMES = re.compile(rb"(<(?:guid|id|link)\b[^>]*>(?:<!\[CDATA\[)?\s*)([^<\s][^<]*?)(\s*(?:\]\]>)?</(?:guid|id|link)>)")
ADDRESSES = re.compile(rb'((?:href|rdf:about)=")([^"]+)(")')


def recorded_feeds() -> list[bytes]:
    """The recorded documents that hold entries, are large enough to be somebody's feed, and are read by both."""
    known = json.loads((CORPUS / "expected.json").read_text(encoding="utf-8"))["documents"]
    found = []
    for path, document in sorted(known.items()):
        expect = document["expect"]
        if path in REFUSED_BY_THE_PEER:
            continue
        if document["bytes"] > 5_000 and max(expect.get("item_count", 0), expect.get("item_tags_seen", 0)) > 1:
            found.append((CORPUS / path).read_bytes())
    return found


def make_feed(document: bytes, number: int) -> bytes:
    """Feed ``number``: the document with its entries repeated or left out, until it has the size it should have."""
    size = SMALLEST + int.from_bytes(hashlib.sha256(str(number).encode()).digest()[:4], "big") % (LARGEST - SMALLEST)
    if document.lstrip()[:1] == b"{":
        return make_json(document, number, size)
    entries = list(ENTRY.finditer(document))
    if not entries:
        return document
    head, tail = document[: entries[0].start()], document[entries[-1].end() :]
    made, copy = [], 0
    while sum(map(len, made)) < size - len(head) - len(tail):
        mark = b"-%d-%d" % (number, copy)
        for entry in entries:
            varied = NAMES.sub(rb"\g<1>\g<2>" + mark + rb"\g<3>", entry[0])
            made.append(ADDRESSES.sub(rb"\g<1>\g<2>#" + mark + rb"\g<3>", varied))
        copy += 1
    while sum(map(len, made)) > size and sum(map(len, made[:-1])) > SMALLEST:
        made.pop()
    return head + b"\n".join(made) + tail


def make_json(document: bytes, number: int, size: int) -> bytes:
    feed = json.loads(document)
    entries, feed["items"], copy = feed["items"], [], 0
    total = 0
    while total < size:
        for entry in entries:
            feed["items"].append({**entry, "id": f"{entry.get('id')}-{number}-{copy}"})
            total += len(json.dumps(entry))
            if total > size:
                break
        copy += 1
    return json.dumps(feed).encode()


def write_feeds(folder: Path, count: int) -> list[int]:
    documents = recorded_feeds()
    sizes = []
    for number in range(count):
        body = make_feed(documents[number % len(documents)], number)
        (folder / str(number)).write_bytes(body)
        sizes.append(len(body))
    return sizes


def serve(folder: Path) -> None:
    """Serve ``folder`` on 50 addresses until killed: /v/N with validators, /p/N without; prints the port first."""
    import asyncio

    from aiohttp import web

    bodies = {path.name: path.read_bytes() for path in folder.iterdir()}
    tags = {name: f'"{hashlib.sha256(body).hexdigest()[:16]}"' for name, body in bodies.items()}

    async def answer(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if request.match_info["way"] == "p":
            return web.Response(body=bodies[name], content_type=media_type(bodies[name]))
        headers = {"ETag": tags[name], "Last-Modified": "Thu, 05 Mar 2026 18:00:00 GMT"}
        if request.headers.get("If-None-Match") == tags[name]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=bodies[name], content_type=media_type(bodies[name]), headers=headers)

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/{way}/{name}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        port = 0
        for host in range(1, HOSTS + 1):
            site = web.TCPSite(runner, f"127.0.1.{host}", port)
            await site.start()
            port = port or runner.addresses[0][1]
        print(port, flush=True)
        await asyncio.Event().wait()

    asyncio.run(run())


def media_type(body: bytes) -> str:
    return "application/feed+json" if body.lstrip()[:1] == b"{" else "application/xml"


def address(port: int, way: str, number: int) -> str:
    return f"http://127.0.1.{number % HOSTS + 1}:{port}/{way}/{number}"


def cpu() -> float:
    """Seconds of CPU so far, of this process and the children that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def measured(name: str, work: Callable[[], Any]) -> tuple[Row, Any]:
    before, began = cpu(), time.monotonic()
    result = work()
    return {"name": name, "cpu": cpu() - before, "seconds": time.monotonic() - began}, result


def ours(port: int, count: int, home: Path) -> Iterator[Row]:
    """A first and a second gather, in each way of serving."""
    from newsletter.fetch.kinds import find_kinds
    from newsletter.pipeline.app import open_newsletter
    from newsletter.pipeline.gather import due_sources, gather_sources

    find_kinds()
    environ = {**os.environ, "NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"}
    for way, names in WAYS:
        place = home / way
        place.mkdir()
        lines = "".join(f"  - name: s{n}\n    kind: feed\n    url: {address(port, way, n)}\n" for n in range(count))
        head = "newsletter:\n  name: Bench\n  from: Bench <bench@example.org>\nsources:\n"
        (place / "feeds.yaml").write_text(head + lines)
        with open_newsletter(place, environ=environ) as app:
            for name in names:
                jobs = due_sources(app, [source.name for source in app.config.sources])
                row, reports = measured(name, partial(gather_sources, app, jobs))
                failed = [report.state.state_reason for report in reports if report.is_failed]
                yield {**row, "entries": sum(report.new_count for report in reports), "failed": len(failed)}


def theirs(port: int, count: int, home: Path) -> Iterator[Row]:
    """A first and a second update by the peer."""
    from reader import make_reader

    for way, names in WAYS:
        reader = make_reader(str(home / f"{way}.sqlite"))
        for number in range(count):
            reader.add_feed(address(port, way, number))
        for name in names:
            before = reader.get_entry_counts().total
            # Not only those that are due: by default it asks nobody twice in an hour.
            row, results = measured(name, lambda reader=reader: list(reader.update_feeds_iter(scheduled=False)))
            failed = sum(isinstance(result.value, Exception) for result in results)
            yield {**row, "entries": reader.get_entry_counts().total - before, "failed": failed}


def by_name(rows: list[Row]) -> dict[str, Row]:
    return {row["name"]: row for row in rows}


def compare(count: int, cache: Path) -> bool:
    with tempfile.TemporaryDirectory(prefix="bench-feeds-") as folder:
        sizes = write_feeds(Path(folder), count)
        print(f"{count} feeds of {min(sizes) // 1000} to {max(sizes) // 1000} KB, {sum(sizes) / 1e6:.1f} MB in all")
        server = subprocess.Popen([sys.executable, __file__, "serve", folder], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            python = peer_python(cache, "reader", PEER)
            peer = by_name(run_side(python, __file__, "theirs", port, count))
            own = by_name(run_side(sys.executable, __file__, "ours", port, count))
        finally:
            server.kill()
            server.wait()
    base = peer["cold"]["cpu"]
    print(f"{'CPU seconds':22}{'ours':>8}{'reader':>8}{'ratio':>8}{'of its cold':>13}{'limit':>7}{'new entries':>15}")
    for name, row in own.items():
        other = peer[name]
        ratios = f"{row['cpu'] / other['cpu']:8.3f}{row['cpu'] / base:13.3f}{LIMITS.get(name, ''):>7}"
        print(f"{name:22}{row['cpu']:8.2f}{other['cpu']:8.2f}{ratios}{row['entries']:>8}{other['entries']:>7}")
        if row["failed"] or other["failed"]:
            print(f"{'':22}failed: {row['failed']} here, {other['failed']} there")
    return all(own[name]["cpu"] / base <= limit for name, limit in LIMITS.items())


def main() -> None:
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]))
    elif sys.argv[1:2] in (["ours"], ["theirs"]):
        side = ours if sys.argv[1] == "ours" else theirs
        for row in side(int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])):
            print(json.dumps(row), flush=True)
    else:
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--feeds", type=int, default=300)
        parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "newsletter-bench")
        options = parser.parse_args()
        sys.exit(0 if compare(options.feeds, options.cache) else 1)


if __name__ == "__main__":
    main()
