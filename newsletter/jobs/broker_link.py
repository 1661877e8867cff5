"""What the log says of a broker that goes away and comes back: a line each, and none of its library's tracebacks."""

import logging
import sys
import threading
from dataclasses import dataclass, field

import structlog
from dramatiq.errors import BrokerError

from newsletter.pipeline.broker_words import FAULTS, refused, said_of

UNREACHABLE = (BrokerError, *FAULTS)
"""What is raised when the broker does not answer, or does not let us in."""

log = structlog.get_logger()


@dataclass(slots=True)
class Link:
    """Whether the broker answered last; what changes is told once, in whatever thread it is seen."""

    then: str
    """What becomes of messages meanwhile."""
    _trouble: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_away(self) -> bool:
        """Whether it did not answer the last time."""
        return bool(self._trouble)

    def is_lost(self, fault: BaseException) -> None:
        """It does not answer, or refuses something."""
        what = refused(fault)
        trouble = f"The broker refuses the {what}" if what else "The broker does not answer"
        with self._lock:
            before, self._trouble = self._trouble, trouble
        if before != trouble:
            log.warning("queue", trouble=f"{trouble}: {said_of(fault)}", then=self.then)

    def is_found(self) -> None:
        """It answers."""
        with self._lock:
            before, self._trouble = self._trouble, ""
        if before:
            log.info("queue", back="The broker answers again")


class _InOneLine(logging.Handler):
    """Says in one line what Dramatiq logs; of lost connections the Link speaks."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it, unless it is about the connection."""
        fault = (record.exc_info or (None, None))[1]
        arguments = record.args if isinstance(record.args, tuple) else ()
        if any(isinstance(each, UNREACHABLE) for each in (fault, *arguments)):
            return
        words = record.getMessage().splitlines()[0]
        log.log(record.levelno, "queue", trouble=f"{words} {said_of(fault)}" if fault else words)


def quiet_libraries() -> None:
    """From now on neither Dramatiq nor pika writes tracebacks; pika's warnings are all about connections."""
    logging.getLogger("pika").setLevel(sys.maxsize)
    logger = logging.getLogger("dramatiq")
    if not any(isinstance(each, _InOneLine) for each in logger.handlers):
        logger.addHandler(_InOneLine(logging.WARNING))
    logger.propagate = False
