"""The web that plays recorded answers, on loopback, and a client that may read it."""

import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from newsletter.fetch.client import WebClient
from tests.corpus import CORPUS, SHARED
from tests.fetch.web import FAST


@asynccontextmanager
async def replayed(**settings: Any) -> AsyncIterator[tuple[str, WebClient, Any]]:
    """Its address, the client, and the player with the log of its requests (``rows``)."""
    spec = importlib.util.spec_from_file_location("replay_web", SHARED / "tools" / "replay_web.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    player = module.Replay(CORPUS, **settings)
    runners, port = await module.start(player)
    try:
        async with WebClient(FAST) as http:
            yield f"http://127.0.0.1:{port}", http, player
    finally:
        for runner in runners:
            await runner.cleanup()
