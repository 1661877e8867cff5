"""BrokerQueue: what may be done anywhere is sent to workers, and nobody waits long for a broker that says nothing."""

import threading
import time
from collections.abc import Sequence
from datetime import timedelta

import structlog

from newsletter.errors import NewsletterError
from newsletter.jobs.broker import ANYWHERE, AT_HOME, Messages
from newsletter.jobs.broker_link import UNREACHABLE, Link
from newsletter.jobs.queue import InlineQueue, put_rows
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.broker_words import ANSWER_SECONDS
from newsletter.store import queue
from newsletter.store.queue import Job

SEND_AGAIN = timedelta(minutes=2)
"""A message that was sent so long ago is missed when its queue is empty."""
_SEND_ANYWAY = timedelta(minutes=30)
_REST_SECONDS = 30.0
"""So long nobody waits again for a broker that was waited for in vain; one that refuses at once is asked each time."""
_IN_VAIN_SECONDS = 1.0

log = structlog.get_logger()


class BrokerQueue:
    """Sends what may be done anywhere to the workers; what needs the files of the home is done by ``at_home``.

    A thread of its own sends, one at a time: whatever a broker does to it, whoever asks goes on after five seconds.
    """

    def __init__(self, messages: Messages, at_home: InlineQueue) -> None:
        self._messages, self._at_home = messages, at_home
        self._link = Link(then="what is asked for is written down and sent when it does; the rest goes on")
        self._lock = threading.Lock()
        self._sender: threading.Thread | None = None
        self._is_wanted = False
        self._heard_at = self._not_before = 0.0

    def put(self, app: Newsletter, jobs: Sequence[Job]) -> int:
        """Ask for ``jobs``, and again for those whose message was lost; how many were not asked for before."""
        # All is written down before anybody is asked to carry it.
        new = len(put_rows(app, [job for job in jobs if job.name in ANYWHERE]))
        new += self._at_home.put(app, [job for job in jobs if job.name in AT_HOME])
        self._have_sent(app)
        return new

    def close(self) -> None:
        """Take leave of the broker, unless somebody still waits for it: the end of the process does it then."""
        if not self._is_sending():
            self._messages.close()

    def _have_sent(self, app: Newsletter) -> None:
        sender = self._begin(app)
        if sender is None:
            return
        sender.join(ANSWER_SECONDS)
        if sender.is_alive() and time.monotonic() - self._heard_at >= ANSWER_SECONDS:
            self._link.is_lost(TimeoutError(f"it says nothing for {ANSWER_SECONDS:g} s"))

    def _begin(self, app: Newsletter) -> threading.Thread | None:
        """The thread that sends, begun if need be; None when there is nobody to wait for."""
        with self._lock:
            self._is_wanted = True
            if self._sender is not None:
                return None if self._link.is_away else self._sender
            if time.monotonic() < self._not_before:
                return None
            self._heard_at = time.monotonic()
            self._sender = threading.Thread(target=self._send_all, args=(app,), name="sending", daemon=True)
            self._sender.start()
            return self._sender

    def _is_sending(self) -> bool:
        with self._lock:
            return self._sender is not None

    def _send_all(self, app: Newsletter) -> None:
        """Send until nobody asked for something meanwhile, or it cannot be done."""
        is_well = True
        while self._goes_on(is_well=is_well):
            is_well = self._try(app)

    def _goes_on(self, *, is_well: bool) -> bool:
        with self._lock:
            if is_well and self._is_wanted:
                self._is_wanted = False
                return True
            self._sender = None
            return False

    def _try(self, app: Newsletter) -> bool:
        """Send what no message speaks of; whether that could be done."""
        began = time.monotonic()
        try:
            self._send(app)
        except UNREACHABLE as fault:
            self._link.is_lost(fault)
            if time.monotonic() - began > _IN_VAIN_SECONDS:
                self._not_before = time.monotonic() + _REST_SECONDS
        except NewsletterError as fault:
            log.error("queue", trouble=str(fault))
        except Exception:
            # Whatever it is, the next look may be well again.
            log.exception("queue")
        else:
            self._link.is_found()
            return True
        finally:
            self._messages.rest()
        return False

    def _send(self, app: Newsletter) -> None:
        """Send what no message speaks of: what is new, and what was lost with its broker."""
        now = app.now()
        patience = SEND_AGAIN if self._messages.is_empty() else _SEND_ANYWAY
        with app.database.reading() as db:
            left = queue.unsent(db, ANYWHERE, sent_before=now - patience, now=now)
        sent = []
        try:
            for job in left:
                self._messages.send(job)
                self._heard_at = time.monotonic()
                sent.append(job)
        finally:
            with app.database.transaction() as db:
                queue.mark_sent(db, sent, now=now)
