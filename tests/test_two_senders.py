"""Two processes, a double click, a schedule that fires twice: whoever comes second does nothing."""

import os
import threading
from collections import Counter
from pathlib import Path

import pytest

from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.deliveries import deliveries_of
from newsletter.pipeline.send_acts import send_now
from newsletter.pipeline.sending import send_due
from tests.killing import make_home, sink_process
from tests.mailed import needs_sink, tool

pytestmark = [pytest.mark.slow, needs_sink]
READERS = 40


def process(home: Path, environ: dict[str, str], *, clicks: int) -> int:
    """A process in which somebody says so many times at once that it shall be sent."""
    pid = os.fork()
    if pid:
        return pid
    try:
        threads = [threading.Thread(target=click, args=(home, environ)) for _ in range(clicks)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    finally:
        os._exit(0)


def click(home: Path, environ: dict[str, str]) -> None:
    with open_newsletter(home, environ=environ) as app:
        send_now(app, 1, by="Ines")
        send_due(app)


@pytest.mark.parametrize("run", range(20))
def test_each_reader_gets_one(tmp_path: Path, run: int) -> None:
    with sink_process(tmp_path) as (port, log):
        environ = make_home(tmp_path, port, READERS, policy="hold")
        for pid in [process(tmp_path, environ, clicks=1 + run % 2) for _ in range(2 + run % 2)]:
            os.waitpid(pid, 0)
        with open_newsletter(tmp_path, environ=environ) as app:
            assert not send_due(app)
            assert deliveries_of(app, 1).counts == {"accepted": READERS}
        got = Counter(row["rcpt"][0] for row in tool().read_log(log))
    assert set(got.values()) == {1}
    assert len(got) == READERS
