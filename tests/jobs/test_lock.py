import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.errors import NotFound, WrongState
from newsletter.jobs.lock import NAME, only_one

HOLD = """
import sys
from pathlib import Path
from newsletter.jobs.lock import only_one
with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "feeds.yaml").write_text("")
    return tmp_path


def test_a_second_one_is_refused_and_named_and_the_next_one_is_let_in(home: Path) -> None:
    with only_one(home):
        said = rf"runs already as process {os.getpid()}\. Stop that one first \(kill {os.getpid()}\), or name another"
        with pytest.raises(WrongState, match=said), only_one(home):
            pass
    with only_one(home):
        assert (home / "data" / NAME).read_text() == f"{os.getpid()}\n"


def test_a_folder_that_is_no_home_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(NotFound), only_one(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_it_is_let_go_of_when_its_holder_is_killed(home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WrongState, match=f"process {holder.pid}"), only_one(home):
            pass
        holder.kill()
        holder.wait()
    with only_one(home):
        pass
