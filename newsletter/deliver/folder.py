"""send_to_folder: while no mail server is named, each mail is a file; the ledger is the same."""

import os
import re
import time
from pathlib import Path

from newsletter.deliver.books import Books, NoLedger
from newsletter.deliver.send import LOOK_SECONDS
from newsletter.deliver.setup import Report
from newsletter.deliver.transport import message_id_in
from newsletter.deliver.work import Compose, Done, Letter, Work
from newsletter.errors import MailFault

_UNFIT = re.compile(r"[^A-Za-z0-9.@_-]+")
_AT_ONCE = 500


def send_to_folder(books: Books, compose: Compose, folder: Path) -> Report:
    """Write what is due as files, until nothing is or the ledger says to stop.

    A file is named by its Message-ID: written again it is the same file.
    """
    report = Report("done")
    looked_at = 0.0
    try:
        for work in books.each_due(_AT_ONCE):
            if time.monotonic() - looked_at >= LOOK_SECONDS:
                looked_at = time.monotonic()
                if (order := books.order()) != "go on":
                    report.end = order
                    break
            if work.subscriber_id not in books.write([], [work.subscriber_id], []):
                if not books.skip(work.subscriber_id):
                    looked_at = 0.0
                continue
            done = _written(work, compose, folder)
            books.write([done], [], [])
            report.counts["released" if done.released else done.state] += 1
            if done.released:
                report.end, report.reason = "paused", done.answer
                break
    except NoLedger as fault:
        report.end, report.reason, report.not_written = "no ledger", str(fault), fault.numbers
    return report


def _written(work: Work, compose: Compose, folder: Path) -> Done:
    try:
        letter = compose(work)
    except MailFault as fault:
        return Done(work.subscriber_id, "failed", None, str(fault))
    path = folder / f"{_name(letter)}.eml"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        with new.open("wb") as file:
            file.write(plain_bytes(letter))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as fault:
        return Done(work.subscriber_id, "queued", None, f"{folder} cannot be written: {fault.strerror or fault}")
    return Done(work.subscriber_id, "accepted", None, f"written to {path.name}")


def plain_bytes(letter: Letter) -> bytes:
    """The mail as a file: the dots that SMTP asks for are taken off again."""
    whole = b"\r\n" + b"".join(letter.pieces)
    return whole.replace(b"\r\n..", b"\r\n.")[2:]


def _name(letter: Letter) -> str:
    found = letter.message_id or message_id_in(plain_bytes(letter))
    return _UNFIT.sub("_", found.strip("<>")) or _UNFIT.sub("_", letter.rcpt_to)
