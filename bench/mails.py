"""What it costs to read 20,000 mails, beside Perceval's mbox backend reading the same file.

    python bench/mails.py [--mails 20000] [--cache ~/.cache/newsletter-bench]

Twice: mails as an archive of Mailman 2 keeps them, in plain text with six headers (a recorded list of
18 years), and whole mails with all their headers and MIME parts (a recorded list of the Linux kernel,
and smaller samples). Both are repeated with varied Message-IDs, in one mbox. What is counted is CPU
time of the process and its children, the least of three runs taken in turn; imports come before.
Ours is split, parsed and cleaned into Items; a second run gathers the first ones into a new SQLite home
as well. The peer gets an environment of its own.

Limits, of the peer's time: reading 0.25 for archives of Mailman 2, 0.45 for whole mails; 150 MiB over idle,
for five times as many mails too. None may be lost or split wrongly: the ids that come out are those that went in.
"""

import argparse
import asyncio
import gzip
import json
import os
import re
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from peers import ROOT, peer_python, run_side

RECORDED = ROOT.parent / "shared" / "corpus" / "mail"
PEER = ("perceval==1.6.1",)
ROUNDS = 3
LIMIT_PIPERMAIL, LIMIT_MIME, LIMIT_MIB, LARGER = 0.25, 0.45, 150, 5
Row = dict[str, Any]

ENVELOPE = re.compile(rb"(?m)^From \S+(?: at \S+)?  \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\n(?=From: )")
ANY_ENVELOPE = re.compile(rb"(?m)^From [^\n]* \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\n(?=[!-9;-~]+:)")
DATE = re.compile(rb"(?mi)^Date: ")
MESSAGE_ID = re.compile(rb"(?mi)^Message-ID: <([^<>\s]+)>$")
ANY_ID = re.compile(rb"<([^<>\s]{1,200}@[^<>\s]{1,200})>")


def pipermail_mails() -> list[bytes]:
    """The mails of the recorded archive that have a Message-ID; as many as its own pages state, and three twice."""
    archive = RECORDED / "pipermail"
    known = json.loads((archive / "expected.json").read_text(encoding="utf-8"))["documents"]
    mails: list[bytes] = []
    for path, document in sorted(known.items()):
        if not path.startswith("twisted-web/") or "message_count" not in document["expect"]:
            continue
        mails += split(archive / path, ENVELOPE, document["expect"]["message_count"])
    return [mail for mail in mails if MESSAGE_ID.search(mail)]


def whole_mails() -> list[bytes]:
    """Recorded mails with all their headers and parts, those that have a date and one Message-ID."""
    folder = RECORDED / "mbox"
    known = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["documents"]
    mails = split(folder / "ksummit.mbox.gz", ANY_ENVELOPE, known["ksummit.mbox.gz"]["expect"]["message_count"])
    for path in sorted((folder / "eml").glob("*.eml")):
        mails.append(
            b"From a@b.example Mon Mar  2 10:00:00 2026\n" + path.read_bytes().replace(b"\nFrom ", b"\n>From ")
        )
    heads = ((mail, mail.partition(b"\n\n")[0]) for mail in mails)
    return [mail.rstrip(b"\n") + b"\n\n" for mail, head in heads if MESSAGE_ID.search(head) and DATE.search(head)]


def split(path: Path, envelope: re.Pattern[bytes], count: int) -> list[bytes]:
    """The mails of an mbox, which are ``count``."""
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    starts = [found.start() for found in envelope.finditer(text)]
    assert len(starts) == count, path
    mails = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return [mail if mail.endswith(b"\n") else mail + b"\n" for mail in mails]


def write_archive(path: Path, mails: list[bytes], count: int) -> int:
    """An mbox of ``count`` mails, ``mails`` again and again; how many different Message-IDs they have."""
    ids = set()
    with path.open("wb") as file:
        for number in range(count):
            copy, at = divmod(number, len(mails))
            mail = ANY_ID.sub(rb"<%d.\1>" % copy, mails[at])
            found = MESSAGE_ID.search(mail)
            assert found is not None
            ids.add(found[1])
            file.write(mail)
    return len(ids)


def cpu() -> float:
    """Seconds of CPU so far, of this process and the children that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def memory_mib(name: str) -> float:
    """Memory of this process: "VmRSS" what it has, "VmHWM" the most it has had.

    Not ru_maxrss: that counts what the process had that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.findall(rf"(?m)^{name}:\s+(\d+) kB$", status)[0]) / 1024


def measured(work: Callable[[], tuple[int, int]]) -> Row:
    idle, before, began = memory_mib("VmRSS"), cpu(), time.monotonic()
    mails, ids = work()
    used = {"cpu": cpu() - before, "seconds": time.monotonic() - began, "mib": memory_mib("VmHWM") - idle}
    return {"mails": mails, "ids": ids, **used}


def read(path: Path, home: Path) -> Row:
    """Split, parse and clean, as a gather does it."""
    from newsletter.fetch.kinds import find_kinds
    from newsletter.fetch.local import LocalFile
    from newsletter.fetch.workers import worker_pool
    from newsletter.model.source import FetchState

    mbox = find_kinds()["mbox"].cls

    async def run() -> tuple[int, int]:
        mails, ids = 0, set()
        async with worker_pool(2):
            async for batch in mbox(file=str(path)).fetch(LocalFile(path), FetchState("list")):
                assert not batch.warnings, batch.warnings
                mails += len(batch.items)
                ids.update(hash(item.native_keys[0]) for item in batch.items)
        return mails, len(ids)

    return measured(lambda: asyncio.run(run()))


def store(path: Path, home: Path) -> Row:
    """The same, and all of them in the store."""
    from newsletter.fetch.kinds import find_kinds
    from newsletter.pipeline.app import open_newsletter
    from newsletter.pipeline.gather import due_sources, gather_sources

    find_kinds()
    head = "newsletter:\n  name: Bench\n  from: Bench <bench@example.org>\nsources:\n"
    (home / "feeds.yaml").write_text(f"{head}  - name: list\n    kind: mbox\n    file: {path}\n")
    with open_newsletter(home, environ=os.environ | {"NEWSLETTER_ALLOW_FOLDERS": str(path.parent)}) as app:
        jobs = due_sources(app, ["list"])

        def work() -> tuple[int, int]:
            [report] = gather_sources(app, jobs)
            assert not report.is_failed, report.state.state_reason
            return report.new_count, report.new_count

        return measured(work)


def theirs(path: Path, home: Path) -> Row:
    """The peer reads the folder of the file."""
    from perceval.backends.core.mbox import MBox

    folder = home / "folder"
    folder.mkdir()
    shutil.copy(path, folder)

    def work() -> tuple[int, int]:
        mails, ids = 0, set()
        for found in MBox("bench", str(folder)).fetch():
            mails += 1
            ids.add(found["data"]["Message-ID"])
        return mails, len(ids)

    return measured(work)


def sides(path: Path, larger: Path, cache: Path, *, is_stored: bool) -> Iterator[tuple[str, Row]]:
    peer = peer_python(cache, "perceval", PEER)
    rounds = [
        (run_side(peer, __file__, "theirs", path)[-1], run_side(sys.executable, __file__, "read", path)[-1])
        for _ in range(ROUNDS)
    ]
    for name, rows in zip(("Perceval", "read"), zip(*rounds, strict=True), strict=True):
        yield name, min(rows, key=lambda row: row["cpu"])
    if is_stored:
        yield "read and stored", run_side(sys.executable, __file__, "store", path)[-1]
    yield f"read, {LARGER} x as many", run_side(sys.executable, __file__, "read", larger)[-1]


def compare(name: str, mails: list[bytes], count: int, limit: float, cache: Path) -> bool:
    with tempfile.TemporaryDirectory(prefix="bench-mails-") as folder:
        path, larger = Path(folder) / "list.mbox", Path(folder) / "larger.mbox"
        ids, more_ids = write_archive(path, mails, count), write_archive(larger, mails, count * LARGER)
        print(f"{name}: {count} mails with {ids} different ids, {path.stat().st_size / 1e6:.1f} MB")
        rows = dict(sides(path, larger, cache, is_stored=limit == LIMIT_PIPERMAIL))
    base = rows.pop("Perceval")
    print(f"{'':22}{'CPU s':>8}{'ratio':>8}{'us a mail':>11}{'MiB over idle':>15}{'mails':>9}{'ids':>9}")
    for side, row in {"Perceval": base, **rows}.items():
        figures = f"{row['cpu']:8.2f}{row['cpu'] / base['cpu']:8.3f}{row['cpu'] / row['mails'] * 1e6:11.0f}"
        print(f"{side:22}{figures}{row['mib']:15.1f}{row['mails']:>9}{row['ids']:>9}")
    wanted = {side: (count * LARGER, more_ids) if str(LARGER) in side else (count, ids) for side in rows}
    # The store keeps each id once.
    wanted |= {side: (ids, ids) for side in rows if side == "read and stored"}
    is_whole = all((row["mails"], row["ids"]) == wanted[side] for side, row in rows.items())
    share = rows["read"]["cpu"] / base["cpu"]
    print(f"limit {limit} for reading, {LIMIT_MIB} MiB; {'none' if is_whole else 'SOME'} lost or split wrongly\n")
    return is_whole and share <= limit and all(row["mib"] <= LIMIT_MIB for row in rows.values())


def main() -> None:
    chosen = {"read": read, "store": store, "theirs": theirs}.get("".join(sys.argv[1:2]))
    if chosen is not None:
        print(json.dumps(chosen(Path(sys.argv[2]), Path(sys.argv[3]))), flush=True)
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "newsletter-bench")
    options = parser.parse_args()
    are_well = [
        compare("archive of Mailman 2", pipermail_mails(), options.mails, LIMIT_PIPERMAIL, options.cache),
        compare("whole mails", whole_mails(), options.mails, LIMIT_MIME, options.cache),
    ]
    sys.exit(0 if all(are_well) else 1)


if __name__ == "__main__":
    main()
