import json
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.errors import UsageError, WrongState
from newsletter.model.issue import Issue
from newsletter.model.item import Item, Person, Review, item_id
from newsletter.pipeline.approval import approve
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.publish import Published, publish_due, publish_site, render_issue
from newsletter.pipeline.rebuild import rebuild_issue
from newsletter.pipeline.review import add_note, change
from newsletter.pipeline.times import days_period, week_period
from newsletter.store import issues, items
from tests.loopback import atom
from tests.pipeline.conftest import Home

SOURCES = """sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    section: general
  - name: Blog
    kind: feed
    url: {web}/blog.xml
    section: developer
rules:
  - name: No adverts
    match:
      title: hiring
    drop: yes
"""
FIRST = ("first", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")
SECOND = ("second", "A new gauge", "2026-10-13T09:00:00Z", "The gauge counts drops and people who pass by.")
ADVERT = ("advert", "We are hiring", "2026-10-13T10:00:00Z", "Come and work with us in the harbour.")
LATER = ("later", "News of the next week", "2026-10-19T10:00:00Z", "This belongs into the next issue of ours.")


def ready(home: Home) -> Home:
    home.write(SOURCES)
    home.web["/planet.xml"] = atom(FIRST, ADVERT)
    home.web["/blog.xml"] = atom(SECOND, title="Blog")
    home.gather()
    return home


def draft(home: Home, week: str = "2026-W42") -> Issue:
    with home.opened() as app:
        return make_draft(app, week_period(app.config.schedule, week))


def published(home: Home, number: int = 1) -> Published:
    with home.opened() as app:
        return render_issue(app, number)


def titles(issue: Issue) -> dict[str, list[str]]:
    return {section.id: [entry.title for entry in section.entries] for section in issue.sections if section.entries}


def test_a_week_becomes_a_draft_with_reasons_for_what_is_left_out(any_home: Home) -> None:
    issue = draft(ready(any_home))
    assert titles(issue) == {"general": ["The bridge opens"], "developer": ["A new gauge"]}
    assert [(each.title, each.reason) for each in issue.dropped] == [
        ("We are hiring", "dropped by the rule “No adverts”")
    ]
    assert all(sum(part.points for part in entry.parts) == entry.score for entry in issue.entries)
    assert all(entry.revisions for entry in issue.entries)


def test_one_draft_a_period_and_the_number_stays(home: Home) -> None:
    ready(home)
    assert draft(home).number == 1
    assert draft(home, "2026-W43").number == 2
    assert draft(home).number == 1
    with home.opened() as app, app.database.reading() as db:
        assert issues.numbers(db) == [1, 2]


def test_what_was_told_is_not_told_again_unless_the_thread_doubled(home: Home) -> None:
    ready(home)
    draft(home)
    home.web["/planet.xml"] = atom(LATER, ("first", "The bridge opens", "2026-10-17T09:00:00Z", FIRST[3]))
    home.gather("Planet")
    issue = draft(home, "2026-W43")
    assert titles(issue) == {"general": ["News of the next week"]}
    dropped = [(each.title, each.reason) for each in issue.dropped]
    assert ("A new gauge", "already told in issue 1") in dropped
    assert "The bridge opens" not in dict(dropped), "a post that is dated anew is no news"


def test_an_older_issue_drafted_again_looks_at_those_before_it_only(home: Home) -> None:
    ready(home)
    home.web["/planet.xml"] = atom(FIRST, ADVERT, LATER)
    home.gather("Planet")
    weeks = [f"2026-W{number}" for number in range(42, 49)]
    for week in weeks:
        draft(home, week)
    again = draft(home, "2026-W43")
    assert again.number == 2
    assert titles(again) == {"general": ["News of the next week"]}
    home.web["/planet.xml"] = atom(LATER, ("first", "The bridge opens", "2026-10-17T09:00:00Z", FIRST[3]))
    home.gather("Planet")
    issue = draft(home, "2026-W43")
    assert ("A new gauge", "already told in issue 1") in [(each.title, each.reason) for each in issue.dropped]
    assert titles(issue) == {"general": ["News of the next week"]}


def test_what_an_editor_did_survives_a_new_fetch_and_a_new_draft(home: Home) -> None:
    ready(home)
    entry = draft(home).sections[3].entries[0]
    with home.opened() as app:
        change(app, 1, action="title", target=entry.id, value="The bridge is open", editor="ada")
        add_note(app, 1, text="Hello.", by="Ada")
    home.web["/planet.xml"] = atom(("first", "The bridge opens (updated)", *FIRST[2:]))
    home.gather("Planet")
    issue = draft(home)
    assert titles(issue)["general"] == ["The bridge is open"]
    assert (issue.note, issue.note_by) == ("Hello.", "Ada")
    with home.opened() as app:
        assert render_issue(app, 1).issue == issue
        with app.database.reading() as db:
            assert [each.action for each in issues.changes(db, 1)] == ["keep", "title", "note"]
            assert items.item(db, entry.revisions[0].split(".")[0]).item.title == "The bridge opens (updated)"
        with pytest.raises(UsageError):
            change(app, 1, action="explode", target=entry.id, value="", editor="ada")


def test_an_approved_issue_is_not_drafted_again(home: Home) -> None:
    ready(home)
    draft(home)
    with home.opened() as app, app.database.transaction() as db:
        issues.step(db, 1, "approved", now=app.now())
    with pytest.raises(WrongState, match="only a draft"):
        draft(home)


def test_an_issue_on_disk_is_whole_and_rebuilt_byte_for_byte(any_home: Home) -> None:
    home = ready(any_home)
    draft(home)
    folder = published(home).folder
    names = ["email.html", "email.txt", "events.ics", "figures.html", "issue.eml", "issue.html", "issue.json"]
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == names
    record = json.loads((folder / "issue.json").read_text())
    assert record["number"] == 1
    assert record["sections"][3]["entries"][0]["title"] == "The bridge opens"
    with home.opened() as app:
        assert sorted(rebuild_issue(app, 1).same) == names
    (folder / "email.txt").write_text("changed by hand")
    with home.opened() as app:
        assert rebuild_issue(app, 1).differing == ("email.txt",)


def test_rebuilding_does_not_look_at_the_store_or_at_todays_feeds_yaml(home: Home) -> None:
    ready(home)
    draft(home)
    published(home)
    home.web["/planet.xml"] = atom(("first", "Quite another title", *FIRST[2:]))
    home.gather("Planet")
    home.write(SOURCES.replace("general", "news"))
    with home.opened() as app:
        assert not rebuild_issue(app, 1).differing


def test_an_own_template_is_used_and_named_when_it_changed_since(home: Home) -> None:
    ready(home)
    draft(home)
    published(home)
    own = home.folder / "templates" / "email"
    own.mkdir(parents=True)
    (own / "issue.txt").write_text("{{ issue.name }} in our own words\n")
    with home.opened() as app:
        report = rebuild_issue(app, 1)
    assert "email.txt" in report.differing
    assert "email/issue.txt" in report.remarks[0]
    assert (published(home).folder / "email.txt").read_text().startswith("Test weekly in our own words")


def test_a_fault_in_an_own_template_falls_back_and_is_told(home: Home) -> None:
    ready(home)
    draft(home)
    own = home.folder / "templates" / "email"
    own.mkdir(parents=True)
    (own / "issue.txt").write_text("line one\n{{ itm.title }}\n")
    found = published(home)
    assert "The bridge opens" in (found.folder / "email.txt").read_text()
    assert "email/issue.txt:2" in found.remarks[0]


def test_a_misspelt_template_is_told(home: Home) -> None:
    ready(home)
    draft(home)
    own = home.folder / "templates" / "web"
    own.mkdir(parents=True)
    (own / "isue.html").write_text("x")
    (own / "our-logo.html").write_text("x")
    assert published(home).remarks == ("templates/web/isue.html replaces nothing. Did you mean web/issue.html?",)


def test_the_site_holds_every_issue_and_forgets_what_is_gone(home: Home) -> None:
    ready(home)
    draft(home)
    published(home)
    with home.opened() as app:
        site = publish_site(app)
        (site / "old.html").write_text("stale")
        publish_site(app)
    assert "The bridge opens" in (site / "issues" / "1" / "index.html").read_text()
    assert "A new gauge" in (site / "planet" / "index.html").read_text()
    assert not (site / "old.html").exists()
    for name in ("index.html", "feed.xml", "feed.json", "calendar.ics", "sections/general/feed.xml"):
        assert (site / name).is_file(), name


def test_what_a_rule_drops_for_its_author_is_not_counted(home: Home) -> None:
    ready(home)
    with home.opened() as app, app.database.transaction() as db:
        items.save_items(db, [merged("robot", "Zap[bot]", 900), merged("ada", "Ada", 3)], now=app.now())
    home.write(SOURCES + "  - name: Robots\n    match:\n      author: '*[bot]'\n    drop: yes\n")
    counted = {each.name: (each.value, each.note) for each in draft(home).statistics}
    assert counted["contributors"][0] == 1
    assert counted["most lines removed"] == (3, "Change of Ada by Ada")


def merged(key: str, name: str, lines: int) -> Item:
    at = datetime(2026, 10, 13, 9, tzinfo=UTC)
    review = Review("merged", "core", 1, at, at, lines_removed=lines)
    title = f"Change of {name}"
    return Item(
        item_id("blog", key),
        "blog",
        "gerrit",
        "review",
        (key,),
        title,
        author=Person(name),
        published_at=at,
        review=review,
    )


def test_what_was_too_young_for_the_last_issue_has_its_chance_in_the_next(home: Home) -> None:
    home.write(SOURCES)
    home.web["/blog.xml"] = atom(SECOND, title="Blog")
    home.web["/planet.xml"] = atom(
        ("late", "A late thought", "2026-10-13T19:00:00Z", "It came when the last issue was closed, nearly."),
        ("old", "An old thought", "2026-10-10T09:00:00Z", "It came long before this issue was even thought of."),
    )
    home.gather()
    assert titles(draft(home, "2026-W43")) == {"general": ["A late thought"], "developer": ["A new gauge"]}


TIPS = """sources:
  - name: Tips
    kind: inbox
    mailbox: tips
    section: general
    weight: 50
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    section: general
rules:
  - name: Tips are wonderful
    match:
      source: Tips
    keep: yes
    boost: 50
"""


def test_a_tip_waits_for_an_editor_and_is_shown_nowhere(home: Home) -> None:
    home.write(TIPS)
    home.web["/planet.xml"] = atom(FIRST)
    head = "From: Tess Tipster <tess@example.org>\nDate: Tue, 13 Oct 2026 09:00:00 +0000\n"
    (home.folder / "tips").write_text(
        "From tess@example.org Tue Oct 13 09:00:00 2026\n"
        f"{head}Message-ID: <1@x>\nSubject: The bridge opens\n\nLook at https://example.org/first for the bridge.\n\n"
        "From tess@example.org Tue Oct 13 09:00:00 2026\n"
        f"{head}Message-ID: <2@x>\nSubject: A secret gauge\n\nNobody knows of the gauge, write to tess@example.org.\n"
    )
    assert {report.state.state for report in home.gather().values()} == {"ok"}
    issue = draft(home)
    assert titles(issue) == {"general": ["The bridge opens"]}
    (general,) = [section for section in issue.sections if section.id == "general"]
    assert general.entries[0].source == "Planet"
    assert sorted(entry.title for entry in general.runners_up) == ["A secret gauge", "The bridge opens"]
    (tip,) = [entry for entry in general.runners_up if entry.title == "A secret gauge"]
    assert tip.why.startswith("A tip that a reader sent: it waits for an editor.")
    assert (tip.author, "tess@" in tip.summary) == ("Tess Tipster", False)
    assert not any("list" in figure.name for figure in issue.statistics)
    shown = published(home)
    files = [path for path in shown.folder.glob("issue.*") if path.suffix != ".json"]
    files += [shown.folder / "email.html", shown.folder / "email.txt"]
    with home.opened() as app:
        files += [path for path in publish_site(app).rglob("*") if path.is_file()]
    assert len(files) > 6
    assert not any(b"secret gauge" in path.read_bytes() or b"Tipster" in path.read_bytes() for path in files)
    with home.opened() as app:
        change(app, 1, action="move", target=tip.id, value="general", editor="ada")
    assert b"A secret gauge" in (published(home).folder / "issue.html").read_bytes()


PAGE = """sources:
  - name: Elections
    kind: web page
    url: {web}/elections
    watch: "h2, li"
  - name: Pad
    kind: pad
    url: {web}/p/plans
"""


def test_parts_of_a_page_and_lines_of_a_pad_are_stories_of_their_own(home: Home) -> None:
    home.write(PAGE)
    start = (
        "<title>Elections</title><main><h2 id='a'>Board seats of the harbour</h2><ul><li>One is free</li></ul></main>"
    )
    home.web["/elections"] = start
    home.web["/p/plans/export/txt"] = "Plans\n"
    home.web.types = {"/elections": "text/html", "/p/plans/export/txt": "text/plain"}
    assert {name: report.new_count for name, report in home.gather().items()} == {"Elections": 1, "Pad": 0}
    added = "<h2 id='b'>Nominations close on Friday</h2><h2 id='c'>Two new projects stand for the council</h2></main>"
    home.web["/elections"] = start.replace("</main>", added)
    home.web["/p/plans/export/txt"] = "Plans\nA new bridge over the old river\n"
    home.clock.move(hours=3)
    reports = home.gather()
    assert {name: report.new_count for name, report in reports.items()} == {"Elections": 2, "Pad": 1}
    entries = {entry.title for section in draft(home, "2026-W43").sections for entry in section.entries}
    assert entries >= {"Nominations close on Friday", "Two new projects stand for the council"}
    assert "plans: A new bridge over the old river" in entries
    assert [path for path, _ in home.web.asked].count("/robots.txt") == 1


def test_what_an_editor_dropped_does_not_come_back_the_week_after(home: Home) -> None:
    home.write(SOURCES)
    home.web["/blog.xml"] = atom(SECOND, title="Blog")
    late = ("late", "A late thought", "2026-10-14T19:00:00Z", "It came when the last issue was closed, nearly.")
    home.web["/planet.xml"] = atom(late)
    home.gather()
    (thought,) = (entry for entry in draft(home).entries if entry.title == "A late thought")
    with home.opened() as app:
        change(app, 1, action="drop", target=thought.id, value="not ours", editor="ada")
    issue = draft(home, "2026-W43")
    assert "general" not in titles(issue)
    assert ("A late thought", "an editor dropped it out of issue 1") in [
        (each.title, each.reason) for each in issue.dropped
    ]


def test_a_period_of_half_a_year_is_one_issue(home: Home) -> None:
    ready(home)
    with home.opened() as app:
        issue = make_draft(app, days_period(app.config.schedule, "2026-05-01", "2026-10-20"))
    assert {title for found in titles(issue).values() for title in found} >= {"The bridge opens", "A new gauge"}


def test_an_empty_issue_is_drafted_and_never_the_latest_one(home: Home) -> None:
    ready(home)
    assert draft(home, "2026-W42").entries
    published(home)
    home.web["/planet.xml"] = home.web["/blog.xml"] = atom()
    home.clock.move(weeks=2)
    empty = draft(home, "2026-W44")
    assert (empty.number, empty.is_empty) == (2, True)
    assert (published(home, 2).folder / "issue.html").is_file()
    with home.opened() as app:
        site = publish_site(app)
        assert not (site / "issues" / "2").exists()
        assert "Issue 2" not in (site / "index.html").read_text()
        assert len(json.loads((site / "feed.json").read_text())["items"]) == 1
        assert "issues/2" not in (site / "feed.xml").read_text() + (site / "feed.json").read_text()
        add_note(app, 2, text="A quiet week.", by="Ada")
        assert (publish_site(app) / "issues" / "2" / "index.html").is_file()


def test_where_somebody_reviews_readers_see_no_new_draft(home: Home) -> None:
    ready(home)
    draft(home)
    published(home)
    with home.opened() as app:
        home.clock.now += timedelta(minutes=1)
        add_editor(app, "Ines", role="manager")
        assert (publish_site(app) / "issues" / "1" / "index.html").is_file()
        home.clock.now += timedelta(minutes=1)
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
        assert not (publish_site(app) / "issues" / "1").exists()
        approve(app, 1, editor="Ines")
        assert not (app.site / "issues" / "1").exists()
        home.clock.now = datetime(2026, 10, 16, 10, tzinfo=UTC)
        assert publish_due(app) == (1,)
        assert (app.site / "issues" / "1" / "index.html").is_file()
