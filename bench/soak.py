"""A year of weeks back to back, in one process of the service, with faults on every side.

    PYTHONPATH=. python bench/soak.py [--weeks 52] [--good 12] [--hopeless 7]

Time is injected (see `tests/soaking.py`): sources grow by a simulated clock, break, hang, move, ask for patience and
send garbage (`tests/soak_outside.py`); the mail server of `../shared/tools/smtp_sink.py` defers, refuses, resets and
takes mails without saying so. Held are: one issue a week, approved, sent and public; every entry that a good source
served whole in the store, once; every reader with each issue once by the server's own log, or named as failed or
uncertain; and the resident memory after the last week at most 10 MiB above that after week 4.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

MIB, SETTLED = 10, 4


def main() -> int:
    from newsletter.pipeline.app import open_newsletter
    from tests.soak_outside import outside, places_of
    from tests.soaking import BEGIN, WEEK, Soak, check

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--good", type=int, default=12)
    parser.add_argument("--hopeless", type=int, default=7)
    asked = parser.parse_args()
    began, places = time.monotonic(), places_of(asked.good, asked.hopeless)
    with tempfile.TemporaryDirectory() as folder, outside(Path(folder), places, BEGIN - WEEK) as world:
        soak = Soak(Path(folder) / "home", world)
        soak.run(asked.weeks, told=lambda text: print(text, flush=True))
        with open_newsletter(soak.home, environ={}, now=lambda: BEGIN + asked.weeks * WEEK) as app:
            verdict = check(app, places, world.witness(), issues_count=asked.weeks)
    grown = soak.memory[-1] - soak.memory[min(SETTLED, len(soak.memory)) - 1]
    print(f"{asked.weeks} weeks, {len(places)} sources, {soak.looks} looks: {verdict.counts}")
    print(f"memory {soak.memory[-1]:.1f} MiB, {grown:+.1f} since week {SETTLED} (limit {MIB})")
    print(f"{time.monotonic() - began:.0f} s, {soak.cpu[-1]:.0f} s of the processor in the service")
    for each in verdict.wrong[:20]:
        print(f"WRONG {each}")
    return int(bool(verdict.wrong) or grown > MIB)


if __name__ == "__main__":
    sys.exit(main())
