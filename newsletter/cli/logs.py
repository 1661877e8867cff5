"""Logs: one line an event to stderr, as JSON for machines and as words on a terminal."""

import sys


def set_up_logs() -> None:
    """Send events to stderr; what goes to stdout is for whoever called the command."""
    # Heavy: a command that logs nothing does without.
    import structlog

    is_terminal = sys.stderr.isatty()
    show = structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(() if is_terminal else (structlog.processors.format_exc_info,)),
            show,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
