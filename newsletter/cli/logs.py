"""Logs: one line an event to stderr, as JSON for machines and as words on a terminal."""

import logging
import sys


def set_up_logs(*, with_libraries: bool = False) -> None:
    """Send events to stderr; what goes to stdout is for whoever called the command.

    ``with_libraries`` gives what libraries log the same form, for a process whose stderr is a log.
    """
    # Heavy: a command that logs nothing does without.
    import structlog

    is_terminal = sys.stderr.isatty()
    # A traceback shows no values: they may be a reader's address, or the token of a link.
    words = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    show = words if is_terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    dress = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *(() if is_terminal else (structlog.processors.format_exc_info,)),
    ]
    structlog.configure(processors=[*dress, show], logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if with_libraries:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(structlog.stdlib.ProcessorFormatter(show, foreign_pre_chain=dress))
        logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
