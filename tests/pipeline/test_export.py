"""export: everything in formats that other programs read; readers only when they are asked for."""

import csv
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from newsletter.errors import UsageError, WrongState
from newsletter.model.correction import Correction
from newsletter.model.issue import Statistic
from newsletter.pipeline.export import export
from newsletter.store.corrections import add_correction
from newsletter.store.statistics import save_statistics
from newsletter.store.stories import add_decision
from tests.pipeline.conftest import Home
from tests.pipeline.test_sending import NAMES, approved, send

pytestmark = pytest.mark.slow


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_everything(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    send(approved(home))
    own = home.folder / "templates" / "web" / "about.html"
    own.parent.mkdir(parents=True)
    own.write_text("Ours.")
    (own.parent / ".about.html.swp").write_text("no template")
    out = tmp_path_factory.mktemp("out")
    with home.opened() as app:
        with app.database.transaction() as db:
            add_decision(db, "apart", ("b", "a"), editor="Ines", now=app.now())
            add_correction(db, 1, Correction(0, "x", app.now(), "Ines", note="It was Tuesday.", title="On Tuesday"))
            save_statistics(db, 1, [Statistic("mails", 12, note="=1+1")])
        done = export(app, out / "all")
        with pytest.raises(WrongState, match="is not empty"):
            export(app, out / "all")
        (out / "file").touch()
        with pytest.raises(UsageError, match="cannot be written"):
            export(app, out / "file" / "x")
        more = export(app, out / "more", with_readers=True, by="Ines")
    found = out / "all"
    (item,) = lines(found / "items.jsonl")
    assert (item["title"], item["source"], item["published_at"]) == (
        *("The bridge opens", "Planet", "2026-10-12T09:00:00Z"),
    )
    (story,) = lines(found / "stories.jsonl")
    assert (story["lead"], story["items"], story["told_in"]) == (item["id"], [item["id"]], [1])
    (decision,) = lines(found / "decisions.jsonl")
    assert (decision["decision"], decision["items"], decision["editor"]) == ("apart", ["a", "b"], "Ines")
    (approval,) = lines(found / "approvals.jsonl")
    assert (approval["issue"], approval["approved_at"][-1:]) == (1, "Z")
    (wrong,) = lines(found / "corrections.jsonl")
    assert (wrong["issue"], wrong["note"], wrong["title"], wrong["url"]) == (1, "It was Tuesday.", "On Tuesday", None)
    with (found / "deliveries.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["issue", "mailing", "state", "count"], ["1", "issue", "accepted", "10"]]
    assert (found / "templates" / "web" / "about.html").read_text() == "Ours."
    assert (done.counts["templates/"], done.counts["approvals.jsonl"], done.counts["corrections.jsonl"]) == (1, 1, 1)
    ours = home.folder / "data" / "issues" / "0001"
    for name in ("issue.html", "email.html", "email.txt", "issue.eml", "events.ics", "issue.json"):
        assert (found / "issues" / "0001" / name).read_bytes() == (ours / name).read_bytes()
    (outline,) = ElementTree.parse(found / "sources.opml").iterfind("body/outline/outline")
    assert (outline.get("text"), outline.get("xmlUrl")) == ("Planet", f"{home.web.base}/planet.xml")
    assert (found / "feeds.yaml").read_bytes() == (home.folder / "feeds.yaml").read_bytes()
    with (found / "statistics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["issue"] for row in rows} == {"1"}
    assert [(row["name"], row["value"], row["note"]) for row in rows] == [("mails", "12", "'=1+1")]
    assert not (found / "subscribers.csv").exists()
    assert not any(name.encode() in path.read_bytes() for name in NAMES for path in found.rglob("*") if path.is_file())
    with (more.folder / "subscribers.csv").open(newline="") as file:
        assert [row["address"] for row in csv.DictReader(file)] == NAMES
    assert (more.folder / "subscribers.csv").stat().st_mode & 0o77 == 0
    assert more.counts["subscribers.csv"] == 10
    for each in (done, more):
        told = (each.folder / "README.txt").read_text()
        listed = [path.name for path in each.folder.iterdir() if path.name != "README.txt"]
        assert [name for name in listed if name not in told] == []
        assert "“newsletter backup FILE” holds it:\n- what the program learned" in told
    assert sorted(path.name for path in out.iterdir()) == ["all", "file", "more"]
