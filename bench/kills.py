"""Sending to 10,000 readers that is killed (SIGKILL) 100 times: around every commit, each side of a mail, any moment.

    python bench/kills.py [--kills 102] [--readers 10000] [--database postgresql+psycopg://…]

Held for a person: every reader is at the mail server or named as uncertain, no copies. Sent again: nobody is missing,
copies have the same Message-ID. Uncertain ones and copies are at most kills x connections (4).
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.killing import as_json, kill_often, make_home, sink_process
from tests.mailed import TOOL


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--kills", type=int, default=102)
    ask.add_argument("--readers", type=int, default=10_000)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--database", help="an empty one; SQLite if left out. One policy is tried, --policy")
    ask.add_argument("--policy", choices=["hold", "send again"])
    asked = ask.parse_args()
    if not TOOL.is_file():
        sys.exit(f"the mail server for tests is not at {TOOL}")
    is_good = True
    policies = [asked.policy] if asked.policy else ["hold"] if asked.database else ["hold", "send again"]
    for policy in policies:
        with tempfile.TemporaryDirectory(prefix="kills-") as name, sink_process(Path(name)) as (port, log):
            folder = Path(name)
            environ = make_home(folder, port, asked.readers, policy=policy, url=asked.database)
            found = kill_often(folder, environ, log, kills=asked.kills, readers=asked.readers, seed=asked.seed)
        print(f"{policy}: {as_json(found)}", flush=True)
        if policy == "hold":
            is_good &= found.wrong == 0 and found.copies == 0 and found.unknown <= found.most
        else:
            is_good &= found.missing == found.wrong == found.unknown == found.copies_with_other_ids == 0
            is_good &= found.copies <= found.most
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
