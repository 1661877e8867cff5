"""All recorded attacks on all pages of the desk, with the content policy on and off; prints what ran.

python bench/hostile_pages.py ../shared/corpus [--each 300]
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.browser import browser as chromium
from tests.web.attacks import payloads
from tests.web.hostile_pages import look_at_all


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="the folder with hostile/html/")
    parser.add_argument("--each", type=int, default=300, help="how many attacks one desk is made of")
    asked = parser.parse_args()
    every, pages, found, began = payloads(asked.corpus), 0, [], time.monotonic()
    running = chromium.__wrapped__()
    browser = next(running)
    for start in range(0, len(every), asked.each):
        for is_off in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                chosen = every[start : start + asked.each]
                ran, looked = look_at_all(browser, Path(folder) / "home", chosen, is_policy_off=is_off)
            pages += looked
            found += ran
            for line in ran:
                print(f"policy {'off' if is_off else 'on'}, attacks from {start}: {line[:300]}")
    running.close()
    print(f"{len(every)} attacks, {pages} pages looked at, {len(found)} faults, {time.monotonic() - began:.0f} s")
    sys.exit(1 if found or not every else 0)


if __name__ == "__main__":
    main()
