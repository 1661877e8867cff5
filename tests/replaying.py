"""The web that plays recorded answers, inside the process of a test, with the log of what was asked of it.

A gather of everything has that web in a process of its own: tests/recorded.py.
"""

import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from types import ModuleType
from typing import Any

from newsletter.fetch.client import WebClient, WebSettings
from tests.corpus import CORPUS, SHARED

LOOPBACK = WebSettings(allow_networks=(ip_network("127.0.0.0/8"),))


@dataclass(frozen=True, slots=True)
class Replayed:
    """Where it plays (without a slash at its end), a client that may read it, and what was asked for so far."""

    base: str
    http: WebClient
    rows: list[dict[str, Any]]

    def taken(self) -> list[dict[str, Any]]:
        """The rows of the log since the last time."""
        rows = list(self.rows)
        self.rows.clear()
        return rows


def replay_module() -> ModuleType:
    """The program that plays, as a module."""
    spec = importlib.util.spec_from_file_location("replay_web", SHARED / "tools" / "replay_web.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@asynccontextmanager
async def replayed(**settings: Any) -> AsyncIterator[Replayed]:
    """The web while it is entered; ``settings`` are those of the program that plays."""
    module = replay_module()
    player = module.Replay(CORPUS, **settings)
    runners, port = await module.start(player)
    try:
        async with WebClient(LOOPBACK) as http:
            yield Replayed(f"http://127.0.0.1:{port}", http, player.rows)
    finally:
        for runner in runners:
            await runner.cleanup()
