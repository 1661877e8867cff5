"""A home whose editor has habits of her own: the model takes them over, says so, and can be rebuilt without."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.model.issue import Entry, Issue
from newsletter.pipeline.draft import SNAPSHOT, make_draft
from newsletter.pipeline.gather import due_sources, gather_sources
from newsletter.pipeline.learn import MODEL, guesser_for, learn_issue, learn_issues_before, teach
from newsletter.pipeline.past_issues import PastIssue, PastItem
from newsletter.pipeline.publish import render_issue
from newsletter.pipeline.rebuild import rebuild_issue
from newsletter.pipeline.review import add_note, change
from newsletter.pipeline.snapshot import MODEL as RULES
from newsletter.pipeline.snapshot import read_snapshot
from newsletter.pipeline.times import week_period
from newsletter.store import issues, models
from newsletter.store.models import StoredModel
from tests.loopback import atom
from tests.pipeline.conftest import Home

SOURCES = """sections:
  - id: highlights
    title: Highlights
    pick: best of everything
  - id: events
    title: Events
  - id: developer
    title: Developers
  - id: general
    title: All else
  - id: news
    title: News
    lines per item: 1
sources:
  - name: Blog
    kind: feed
    url: {web}/blog.xml
"""
KITCHEN = ("soup", "bread", "stew", "salad", "cake")
WORKSHOP = ("saw", "plane", "chisel", "vice", "drill")


def posts(week: int) -> list[tuple[str, str, str, str]]:
    """Ten posts of a week: five of the kitchen, five of the workshop."""
    days = f"2026-09-{week * 7 + 4:02}T09:00:00Z"
    said = [(f"The kitchen makes {dish} of week {week}", "kitchen") for dish in KITCHEN]
    said += [(f"The workshop got a {tool} in week {week}", "workshop") for tool in WORKSHOP]
    return [(f"{place}-{week}-{at}", title, days, f"About the {place}.") for at, (title, place) in enumerate(said)]


def ready(home: Home, weeks: int = 4) -> Home:
    home.write(SOURCES)
    home.web["/blog.xml"] = atom(*(post for week in range(weeks) for post in posts(week)))
    with home.opened() as app:
        gather_sources(app, due_sources(app), since=week_period(app.config.schedule, "2026-W36").start)
    return home


def draft(home: Home, week: int) -> Issue:
    with home.opened() as app:
        return make_draft(app, week_period(app.config.schedule, f"2026-W{37 + week}"))


def entries(issue: Issue) -> dict[str, Entry]:
    return {entry.title: entry for entry in issue.entries}


def edit(home: Home, issue: Issue, most: int = 99) -> None:
    """The editor puts the workshop among the developers, and the kitchen nowhere."""
    with home.opened() as app:
        for entry in [entry for section in issue.sections for entry in (*section.entries, *section.runners_up)][:most]:
            place = ("move", "developer") if "workshop" in entry.title else ("drop", "no food here")
            change(app, issue.number, action=place[0], target=entry.id, value=place[1], editor="ada")


def test_an_untouched_issue_teaches_nothing_and_a_note_is_no_touch(home: Home) -> None:
    first = draft(ready(home), 0)
    with home.opened() as app:
        add_note(app, first.number, text="Hello.", by="Ada")
    assert all("(built-in rule)" in entry.why for entry in draft(home, 1).entries)
    with home.opened() as app, app.database.reading() as db:
        assert models.model(db, MODEL) is None
        assert read_snapshot(app.issue_folder(2) / SNAPSHOT).draft_input.model == RULES


def test_the_editors_habits_are_taken_over_and_both_judges_are_named(any_home: Home) -> None:
    issue = draft(ready(any_home), 0)
    assert len(issue.entries) == 10
    edit(any_home, issue)
    second = draft(any_home, 1)
    why = next(entry.why for entry in second.entries)
    assert "(built-in rule; learned: " in why
    assert " % sure" in why or "% sure" in why
    edit(any_home, second)
    third = draft(any_home, 2)  # the model beat the rules on the second
    assert {section.id for section in third.sections if section.entries} <= {"developer", "highlights"}
    assert set(entries(third)) == {title for _, title, _, _ in posts(2) if "workshop" in title}
    why = next(entry.why for entry in third.entries)
    assert why.startswith("As editors placed such stories in 2 issues, ")
    assert "(learned; built-in rule “" in why
    dropped = {each.title: each.reason for each in third.dropped}
    assert all("It fits no section" in dropped[title] for _, title, _, _ in posts(2) if "kitchen" in title)


def test_a_draft_with_a_model_can_be_rebuilt_byte_for_byte_and_needs_neither_model_nor_numpy(home: Home) -> None:
    for week in range(2):
        edit(ready(home) if week == 0 else home, draft(home, week))
    number = draft(home, 2).number
    with home.opened() as app:
        render_issue(app, number)
        found = read_snapshot(app.issue_folder(number) / SNAPSHOT).draft_input
        assert found.model.startswith("linear-1.")
        assert len(found.guesses or {}) >= 10
        with app.database.transaction() as db:
            db.execute(models.models.delete())
        assert not rebuild_issue(app, number).differing
    asked = "import sys; from newsletter.cli import main\ntry: main()\nfinally: print('numpy' in sys.modules)"
    command = [sys.executable, "-c", asked, "rebuild", str(number), "--home", str(home.folder)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (0, "False"), ended.stdout + ended.stderr


def test_the_same_history_gives_the_same_draft_and_the_same_version(home: Home) -> None:
    edit(ready(home), draft(home, 0))
    one = draft(home, 1)
    with home.opened() as app:
        version, _ = guesser_for(app, 2)
        with app.database.transaction() as db:
            db.execute(models.models.delete())
    assert draft(home, 1) == one
    with home.opened() as app:
        assert guesser_for(app, 2)[0] == version


def test_moves_in_a_draft_are_learned_when_it_is_made_again_and_stored_with_the_issue_only(home: Home) -> None:
    issue = draft(ready(home), 0)
    with home.opened() as app:
        before, _ = guesser_for(app, 1)
    edit(home, issue, most=6)
    again = draft(home, 0)
    assert any("learned: developer" in entry.why for entry in again.entries)
    with home.opened() as app:
        assert guesser_for(app, 1)[0] != before
        with app.database.reading() as db:
            assert models.model(db, MODEL) is None


def test_an_issue_is_learned_once(home: Home) -> None:
    edit(ready(home), draft(home, 0))
    with home.opened() as app:
        assert learn_issue(app, 1)
        assert not learn_issue(app, 1)
        assert not learn_issues_before(app, 2)


def test_an_approved_issue_is_learned_though_nobody_changed_it(home: Home) -> None:
    draft(ready(home), 0)
    with home.opened() as app:
        assert not learn_issues_before(app, 2)
        with app.database.transaction() as db:
            issues.step(db, 1, "approved", now=app.now())
        assert learn_issues_before(app, 2)


def test_a_model_of_another_version_is_learned_again_from_the_issues(home: Home) -> None:
    edit(ready(home), draft(home, 0))
    one = draft(home, 1)
    with home.opened() as app, app.database.transaction() as db:
        models.save_model(db, MODEL, StoredModel("linear-0", app.now(), b"?"))
    assert draft(home, 1) == one


def past(number: int) -> PastIssue:
    items = tuple(
        PastItem("mine", str(number), "", "events" if "workshop" in title else "none", title, "", text)
        for _, title, _, text in posts(number)
    )
    return PastIssue("mine", str(number), items)


def test_past_issues_from_a_file_teach_the_home_once(any_home: Home) -> None:
    ready(any_home)
    with any_home.opened() as app:
        taught = teach(app, [past(number) for number in range(3)])
        assert (taught.issue_count, taught.item_count, taught.known_count) == (3, 30, 0)
        assert taught.sections == ("none", "events")
        again = teach(app, [past(number) for number in range(4)])
        assert (again.issue_count, again.known_count) == (1, 3)
    issue = draft(any_home, 3)
    events = next(section for section in issue.sections if section.id == "events")
    assert {entry.title for entry in events.entries} == {title for _, title, _, _ in posts(3) if "workshop" in title}


@pytest.mark.parametrize(
    "module", ["newsletter.cli.service", "newsletter.cli.sources", "newsletter.cli.issues", "newsletter.jobs.schedule"]
)
@pytest.mark.slow
def test_who_serves_waits_or_gathers_has_no_numpy(module: str) -> None:
    asked = f"import sys, {module}; print('numpy' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "False"


def test_a_snapshot_of_before_has_no_guesses(home: Home, tmp_path: Path) -> None:
    draft(ready(home), 0)
    head = home.folder / "data" / "issues" / "0001" / SNAPSHOT / "input.json"
    assert "guesses" not in json.loads(head.read_text())
