"""Make the draft now: sources are read and the issue is drafted beside the pages, which say how far it is."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from newsletter.errors import NewsletterError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.gather import due_sources, gather_sources
from newsletter.pipeline.publish import publish_site, render_issue
from newsletter.pipeline.times import newest_period

log = structlog.get_logger()


@dataclass(slots=True)
class Progress:
    """How far a draft in the making is."""

    started_at: datetime
    sources: int = 0
    read: int = 0
    failed: int = 0
    number: int | None = None
    """The issue, once it is drafted."""
    problem: str = ""
    is_done: bool = False


@dataclass(slots=True)
class Maker:
    """Makes one draft at a time; a second wish joins the first."""

    progress: Progress | None = None
    thread: threading.Thread | None = None
    """Where the last one was, or is, made."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, current: Callable[[], Newsletter]) -> Progress:
        """Begin, unless one is being made already."""
        with self._lock:
            if self.progress is None or self.progress.is_done:
                self.progress = Progress(current().now())
                self.thread = threading.Thread(target=self._make, args=(current(), self.progress), name="make a draft")
                self.thread.start()
            return self.progress

    def _make(self, app: Newsletter, progress: Progress) -> None:
        try:
            self._read(app, progress)
            issue = make_draft(app, newest_period(app.config.schedule, app.now()))
            render_issue(app, issue.number)
            publish_site(app)
            progress.number = issue.number
        except NewsletterError as fault:
            progress.problem = str(fault)
        except Exception:
            log.exception("the draft was not made")
            progress.problem = "The program made a mistake; its log says which. What was read is stored. Try it again."
        finally:
            progress.is_done = True

    def _read(self, app: Newsletter, progress: Progress) -> None:
        wanted = due_sources(app)
        progress.sources = len(wanted)

        def count(report: object) -> None:
            progress.read += 1
            progress.failed += bool(getattr(report, "is_failed", False))

        gather_sources(app, wanted, on_report=count)
