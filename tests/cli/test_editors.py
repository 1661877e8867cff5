"""newsletter editors: what it prints, and with what it ends."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.cli import main
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.editors import link_of

FEEDS = "newsletter:\n  name: Test weekly\n  from: Test <test@example.org>\n"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    monkeypatch.delenv("NEWSLETTER_DATABASE_URL", raising=False)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["newsletter", "editors", *words, "--home", str(tmp_path)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_from_adding_to_removing(call: Call, tmp_path: Path) -> None:
    code, out, _ = call("list")
    assert (code, out.startswith("Nobody may sign in yet")) == (0, True)
    code, out, _ = call("add", "Ines Vale", "--role", "manager", "--mail", "ines@example.org")
    assert code == 0
    address = out.splitlines()[-1]
    assert address.startswith("http://127.0.0.1:8000/desk/link/")
    with open_newsletter(tmp_path, environ={}) as app:
        found = link_of(app, address.rpartition("/")[2])
    assert found is not None
    assert found.editor.initials == "IV"
    assert (
        call("add", "Omar", "--role", "editor", "--site", "https://desk.example.org/")[1]
        .splitlines()[-1]
        .startswith("https://desk.example.org/desk/link/")
    )
    assert [each["name"] for each in json.loads(call("list", "--json")[1])] == ["Ines Vale", "Omar"]
    assert "no password yet" in call("list")[1]
    assert call("remove", "ines  vale")[0] == 0
    assert "Ines" not in call("list")[1]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", "INES", "--role", "editor"), 2, "There is an editor “INES” already"),
        (("add", "Ines"), 2, "--role"),
        (("add", "Ines", "--role", "boss"), 2, "boss"),
        (("add", " ", "--role", "editor"), 2, "1 to 60 characters"),
        (("add", "x" * 61, "--role", "editor"), 2, "1 to 60 characters"),
        (("add", "Omar", "--role", "editor", "--mail", "omar"), 2, "no mail address"),
        (("add", "Omar", "--role", "editor", "--site", "desk"), 2, "no web address"),
        (("remove", "Nobody"), 1, "There is no editor “Nobody”"),
        (("link", "Nobody"), 1, "There is no editor “Nobody”"),
        (("link", "Ines", "--site", "javascript:alert(1)"), 2, "no web address"),
    ],
)
def test_mistakes_are_told(call: Call, words: tuple[str, ...], code: int, said: str) -> None:
    call("add", "Ines", "--role", "manager")
    ended, out, err = call(*words)
    assert (ended, out) == (code, "")
    assert said in err
    assert "Traceback" not in err
    assert len(json.loads(call("list", "--json")[1])) == 1, "nothing was stored"


def test_the_site_of_feeds_yaml_is_in_the_link(call: Call, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(f"{FEEDS}  site: https://weekly.example.org\n")
    call("add", "Ines", "--role", "manager")
    _, out, err = call("link", "Ines")
    assert "https://weekly.example.org/desk/link/" in out
    assert "--site http://127.0.0.1:8000" in err
    assert "--site" not in call("link", "Ines", "--site", "http://127.0.0.1:8000")[2]
