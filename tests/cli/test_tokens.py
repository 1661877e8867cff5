"""newsletter tokens: what it prints, and with what it ends."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.cli import main
from newsletter.pipeline.api_tokens import token_of
from newsletter.pipeline.app import open_newsletter

FEEDS = "newsletter:\n  name: Test weekly\n  from: Test <test@example.org>\n"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    monkeypatch.delenv("NEWSLETTER_DATABASE_URL", raising=False)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["newsletter", "tokens", *words, "--home", str(tmp_path)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_from_adding_to_removing(call: Call, tmp_path: Path) -> None:
    assert call("list")[1].startswith("There is no token")
    code, out, _ = call("add", "release bot", "--scope", "tip", "--scope", "hot", "--until", "2999-12-31")
    secret = out.splitlines()[-1]
    assert code == 0
    with open_newsletter(tmp_path, environ={}) as app:
        found = token_of(app, secret)
        assert found is not None
        assert found.scopes == ("tip", "hot")
    code, out, _ = call("list", "--json")
    (told,) = json.loads(out)
    assert (told["name"], told["scopes"], told["holds"]) == ("release bot", ["tip", "hot"], True)
    assert secret not in out
    assert "until 2999-12-31" in call("list")[1]
    code, out, _ = call("remove", "release bot")
    assert (code, "opens nothing any more" in out) == (0, True)
    with open_newsletter(tmp_path, environ={}) as app:
        assert token_of(app, secret) is None


def test_a_last_day_is_the_newsletters_own(call: Call, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(f"{FEEDS}schedule:\n  timezone: America/Chicago\n")
    assert call("add", "bot", "--scope", "tip", "--until", "2999-12-31")[0] == 0
    assert "until 2999-12-31" in call("list")[1]
    code, _, err = call("add", "other", "--scope", "tip", "--until", "9999-12-31")
    assert (code, "“9999-12-31” is later than dates go" in err) == (2, True)
    assert "2001-01-01 already" in call("add", "other", "--scope", "tip", "--until", "2001-01-01")[2]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", "x"), 2, "--scope"),
        (("add", "x", "--scope", "all"), 2, "all"),
        (("add", "x", "--scope", "tip", "--until", "soon"), 2, "not a date"),
        (("add", "x", "--scope", "tip", "--until", "2001-01-01"), 2, "Name a later day"),
        (("remove", "x"), 1, "There is no token"),
    ],
)
def test_what_cannot_be_meant(call: Call, words: tuple[str, ...], code: int, said: str) -> None:
    ended, _, err = call(*words)
    assert ended == code
    assert said in err
