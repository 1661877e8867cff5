"""read_bounces: the mailbox that mail comes back to, read on from where it was read last."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from newsletter.errors import NotReadable, UsageError
from newsletter.fetch.mail_store import Arrived, ImapSettings, read_imap, read_mailbox
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.bounces import Taken, take_reports
from newsletter.store.bounces import cursor_of, save_cursor

_FIRST_DAYS = timedelta(days=14)
"""So far back a mailbox is read that is read for the first time."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class MailboxRead:
    """How many mails were new in the mailbox, and what became of the reports in them."""

    mails_count: int
    taken: Mapping[Taken, int]


def read_bounces(app: Newsletter) -> MailboxRead | None:
    """Take the new reports in the mailbox of feeds.yaml; None when none is named.

    The mailbox is only looked at: what is no report stays there for whoever reads it. Killed in the middle it goes on
    from the last fifty mails; a report that is taken twice counts once. Raises NotReadable, Unreachable.
    """
    settings = app.config.delivery.bounces
    name = settings.mailbox or (f"{settings.user or settings.to}@{settings.server}" if settings.server else None)
    if name is None:
        return None
    with app.database.reading() as db:
        cursor = cursor_of(db, name)
    count, taken = 0, Counter[Taken]()
    # A mail that comes while the others are read is for the next time.
    stamp = _stamp(app)
    arriving = _arriving(app, cursor)
    with contextlib.closing(arriving):  # type: ignore[type-var]
        for pack in arriving:
            for where, data in pack.mails:
                count += 1
                taken.update(_each(app, where, data))
            cursor = pack.cursor
            with app.database.transaction() as db:
                save_cursor(db, name, cursor)
    if stamp:
        with app.database.transaction() as db:
            save_cursor(db, name, {**cursor, "stamp": stamp})
    return MailboxRead(count, taken)


def read_bounce_files(app: Newsletter, files: Iterable[Path]) -> MailboxRead:
    """Take the report in each of ``files``. Raises NotReadable."""
    count, taken = 0, Counter[Taken]()
    for path in files:
        try:
            data = path.read_bytes()
        except OSError as fault:
            raise NotReadable(f"{path} cannot be read: {fault.strerror or fault}") from fault
        count += 1
        taken.update(_each(app, str(path), data))
    return MailboxRead(count, taken)


def _arriving(app: Newsletter, cursor: Mapping[str, Any]) -> Iterator[Arrived]:
    settings, since = app.config.delivery.bounces, app.now() - _FIRST_DAYS
    if settings.mailbox:
        return read_mailbox(app.home / Path(settings.mailbox), cursor, since)
    if not (settings.server and settings.password and settings.to):
        raise UsageError('Bounces are read by IMAP with "bounce server:", "bounce password:" and "bounces to:".')
    user = settings.user or settings.to
    imap = ImapSettings(settings.server, user, settings.password, settings.port, settings.encryption)
    return read_imap(imap, cursor, since)


def _stamp(app: Newsletter) -> list[int]:
    """Size and time of an mbox, by which one that did not change is known."""
    path = app.home / Path(app.config.delivery.bounces.mailbox or "")
    if not path.is_file():
        return []
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def _each(app: Newsletter, where: str, data: bytes) -> list[Taken]:
    """What became of one mail; one that nobody thought of keeps no other one waiting."""
    try:
        return [each.taken for each in take_reports(app, data)]
    except (ValueError, LookupError, RecursionError) as fault:
        log.warning("bounce not read", mail=where, trouble=f"{type(fault).__name__}: {fault}")
        return ["no report"]
