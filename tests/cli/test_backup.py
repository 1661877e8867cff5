"""newsletter backup and restore as somebody calls them."""

import json
from pathlib import Path

import pytest

from tests.cli.test_sending import Run, approved, run

__all__ = ["run"]


@pytest.mark.slow
def test_out_and_back(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    home, copy, other = tmp_path / "home", tmp_path / "weekly.tar.gz", tmp_path / "other"
    home.mkdir()
    approved(home, run)
    capsys.readouterr()
    assert run("backup", copy, "--home", home) == 0
    said = capsys.readouterr()
    assert "holds 1 issue, 1 item, 3 readers:" in said.out
    assert "It holds addresses and secrets" in said.err
    assert run("restore", copy, "--check", "--home", other) == 0
    assert "is whole: 1 issue, 1 item, 3 readers" in capsys.readouterr().out
    assert not other.exists()
    assert run("restore", copy, "--home", other, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rows"]["items"], found["held"], found["moved_to"]) == (1, {"mailings": 1, "uncertain": 0}, None)
    assert (other / "data" / "site" / "index.html").is_file()
    assert run("restore", copy, "--home", other) == 1
    assert "is not empty (data, feeds.yaml)" in capsys.readouterr().err
    assert run("restore", copy, "--home", other, "--force") == 0
    said_back = capsys.readouterr().out
    assert "1 issue or erratum was to go out or going out. It waits for your word.\n" in said_back
    assert "It sends nothing by itself before" in said_back
    assert run("send", "1", "--home", other) == 0
    assert "Issue 1   done   3 of 3" in capsys.readouterr().out
    assert run("restore", tmp_path / "none", "--home", tmp_path / "x") == 1 + 1
    assert "is not there" in capsys.readouterr().err
