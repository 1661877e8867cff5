"""newsletter erase: it looks, it does, and it says what it cannot reach."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from newsletter.cli import group
from newsletter.model.item import Item, Person
from newsletter.pipeline.app import open_newsletter
from newsletter.store import items

FEEDS = "newsletter:\n  name: The Quay\n  from: The Quay <quay@example.org>\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "feeds.yaml").write_text(FEEDS, encoding="utf-8")
    with open_newsletter(tmp_path, environ={}) as app, app.database.transaction() as db:
        item = Item("1" * 20, "planet", "feed", "post", ("k",), "T", author=Person("Ada Måkrell", "ada@example.org"))
        items.save_items(db, [item], now=app.now())
    return tmp_path


def author(home: Path) -> Person | None:
    with open_newsletter(home, environ={}) as app, app.database.reading() as db:
        return items.item(db, "1" * 20).item.author


def test_without_yes_it_only_looks(home: Path) -> None:
    run = CliRunner().invoke(group, ["erase", "--home", str(home), "Ada Måkrell", "ada@example.org"])
    assert run.exit_code == 0
    assert "1  versions of items" in run.output
    assert "say it again with --yes" in run.output
    assert author(home) == Person("Ada Måkrell", "ada@example.org")


def test_with_yes_it_erases(home: Path) -> None:
    (home / "notes.txt").write_text("ask Ada Måkrell", encoding="utf-8")
    run = CliRunner().invoke(group, ["erase", "--home", str(home), "Ada Måkrell", "ada@example.org", "--yes"])
    assert run.exit_code == 0
    assert "Erased: names are replaced" in run.output
    assert "notes.txt" in run.output
    assert "Beyond reach: backups" in run.output
    assert author(home) == Person("[name removed]", "removed-1")


def test_as_json(home: Path) -> None:
    run = CliRunner().invoke(group, ["erase", "--home", str(home), "--json", "ada@example.org"])
    found = json.loads(run.stdout)
    assert found["erased"] is False
    assert found["places"]["versions of items"] == 1
