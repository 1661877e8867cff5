"""Two weeks of a home, tried under other files."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.errors import NotFound
from newsletter.pipeline.draft import SNAPSHOT, make_draft
from newsletter.pipeline.looking import look_into, read_feeds_file
from newsletter.pipeline.review import change
from newsletter.pipeline.rule_findings import find_in_issues, findings
from newsletter.pipeline.times import week_period
from newsletter.pipeline.trying import Trial, TriedIssue, try_issues
from newsletter.store import issues
from tests.loopback import atom
from tests.pipeline.conftest import HEAD, NOW, Home

SECTIONS = """sections:
  - id: highlights
    title: Highlights
    at most: 2
    pick: best of everything
  - id: general
    title: General
    at most: 4
  - id: developer
    title: Developers
"""
SOURCES = """sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    section: general
  - name: Blog
    kind: feed
    url: {web}/blog.xml
    section: developer
"""
RULES = """rules:
  - name: No adverts
    match:
      title: hiring
    drop: yes
  - name: Bridges are for developers
    match:
      title: bridge
    section: developer
"""
PLANET = ("The bridge opens", "A river song", "Council votes", "A market day", "A long walk", "We are hiring")
BLOG = ("A new gauge", "The pump is mended")


def posts(names: tuple[str, ...], week: int) -> list[tuple[str, str, str, str]]:
    return [
        (
            f"{name}-{week}",
            f"{name} ({week})",
            f"2026-10-{week * 7 + at:02}T09:00:00Z",
            f"{name}: read on, week {week}.",
        )
        for at, name in enumerate(names, 2)
    ]


@pytest.fixture
def ready(home: Home) -> Home:
    """Two issues, made with all of the above."""
    home.write(SECTIONS + SOURCES + RULES)
    home.web["/planet.xml"] = atom(*posts(PLANET, 0), *posts(PLANET, 1))
    home.web["/blog.xml"] = atom(*posts(BLOG, 0), *posts(BLOG, 1), title="Blog")
    home.gather()
    with home.opened() as app:
        for week in ("2026-W41", "2026-W42"):
            make_draft(app, week_period(app.config.schedule, week))
    return home


Try = Callable[..., Trial]


def approved(home: Home, number: int) -> None:
    with home.opened() as app, app.database.transaction() as db:
        issues.step(db, number, "approved", now=app.now())


def tried(home: Home, text: str, *, last: int = 2) -> Trial:
    path = home.folder / "other.yaml"
    path.write_text(HEAD + text.replace("{web}", home.web.base), encoding="utf-8")
    config = read_feeds_file(path, home.folder, home.environ)
    with look_into(home.folder, environ=home.environ, now=home.clock) as shelf:
        return try_issues(shelf, config, last=last, file=path.name)


def said(issue: TriedIssue) -> dict[str, tuple[str, str, str]]:
    """By title: sign, from, to."""
    signs = {"entered": "+", "left": "-", "moved": ">", "retold": "~"}
    return {
        each.difference.entry.title: (signs[each.difference.kind], each.from_title, each.to_title)
        for each in issue.changes
    }


def causes(issue: TriedIssue, title: str) -> list[tuple[str, int | None]]:
    found = next(each.difference for each in issue.changes if each.difference.entry.title == title)
    return [(cause.text, cause.line) for cause in found.causes]


def line_of(text: str, words: str) -> int:
    return next(at for at, line in enumerate((HEAD + text).splitlines(), 1) if words in line)


def test_the_same_file_changes_nothing_and_nor_does_another_comment(ready: Home) -> None:
    for text in (SECTIONS + SOURCES + RULES, "# a note\n" + SECTIONS + SOURCES + "\n\n# more\n" + RULES):
        trial = tried(ready, text)
        assert [(issue.number, issue.changes, issue.trouble) for issue in trial.issues] == [(2, (), ""), (1, (), "")]
        assert trial.remarks == ()


def test_a_rule_that_drops_is_named_with_its_line_and_what_was_published_is_marked(ready: Home) -> None:
    text = SECTIONS + SOURCES + RULES + "  - name: No songs\n    match:\n      title: song\n    drop: yes\n"
    approved(ready, 2)
    newest, older = tried(ready, text).issues
    assert said(newest)["A river song (1)"] == ("-", "General", "")
    assert causes(newest, "A river song (1)") == [("rule 3 “No songs” drops it", line_of(text, "No songs"))]
    (entry,) = [each for each in newest.changes if each.difference.kind == "left"]
    assert (entry.was_published, entry.is_missed) == (True, True)
    assert entry.difference.reason == "dropped by the rule “No songs”"
    hit = next(each for each in newest.hits if each.rule.name == "No songs")
    assert (hit.titles, hit.dropped_items, hit.dropped_published) == (("A river song (1)",), 1, ("A river song (1)",))
    # Nobody got the older one, which is a draft.
    (entry,) = [each for each in older.changes if each.difference.kind == "left"]
    assert (entry.was_published, entry.is_missed, entry.is_out_of_draft) == (False, False, True)
    hit = next(each for each in older.hits if each.rule.name == "No songs")
    assert (hit.dropped_published, hit.dropped_drafted) == ((), ("A river song (0)",))


def test_what_a_rule_drops_is_counted_as_the_entries_are(ready: Home) -> None:
    """What an editor would have brought back is missed in neither."""
    short = SECTIONS.replace("at most: 4", "at most: 2")
    ready.write(short + SOURCES + RULES)
    with ready.opened() as app:
        issue = make_draft(app, week_period(app.config.schedule, "2026-W42"))
        below = next(each for section in issue.sections for each in section.runners_up)
        one, other = issue.entries[:2]
        change(app, 2, action="keep", target=below.id, value={"section": "general"}, editor="ada")
        change(app, 2, action="merge", target=one.id, value={"entry": other.id}, editor="ada")
    approved(ready, 2)
    words = ", ".join(each.title.split()[-2] for each in (below, other))
    text = short + SOURCES + RULES + f"  - name: Out\n    match:\n      title: [{words}]\n    drop: yes\n"
    newest = tried(ready, text).issues[0]
    missed = [each.difference.entry.title for each in newest.changes if each.is_missed]
    hit = next(each for each in newest.hits if each.rule.name == "Out")
    assert missed == list(hit.dropped_published) == [other.title]
    assert below.title in hit.titles


def test_a_rule_that_is_taken_out_lets_things_in_and_says_who_made_room(ready: Home) -> None:
    text = SECTIONS + SOURCES + RULES.replace("title: hiring", "title: nothing of the sort")
    newest = tried(ready, text).issues[0]
    assert said(newest)["We are hiring (1)"][0] == "+"
    assert causes(newest, "We are hiring (1)")[0][0] == "rule 1 “No adverts” does not drop it any more"
    gone = next(each for each in newest.changes if each.difference.kind == "left")
    assert gone.difference.reason == "below the line of General"
    assert "took the place" in gone.difference.causes[0].text


def test_what_moves_says_by_which_rule_and_by_which_source(ready: Home) -> None:
    text = (
        SECTIONS + SOURCES.replace("section: developer", "section: general") + RULES.partition("  - name: Bridges")[0]
    )
    newest = tried(ready, text).issues[0]
    found = said(newest)
    title = "A new gauge (1)"
    assert found[title][:2] in ((">", "Developers"), ("-", "Developers"))
    assert ("source Blog belongs to General", line_of(text, "name: Blog")) in causes(newest, title)
    assert causes(newest, "The bridge opens (1)")[0] == (
        "rule 2 “Bridges are for developers” put it there and is not in this file",
        line_of(SECTIONS + SOURCES + RULES, "Bridges"),
    )


def test_points_of_a_rule_and_of_a_source_are_told(ready: Home) -> None:
    text = SECTIONS + SOURCES.replace("section: general", "section: general\n    weight: 20") + RULES
    newest = tried(ready, text).issues[0]
    assert any(
        ("source Planet: +20 points (was 0)", line_of(text, "name: Planet")) in causes(newest, title)
        for title in said(newest)
    )


def test_a_limit_of_a_section_and_of_a_source_is_told(ready: Home) -> None:
    text = (SECTIONS + SOURCES + RULES).replace("at most: 4", "at most: 1")
    newest = tried(ready, text).issues[0]
    assert {each.difference.kind for each in newest.changes} == {"left"}
    limit = ("section “General” takes at most 1 (was at most 4)", line_of(text, "id: general"))
    assert all(causes(newest, title) == [limit] for title in said(newest))
    text = SECTIONS + SOURCES.replace("section: general", "section: general\n    at most per week: 1") + RULES
    newest = tried(ready, text).issues[0]
    title = next(iter(said(newest)))
    assert causes(newest, title) == [("source Planet: at most per week 1 (was 25)", line_of(text, "name: Planet"))]
    assert newest.changes[0].difference.reason == "more than 1 of Planet this week"


def test_a_source_that_is_gone_or_paused_takes_its_items_with_it_and_a_new_one_is_named(ready: Home) -> None:
    gone = SECTIONS + SOURCES.partition("  - name: Blog")[0] + RULES
    newest = tried(ready, gone).issues[0]
    assert {title: sign for title, (sign, *_) in said(newest).items() if "gauge" in title} == {"A new gauge (1)": "-"}
    assert causes(newest, "A new gauge (1)")[0][0] == "source Blog is not in this file"
    paused = SECTIONS + SOURCES.replace("section: developer", "section: developer\n    paused: yes") + RULES
    assert causes(tried(ready, paused).issues[0], "A new gauge (1)")[0][0] == "source Blog is paused in this file"
    new = SECTIONS + SOURCES + "  - name: Newcomer\n    kind: feed\n    url: https://n.example/f\n" + RULES
    trial = tried(ready, new)
    assert trial.changes_count == 0
    assert trial.remarks == ("Source “Newcomer” is new: no item of it is kept, so its part cannot be tried.",)


def test_a_renamed_source_is_the_same_and_another_address_cannot_be_tried(ready: Home) -> None:
    renamed = (SECTIONS + SOURCES + RULES).replace("name: Blog", "name: Workshop")
    trial = tried(ready, renamed)
    assert {each.difference.kind for issue in trial.issues for each in issue.changes} <= {"retold"}
    assert trial.remarks == ()
    moved = tried(ready, (SECTIONS + SOURCES + RULES).replace("/blog.xml", "/elsewhere.xml"))
    assert moved.changes_count == 0
    assert moved.remarks == ("Source “Blog” reads something else now: that cannot be tried; its old items are.",)


def test_another_way_of_showing_it_is_told(ready: Home) -> None:
    text = SECTIONS + SOURCES + RULES + "  - name: Songs\n    match:\n      title: song\n    label: tune\n"
    newest = tried(ready, text).issues[0]
    assert said(newest)["A river song (1)"] == ("~", "General", "General")
    assert causes(newest, "A river song (1)") == [
        ("rule 3 “Songs” shows it in another way", line_of(text, "name: Songs"))
    ]


def test_what_editors_did_is_replayed_over_both(ready: Home) -> None:
    with ready.opened() as app:
        issue = make_draft(app, week_period(app.config.schedule, "2026-W42"))
        entry = {each.title: each for each in issue.entries}
        change(app, 2, action="move", target=entry["A river song (1)"].id, value="developer", editor="ada")
        change(app, 2, action="drop", target=entry["A market day (1)"].id, value="", editor="ada")
    approved(ready, 2)
    text = SECTIONS + SOURCES + RULES + (
        "  - name: No songs\n    match:\n      title: [song, market]\n    drop: yes\n"
    )  # fmt: skip
    found = {each.difference.entry.title: each for each in tried(ready, text).issues[0].changes}
    song, market = found["A river song (1)"], found["A market day (1)"]
    assert (song.was_published, song.is_missed, song.is_brought_back) == (True, False, True)
    assert (market.was_published, market.is_missed, market.is_brought_back) == (False, False, False)


def test_an_issue_without_a_whole_snapshot_is_named_and_passed_over(ready: Home) -> None:
    folder = ready.folder / "data" / "issues" / "0002" / SNAPSHOT
    (folder / "items.jsonl.gz").write_bytes(b"torn")
    trial = tried(ready, SECTIONS + SOURCES + RULES)
    assert [bool(issue.trouble) for issue in trial.issues] == [True, False]
    assert "cannot be read" in trial.issues[0].trouble
    assert len(trial.whole) == 1
    (folder.parent.parent / "0001" / SNAPSHOT / "feeds.yaml").write_text("newsletter: [")
    assert "is not understood any more" in tried(ready, SECTIONS + SOURCES + RULES).issues[1].trouble


def test_a_home_without_issues_says_so(home: Home, tmp_path: Path) -> None:
    home.write(SECTIONS + SOURCES)
    with pytest.raises(NotFound, match="no issue yet"), look_into(tmp_path / "nothing", environ={}):
        pass
    with home.opened():
        pass
    with pytest.raises(NotFound, match="no issue yet"):
        tried(home, SECTIONS + SOURCES)


def test_nothing_is_stored_and_nothing_comes_into_force(ready: Home) -> None:
    before = {path: path.read_bytes() for path in (ready.folder / "data").rglob("*") if path.is_file()}
    ready.write(SECTIONS + SOURCES.replace("name: Planet", "name: Comet"))
    tried(ready, SECTIONS + SOURCES.replace("name: Planet", "name: Comet"))
    after = {path: path.read_bytes() for path in (ready.folder / "data").rglob("*") if path.is_file()}
    assert {path.name for path in before.keys() ^ after.keys()} <= {"newsletter.db-wal", "newsletter.db-shm"}
    assert all(after[path] == before[path] for path in before.keys() & after.keys() if "db" not in path.name)


def test_a_rule_that_drops_nearly_everything_is_told_unless_it_is_meant(ready: Home) -> None:
    text = SECTIONS + SOURCES + "rules:\n  - name: No more\n    match:\n      text: read on\n    drop: yes\n"
    trial = tried(ready, text)
    count = trial.issues[0].items_count
    (found,) = findings(trial, now=NOW)
    assert str(found) == (
        f'other.yaml:{line_of(text, "No more")}: Rule "No more" would have dropped {count} of {count} items last week. '
        'If you mean that, write "even many: yes".'
    )
    assert "for issue 2." in findings(trial, now=NOW + timedelta(days=30))[0].text
    assert findings(tried(ready, text + "    even many: yes\n"), now=NOW) == ()


def test_a_rule_that_never_decides_is_a_warning(ready: Home) -> None:
    text = SECTIONS + SOURCES + RULES + (
        "  - name: The opening is news\n    match:\n      title: opens\n    section: general\n"
    )  # fmt: skip
    path = ready.folder / "feeds.yaml"
    path.write_text(HEAD + text.replace("{web}", ready.web.base))
    config = read_feeds_file(path, ready.folder, ready.environ)
    with look_into(ready.folder, environ=ready.environ, now=lambda: datetime(2026, 10, 16, tzinfo=UTC)) as shelf:
        (found,) = find_in_issues(shelf, config, file=path.name)
    assert str(found) == (
        f'feeds.yaml:{line_of(text, "The opening")}: Rule 3 "The opening is news" never decides a section: '
        "rule 2 comes first for the same items in the last 2 issues."
    )
    assert found.is_warning
