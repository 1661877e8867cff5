"""The example of docs/adding_a_kind.md, taken out of the page, installed from outside, tested, and gathered with."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.model.item import Person
from newsletter.pipeline.aside import everything_aside
from newsletter.store.items import items_between
from tests.loopback import Web, serving
from tests.outside import installed
from tests.pipeline.conftest import Home
from tests.pipeline.test_gather import ALL

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "adding_a_kind.md").read_text(encoding="utf-8")
KIND, TEST = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
NOTICES = [
    {"id": 1, "title": "The bridge opens", "by": "Ada Obi", "at": "2026-10-12T09:00:00Z", "topic": "roads"},
    {"id": 2, "title": "", "topic": "roads"},
    {"id": 3, "title": "A match", "topic": "sports"},
]


@pytest.fixture
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with installed(tmp_path_factory.mktemp("board"), {"board": KIND}, board="board") as site:
        yield site


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with serving() as web:
        yield Home(tmp_path, web, environ={"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"})


def serve(web: Web, notices: list[dict[str, object]]) -> None:
    web["/board.json"] = json.dumps({"notices": notices})


@pytest.mark.slow
@pytest.mark.parametrize("words", ["    kind: notice board\n", ""], ids=["named", "found by looking"])
def test_a_board_is_gathered(home: Home, board: Path, words: str) -> None:
    home.write(f"sources:\n  - name: Town\n{words}    url: {{web}}/board.json\n    topics: roads\n")
    serve(home.web, NOTICES)
    report = home.gather()["Town"]
    assert (report.state.state, report.state.reader, report.new_count) == ("ok", "notice board", 1)
    with home.opened() as app:
        [(aside, name)] = everything_aside(app)
        with app.database.reading() as db:
            [stored] = items_between(db, ALL)
    assert (name, aside.aside.reason) == ("Town", "a notice without number or title")
    assert (stored.item.title, stored.item.author) == ("The bridge opens", Person("Ada Obi"))
    home.clock.move(hours=3)
    assert home.gather()["Town"].state.state == "unchanged"
    home.clock.move(hours=3)
    serve(home.web, [*NOTICES, {"id": 4, "title": "Roadworks end", "topic": "roads"}])
    assert home.gather()["Town"].new_count == 1
    assert [status for _, status in home.web.asked] == [200, 304, 200]


@pytest.mark.slow
def test_its_own_test_passes(board: Path, tmp_path: Path) -> None:
    (tmp_path / "test_board.py").write_text(TEST)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT} {board}\naddopts = -p no:cacheprovider\n")
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "fetch" / "conftest.py").read_text())
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(tmp_path)], capture_output=True, text=True, cwd=tmp_path
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "5 passed" in run.stdout


@pytest.mark.slow
def test_it_is_written_as_the_project_is(tmp_path: Path) -> None:
    (tmp_path / "board.py").write_text(KIND)
    (tmp_path / "test_board.py").write_text(TEST)
    settings = ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    for step in (["check", "--ignore", "D1,I001"], ["format", "--check"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *step, *settings, str(tmp_path)], capture_output=True, text=True
        )
        assert run.returncode == 0, run.stdout + run.stderr
    assert len(KIND.splitlines()) <= 50
