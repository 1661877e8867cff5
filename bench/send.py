"""How fast 52 KB mails go out with a ledger row committed for each, and how much memory it takes.

    python bench/send.py [--mails 10000] [--rounds 3] [--memory] [--database postgresql+psycopg://…]

All go to Postfix's smtp-sink; in each round `smtp-source -s 10` and ours send as many mails of the same size, one after
the other (Debian: apt-get install --no-install-recommends postfix; nothing of it is started but these two). Ours goes
through the store's own functions into SQLite in WAL mode, DKIM off, 10 connections like the peer, then the usual 4.
The second peer is aiosmtplib with a new EmailMessage (text and HTML) for each mail, 10 connections, in an environment
of its own.
Limits: 0.80 of smtp-source; 10 times aiosmtplib; 90 MiB, and less than 5 MiB more with 100,000 readers than with 1,000.
"""

import argparse
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

SIZE = 53_248
SHARE, TIMES, MIB, GROWTH = 0.80, 10, 90, 5
CACHE = Path.home() / ".cache" / "newsletter-bench"
SIDE = Path(__file__)


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found is None:
        sys.exit(f"{name} is not installed: apt-get install --no-install-recommends postfix (start nothing of it)")
    return found


@contextmanager
def sink() -> Iterator[int]:
    """Postfix's sink on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program("smtp-sink"), *user, f"127.0.0.1:{port}", "1000"])
    try:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def smtp_source(port: int, mails: int) -> float:
    """Mails a second of smtp-source."""
    words = [program("smtp-source"), "-s", "10", "-l", str(SIZE), "-m", str(mails), f"127.0.0.1:{port}"]
    began = time.perf_counter()
    subprocess.run(words, check=True)
    return mails / (time.perf_counter() - began)


def side(what: str, *words: object, python: str = sys.executable) -> dict[str, float]:
    """What a process of its own found out."""
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        command = [python, str(SIDE), "--side", what, *map(str, words), home]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def ours(port: int, mails: int, connections: int, url: str, home: str) -> dict[str, float]:
    from newsletter.deliver.smtp_lane import Waits
    from newsletter.pipeline.app import system_clock
    from newsletter.store.database import Database
    from tests.mailed import Mailed

    database = Database(url.format(home=home))
    database.migrate()
    mailed = Mailed(database, waits=Waits(), connections=connections)
    mailed.body = (b"x" * 76 + b"\r\n") * ((SIZE - 300) // 78)
    mailed.freeze(mails)
    mailed.clock, mailed.rest = system_clock, time.sleep  # type: ignore[assignment,method-assign]
    began, cpu = time.perf_counter(), time.process_time()
    report = mailed.send(port)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert (report.end, report.counts) == ("done", {"accepted": mails}), report
    assert mailed.states() == {"accepted": mails}
    database.close()
    return {"a_second": mails / seconds, "cpu_us": cpu / mails * 1e6}


def memory(port: int, mails: int, home: str) -> dict[str, float]:
    """Most memory of a process that only sends; the readers were put in by another one."""
    from newsletter.deliver.smtp_lane import Waits
    from newsletter.pipeline.app import system_clock
    from newsletter.store.database import Database
    from tests.mailed import Mailed

    url = f"sqlite:///{home}/n.db"
    pid = os.fork()
    if pid == 0:
        database = Database(url)
        database.migrate()
        Mailed(database).freeze(mails)
        database.close()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    mailed = Mailed(Database(url), waits=Waits(), number=1)
    mailed.body = (b"x" * 76 + b"\r\n") * ((SIZE - 300) // 78)
    mailed.clock, mailed.rest = system_clock, time.sleep  # type: ignore[assignment,method-assign]
    assert mailed.send(port).end == "done"
    return {"mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def aiosmtplib_side(port: int, mails: int) -> dict[str, float]:
    """The peer: a message built anew for each reader, ten connections."""
    import asyncio
    from email.message import EmailMessage

    import aiosmtplib

    # Of what a community writes a letter in fifty is no ASCII; encoded, both parts are as large as the others' mail.
    line = "What happened in the week stands here, as “a few words” about it: grüße.\n"
    text, rows = line * 120, "".join(f"<p>{line}</p>" for _ in range(400))

    async def lane(numbers: range) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for number in numbers:
                made = EmailMessage()
                made["From"], made["To"] = "News <news@example.org>", f"r{number}@example.org"
                made["Subject"], made["Message-ID"] = "Issue 1", f"<{number}@news.example.org>"
                made.set_content(text)
                made.add_alternative(f"<html><body>{rows}</body></html>", subtype="html")
                await client.send_message(made)

    async def every() -> None:
        await asyncio.gather(*(lane(range(start, mails, 10)) for start in range(10)))

    began = time.perf_counter()
    asyncio.run(every())
    return {"a_second": mails / (time.perf_counter() - began)}


def run_side(words: list[str]) -> None:
    what, port, mails, *rest = words
    if what == "aiosmtplib":
        found = aiosmtplib_side(int(port), int(mails))
    elif what == "memory":
        found = memory(int(port), int(mails), rest[-1])
    else:
        found = ours(int(port), int(mails), int(rest[0]), rest[1], rest[-1])
    print(json.dumps(found))


def main() -> None:
    if sys.argv[1:2] == ["--side"]:
        run_side(sys.argv[2:])
        return
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--mails", type=int, default=10_000)
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--memory", action="store_true", help="measure memory with 1,000 and 100,000 readers, too")
    ask.add_argument("--database", help="an empty PostgreSQL database; only its figure is measured then")
    asked = ask.parse_args()
    from bench.peers import peer_python

    peer = peer_python(CACHE, "aiosmtplib", ["aiosmtplib"])
    url = asked.database or "sqlite:///{home}/n.db"
    shares, times = [], []
    is_good = True
    with sink() as port:
        for number in range(1 if asked.database else asked.rounds):
            source = smtp_source(port, asked.mails)
            ten = side("ours", port, asked.mails, 10, url)
            row = {"smtp-source -s 10": source, "ours, 10 connections": ten["a_second"]}
            if not asked.database:
                four = side("ours", port, asked.mails, 4, url)
                slow = side("aiosmtplib", port, max(200, asked.mails // 10), python=peer)
                row |= {"ours, 4 connections": four["a_second"], "aiosmtplib": slow["a_second"]}
                times.append(ten["a_second"] / slow["a_second"])
            shares.append(ten["a_second"] / source)
            print(f"round {number + 1}: " + ", ".join(f"{name} {value:,.0f}/s" for name, value in row.items()))
            print(f"  {ten['cpu_us']:.0f} us of processor time a mail")
        share = statistics.median(shares)
        print(f"share of smtp-source: {share:.2f} (limit {SHARE})")
        if times:
            print(f"times aiosmtplib: {statistics.median(times):.1f} (limit {TIMES})")
            is_good = share >= SHARE and statistics.median(times) >= TIMES
        if asked.memory:
            few, many = (side("memory", port, count)["mib"] for count in (1_000, 100_000))
            print(f"memory: {few:.0f} MiB with 1,000 readers, {many:.0f} MiB with 100,000 (limits {MIB}, +{GROWTH})")
            is_good &= many <= MIB and many - few < GROWTH
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
