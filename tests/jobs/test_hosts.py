"""Of one host at most two sources are read at once, over all workers; and a large host keeps no other waiting."""

import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from newsletter.jobs.schedule import Runner
from newsletter.jobs.service import make_queue
from newsletter.pipeline.app import DATABASE_VARIABLE, system_clock
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.read_source import READS_AT_A_HOST
from newsletter.pipeline.readings_aside import READ
from newsletter.store.queue import open_jobs
from tests.loopback import Web, atom, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
HEAD = "newsletter:\n  name: Test weekly\n  from: Test <test@example.org>\nsources:\n"
MANY, FEW = 60, 4
SECONDS = 0.1


class Watched:
    """A web that takes its time, and knows how many it answers at once and in which order they were done."""

    def __init__(self, web: Web, done: list[str]) -> None:
        self.most, self._now, self._lock = 0, 0, threading.Lock()
        answer = web.answer

        def watched(path: str, conditions: str | None) -> tuple[int, dict[str, str], bytes]:
            with self._lock:
                self._now += 1
                self.most = max(self.most, self._now)
            time.sleep(SECONDS)
            with self._lock:
                self._now -= 1
                done.append(web.base)
            return answer(path, conditions)

        web.answer = watched  # type: ignore[method-assign]


def test_a_host_with_many_sources_is_spared_and_starves_nobody(tmp_path: Path, database_url: str) -> None:
    done: list[str] = []
    with ExitStack() as stack:
        webs = [stack.enter_context(serving(f"127.0.0.{number}")) for number in (2, 3, 4)]
        lines = []
        for web, count in zip(webs, (MANY, FEW, FEW), strict=True):
            for number in range(count):
                web[f"/{number}.xml"] = atom((f"{web.base}{number}", "Words", "2026-10-12T09:00:00Z", "Hello."))
                name = f"{web.base[-3:]} {number}".replace(":", "")
                lines.append(f"  - name: S {name}\n    kind: feed\n    url: {web.base}/{number}.xml\n")
        watched = [Watched(web, done) for web in webs]
        shops = []
        stack.enter_context(capture_logs())
        environ = {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8", DATABASE_VARIABLE: database_url}
        for name in "ab":
            (tmp_path / name).mkdir()
            (tmp_path / name / "feeds.yaml").write_text(HEAD + "".join(lines))
            shop, queue, asked = make_queue(Surroundings(tmp_path / name, environ, system_clock, {}))
            stack.enter_context(shop.opened())
            shops.append((shop, queue, asked))
        began = time.monotonic()
        for shop, queue, asked in shops:
            Runner(shop.current, asked).look()
            queue.start()
        until = began + 120
        while time.monotonic() < until:
            with shops[0][0].app.database.reading() as db:
                if not open_jobs(db, [READ]):
                    break
            time.sleep(0.05)
        for _, queue, _ in shops:
            assert queue.stop(10)
    assert Counter(done) == {webs[0].base: MANY, webs[1].base: FEW, webs[2].base: FEW}
    assert max(each.most for each in watched) <= READS_AT_A_HOST
    small = {web.base for web in webs[1:]}
    last = max(place for place, base in enumerate(done) if base in small)
    assert last < MANY * 3 // 4
