"""newsletter check, online and as JSON."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.cli import main
from tests.loopback import atom, serving

HEAD = "newsletter:\n  name: T\n  from: T <t@example.org>\nsources:\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs ``newsletter check`` in a home; code, stdout, stderr."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["newsletter", "check", "--home", str(tmp_path), *words])
        monkeypatch.setenv("NEWSLETTER_ALLOW_NETWORKS", "127.0.0.0/8")
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_online_says_kind_newest_item_and_rhythm_and_names_the_line_of_a_page(run: Run, tmp_path: Path) -> None:
    with serving() as web:
        web["/p.xml"] = atom(
            ("one", "The bridge opens", "2025-10-13T09:00:00Z", "It opens."),
            ("two", "The bridge shuts", "2025-10-14T09:00:00Z", "It shuts."),
        )
        web["/blog"] = (
            "<!doctype html><html><head><link rel=alternate type=application/atom+xml href=/p.xml></head><body></html>"
        )
        web.types["/blog"] = "text/html"
        (tmp_path / "feeds.yaml").write_text(
            f"{HEAD}  - name: P\n    url: {web.base}/p.xml\n  - name: B\n    kind: feed\n    url: {web.base}/blog\n"
            f"  - name: Gone\n    paused: yes\n    kind: feed\n    url: {web.base}/none\n"
        )
        code, out, err = run("--online")
        told = json.loads(run("--online", "--json")[1])
    assert code == 3
    assert (
        f"feeds.yaml:9: {web.base}/blog is a web page, not a feed. It names one: {web.base}/p.xml. "
        'Put that address here, or write "kind: web page" to watch the page itself.\n' in out
    )
    assert "read as feed, 2 items, nothing in 8 weeks, the newest of 2025-10-14: The bridge shuts" in out
    assert f"feeds.yaml:13: “Gone”: {web.base}/none answers 404 Not Found." in out
    assert err.endswith("2 sources of 3 could not be read.\n")
    seen = {each["name"]: each for each in told["online"]}
    assert (seen["P"]["reader"], seen["P"]["items_count"], seen["P"]["newest_at"]) == (
        "feed",
        2,
        "2025-10-14T09:00:00Z",
    )
    assert (seen["B"]["state"], seen["B"]["line"], seen["P"]["state"]) == ("failing", 9, "ok")
    assert [path.name for path in (tmp_path / "data").iterdir() if "issue" in path.name] == []


def test_a_home_without_a_source_is_told_so_in_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(HEAD.replace("sources:\n", "") + "sources:\n")
    said = 'feeds.yaml is well: there is no source in it yet; write one under "sources:" on line 4'
    assert run() == (0, f"{said}, or: newsletter add ADDRESS\n", "")
    assert len(json.loads(run("--json")[1])["warnings"]) == 1


def test_a_day_to_skip_that_skips_nothing_is_a_warning(run: Run, tmp_path: Path) -> None:
    text = f"{HEAD}  - name: P\n    url: https://p.example/\nschedule:\n  skip: [2999-12-05]\n"
    (tmp_path / "feeds.yaml").write_text(text)
    said = "2999-12-05 is a Thursday, and issues go out on Fridays; did you mean 2999-12-06?"
    code, out, err = run()
    assert (code, err) == (0, f"feeds.yaml:8: {said}\n")
    assert out.startswith("feeds.yaml is well: 1 source, ")
    assert json.loads(run("--json")[1])["warnings"] == [{"file": "feeds.yaml", "line": 8, "text": said}]


def test_mistakes_as_json(run: Run, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(f"{HEAD}  - name: P\n    url: https://p.example/\n    secton: x\n")
    code, out, _ = run("--json")
    assert code == 1
    assert json.loads(out) == {
        "is_well": False,
        "total": 1,
        "mistakes": [
            {
                "file": "feeds.yaml",
                "line": 7,
                "text": '"secton" is not something a source can have. Did you mean "section"?',
            }
        ],
    }
    (tmp_path / "feeds.yaml").write_text(f"{HEAD}  - name: P\n    url: https://p.example/\n")
    code, out, _ = run("--json")
    assert (code, json.loads(out)["sources"]) == (0, 1)
