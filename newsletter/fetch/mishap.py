"""The log of a reading: which source it is about, and what should not happen, a reader that fails unforeseen."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


def log_mishap(event: str, **facts: str) -> None:
    """Log ``event`` with the exception that is being handled; to stderr, whoever runs this."""
    # Heavy, and hardly ever needed.
    import structlog

    if not structlog.is_configured():
        structlog.configure(logger_factory=structlog.WriteLoggerFactory(sys.stderr))
    structlog.get_logger().exception(event, **facts)


@contextmanager
def about_source(name: str) -> Iterator[None]:
    """Whatever is logged in the block, by libraries too, says ``source=``."""
    # Heavy: who reads nothing does without.
    from structlog.contextvars import bound_contextvars

    with bound_contextvars(source=name):
        yield
