"""The demo, whole: a community on loopback becomes issues, over real HTTP."""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from pydantic import TypeAdapter

from newsletter.cli import main
from newsletter.cli.demo import make_demo
from newsletter.demo.server import DemoWeb
from newsletter.model.period import Period
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.preview import announced_events
from newsletter.pipeline.publish import Published
from newsletter.render.records import item_record
from newsletter.store.items import items_between
from newsletter.web import api_shapes

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]


@dataclass(frozen=True)
class Shown:
    """A demo that was run: its home and what it said."""

    home: Path
    published: Published

    @property
    def folder(self) -> Path:
        return self.home / "data" / "issues" / "0004"

    @property
    def record(self) -> dict[str, object]:
        return dict(json.loads((self.folder / "issue.json").read_text()))


def run_demo(home: Path, **pages: bytes) -> Shown:
    with DemoWeb(by_name=True, slow_seconds=0.05) as web:
        for name, body in pages.items():
            web.replace(name, body)
        published, _ = make_demo(home, web)
    return Shown(home, published)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return run_demo(tmp_path_factory.mktemp("demo"))


def call(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["newsletter", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_every_section_has_something_worth_reading(demo: Shown) -> None:
    counts = {section.id: len(section.entries) for section in demo.published.issue.sections}
    assert min(count for name, count in counts.items() if name != "statistics") >= 4, counts
    assert len(demo.published.issue.statistics) >= 5
    assert demo.published.issue.note
    assert demo.published.mail_size <= 80_000
    assert not demo.published.remarks


def test_the_debate_is_one_story_with_its_counts(demo: Shown) -> None:
    debates = [entry for entry in demo.published.issue.entries if entry.reply_count > 20]
    assert len(debates) == 1
    assert debates[0].people_count >= 9
    assert "thread" in {place.label for place in debates[0].places}


def test_the_announcement_of_list_blog_and_planet_is_told_once(demo: Shown) -> None:
    titles = [entry.title for entry in demo.published.issue.entries if "Spin 2026" in entry.title]
    assert len({title.split(":")[0] for title in titles}) == len(set(titles)), titles
    told = [entry for entry in demo.published.issue.entries if len({place.label for place in entry.places}) >= 2]
    assert told, "no story was told on two kinds of places"


def test_the_calendar_holds_the_dates_of_the_documents(demo: Shown) -> None:
    calendar = Calendar.from_ical((demo.folder / "events.ics").read_bytes())
    events = {str(event["SUMMARY"]): event["DTSTART"].dt for event in calendar.walk("VEVENT")}
    assert len(events) >= 4
    starts = {str(start)[:10] for start in events.values()}
    assert {"2026-10-17", "2026-10-20", "2026-10-22", "2026-10-24", "2026-11-06", "2026-11-20"} <= starts


def test_each_bad_source_shows_its_state(
    demo: Shown, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "sources", "--home", demo.home, "--json") == 0
    states = {each["name"]: each["state"] for each in json.loads(capfd.readouterr().out)}
    assert {name: state for name, state in states.items() if state not in ("ok", "unchanged")} == {
        "Recent changes of the wiki": "failing",
        "Short messages": "throttled",
        "Szeged cooperative": "failing",
        "Idea box": "gone",
        "Greta Vandeputte": "moved",
    }
    assert len(states) >= 14


def test_what_is_written_and_printed_fits_the_shapes_of_the_api(
    demo: Shown, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fits(shape: Any, value: Any) -> None:
        assert TypeAdapter(shape).validate_python(value, strict=True) == value

    record = json.loads((demo.folder / "issue.json").read_text())
    fits(api_shapes.Issue, record)
    assert any(entry["event"] for section in record["sections"] for entry in section["entries"])
    assert call(monkeypatch, "sources", "--home", demo.home, "--json") == 0
    fits(list[api_shapes.SourceHealth], json.loads(capfd.readouterr().out))
    with open_newsletter(demo.home, environ={}) as app, app.database.reading() as db:
        found = items_between(db, Period(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)))
    assert {each.item.form for each in found} >= {"mail", "post", "review"}
    for each in found:
        fits(api_shapes.Item, item_record(each.item, source_name="x", events=announced_events(each.item)))


def test_every_issue_is_rebuilt_byte_for_byte(demo: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2, 3, 4):
        assert call(monkeypatch, "rebuild", str(number), "--home", demo.home) == 0


def test_its_issues_under_its_own_file_and_under_a_bolder_one(
    demo: Shown, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert call(monkeypatch, "try", "--home", demo.home, "--json") == 0
    same = json.loads(capsys.readouterr().out)
    assert (same["changes"], len(same["issues"])) == (0, 4)
    other = tmp_path / "other.yaml"
    text = (demo.home / "feeds.yaml").read_text()
    other.write_text(text.replace("(hiring|", "(when the power fails|"))
    assert call(monkeypatch, "try", "--home", demo.home, "--feeds", other, "--json") == 0
    left = [each for issue in json.loads(capsys.readouterr().out)["issues"] for each in issue["left"]]
    debate = next(each for each in left if "power fails" in each["title"])
    assert [each["rule"] for each in debate["causes"]] == ["No job adverts"]
    assert (debate["is_missed"], debate["is_out_of_draft"]) == (False, True), "its issues are drafts"


def test_the_same_documents_give_the_same_issue_and_a_changed_one_changes_it(demo: Shown, tmp_path: Path) -> None:
    again = run_demo(tmp_path / "again")
    for name in ("issue.html", "email.html", "email.txt", "issue.eml", "events.ics", "issue.json"):
        assert (again.folder / name).read_bytes() == (demo.folder / name).read_bytes(), name
    with DemoWeb(by_name=True) as web:
        page = web.page("events.drumlin.example/dates.rss")
    assert page is not None
    old, new = b"Bug day for Tumbler 4.3", b"Bug night for Tumbler 4.3"
    body = page.body.replace(old, new)
    assert body != page.body
    changed = run_demo(tmp_path / "changed", **{"events.drumlin.example/dates.rss": body})
    titles = [entry.title for entry in changed.published.issue.entries]
    assert "Bug night for Tumbler 4.3" in titles
    assert "Bug day for Tumbler 4.3" not in titles


def test_nothing_that_the_rules_drop_or_nobody_should_see_is_shown(demo: Shown) -> None:
    text = (demo.folder / "email.txt").read_text()
    assert "[email protected]" not in text
    assert "127.0.0." not in (demo.folder / "issue.html").read_text()
    reasons = " ".join(each.reason for each in demo.published.issue.dropped)
    assert "No job adverts" in reasons
    assert "Robots are not people" in reasons
    assert "already told in issue" in reasons


def test_a_foreign_home_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "feeds.yaml").write_text("newsletter:\n  name: Mine\n")
    assert call(monkeypatch, "demo", "--home", tmp_path) == 2
    assert (tmp_path / "feeds.yaml").read_text() == "newsletter:\n  name: Mine\n"
