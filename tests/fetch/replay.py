"""The replay web inside a test: recorded documents on loopback, as services serve them, and a log of requests."""

import contextlib
import importlib.util
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tests.corpus import CORPUS, SHARED


def replay_module() -> ModuleType:
    """The program that plays, as a module."""
    spec = importlib.util.spec_from_file_location("replay_web", SHARED / "tools" / "replay_web.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Played:
    """Where the web is, without a slash at its end, and what was asked of it so far."""

    base: str
    rows: list[dict[str, Any]]

    def taken(self) -> list[dict[str, Any]]:
        """The rows of the log since the last time."""
        rows = list(self.rows)
        self.rows.clear()
        return rows


@contextlib.asynccontextmanager
async def playing() -> AsyncIterator[Played]:
    """The web, while it is entered."""
    module = replay_module()
    play = module.Replay(CORPUS)
    runners, port = await module.start(play)
    try:
        yield Played(f"http://127.0.0.1:{port}", play.rows)
    finally:
        for runner in runners:
            await runner.cleanup()
