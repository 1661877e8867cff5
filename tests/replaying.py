"""The web that plays recorded answers, on loopback, and a client that may read it."""

import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from newsletter.fetch.client import WebClient, WebSettings
from tests.corpus import CORPUS, SHARED


@dataclass(frozen=True, slots=True)
class Replayed:
    """Where it plays, a client, and what the client asked for so far."""

    base: str
    http: WebClient
    rows: list[dict[str, Any]]


@asynccontextmanager
async def replayed(**settings: Any) -> AsyncIterator[Replayed]:
    """The replay web while it is entered."""
    spec = importlib.util.spec_from_file_location("replay_web", SHARED / "tools" / "replay_web.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    replay = module.Replay(CORPUS, **settings)
    runners, port = await module.start(replay)
    try:
        async with WebClient(WebSettings(allow_networks=(ip_network("127.0.0.0/8"),))) as http:
            yield Replayed(f"http://127.0.0.1:{port}", http, replay.rows)
    finally:
        for runner in runners:
            await runner.cleanup()
