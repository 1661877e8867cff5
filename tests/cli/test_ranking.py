"""rank and same as a user calls them."""

import json
import subprocess
import sys
from pathlib import Path

from tests.pipeline.test_ranking import lines


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    called = [sys.executable, "-c", "from newsletter.cli import main; main()", *map(str, words)]
    return subprocess.run(called, capture_output=True, text=True, check=False)


def test_rank_prints_its_measures_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text(lines(24))
    done = run("rank", path, "--replay", "--rule-only")
    assert (done.returncode, done.stderr) == (0, "")
    assert list(json.loads(done.stdout)) == ["average_precision", "recall_at_k", "recall_at_2k", "auc", "issues"]


def test_rank_without_replay_and_with_a_bad_file(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text("no json\n")
    done = run("rank", path)
    assert (done.returncode, done.stderr) == (
        2,
        f"rank works on past issues: write “newsletter rank {path} --replay”.\n",
    )
    done = run("rank", path, "--replay")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{path}:1: The line is not JSON")


def test_same_in_words_and_as_json(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    one = {"title": "Doors", "url": "https://a.example/x", "date": "2024-05-01"}
    path.write_text(json.dumps({"a": one, "b": {**one, "date": "2024-05-02"}, "same": True}) + "\n")
    done = run("same", path)
    assert done.stdout.splitlines() == [
        "    1  same       the same address",
        "all: 1 of 1 right, 0 wrongly joined, 0 missed, F1 1.000",
    ]
    assert json.loads(run("same", path, "--json").stdout) == [{"same": True, "why": "the same address"}]
