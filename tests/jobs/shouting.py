"""A service whose feeds are read by a library that logs wherever it can: run as a program by the tests of logs."""

import asyncio
import logging
from collections.abc import AsyncIterator

from newsletter.cli import main
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Batch
from newsletter.fetch.kinds.feed import Feed
from newsletter.fetch.workers import in_worker
from newsletter.model.source import FetchState

log = logging.getLogger("library")


def shout(where: str, word: str) -> None:
    """Log a line, in whatever process this is."""
    log.warning("%s about %s", where, word)


def install() -> None:
    """Let every reading of a feed log from its task, a thread and a worker process; a wild one falls over."""
    real = Feed.fetch

    async def fetch(self: Feed, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        word = self.url.rpartition("/")[2]
        shout("task", word)
        await asyncio.to_thread(shout, "thread", word)
        await in_worker(shout, "process", word)
        if "wild" in word:
            raise ZeroDivisionError(f"error about {word}")
        async for batch in real(self, http, state):
            yield batch

    Feed.fetch = fetch  # type: ignore[method-assign]


if __name__ == "__main__":
    # Worker processes find what they are to do by the name of its module, which is not that of a program.
    import tests.jobs.shouting as module

    module.install()
    main()
