"""A service in which something takes for ever: run as a program by the tests of its end.

    python -m tests.jobs.slow WHAT MARK run --home …

MARK is a file that is there once it began.
"""

import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from newsletter.cli import main
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Batch
from newsletter.fetch.kinds.feed import Feed
from newsletter.fetch.workers import in_worker
from newsletter.model.source import FetchState
from newsletter.pipeline import due
from newsletter.web import erase
from newsletter.web.tasks import Task, Tasks


def for_ever(mark: str) -> None:
    """Use a processor, as who parses or drafts does."""
    Path(mark).touch()
    until = time.monotonic() + 300
    while time.monotonic() < until:
        sum(range(1000))


def slow_parsing(mark: str) -> None:
    """A worker process never comes to the end of a document."""

    async def fetch(self: Feed, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        await in_worker(for_ever, mark)
        yield Batch()

    Feed.fetch = fetch  # type: ignore[method-assign]


def slow_drafting(mark: str) -> None:
    """A draft never comes to its end."""

    def make_draft(*_: Any) -> Any:
        for_ever(mark)

    due.make_draft = make_draft  # type: ignore[assignment]


def slow_erasing(mark: str) -> None:
    """What a page began never comes to its end."""
    new_tasks = erase.new_tasks

    def begun() -> Tasks:
        tasks = new_tasks()
        tasks.patience = 0
        tasks.begin(Task("erase a person", ""), lambda: for_ever(mark))
        return tasks

    erase.new_tasks = begun


if __name__ == "__main__":
    # Worker processes find what they are to do by the name of its module, which is not that of a program.
    import tests.jobs.slow as module

    getattr(module, f"slow_{sys.argv[1]}")(sys.argv[2])
    del sys.argv[1:3]
    main()
