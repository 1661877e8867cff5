"""newsletter subscribers: what it prints, and with what it ends."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.cli import main

FEEDS = """\
newsletter:
  name: Test weekly
  from: Test <test@example.org>
sources:
  - {name: Planet, kind: feed, url: "https://planet.example/feed.xml"}
"""
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    monkeypatch.delenv("NEWSLETTER_DATABASE_URL", raising=False)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["newsletter", "subscribers", *words, "--home", str(tmp_path)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_in_and_out(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("email,name,created_at\na@example.org,Ada,2010-01-02\nnobody,,\n=1@example.org,,\n")
    code, out, _ = call("import", str(path), "--dry-run")
    assert code == 3
    assert "2 new, 0 known, 1 is not an address (line 3)" in out
    assert "not kept  name" in out
    assert not (tmp_path / "old.csv.failed.csv").exists()
    code, out, err = call("import", str(path), "--source", "old list")
    assert (code, "They get no mail yet." in out, "old.csv.failed.csv" in err) == (3, True, True)
    assert json.loads(call("list", "--json")[1])["counts"]["imported"] == 2
    code, out, _ = call("import", str(path), "--agreed", "by a form", "--json")
    report = json.loads(out)
    assert (code, report["new"], report["known"], report["agreed"]) == (3, 0, 2, 2)
    assert report["failed_lines"] == [{"line": 3, "reason": "not an address"}]
    assert report["columns"] == {"address": "email", "date": "created_at"}
    code, out, _ = call("export")
    assert (code, out.splitlines()[0].split(",")[0]) == (0, "address")
    assert "'=1@example.org" in out
    target = tmp_path / "out.csv"
    code, out, err = call("export", str(target))
    assert (code, out, target.stat().st_mode & 0o077) == (0, "", 0)
    assert "readers taken out" in err
    assert "Filter(" not in err
    assert "state active" in call("export", str(target), "--state", "active")[2]
    assert "2 active" in call("list")[1]


def test_erasing(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("a@example.org\n")
    call("import", str(path), "--agreed", "by a form")
    code, out, err = call("erase", "A@example.org")
    assert (code, "1 person is erased" in out) == (0, True)
    assert "a@example.org" not in (out + err).lower()
    code, _, err = call("erase", "a@example.org")
    assert (code, "no reader at this address" in err) == (1, True)
    assert "1 had left before and stays out" in call("import", str(path))[1]
    assert "erased" in call("list", "--state", "erased")[1]


def test_what_cannot_be_done(call: Call, tmp_path: Path) -> None:
    assert call("import", str(tmp_path / "nothing.csv"))[0] == 2
    (tmp_path / "none.csv").write_text("a,b\n1,2\n")
    code, _, err = call("import", str(tmp_path / "none.csv"))
    assert (code, "No column of this file holds mail addresses." in err) == (2, True)
    assert call("export", str(tmp_path / "no" / "out.csv"))[0] == 2
