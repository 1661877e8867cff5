"""Why an item is where it is: rules with their lines, decisions, and what would be without a rule."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from newsletter.errors import NotFound
from newsletter.model.item import Item, item_id
from newsletter.model.period import Period
from newsletter.model.source import Source
from newsletter.pipeline.adding import begin_quietly
from newsletter.pipeline.draft import SNAPSHOT, make_draft
from newsletter.pipeline.finding import find_items, set_aside_at
from newsletter.pipeline.looking import IssueShelf
from newsletter.pipeline.making import make_issue
from newsletter.pipeline.publish import config_of
from newsletter.pipeline.review import change
from newsletter.pipeline.same_story import merge, split
from newsletter.pipeline.snapshot import read_snapshot
from newsletter.pipeline.times import week_period
from newsletter.pipeline.why import Why, WhyInIssue, explain_item
from newsletter.store import items
from newsletter.store.database import Database
from tests.loopback import atom
from tests.pipeline.conftest import HEAD, NOW, Home

FEEDS = """sections:
  - id: highlights
    title: Highlights
    at most: 1
    pick: best of everything
  - id: general
    title: General
    at most: 2
  - id: developer
    title: Developers
sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    section: general
    weight: 5
  - name: Blog
    kind: feed
    url: {web}/blog.xml
rules:
  - name: Keep votes
    match:
      title: vote
    keep: yes
  - name: No adverts
    match:
      title: [hiring, vote]
    drop: yes
  - name: Bridges are for developers
    match:
      title: bridge
    section: developer
    boost: 7
  - name: Rivers too
    match:
      text: river
    section: general
"""
DAY = "2026-10-1{}T09:00:00Z"
PLANET = (
    ("bridge", "The bridge opens", DAY.format(0), "The bridge over the river opens."),
    ("hiring", "We are hiring", DAY.format(1), "Come and work with us."),
    ("vote", "Council votes", DAY.format(1), "There was a vote."),
    ("song", "A song of the town", DAY.format(2), "It is sung on Mondays."),
    ("walk", "A long walk", DAY.format(3), "It took three hours."),
    ("market", "A market day", DAY.format(4), "There was bread."),
)
BLOG = (("gauge", "A new gauge 0.4 released", DAY.format(2), "The gauge counts drops."),)


@pytest.fixture
def ready(home: Home) -> Home:
    home.write(FEEDS)
    home.web["/planet.xml"] = atom(*PLANET)
    home.web["/blog.xml"] = atom(*BLOG, title="Blog")
    home.gather()
    with home.opened() as app:
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
    return home


def shelf_of(home: Home, database: Database) -> IssueShelf:
    return IssueShelf(home.folder, database, home.clock)


def explain(home: Home, words: str, *, number: int | None = None) -> Why:
    with home.opened() as app:
        (hit,) = find_items(app.database, words)
        return explain_item(shelf_of(home, app.database), app.config, hit.item_id, number=number)


def only(home: Home, words: str) -> WhyInIssue:
    (found,) = explain(home, words).issues
    return found


def line_of(words: str) -> int:
    return next(at for at, line in enumerate((HEAD + FEEDS).splitlines(), 1) if words in line)


def test_the_rules_that_met_it_with_their_lines_points_and_what_came_too_late(ready: Home) -> None:
    found = only(ready, "bridge opens")
    said = [(each.rule.name, each.rule.line, each.points, each.does) for each in found.rules]
    assert said == [
        ("Bridges are for developers", line_of("Bridges"), 7, ("puts it into Developers",)),
        ("Rivers too", line_of("Rivers too"), 0, ("would put it into General; rule 3 was first",)),
    ]
    assert sum(part.points for part in found.parts) == found.score
    assert {(part.name, part.line) for part in found.parts} >= {
        ("rule “Bridges are for developers”", line_of("Bridges")),
        ("source Planet", line_of("name: Planet")),
    }
    assert found.source is not None
    assert found.source.line == line_of("name: Planet")
    assert found.place.section in ("Developers", "Highlights")
    assert found.sentence.startswith(f"In issue 1 it stands in {found.place.section}, with {found.score} points: ")
    assert found.model[0] == "No model was asked about its section: rule 3 names it."


def test_what_a_rule_drops_is_explained_as_well_and_what_another_rule_keeps(ready: Home) -> None:
    found = only(ready, "We are hiring")
    assert found.place.kind == "dropped"
    assert found.sentence == "In issue 1 it is left out: dropped by the rule “No adverts”."
    assert [(each.rule.name, each.does, each.is_decisive) for each in found.rules] == [
        ("No adverts", ("drops it",), True)
    ]
    vote = only(ready, "council votes")
    assert [(each.rule.name, each.does) for each in vote.rules] == [
        ("Keep votes", ("keeps it",)),
        ("No adverts", ("would drop it; rule 1 keeps it",)),
    ]


@pytest.mark.parametrize("words", ["bridge opens", "we are hiring", "council votes"])
def test_without_the_named_rule_the_item_is_where_why_says(ready: Home, words: str) -> None:
    found = only(ready, words)
    assert found.without
    with ready.opened() as app:
        snapshot = read_snapshot(app.issue_folder(1) / SNAPSHOT)
    config = config_of(snapshot.feeds)
    for each in found.without:
        rules = tuple(rule for rule in config.rules if rule.name != each.rule)
        made = make_issue(snapshot.draft_input, replace(config, rules=rules)).issue
        stands = [
            (section.title, entry.score)
            for section in made.sections
            for entry in section.entries
            if entry.title.casefold().startswith(words[:8].casefold()) or words[:8].casefold() in entry.title.casefold()
        ]
        if each.place.kind == "told":
            assert (each.place.section, each.score) in stands
        else:
            assert not stands
        assert not each.is_same or each.why


def test_without_the_rule_that_drops_it_the_item_comes_in(ready: Home) -> None:
    (without,) = only(ready, "we are hiring").without
    assert (without.rule, without.is_same) == ("No adverts", False)
    assert without.place.kind in ("told", "below")


def test_a_model_or_the_built_in_rules_are_heard_where_nobody_named_a_section(ready: Home) -> None:
    found = only(ready, "a new gauge")
    assert len(found.model) == 1
    assert found.model[0].startswith("The built-in rules say: Developers, for a release")


def test_below_the_line_and_what_editors_did(ready: Home) -> None:
    titles = ("song of the town", "long walk", "market day")
    below = [title for title in titles if only(ready, title).place.kind == "below"]
    assert below
    found = only(ready, below[0])
    assert "lies below the line of General" in found.sentence
    assert found.place.reason == "General takes 2, and others are worth more."
    with ready.opened() as app:
        change(app, 1, action="move", target=found.story_id[:12], value="developer", editor="ada")
    moved = only(ready, below[0])
    assert moved.sentence == "In issue 1 it stands in Developers: ada moved it to developer."
    assert (moved.drafted.kind, moved.place.section) == ("below", "Developers")
    assert [(each.editor, each.what, each.made_at) for each in moved.decisions] == [
        ("ada", "moved it to developer", NOW)
    ]


def test_what_an_editor_dropped_and_put_off(ready: Home) -> None:
    bridge, gauge = (only(ready, words).story_id[:12] for words in ("bridge opens", "new gauge"))
    with ready.opened() as app:
        change(app, 1, action="drop", target=bridge, value="old news", editor="ada")
        change(app, 1, action="snooze", target=gauge, value="", editor="bo")
    assert only(ready, "bridge opens").sentence == "In issue 1 it is left out: ada dropped it."
    assert only(ready, "new gauge").sentence == "In issue 1 it is left out: bo put it off."


def test_an_item_is_found_by_id_by_story_by_address_and_by_words(ready: Home) -> None:
    with ready.opened() as app:
        (bridge,) = find_items(app.database, "opens BRIDGE")
        name = bridge.item_id
        story = only(ready, "bridge opens").story_id
        for words in (name, name[:8], f"{name}.1", story, story[:12], f"{story[:12]}-date", bridge.url or ""):
            assert [hit.item_id for hit in find_items(app.database, words)] == [name], words
        address = (bridge.url or "").removeprefix("https://").removeprefix("http://")
        assert [hit.item_id for hit in find_items(app.database, address)] in ([name], [])
        many = find_items(app.database, "a")
        assert len(many) >= 3
        assert [hit.at for hit in many] == sorted((hit.at for hit in many), reverse=True)
        assert find_items(app.database, "nothing of the kind") == ()
        assert find_items(app.database, "…") == ()
        assert set_aside_at(app.database, "https://nowhere.example/") == ""


def test_a_story_of_several_items_is_one_hit_and_says_what_is_told_together(ready: Home) -> None:
    ready.web["/blog.xml"] = atom(
        ("bridge", "The bridge opens", DAY.format(3), "As told on the planet."), *BLOG, title="Blog"
    )
    ready.gather("Blog")
    with ready.opened() as app:
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
        (hit,) = find_items(app.database, "bridge opens")
    assert hit.items_count == 2
    found = only(ready, hit.item_id)
    assert len(found.joined) == 2
    assert found.because
    with ready.opened() as app:
        split(app, 1, entry=found.story_id[:12], editor="ada")
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
        one, two = (explain_item(shelf_of(ready, app.database), app.config, each.id).issues[0] for each in found.joined)
    assert [len(one.joined), len(two.joined)] == [1, 1]
    assert ("ada", "keeps another item apart from it") in [(each.editor, each.what) for each in two.decisions]


def test_what_an_editor_joined_names_the_other(ready: Home) -> None:
    gauge, market = (only(ready, words) for words in ("new gauge", "market day"))
    with ready.opened() as app:
        merge(app, 1, entry=gauge.story_id[:12], other=market.story_id[:12], editor="ada")
    said = [each.what for each in only(ready, "market day").decisions]
    assert "joined it to “A new gauge 0.4 released”" in said
    assert "joined another story to it" in [each.what for each in only(ready, "new gauge").decisions]


def stored_item(home: Home, title: str, at: str, *, source: str = "planet") -> None:
    found = Item(
        item_id(source, title), source, "feed", "post", (title,), title, published_at=datetime.fromisoformat(at)
    )
    with home.opened() as app, app.database.transaction() as db:
        items.save_items(db, [found], now=home.clock())


def test_what_was_a_candidate_of_no_issue_says_why(ready: Home) -> None:
    for title, at, said in (
        ("Too old", "2026-08-01T09:00:00+00:00", "It is of 2026-08-01 09:00 UTC, before the time of the first issue"),
        ("Far ahead", "2027-03-01T09:00:00+00:00", "lies in the future: it waits for the issue about that time."),
        ("Just now", "2026-10-15T18:20:00+00:00", "after the end of issue 1: it may enter the next one."),
        ("Read late", "2026-10-14T09:00:00+00:00", "but was drafted without it. Draft it again."),
    ):
        stored_item(ready, title, at)
        found = explain(ready, title)
        assert found.issues == ()
        assert said in found.never, title
    stored_item(ready, "Of a lost source", "2026-08-01T09:00:00+00:00", source="lost")
    assert "Its source is not in feeds.yaml any more." in explain(ready, "lost source").never
    ready.write(FEEDS.replace("weight: 5", "paused: yes"))
    assert f"Its source, Planet, is paused (feeds.yaml:{line_of('name: Planet')})." in explain(ready, "Too old").never


def undated(count: int) -> str:
    entries = "".join(f"<item><guid>u{at}</guid><title>Undated post {at}.</title></item>" for at in range(count))
    return f'<rss version="2.0"><channel><title>Old</title>{entries}</channel></rss>'


def test_what_was_there_when_its_source_was_added_says_so_and_no_date_is_made_up(ready: Home) -> None:
    ready.web["/old.xml"] = undated(30)
    old = "  - name: Old\n    kind: feed\n    url: {web}/old.xml\n"
    with ready.opened() as app:
        begin_quietly(app, [Source("old", "Old", "feed", settings={"url": f"{ready.web.base}/old.xml"})])
    ready.write(FEEDS.replace("rules:\n", f"{old}rules:\n", 1))
    ready.gather("Old")
    for again in range(2):
        for title in ("Undated post 0.", "Undated post 29."):
            found = explain(ready, title)
            assert found.issues == ()
            assert found.never == "It was there when its source was added: what a source holds already is no news."
            assert found.dated in ("no date; counted as old", f"no date; first read {NOW:%Y-%m-%d %H:%M} UTC")
        if not again:
            with ready.opened() as app:
                make_draft(app, Period(ready.clock.now - timedelta(days=2), ready.clock.now + timedelta(days=2)))


def test_undated_posts_of_a_first_source_count_as_old(home: Home) -> None:
    home.write(FEEDS)
    home.web["/planet.xml"] = undated(30)
    home.gather("Planet")
    with home.opened() as app:
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
    found = [explain(home, f"Undated post {at}.") for at in range(30)]
    old = [each for each in found if each.dated == "no date; counted as old"]
    assert len(old) == 25
    assert {each.never for each in old} == {
        "It names no day, and stood behind newer ones when its source was first read: it counts as old."
    }
    assert {each.dated for each in found} - {"no date; counted as old"} == {
        f"no date; first read {NOW:%Y-%m-%d %H:%M} UTC"
    }


def test_before_the_first_issue_there_is_none_to_explain(home: Home) -> None:
    home.write(FEEDS)
    home.web["/planet.xml"] = atom(*PLANET)
    home.gather("Planet")
    assert explain(home, "bridge opens").never == "There is no issue yet."


def test_each_issue_it_was_a_candidate_of_and_one_alone(ready: Home) -> None:
    with ready.opened() as app:
        make_draft(app, week_period(app.config.schedule, "2026-W43"))
    found = explain(ready, "market day")
    assert [each.number for each in found.issues] == [2, 1]
    assert found.issues[0].place.kind in ("told", "dropped", "below", "told before")
    assert [each.number for each in explain(ready, "market day", number=1).issues] == [1]
    with pytest.raises(NotFound, match="There is no issue 9"):
        explain(ready, "market day", number=9)


def test_an_issue_whose_file_is_not_understood_any_more_is_named(ready: Home) -> None:
    (ready.folder / "data" / "issues" / "0001" / SNAPSHOT / "feeds.yaml").write_text("newsletter: [")
    found = only(ready, "bridge opens")
    assert found.trouble
    assert found.rules == ()
