"""newsletter add, as a user calls it."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest

from newsletter.cli import main
from tests.loopback import Web, atom, serving

ONE = ("one", "The bridge opens", "2025-10-13T09:00:00Z", "The bridge over the river opens on a sunny day.")
FEEDS = "# ours\nnewsletter:\n  name: T\n  from: T <t@example.org>\nsources:\n  - name: P\n    url: {}/p.xml\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs ``newsletter add`` in a home, with what is typed; code, stdout, stderr."""

    def call(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["newsletter", "add", "--home", str(tmp_path), *words])
        monkeypatch.setattr(sys, "stdin", StringIO(typed))
        monkeypatch.setenv("NEWSLETTER_ALLOW_NETWORKS", "127.0.0.0/8")
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with serving() as found:
        found["/p.xml"] = atom(ONE)
        found["/new.xml"] = atom(ONE, title="Bridges")
        links = "".join(f"<link rel=alternate type=application/rss+xml title={t} href={h}>" for t, h in TWO)
        found["/blog"] = f"<!doctype html><html><head>{links}</head><body></body></html>"
        found.types["/blog"] = "text/html"
        (tmp_path / "feeds.yaml").write_text(FEEDS.format(found.base))
        yield found


TWO = [("Posts", "/new.xml"), ("Talk", "/talk.xml")]


def test_it_shows_and_asks_and_a_no_writes_nothing(run: Run, web: Web, tmp_path: Path) -> None:
    before = (tmp_path / "feeds.yaml").read_bytes()
    for typed in ("n\n", "\n", ""):
        code, out, _ = run(f"{web.base}/new.xml", typed=typed)
        assert code == 0
        assert out.startswith("Bridges: read as feed: 1 item, ")
        assert "  2025-10-13  The bridge opens\n" in out
        assert re.search(r"\n  - name: Bridges  # \d{4}-\d\d-\d\d, .+\n    kind: feed\n", out)
        assert out.endswith("Nothing was written.\n")
        assert (tmp_path / "feeds.yaml").read_bytes() == before


def test_a_yes_writes_the_lines(run: Run, web: Web, tmp_path: Path) -> None:
    before = (tmp_path / "feeds.yaml").read_text()
    code, out, _ = run(f"{web.base}/new.xml", "--by", "Ann", "--name", "River", "--section", "news", typed="y\n")
    assert code == 0
    assert "“River” is in feeds.yaml. There is no issue yet, so what it holds now may be news in the first one." in out
    after = (tmp_path / "feeds.yaml").read_text()
    assert after.startswith(before)
    assert after.endswith(f", Ann\n    kind: feed\n    url: {web.base}/new.xml\n    section: news\n")
    code, out, err = run(f"{web.base}/new.xml", "--yes")
    assert (code, err.endswith("“River” reads this address already. Nothing was written.\n")) == (1, True)


def test_of_two_feeds_one_is_chosen(run: Run, web: Web, tmp_path: Path) -> None:
    code, out, _ = run(f"{web.base}/blog", typed="1\ny\n")
    assert code == 0
    assert f"{web.base}/blog names 2 feeds:\n  1  Posts  {web.base}/new.xml\n" in out
    assert f"url: {web.base}/new.xml" in (tmp_path / "feeds.yaml").read_text()
    code, out, err = run(f"{web.base}/blog", "--yes")
    assert (code, "names 2 feeds. Add one of them by its own address." in err) == (1, True)
    assert out.count("/talk.xml") == 1
    code, out, err = run(f"{web.base}/blog", typed="")
    assert (code, out.count("/talk.xml"), "Add one of them by its own address." in err) == (1, 1, True)


def test_what_can_be_told_at_once_is_told_before_anybody_is_asked(run: Run, web: Web) -> None:
    code, _, err = run(f"{web.base}/new.xml", "--yes", "--since", "soon")
    assert (code, "“soon” is not a date" in err, web.asked) == (2, True, [])
    code, _, err = run(f"{web.base}/new.xml", "--kind", "rss")
    assert (code, "There is no kind “rss”. For RSS and Atom write “feed”." in err, web.asked) == (2, True, [])
    _, _, err = run(f"{web.base}/new.xml", typed="")
    assert err.startswith(f"Looking at {web.base}/new.xml … A slow server may take a minute.\n")


def test_a_date_that_is_not_believed_says_why(run: Run, web: Web) -> None:
    web["/new.xml"] = atom(("one", "Soon", "2990-10-13T09:00:00Z", "Text."))
    _, out, _ = run(f"{web.base}/new.xml", typed="")
    assert "\n  no date     Soon  (date in the future: 2990-10-13)\n" in out


def test_json_says_all_and_writes_only_with_yes(run: Run, web: Web, tmp_path: Path) -> None:
    code, out, _ = run(f"{web.base}/new.xml", "--json")
    found = json.loads(out)
    assert (code, found["name"], found["kind"], found["items_count"], found["is_written"]) == (
        0,
        "Bridges",
        "feed",
        1,
        False,
    )
    assert [item["title"] for item in found["newest"]] == ["The bridge opens"]
    assert "Bridges" not in (tmp_path / "feeds.yaml").read_text()
    code, out, _ = run(f"{web.base}/new.xml", "--json", "--yes")
    assert json.loads(out)["is_written"] is True
    assert "Bridges" in (tmp_path / "feeds.yaml").read_text()


def test_what_cannot_be_read(run: Run, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(f"{web.base}/none")[0] == 1
    code, _, err = run("nonsense")
    assert (code, "is no web address" in err) == (2, True)
