"""How long `newsletter check` takes over a large feeds.yaml, as a whole process from its start to its end.

    python bench/check.py [--sources 300] [--times 7]

A file of 300 sources of five kinds with notes, 40 rules and 12 sections is written and checked in a process of its
own, again and again; the best time counts, for others use the machine as well. Compiled modules are kept
in a folder of the bench, as an installed program has them. Limit: 0.5 s.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 0.5
KINDS = (
    ("feed", "url: https://s{}.example.org/feed.xml"),
    ("mailing list", "url: https://s{}.example.org/pipermail/devel/"),
    ("gerrit", "url: https://review{}.example.org"),
    ("calendar", "url: https://s{}.example.org/dates.ics"),
    ("github", "repositories: [owner/project{}]"),
)


def feeds(count: int) -> str:
    lines = ["newsletter:", "  name: A large one", "  from: Us <us@example.org>", "", "sections:"]
    for at in range(12):
        lines += [f"  - id: s{at}", f"    title: Section {at}"]
    lines += ["", "sources:"]
    for at in range(count):
        kind, address = KINDS[at % len(KINDS)]
        lines += [f"  - name: Source number {at}  # a note", f"    kind: {kind}", f"    {address.format(at)}"]
        lines += [f"    section: s{at % 12}", f"    weight: {at % 50}", ""]
    lines.append("rules:")
    for at in range(40):
        lines += [f"  - name: Rule {at}", "    match:", f'      title: [word{at}, "v{at}:"]']
        lines += [f"      source: Source number {at * 7}", f"    boost: {at}", ""]
    return "\n".join(lines) + "\n"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sources", type=int, default=300)
    options.add_argument("--times", type=int, default=7)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "feeds.yaml").write_text(feeds(asked.sources))
        environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{folder}/compiled"}
        command = [sys.executable, "-m", "newsletter", "check", "--home", folder]
        walls, cpus = [], []
        for _ in range(asked.times + 1):
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            said = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
            walls.append(time.perf_counter() - began)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert said.startswith(f"feeds.yaml is well: {asked.sources} sources"), said
    # The first run compiles.
    best, cpu = min(walls[1:]), min(cpus[1:])
    print(f"{asked.sources} sources: best of {asked.times} {best:.2f} s, CPU {cpu:.2f} s, limit {LIMIT} s")
    print(f"ratio {best / LIMIT:.2f} of the limit (CPU {cpu / LIMIT:.2f})")


if __name__ == "__main__":
    main()
