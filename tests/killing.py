"""Sending that is killed (SIGKILL) again and again, and what its readers got of it."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsletter.deliver.edition_file import PLACEHOLDERS
from newsletter.deliver.smtp_lane import Lane
from newsletter.deliver.tokens import LENGTH
from newsletter.model.subscriber import Choice
from newsletter.pipeline.app import DATABASE_VARIABLE, open_newsletter
from newsletter.pipeline.deliveries import deliveries_of
from newsletter.pipeline.editions import edition_name
from newsletter.pipeline.sending import send_due
from newsletter.store.approvals import hash_of
from newsletter.store.mailings import Made, add_audience, add_mailing
from newsletter.store.pen import Pen
from tests.mailed import TOOL, add_issue, add_readers, tool

CONNECTIONS = 4
POINTS = ("before commit", "after commit", "before DATA", "after body", "answer read", "any moment")
"""Where a life ends: around each commit, each side of handing a mail over, or at a moment drawn by the clock."""
_LONGEST_LIFE = 120


@dataclass(frozen=True, slots=True)
class Killing:
    """What came of it."""

    kills: int
    mails: int
    missing: int
    unknown: int
    copies: int
    copies_with_other_ids: int
    wrong: int
    """Readers who are neither at the server nor named as uncertain, and mails to nobody we know."""
    seconds: float
    crash: str

    @property
    def most(self) -> int:
        """So many may be uncertain, or come twice."""
        return self.kills * CONNECTIONS


@contextmanager
def sink_process(folder: Path) -> Iterator[tuple[int, Path]]:
    """The faulty mail server in a process of its own, without faults; its port and its log."""
    log, port_file = folder / "mails.jsonl", folder / "port"
    words = [sys.executable, str(TOOL), "serve", "--port", "0", "--port-file", str(port_file), "--log", str(log)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while not port_file.exists() and time.monotonic() < until:
            time.sleep(0.02)
        yield int(port_file.read_text()), log
    finally:
        process.terminate()
        process.wait(10)


def make_home(folder: Path, port: int, readers: int, *, policy: str, url: str | None = None) -> dict[str, str]:
    """A home with an approved issue for so many readers; the environment it runs in."""
    environ = {DATABASE_VARIABLE: url} if url else {}
    (folder / "feeds.yaml").write_text(
        "newsletter:\n  name: T\n  from: T <t@example.org>\n"
        "sources:\n  - name: S\n    kind: feed\n    url: https://example.org/feed.xml\n"
        f"delivery:\n  server: 127.0.0.1\n  port: {port}\n  at most per minute: 100000\n  uncertain: {policy}\n"
        f"  connections: {CONNECTIONS}\n"
    )
    eml = b"From: T <t@example.org>\r\nSubject: Issue 1\r\nDate: Fri, 16 Oct 2026 10:00:00 +0000\r\n"
    eml += f"{PLACEHOLDERS}: unsubscribe={'u' * LENGTH} preferences={'p' * LENGTH}\r\n\r\n".encode()
    eml += b"What happened in the week stands here.\r\n" * 100
    with open_newsletter(folder, environ=environ) as app:
        add_issue(app.database)
        add_readers(app.database, (f"r{n}@d{n % 7}.example.org" for n in range(readers)))
        path = app.issue_folder(1) / edition_name("whole")
        path.parent.mkdir(parents=True)
        path.write_bytes(eml)
        now = datetime.now(UTC)
        with app.database.transaction() as db:
            made = add_mailing(db, 1, "issue", send_at=now, now=now)
            edition = {Choice(): Made("whole", hash_of(eml), len(eml))}
            add_audience(db, made.id, edition, on=now.date(), with_monthly=False, now=now)
    return environ


def kill_often(folder: Path, environ: dict[str, str], log: Path, *, kills: int, readers: int, seed: int) -> Killing:
    """Send, and be killed ``kills`` times on the way; then send the rest, and count."""
    drawn, began = random.Random(seed), time.monotonic()
    # A life begins with mails that are lost to no kill; it is long enough that all lives reach the last reader.
    each = max(2, readers // (kills + 1))
    done = 0
    for number in range(kills):
        point = POINTS[number % len(POINTS)]
        done += _life(folder, environ, point, drawn.randint(1, each), drawn.random())
    _life(folder, environ, "never", 0, 0.0)
    return _counted(folder, environ, log, kills=done, readers=readers, seconds=time.monotonic() - began)


def _life(folder: Path, environ: dict[str, str], point: str, count: int, chance: float) -> bool:
    """One process that sends until it is killed at the ``count``-th ``point``; whether it was killed."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            _arm(point, count, chance)
            with open_newsletter(folder, environ=environ) as app:
                while any(each.report.end == "waiting" for each in send_due(app)):
                    pass
            code = 0
        finally:
            os._exit(code)
    until = time.monotonic() + _LONGEST_LIFE
    while time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            if os.WIFSIGNALED(status):
                return os.WTERMSIG(status) == signal.SIGKILL
            assert os.WEXITSTATUS(status) == 0, f"sending ended with {os.WEXITSTATUS(status)}"
            return False
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError(f"a life at “{point}” did not end in {_LONGEST_LIFE} s")


def _arm(point: str, count: int, chance: float) -> None:
    """Die (as by kill -9) at the ``count``-th time that ``point`` is reached."""
    if point == "any moment":
        begin: Callable[..., Any] = Lane.send_body

        def first(*args: Any, **options: Any) -> Any:
            if not armed:
                armed.append(True)
                threading.Timer(chance * count / 400, os.kill, (os.getpid(), signal.SIGKILL)).start()
            return begin(*args, **options)

        armed: list[bool] = []
        Lane.send_body = first  # type: ignore[method-assign]
        return
    holder, name, is_after = {
        "before commit": (_Committing, "before", False),
        "after commit": (_Committing, "after", False),
        "before DATA": (Lane, "ask_data", False),
        "after body": (Lane, "send_body", True),
        "answer read": (Lane, "answer", True),
        "never": (_Committing, "before", False),
    }[point]
    _Committing.install()
    original, left = getattr(holder, name), [count]

    def deadly(*args: Any, **options: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and not is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        found = original(*args, **options)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(holder, name, deadly)


class _Committing:
    """The commits of what is written for every mail."""

    @staticmethod
    def before() -> None:
        """Just before a commit."""

    @staticmethod
    def after() -> None:
        """Just after it."""

    @classmethod
    def install(cls) -> None:
        """Be told of each commit."""
        real = Pen.transaction

        @contextmanager
        def transaction(pen: Pen) -> Iterator[Pen]:
            with real(pen) as found:
                yield found
                cls.before()
            cls.after()

        Pen.transaction = transaction  # type: ignore[method-assign]


def _counted(folder: Path, environ: dict[str, str], log: Path, *, kills: int, readers: int, seconds: float) -> Killing:
    mails = tool().read_log(log)
    names = {f"r{n}@d{n % 7}.example.org" for n in range(readers)}
    got, ids = Counter(row["rcpt"][0] for row in mails), {(row["rcpt"][0], row["message_id"]) for row in mails}
    with open_newsletter(folder, environ=environ) as app:
        found = deliveries_of(app, 1)
        from sqlalchemy import select

        from newsletter.store.mail_tables import deliveries, subscribers

        asked = select(subscribers.c.address).join(deliveries, deliveries.c.subscriber_id == subscribers.c.id)
        with app.database.reading() as db:
            unknown = set(db.execute(asked.where(deliveries.c.state == "unknown")).scalars())
            open_ = set(db.execute(asked.where(deliveries.c.state.not_in(("unknown", "accepted")))).scalars())
    missing = names - set(got)
    return Killing(
        kills=kills,
        mails=len(mails),
        missing=len(missing),
        unknown=len(unknown),
        copies=sum(got.values()) - len(got),
        copies_with_other_ids=len(ids) - len(got),
        wrong=len(missing - unknown) + len(set(got) - names) + len(open_),
        seconds=round(seconds, 1),
        crash=found.crash,
    )


def as_json(found: Killing) -> str:
    """The figures on a line."""
    return json.dumps({name: getattr(found, name) for name in Killing.__slots__})
