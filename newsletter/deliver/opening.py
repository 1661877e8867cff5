"""Connections are opened in threads of their own: a server that is slow to greet holds nobody up."""

import contextvars
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from newsletter.deliver.slot import Slot
from newsletter.deliver.smtp_lane import Lane, NotOpened

Opened = tuple[Slot, Lane | NotOpened]


class Opening:
    """Opens lanes by ``dial``; ``waker`` becomes readable when there is one, or when it failed."""

    def __init__(self, dial: Callable[[], Lane]) -> None:
        self._dial = dial
        self._done: SimpleQueue[Opened] = SimpleQueue()
        self._lock = threading.Lock()
        self._is_closed = False
        self.waker, self._bell = socket.socketpair()
        self.waker.setblocking(False)

    def begin(self, slot: Slot) -> None:
        """Open a lane for ``slot``."""
        slot.is_opening = True
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(self._open, slot), daemon=True, name="mail lane").start()

    def opened(self) -> list[Opened]:
        """What was opened, or was not, since this was asked last."""
        with suppress(BlockingIOError):
            while self.waker.recv(64):
                pass
        found: list[Opened] = []
        with suppress(Empty):
            while True:
                found.append(self._done.get_nowait())
        return found

    def close(self) -> None:
        """Lanes that are opened from now on are closed at once."""
        with self._lock:
            self._is_closed = True
            for _, lane in self.opened():
                if isinstance(lane, Lane):
                    lane.close()
            self.waker.close()
            self._bell.close()

    def _open(self, slot: Slot) -> None:
        found: Lane | NotOpened
        try:
            found = self._dial()
        except NotOpened as fault:
            found = fault
        with self._lock:
            if not self._is_closed:
                self._done.put((slot, found))
                self._bell.send(b".")
            elif isinstance(found, Lane):
                found.close()
