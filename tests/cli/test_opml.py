"""newsletter opml, and preview of a source by its name, as a user calls them."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.cli import main
from tests.loopback import atom, serving

ONE = ("one", "The bridge opens", "2025-10-13T09:00:00Z", "The bridge opens.")
HEAD = "newsletter:\n  name: T\n  from: T <t@example.org>\nsources:\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; code, stdout, stderr."""

    def call(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["newsletter", *map(str, words)])
        monkeypatch.setenv("NEWSLETTER_ALLOW_NETWORKS", "127.0.0.0/8")
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_in_and_out(run: Run, tmp_path: Path) -> None:
    feeds, path = tmp_path / "feeds.yaml", tmp_path / "in.opml"
    feeds.write_text(f"{HEAD}  - name: P\n    url: https://p.example/f.xml\n")
    path.write_text(
        '<opml><body><outline text="P" xmlUrl="https://p.example/f.xml"/>'
        '<outline text="Q" xmlUrl="https://q.example/f.xml"/></body></opml>'
    )
    code, out, _ = run("opml", "import", path, "--home", tmp_path, "--dry-run")
    assert (code, out) == (
        0,
        "+ Q  https://q.example/f.xml\n= https://p.example/f.xml is there already, as “P”\nNothing was written.\n",
    )
    assert "q.example" not in feeds.read_text()
    code, out, _ = run("opml", "import", path, "--home", tmp_path, "--by", "Ann")
    assert (code, out.splitlines()[-1]) == (0, "1 source written into feeds.yaml.")
    assert "- name: Q  # " in feeds.read_text()
    code, out, _ = run("opml", "export", "-", "--home", tmp_path)
    assert (code, out.count("<outline type="), out.endswith("</opml>\n")) == (0, 2, True)
    code, out, _ = run("opml", "export", tmp_path / "out.opml", "--home", tmp_path)
    assert (code, out) == (0, f"2 feeds written into {tmp_path / 'out.opml'}.\n")
    assert run("opml", "import", tmp_path / "feeds.yaml", "--home", tmp_path)[0] == 1


def test_what_cannot_be_a_source_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(f"{HEAD}  - name: P\n    url: https://p.example/f.xml\n")
    (tmp_path / "in.opml").write_text(
        '<opml><body><outline text="Folder"><outline text="Mine" xmlUrl="file:///etc/feed.xml"/></outline>'
        '<outline type="rss" text="Lost"/><outline text="Empty folder"/>'
        '<outline text="Q" xmlUrl="https://q.example/f.xml"/></body></opml>'
    )
    code, out, err = run("opml", "import", tmp_path / "in.opml", "--home", tmp_path, "--dry-run")
    assert (code, out) == (0, "+ Q  https://q.example/f.xml\nNothing was written.\n")
    tail = "It has no address that begins with http:// or https://.\n"
    assert err == f"Left out: Mine: file:///etc/feed.xml. {tail}Left out: Lost. {tail}"


def test_a_source_is_tried_by_its_name(run: Run, tmp_path: Path) -> None:
    with serving() as web:
        web["/f.xml"] = atom(ONE)
        (tmp_path / "feeds.yaml").write_text(
            f"{HEAD}  - name: Our planet\n    url: {web.base}/f.xml\n"
            f"  - name: Gone\n    kind: feed\n    url: {web.base}/x\n"
        )
        code, out, _ = run("preview", "our-planet", "--home", tmp_path)
        assert (code, out.splitlines()[0]) == (0, "2025-10-13  The bridge opens  (Ada Obi)")
        code, _, err = run("preview", "Gone", "--home", tmp_path)
        assert (code, "“Gone”: " in err, "404" in err) == (1, True, True)
        code, _, err = run("preview", "Our plant", "--home", tmp_path)
        assert (code, "Did you mean “Our planet”?" in err) == (1, True)
