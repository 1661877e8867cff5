"""Logs: one line an event to stderr, as JSON or key=value for machines and as words on a terminal."""

import logging
import os
import re
import sys
from typing import Any

from newsletter.errors import UsageError

VARIABLE = "NEWSLETTER_LOG"
FORMS = ("json", "logfmt", "words")
_ADDRESS = re.compile(r"(?<![\w/.+%-])[\w.+%-]+@(?=[\w-]+\.[\w.-]+)")
"""Not that of a list in the address of its archive, which follows a slash."""
_FIRST = ("timestamp", "level", "event", "job", "source", "issue")


def set_up_logs(*, with_libraries: bool = False) -> None:
    """Send events to stderr; what goes to stdout is for whoever called the command.

    ``with_libraries`` gives what libraries log the same form, for a process whose stderr is a log. Raises UsageError
    for a form that nobody knows.
    """
    form = os.environ.get(VARIABLE) or ("words" if sys.stderr.isatty() else "json")
    if form not in FORMS:
        raise UsageError(f"{VARIABLE} is “{form}”. Write one of {', '.join(FORMS)}, or leave it out.")
    # Heavy: a command that logs nothing does without.
    import structlog

    show = _renderer(form)
    dress = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *(() if form == "words" else (structlog.processors.format_exc_info,)),
        _without_addresses,
    ]
    # A line and its end in one write: what libraries say goes to the same place without waiting for us.
    structlog.configure(processors=[*dress, show], logger_factory=structlog.WriteLoggerFactory(sys.stderr))
    if with_libraries:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(structlog.stdlib.ProcessorFormatter(show, foreign_pre_chain=dress))
        logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
        logging.captureWarnings(True)


def _without_addresses(_: object, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Leave out the first part of mail addresses, which servers and libraries repeat in their words."""
    for key, value in event.items():
        if key != "source" and isinstance(value, str) and "@" in value:
            event[key] = _ADDRESS.sub("…@", value)
    return event


def _renderer(form: str) -> Any:
    import structlog

    if form == "words":
        # A traceback shows no values: they may be a reader's address, or the token of a link.
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.processors.LogfmtRenderer(key_order=_FIRST, drop_missing=True, bool_as_flag=False)
