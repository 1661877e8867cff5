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
    parser.add_argument("--each", type=int, default=1100, help="how many attacks one desk is made of")
    asked = parser.parse_args()
    every, began = payloads(asked.corpus), time.monotonic()
    running = chromium.__wrapped__()
    browser, pages, faults = next(running), 0, 0
    for is_off in (False, True):
        left, seen = every, 0
        while left:
            chosen, left = left[: asked.each], left[asked.each :]
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                looked = look_at_all(browser, Path(folder) / "home", chosen, is_policy_off=is_off)
            pages += looked.pages
            faults += len(looked.ran)
            seen += len(chosen) - len(looked.unseen)
            # What stood on no page comes again, unless nothing else did.
            left += looked.unseen if len(looked.unseen) < len(chosen) else []
            for line in looked.ran:
                print(f"policy {'off' if is_off else 'on'}: {line[:300]}")
            print(f"policy {'off' if is_off else 'on'}: {seen} seen, {len(left)} left, {faults} faults", flush=True)
        faults += len(every) - seen
        print(f"policy {'off' if is_off else 'on'}: {seen} of {len(every)} attacks stood on a page")
    running.close()
    print(f"{len(every)} attacks, {pages} pages looked at, {faults} faults, {time.monotonic() - began:.0f} s")
    sys.exit(1 if faults or not every else 0)


if __name__ == "__main__":
    main()
