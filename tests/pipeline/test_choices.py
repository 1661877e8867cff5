"""What editors chose before ranks the next draft, is said in its parts, and can be rebuilt without the model."""

import gzip
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.classify.pick_model import PickModel
from newsletter.model.issue import Issue
from newsletter.pipeline.choices import CHOICES, VERSION, learn_choices, load_choices, ranker_for
from newsletter.pipeline.draft import SNAPSHOT, make_draft
from newsletter.pipeline.publish import render_issue
from newsletter.pipeline.rebuild import rebuild_issue
from newsletter.pipeline.review import change
from newsletter.pipeline.snapshot import RULE, read_snapshot
from newsletter.pipeline.times import week_period
from newsletter.store import issues, models
from newsletter.store.models import StoredModel
from tests.classify.contending import past
from tests.loopback import atom
from tests.pipeline.conftest import Home

SOURCES = """sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
"""
BY_ASTA = "<author><name>Asta</name></author>"


def ready(home: Home) -> Home:
    home.write(SOURCES)
    feed = atom(
        ("a", "Doors that open", "2026-10-12T09:00:00Z", "A door opens when it should, and closes when it must."),
        ("b", "Doors that close", "2026-10-12T10:00:00Z", "A door closes when it should, and opens when it must."),
    )
    home.web["/planet.xml"] = feed.replace("<title>Doors that open</title>", "<title>Doors that open</title>" + BY_ASTA)
    home.gather()
    return home


def taught(home: Home) -> None:
    """The editors' taste over thirty issues, as if this home had made them."""
    model = PickModel()
    for pool, picked in past(30):
        model.learn(pool, picked)
    content = gzip.compress(json.dumps(model.as_json(), sort_keys=True).encode(), mtime=0)
    with home.opened() as app, app.database.transaction() as db:
        models.save_model(db, CHOICES, StoredModel(VERSION, datetime(2026, 10, 1, tzinfo=UTC), content))


def draft(home: Home) -> Issue:
    with home.opened() as app:
        return make_draft(app, week_period(app.config.schedule, "2026-W42"))


def parts(issue: Issue) -> dict[str, dict[str, int]]:
    return {entry.title: {part.name: part.points for part in entry.parts} for entry in issue.entries}


def test_without_history_the_readable_rule_decides(home: Home) -> None:
    draft(ready(home))
    with home.opened() as app:
        assert ranker_for(app) is None
        assert read_snapshot(app.issue_folder(1) / SNAPSHOT).draft_input.ranking == RULE


def test_what_was_chosen_before_ranks_and_says_so(any_home: Home) -> None:
    taught(ready(any_home))
    issue = draft(any_home)
    found = parts(issue)
    assert any(name.startswith("picked before: asta, ") for name in found["Doors that open"])
    assert sum(found["Doors that open"].values()) > sum(found["Doors that close"].values())
    assert all(sum(part.points for part in entry.parts) == entry.score for entry in issue.entries)


def test_names_can_be_left_out_of_it(home: Home) -> None:
    taught(ready(home))
    draft(home)
    text = (home.folder / "feeds.yaml").read_text()
    (home.folder / "feeds.yaml").write_text(
        text.replace("sources:", "  people picked before: do not count\nsources:", 1)
    )
    names = {name for found in parts(draft(home)).values() for name in found}
    assert names
    assert not any(name.startswith("picked before") for name in names)


def test_a_rebuild_needs_no_model(home: Home) -> None:
    taught(ready(home))
    draft(home)
    with home.opened() as app:
        render_issue(app, 1)
        with app.database.transaction() as db:
            models.save_model(
                db, CHOICES, StoredModel(VERSION, app.now(), gzip.compress(json.dumps(PickModel().as_json()).encode()))
            )
        report = rebuild_issue(app, 1)
    assert report.differing == ()
    assert "issue.json" in report.same


def test_an_issue_teaches_what_its_editor_took_and_what_not(home: Home) -> None:
    issue = draft(ready(home))
    dropped = next(entry for entry in issue.entries if entry.title == "Doors that close")
    with home.opened() as app:
        change(app, 1, action="drop", target=dropped.id, value="not again", editor="ada")
        with app.database.transaction() as db:
            learn_choices(app, db, [issues.issue(db, 1)])
            model = load_choices(app, db)
    assert (model.history.picks_count, model.history.rest_count) == (1, 1)
    assert model.history.people.picked["asta"] == 1


def test_who_does_not_rank_by_it_does_not_import_it(home: Home) -> None:
    ready(home)
    code = (
        "import sys; from pathlib import Path; from newsletter.pipeline.app import open_newsletter; "
        "from newsletter.pipeline.draft import make_draft; from newsletter.pipeline.times import week_period\n"
        "with open_newsletter(Path(sys.argv[1]), environ={}) as app: "
        "make_draft(app, week_period(app.config.schedule, '2026-W42'))\n"
        "sys.exit('numpy' in sys.modules)"
    )
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run([sys.executable, "-c", code, str(home.folder)], cwd=root, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text", ["yes", "never"])
def test_another_word_for_it_is_told(home: Home, text: str) -> None:
    from newsletter.config.load import read_config
    from newsletter.errors import ConfigError

    data = f"newsletter:\n  name: T\n  from: T <t@example.org>\n  people picked before: {text}\nsources: []\n"
    with pytest.raises(ConfigError, match=r"feeds\.yaml:4: people picked before .*count"):
        read_config(data.encode(), file="feeds.yaml", environ={}, base=home.folder)
