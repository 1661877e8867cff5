"""A small LMTP server (RFC 2033) that a mail server hands the mails to which came back; in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from newsletter.errors import NewsletterError, UsageError
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.bounces import take_reports

_LARGEST = 2 << 20
_MOST_RECIPIENTS = 50
_PATIENCE_SECONDS = 10
TAKEN = "250 2.0.0 taken"
NO_REPORT = "550 5.6.0 Only delivery reports, complaints and farewells are taken here. People read the address in From."
LATER = "451 4.3.0 It cannot be stored now. Try again later."

log = structlog.get_logger()


class _Taker:
    """Answers each recipient of each mail (RFC 2033, 4.2); nothing is taken before it is stored."""

    def __init__(self, home: Path, environ: Mapping[str, str]) -> None:
        self._home, self._environ = home, environ

    async def handle_DATA(self, server: LMTP, session: Session, envelope: Envelope) -> str:
        """One line an address, as LMTP wants it."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        to = tuple(envelope.rcpt_tos)[:_MOST_RECIPIENTS]
        answer = await asyncio.to_thread(self._take, content, to)
        return "\r\n".join([answer] * max(1, len(envelope.rcpt_tos)))

    def _take(self, content: bytes, to: tuple[str, ...]) -> str:
        try:
            with open_newsletter(self._home, environ=self._environ) as app:
                outcomes = take_reports(app, content, mailed_to=to)
        except NewsletterError as fault:
            log.error("bounce not stored", trouble=str(fault))
            return LATER
        return NO_REPORT if all(each.taken == "no report" for each in outcomes) else TAKEN


@contextmanager
def listening_for_bounces(
    home: Path, place: tuple[str, int], *, environ: Mapping[str, str]
) -> Iterator[tuple[str, int]]:
    """Take reports at ``place`` (host, port; 0 is any) while the block runs; where it is. Raises UsageError."""
    host, port = place
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family)
    except OSError as fault:
        text = f"Bounces cannot be taken at {host}:{port}: {fault.strerror or fault}. Write another “bounce listener:”."
        raise UsageError(text) from fault
    where: tuple[str, int] = bound.getsockname()[:2]
    loop, is_ready = asyncio.new_event_loop(), threading.Event()
    loop_args = (loop, bound, _Taker(home, environ), is_ready)
    thread = threading.Thread(target=_serve, args=loop_args, name="bounces", daemon=True)
    thread.start()
    is_ready.wait(_PATIENCE_SECONDS)
    try:
        yield where
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE_SECONDS)


def _serve(loop: asyncio.AbstractEventLoop, bound: socket.socket, taker: _Taker, is_ready: threading.Event) -> None:
    """Answer until the loop is stopped."""
    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(loop.create_server(lambda: _session(taker, loop), sock=bound))
    loop.call_soon(is_ready.set)
    loop.run_forever()
    server.close()
    loop.run_until_complete(loop.shutdown_default_executor())
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def _session(taker: _Taker, loop: asyncio.AbstractEventLoop) -> LMTP:
    return LMTP(taker, data_size_limit=_LARGEST, enable_SMTPUTF8=True, ident="newsletter", loop=loop, timeout=60)
