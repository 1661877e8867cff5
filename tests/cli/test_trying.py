"""newsletter try, as a user calls it."""

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.cli import main
from newsletter.model.item import Item, Person, item_id
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.times import week_period
from newsletter.store import issues
from newsletter.store.items import save_items

HOME = """newsletter:
  name: Kiln weekly
  from: Kiln <kiln@example.org>
sections:
  - id: general
    title: General Community
  - id: developer
    title: Developer Community
sources:
  - name: Planet
    kind: feed
    url: https://kiln.example/atom
    section: general
"""
RULE = """rules:
  - name: No ovens
    match:
      title: oven
    drop: yes
  - name: Glazes are for developers
    match:
      title: glaze
    section: developer
"""
TITLES = ("A warm oven", "A blue glaze of copper and ash from the hills behind the old workshop", "Potters meet")


@pytest.fixture
def kiln(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two issues."""
    monkeypatch.delenv("NEWSLETTER_DATABASE_URL", raising=False)
    (tmp_path / "feeds.yaml").write_text(HOME)
    at = datetime(2026, 10, 5, 9, tzinfo=UTC)
    found = [
        Item(
            *(item_id("planet", f"{title} {week}"), "planet", "feed", "post", (f"{title} {week}",)),
            title=f"{title} {week}",
            url=f"https://kiln.example/{week}/{number}",
            author=Person("Ada"),
            published_at=at + timedelta(days=7 * week, hours=number),
            text="It is told here.",
        )
        for week in range(2)
        for number, title in enumerate(TITLES)
    ]
    with open_newsletter(tmp_path) as app:
        with app.database.transaction() as db:
            save_items(db, found, now=at + timedelta(days=14))
        for week in ("2026-W41", "2026-W42"):
            make_draft(app, week_period(app.config.schedule, week))
    return tmp_path


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def call(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["newsletter", "try", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        found = capfd.readouterr()
        return int(ended.value.code or 0), found.out, found.err

    return call


def test_the_homes_file_as_it_is_now_is_tried_in_two_columns(said, kiln: Path) -> None:  # type: ignore[no-untyped-def]
    assert said("--home", kiln, "--last", "2")[1].splitlines()[-1] == "0 changes in 2 issues; nothing was stored."
    (kiln / "feeds.yaml").write_text(HOME + RULE)
    code, out, err = said("--home", kiln, "--last", "2")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    assert out.splitlines()[0] == "Issue 2, 9 – 15 October 2026: +0  -1  moved 1"
    assert " - A warm oven 1 (stood in the draft)      out of General Community" in out
    assert "!" not in out, "nobody got a draft"
    assert "rule 1 “No ovens” drops it" in out
    assert "> A blue glaze of copper and ash from" in out
    assert "General Community → Developer" in out
    assert "(feeds.yaml:15)" in out
    assert out.splitlines()[-2:] == [
        "4 changes in 2 issues; nothing was stored.",
        "2 entries would go out of drafts that nobody got yet.",
    ]


def test_what_readers_got_is_marked_and_counted_apart_from_drafts(said, kiln: Path) -> None:  # type: ignore[no-untyped-def]
    with open_newsletter(kiln) as app, app.database.transaction() as db:
        issues.step(db, 1, "approved", now=datetime(2026, 10, 9, tzinfo=UTC))
    (kiln / "feeds.yaml").write_text(HOME + RULE)
    out = said("--home", kiln, "--last", "2")[1]
    assert "!- A warm oven 0 (was published)           out of General Community" in out
    assert " - A warm oven 1 (stood in the draft)      out of General Community" in out
    assert "! drops what was published: A warm" in out
    assert "drops what stood in a draft: A warm" in out
    assert out.splitlines()[-2:] == [
        "1 entry that readers got would not have come out (marked with !).",
        "1 entry would go out of drafts that nobody got yet.",
    ]


def test_another_file_is_tried_and_the_json_says_all(said, kiln: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    other = tmp_path / "bolder.yaml"
    other.write_text(HOME + RULE)
    code, out, _ = said("--home", kiln, "--feeds", other, "--last", "1", "--json")
    record = json.loads(out)
    assert (code, record["file"], record["changes"], len(record["issues"])) == (0, "bolder.yaml", 2, 1)
    (left,) = record["issues"][0]["left"]
    assert left["causes"] == [
        {"text": "rule 1 “No ovens” drops it", "line": 15, "rule": "No ovens", "is_old_line": False}
    ]
    assert (left["from"], left["to"], left["is_missed"], left["is_out_of_draft"]) == ("general", None, False, True)
    assert [each["to"] for each in record["issues"][0]["moved"]] == ["developer"]
    assert record["rules"][0]["drafted_dropped"] == ["A warm oven 1"]
    assert record["rules"][0]["published_dropped"] == []


def test_a_file_with_mistakes_is_told_and_nothing_tried(said, kiln: Path) -> None:  # type: ignore[no-untyped-def]
    (kiln / "feeds.yaml").write_text(HOME.replace("section: general", "secton: general"))
    code, out, _ = said("--home", kiln)
    assert code == 1
    assert out.splitlines()[0].startswith('feeds.yaml:13: "secton" is not something a source can have.')
    assert out.splitlines()[-1] == "1 to mend; nothing was tried."


def test_an_issue_that_cannot_be_tried_is_named_and_ends_with_3(said, kiln: Path) -> None:  # type: ignore[no-untyped-def]
    (kiln / "data" / "issues" / "0002" / "snapshot" / "input.json").unlink()
    code, out, _ = said("--home", kiln)
    assert code == 3
    assert out.splitlines()[0] == "Issue 2, 9 – 15 October 2026: passed over."
    assert out.splitlines()[-1] == "0 changes in 1 issue; nothing was stored."


def test_no_issue_no_file_and_wrong_numbers(said, kiln: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert said("--home", kiln, "--feeds", tmp_path / "none.yaml")[0] == 1
    assert said("--home", kiln, "--last", "0")[0] == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "feeds.yaml").write_text(HOME)
    code, _, err = said("--home", empty)
    assert (code, "has no issue yet" in err) == (1, True)


def test_check_tells_what_only_past_issues_show(
    kiln: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def check(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["newsletter", "check", "--home", str(kiln), *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        found = capfd.readouterr()
        return int(ended.value.code or 0), found.out, found.err

    never = "  - name: Copper\n    match:\n      title: copper\n    section: general\n"
    (kiln / "feeds.yaml").write_text(HOME + RULE + never)
    code, out, err = check()
    assert (code, out) == (0, "feeds.yaml is well: 1 source, 2 sections, 3 rules.\n")
    assert err == (
        'feeds.yaml:23: Rule 3 "Copper" never decides a section: rule 2 comes first for the same items in the last '
        "2 issues.\n"
    )
    assert check("--quick") == (0, out, "")
    assert json.loads(check("--json")[1])["warnings"][0]["line"] == 23

    # Three items a week are fewer than a rule is blamed for otherwise.
    monkeypatch.setattr("newsletter.pipeline.rule_findings.LEAST_DROPPED", 3)
    (kiln / "feeds.yaml").write_text(HOME + RULE.replace("title: oven", "text: told"))
    code, out, _ = check()
    assert code == 1
    assert re.fullmatch(
        r'feeds\.yaml:15: Rule "No ovens" would have dropped 3 of 3 items (for issue 2|last week)\. If you mean that, '
        r'write "even many: yes"\.\n1 to mend; feeds\.yaml is in force meanwhile\.\n',
        out,
    )
    told = json.loads(check("--json")[1])
    assert (told["is_well"], told["total"], told["mistakes"][0]["line"]) == (False, 1, 15)
    (kiln / "data" / "newsletter.db").write_bytes(b"no database")
    code, out, err = check()
    assert (code, "is well" in out, err.startswith("Past issues and readings were not looked at: ")) == (0, True, True)
