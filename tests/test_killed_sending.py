"""Kill -9 while mails go out: nobody is left out, nobody gets two; what is uncertain is named."""

from pathlib import Path

import pytest

from tests.killing import POINTS, kill_often, make_home, sink_process
from tests.mailed import needs_sink

pytestmark = [pytest.mark.slow, needs_sink]
READERS = 600


@pytest.mark.parametrize("policy", ["hold", "send again"])
def test_killed_at_every_point(database_url: str, tmp_path: Path, policy: str) -> None:
    with sink_process(tmp_path) as (port, log):
        environ = make_home(tmp_path, port, READERS, policy=policy, url=database_url)
        found = kill_often(tmp_path, environ, log, kills=2 * len(POINTS), readers=READERS, seed=7)
    assert found.kills >= len(POINTS)
    assert found.wrong == 0
    assert "The program stopped at" in found.crash
    if policy == "hold":
        assert found.copies == 0
        assert found.unknown <= found.most
    else:
        assert (found.missing, found.unknown, found.copies_with_other_ids) == (0, 0, 0)
        assert found.copies <= found.most
