"""newsletter why, as a user calls it."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.cli import main
from newsletter.model.aside import Aside
from newsletter.model.item import Item, item_id
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.times import week_period
from newsletter.store.aside import keep_aside
from newsletter.store.items import save_items

HOME = """newsletter:
  name: Kiln weekly
  from: Kiln <kiln@example.org>
sections:
  - id: general
    title: General
  - id: developer
    title: Developers
sources:
  - name: Planet
    kind: feed
    url: https://kiln.example/atom
    section: general
rules:
  - name: Glazes are for developers
    match:
      title: glaze
    section: developer
    boost: 9
"""
NOW = datetime(2026, 10, 15, 19, tzinfo=UTC)


@pytest.fixture
def kiln(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NEWSLETTER_DATABASE_URL", raising=False)
    (tmp_path / "feeds.yaml").write_text(HOME)
    found = [
        Item(
            *(item_id("planet", title), "planet", "feed", "post", (title,), title),
            url=f"https://kiln.example/{number}",
            published_at=datetime(2026, 10, 12, number, tzinfo=UTC),
            text="It is told here.",
        )
        for number, title in enumerate(("A warm oven", "A blue glaze", "A warm day"))
    ]
    with open_newsletter(tmp_path) as app:
        with app.database.transaction() as db:
            save_items(db, found, now=NOW)
            keep_aside(db, "planet", [Aside("https://kiln.example/torn", "it is no feed", b"x")], now=NOW)
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
    return tmp_path


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def call(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["newsletter", "why", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        found = capfd.readouterr()
        return int(ended.value.code or 0), found.out, found.err

    return call


def test_the_sentence_comes_first_then_everything_with_its_line(said, kiln: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, err = said("--home", kiln, "blue", "glaze")
    assert (code, err) == (0, "")
    assert out.startswith("In issue 1 it stands in Developers, with ")
    flat = " ".join(out.split())
    assert "+9 rule 1 “Glazes are for developers”: puts it into Developers (feeds.yaml:15)" in flat
    assert "Without the rule “Glazes are for developers” it would be in General, score 50." in flat
    assert max(map(len, out.splitlines())) <= 80
    _, out, _ = said("--home", kiln, "--json", "https://kiln.example/1")
    (issue,) = json.loads(out)["issues"]
    assert sum(part["points"] for part in issue["parts"]) == issue["score"]
    assert [(each["line"], each["points"], each["does"]) for each in issue["rules"]] == [
        (15, 9, ["puts it into Developers"])
    ]
    (without,) = issue["without"]
    assert (without["section"], without["score"]) == ("general", issue["score"] - 9)


def test_of_several_items_one_is_to_be_named(said, kiln: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = said("--home", kiln, "warm")
    assert code == 1
    assert out.splitlines()[0] == "Several items fit. Name one by its id:"
    assert [line.split("  ")[-1] for line in out.splitlines()[1:]] == ["A warm day (Planet)", "A warm oven (Planet)"]
    name = out.splitlines()[1].split()[0]
    assert said("--home", kiln, name)[0] == 0
    assert len(json.loads(said("--home", kiln, "--json", "warm")[1])["hits"]) == 2


def test_what_is_nowhere_and_what_was_set_aside(said, kiln: Path) -> None:  # type: ignore[no-untyped-def]
    code, _, err = said("--home", kiln, "no such thing")
    assert code == 1
    assert err == "There is no item “no such thing” in the store. Give its id, its address, or words of its title.\n"
    assert "was read and set aside: it is no feed." in said("--home", kiln, "https://kiln.example/torn")[2]
    assert said("--home", kiln, "--issue", "7", "oven")[2] == "There is no issue 7.\n"
    assert said("--home", kiln)[0] == 2
