"""How large the mail of a draft is. Rendering takes long beside a decision: it is done behind, when all is quiet."""

import threading
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import structlog

from newsletter.errors import NewsletterError
from newsletter.model.issue import Issue
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.folded import Stamp
from newsletter.render.email import mail_weight
from newsletter.render.press import Press
from newsletter.store.database import Database

QUIET_SECONDS = 1.5
"""So long nobody must have asked anew before a mail is rendered."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class MailSize:
    """What the mail weighs: bytes of HTML, minutes to read, and whether this is the issue as it stands now."""

    size: int
    minutes: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class _Wish:
    press: Press
    issue: Issue
    version: Stamp


class _Scale:
    """The sizes of one database's issues; one thread at most renders, and goes when nothing is left to do."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._known: dict[int, tuple[Stamp, int, int]] = {}
        self._wish: _Wish | None = None
        self._is_busy = False

    def look(self, wish: _Wish) -> MailSize | None:
        """The newest size that is known; when it is not this version's, that is found out behind."""
        with self._lock:
            known = self._known.get(wish.issue.number)
            if known and known[0] == wish.version:
                return MailSize(known[1], known[2], True)
            if self._wish is None or self._wish.version != wish.version:
                self._wish = wish
                self._lock.notify_all()
            if not self._is_busy:
                self._is_busy = True
                threading.Thread(target=self._work, name="mail size", daemon=True).start()
            return MailSize(known[1], known[2], False) if known else None

    def _work(self) -> None:
        while wish := self._next():
            try:
                size, minutes = mail_weight(wish.press, wish.issue)
            except NewsletterError as fault:
                log.warning("the mail's size is not known", trouble=str(fault), issue=wish.issue.number)
                continue
            with self._lock:
                self._known[wish.issue.number] = (wish.version, size, minutes)

    def _next(self) -> _Wish | None:
        """What is wished when for a while nothing newer was; None when nothing is left."""
        with self._lock:
            while self._wish and self._lock.wait(QUIET_SECONDS):
                pass
            wish, self._wish = self._wish, None
            self._is_busy = wish is not None
            return wish


_scales: WeakKeyDictionary[Database, _Scale] = WeakKeyDictionary()


def mail_size(app: Newsletter, issue: Issue, version: Stamp) -> MailSize | None:
    """What the mail of ``issue`` weighs as far as it is known; asking makes it known a little later."""
    press = Press(app.templates, app.config.newsletter, app.config.schedule)
    return _scales.setdefault(app.database, _Scale()).look(_Wish(press, issue, version))
