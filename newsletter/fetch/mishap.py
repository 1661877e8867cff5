"""The log of what should not happen: a reader that fails in a way nobody foresaw."""

import sys


def log_mishap(event: str, **facts: str) -> None:
    """Log ``event`` with the exception that is being handled; to stderr, whoever runs this."""
    # Heavy, and hardly ever needed.
    import structlog

    if not structlog.is_configured():
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    structlog.get_logger().exception(event, **facts)
