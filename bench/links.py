"""How long 300 links take when a third of them misbehave, and how polite that is.

    python bench/links.py REPLAY_WEB.PY CORPUS

The web is the program that plays recorded answers, under twelve names; 86 of the links are its troubles (servers that
never answer, drip, break off, redirect without end or into a private network). Limits: 30 s, two questions at once for
each host, and nothing asked inside the private network.
"""

import argparse
import asyncio
import importlib.util
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from newsletter.fetch.client import WebClient, WebSettings
from newsletter.fetch.links import LinkSettings, check_links

COUNT, SECONDS, AT_ONCE = 300, 30, 2
NAMES = (
    *("review.openstack.org", "gitlab.com", "api.launchpad.net", "gerrit.test", "api.github.test", "gitlab.test"),
    *("discourse.test", "lists.test", "hyperkitty.test", "feeds.test", "living.test", "hostile.test"),
)


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("replay_web", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _troubles(manual: Path) -> list[str]:
    """The names in the first column of the manual's table of troubles."""
    text = manual.read_text(encoding="utf-8").partition("## /hostile/")[2]
    return [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]


async def _run(path: Path, corpus: Path) -> int:
    module = _module(path)
    player = module.Replay(corpus)
    runners, port = await module.start(player)
    hostile = [f"http://hostile.test/{name}" for name in _troubles(path.with_suffix(".md"))]
    plain = [f"http://{name}/page{number}" for number in range(COUNT) for name in NAMES]
    urls = [*plain[: COUNT - len(hostile)], *hostile][:COUNT]
    settings = LinkSettings(archive="http://feeds.test/available?url=")
    web = WebSettings(
        allow_networks=(ip_network("127.0.0.0/8"),),
        total_seconds=settings.seconds,
        connect_seconds=settings.seconds,
        read_seconds=settings.seconds,
        hosts=dict.fromkeys(NAMES, ("127.0.0.1", port)),
    )
    began = time.monotonic()
    async with WebClient(web) as client:
        found = await check_links(urls, client, now=lambda: datetime.now(UTC), settings=settings)
    seconds = time.monotonic() - began
    for runner in runners:
        await runner.cleanup()
    states = Counter(each.state for each in found)
    most = max(row["in_flight_host"] for row in player.rows)
    inside = sum(row["host"] == "canary" for row in player.rows)
    print(f"{len(urls)} links, {len(hostile)} of them troubles: {seconds:.1f} s (limit {SECONDS})")
    print(f"{dict(states)}, {len(player.rows)} questions, at most {most} at once for a host, {inside} inside")
    return 0 if seconds < SECONDS and most <= AT_ONCE and not inside else 1


def main() -> int:
    """Measure and print; 1 when a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("replay_web", type=Path)
    parser.add_argument("corpus", type=Path)
    given = parser.parse_args()
    return asyncio.run(_run(given.replay_web, given.corpus))


if __name__ == "__main__":
    sys.exit(main())
