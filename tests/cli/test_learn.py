"""newsletter learn, as a user calls it."""

import gzip
import json
import sys
from pathlib import Path

import pytest

from newsletter.cli import main

HOME = (
    "newsletter:\n  name: Kiln weekly\n  from: Kiln <kiln@example.org>\n"
    "sources:\n  - name: Planet\n    url: https://kiln.example/atom\n"
)


def lines(count: int = 6) -> bytes:
    rows = []
    for number in range(1, count + 1):
        for section, title in (("events", "Potters meet"), ("ovens", "A warm oven"), ("none", "Lost umbrella")):
            row = {"newsletter": "kiln", "issue": str(number), "date": f"2026-01-{number:02}", "section": section}
            rows.append(json.dumps(row | {"title": f"{title} {number}", "url": "", "text": "", "pos": 1}))
    return "\n".join(rows).encode()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def call(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.delenv("NEWSLETTER_DATABASE_URL", raising=False)
        monkeypatch.setattr(sys, "argv", ["newsletter", "learn", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        found = capfd.readouterr()
        return int(ended.value.code or 0), found.out, found.err

    return call


def test_a_replay_prints_one_json_document_and_stores_nothing(said, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "past.jsonl.gz"
    path.write_bytes(gzip.compress(lines()))
    code, out, err = said(path, "--replay")
    report = json.loads(out)
    assert (code, err) == (0, "")
    assert list(report) == ["accuracy", "macro_f1", "by_issue_number", "items_per_second"]
    assert list(report["by_issue_number"]) == ["1", "2-5", "6-20"]
    assert all(set(each) == {"accuracy", "macro_f1"} for each in report["by_issue_number"].values())
    assert list(tmp_path.iterdir()) == [path]


def test_a_home_is_taught_once_and_told_what_it_has_no_section_for(said, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "feeds.yaml").write_text(HOME)
    path = tmp_path / "past.jsonl"
    path.write_bytes(lines())
    code, out, err = said(path, "--home", tmp_path)
    assert (code, out) == (0, "Learned 18 items of 6 issues.\n")
    assert "feeds.yaml has no section ovens: nothing will be put there." in err
    path.write_bytes(lines(7))
    assert said(path, "--home", tmp_path)[1] == "Learned 3 items of 1 issue. 6 were learned before.\n"


def test_what_is_wrong_with_the_file_ends_with_1_and_names_the_line(said, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "past.jsonl"
    path.write_bytes(lines(1) + b"\n{}\nx\n")
    code, out, err = said(path, "--replay")
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        f"{path}:4: “newsletter” is missing or no text. Every line needs newsletter, issue, section, title.",
        f"{path}:5: The line is not JSON at character 1. Write one JSON object a line.",
    ]
    assert said(tmp_path / "absent.jsonl", "--replay")[0] == 1
    assert said()[0] == 2
