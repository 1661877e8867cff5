"""What the log says of a broker that goes away and comes back: a line each, and none of its library's tracebacks."""

import logging
import sys
import threading
from dataclasses import dataclass, field

import structlog
from dramatiq.errors import BrokerError
from pika.adapters.utils.connection_workflow import AMQPConnectorException, AMQPConnectorStackTimeout
from pika.exceptions import AMQPError

UNREACHABLE = (BrokerError, AMQPError, AMQPConnectorException, OSError)
"""What is raised when the broker does not answer."""
ANSWER_SECONDS = 5.0
"""A broker that says nothing for so long does not answer."""

log = structlog.get_logger()


@dataclass(slots=True)
class Link:
    """Whether the broker answered last; what changes is told once, in whatever thread it is seen."""

    then: str
    """What becomes of messages meanwhile."""
    _is_away: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_away(self) -> bool:
        """Whether it did not answer the last time."""
        return self._is_away

    def is_lost(self, fault: BaseException) -> None:
        """It does not answer."""
        with self._lock:
            was_away, self._is_away = self._is_away, True
        if not was_away:
            log.warning("queue", trouble=f"The broker does not answer: {said_of(fault)}", then=self.then)

    def is_found(self) -> None:
        """It answers."""
        with self._lock:
            was_away, self._is_away = self._is_away, False
        if was_away:
            log.info("queue", back="The broker answers again")


def said_of(fault: BaseException) -> str:
    """The words of ``fault``, or of what it carries; its name when it has none. Always one line."""
    if isinstance(fault, AMQPConnectorStackTimeout):
        return f"it takes the connection and says nothing for {ANSWER_SECONDS:g} s"
    inner = next((each for each in fault.args if isinstance(each, BaseException)), None)
    if inner is not None:
        return said_of(inner)
    carried = getattr(fault, "exception", None) or fault.__cause__
    if isinstance(carried, BaseException):
        return said_of(carried)
    return " ".join(str(fault).split()) or type(fault).__name__


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
