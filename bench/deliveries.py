"""How long the Deliveries page takes with 20 issues that went to 50,000 readers each, the newest one under way.

    python bench/deliveries.py [--readers 50000]

Limits for 50,000: the list 100 ms of processor time once the finished issues are counted, an opened issue 400 ms. A
page with script asks for the list every 5 seconds while an issue is sent, and for an opened one every 10.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.mailed import add_readers
from tests.web.desk import Desk, Signed, running_desk
from tests.web.mailings import add_issue_row, add_run

ISSUES, DOMAINS = 20, 3_000
LIST_MS, ISSUE_MS = 100, 400
FEEDS = """\
newsletter:
  name: Bench weekly
  from: Bench <bench@example.org>
delivery:
  server: mail.example.org
"""
_MAILINGS = """INSERT INTO mailings (id, issue_number, kind, state, send_at, frozen_at, started_at, finished_at, reason,
 said_by) VALUES (?, ?, 'issue', 'done', 0, 0, 1, 2, '', '')"""
_DELIVERIES = """INSERT INTO deliveries (mailing_id, subscriber_id, edition, domain, state, attempts, changed_at,
 holder, code, answer) SELECT ?, id, 'whole', substr(address, instr(address, '@') + 1),
 CASE WHEN id % 500 = 0 THEN 'failed' ELSE 'accepted' END, 1, id, 'turn 1', 250,
 '2.0.0 Ok: queued as ' || hex(randomblob(6)) FROM subscribers"""


def main() -> None:
    """Measure, print, and end with 1 when a limit is not held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readers", type=int, default=50_000)
    readers = parser.parse_args().readers
    with tempfile.TemporaryDirectory() as folder, running_desk(Path(folder) / "home", FEEDS) as desk:
        ines = desk.signed_in()
        _fill(desk, readers)
        first, again = _took(ines, "/desk/deliveries", 1), _took(ines, "/desk/deliveries", 9)
        opened = _took(ines, f"/desk/deliveries/{ISSUES}", 9)
    print(f"{readers:,} readers, {ISSUES} issues, {DOMAINS:,} domains; processor time, median of 9")
    print(f"list, first time  {first:6.0f} ms")
    print(f"list              {again:6.0f} ms   (limit {LIST_MS})")
    print(f"an issue opened   {opened:6.0f} ms   (limit {ISSUE_MS})")
    scale = max(1.0, readers / 50_000)
    sys.exit(again > LIST_MS * scale or opened > ISSUE_MS * scale)


def _fill(desk: Desk, readers: int) -> None:
    for first in range(0, readers, 5_000):
        numbers = range(first, min(first + 5_000, readers))
        add_readers(desk.app.database, [f"r{at}@d{at % (DOMAINS if at % 3 else 7)}.example" for at in numbers])
    with desk.app.database.transaction() as db:
        for number in range(1, ISSUES + 1):
            add_issue_row(db, number, desk.clock.now)
            db.run(_MAILINGS, (number, number))
            db.run(_DELIVERIES, (number,))
        db.run("UPDATE deliveries SET state = 'queued' WHERE mailing_id = ? AND subscriber_id % 3 = 0", (ISSUES,))
        db.run("UPDATE mailings SET state = 'sending', finished_at = NULL WHERE id = ?", (ISSUES,))
    add_run(desk, ISSUES, began_at=desk.clock.now)


def _took(ines: Signed, path: str, times: int) -> float:
    """The median of the processor's time for a page, in milliseconds."""
    found = []
    for _ in range(times):
        began = time.process_time()
        assert ines.get(path).status_code == 200
        found.append(1000 * (time.process_time() - began))
    return statistics.median(found)


if __name__ == "__main__":
    main()
