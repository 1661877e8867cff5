"""Bringing readers in beside the pages, which say how far it is and can stop it."""

import threading
from dataclasses import dataclass, field

import structlog

from newsletter.errors import NewsletterError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.import_readers import Report, Wanted, import_readers
from newsletter.pipeline.reader_uploads import Upload

log = structlog.get_logger()


@dataclass(slots=True)
class Bringing:
    """One file on its way in, or only looked at."""

    upload: Upload
    wanted: Wanted
    total: int = 0
    """How many lines there are, when they were counted before."""
    lines: int = 0
    report: Report | None = None
    """What came of it, at the end."""
    problem: str = ""
    is_done: bool = False
    must_stop: bool = False


@dataclass(slots=True)
class Bringer:
    """Knows the files that were begun since the program started; one is worked on only once at a time."""

    known: dict[str, Bringing] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, app: Newsletter, upload: Upload) -> Bringing:
        """Look at a file, unless that was done or it is being brought in."""
        with self._lock:
            known = self.known.get(upload.id)
        return known or self._start(app, upload, Wanted(upload.source, is_trial=True))

    def bring(self, app: Newsletter, upload: Upload, *, agreed: str) -> Bringing:
        """Bring a file in; a second wish while it runs joins the first."""
        with self._lock:
            known = self.known.get(upload.id)
        if known and not known.wanted.is_trial and not known.is_done:
            return known
        return self._start(app, upload, Wanted(upload.source, agreed))

    def stop(self, number: str) -> None:
        """Ask a running import to end after the lines it is at."""
        with self._lock:
            if known := self.known.get(number):
                known.must_stop = True

    def forget(self, number: str) -> None:
        """Forget a file that nobody works on."""
        with self._lock:
            self.known.pop(number, None)

    def _start(self, app: Newsletter, upload: Upload, wanted: Wanted) -> Bringing:
        wanted = Wanted(wanted.source, wanted.agreed, upload.failed_path, wanted.is_trial)
        with self._lock:
            before = self.known.get(upload.id)
            if before and not before.is_done:
                return before
            total = before.report.lines if before and before.report else 0
            made = self.known[upload.id] = Bringing(upload, wanted, total)
            thread = threading.Thread(target=self._work, args=(app, made), name="bring readers in")
            self.threads = [each for each in self.threads if each.is_alive()] + [thread]
        thread.start()
        return made

    def _work(self, app: Newsletter, made: Bringing) -> None:
        def may_go_on(report: Report) -> bool:
            made.lines = report.lines
            return not made.must_stop

        try:
            made.report = import_readers(app, made.upload.path, made.wanted, may_go_on=may_go_on)
        except NewsletterError as fault:
            made.problem = str(fault)
        except Exception:
            log.exception("readers were not brought in")
            made.problem = "The program made a mistake; its log says which. Begin again: it goes on where it was."
        finally:
            made.is_done = True
