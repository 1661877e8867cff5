"""What an editor does by hand three times is proposed as a rule, asked once, and never again after never."""

import json

import pytest

from newsletter.config.load import read_config
from newsletter.errors import NotFound
from newsletter.model.codec import to_json
from newsletter.model.issue import Entry, Issue
from newsletter.pipeline.app import read_again
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.proposals import Proposal, accept, decline, next_proposal, proposals
from newsletter.pipeline.review import change
from newsletter.pipeline.times import week_period
from tests.loopback import atom
from tests.pipeline.conftest import HEAD, Home

FEEDS = """sections:
  - id: highlights
    title: Highlights
    at most: 1
    pick: best of everything
  - id: events
    title: Events
  - id: general
    title: General
sources:
  - name: Summit videos
    kind: feed
    url: {web}/videos.xml
    section: general
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    section: general
"""
RULES = """rules:
  - name: Talks are general
    match:
      title: talk
    section: general
"""
THINGS = ("quay", "river", "gauge", "harbour")


def posts(kind: str, week: int, names: tuple[str, ...] = THINGS) -> list[tuple[str, str, str, str]]:
    return [
        (
            f"{kind}-{name}-{week}",
            f"{name.capitalize()} {kind} {week}",
            f"2026-10-{week * 7 + at:02}T09:00:00Z",
            "Read.",
        )
        for at, name in enumerate(names, 2)
    ]


def ready(home: Home, rules: str = "") -> Home:
    home.write(FEEDS + rules)
    home.web["/videos.xml"] = atom(*posts("talk", 0), *posts("talk", 1), title="Summit videos")
    home.web["/planet.xml"] = atom(*posts("story", 0), *posts("story", 1))
    home.gather()
    return home


def drafted(home: Home, week: str = "2026-W41") -> Issue:
    with home.opened() as app:
        return make_draft(app, week_period(app.config.schedule, week))


def entries(issue: Issue, words: str) -> list[Entry]:
    """The entries with those words in the title that stand in the section their source named."""
    return [entry for entry in issue.sections[2].entries if words in entry.title]


def move(home: Home, issue: Issue, found: list[Entry], to: str | None = "events") -> None:
    with home.opened() as app:
        for entry in found:
            action = ("move", to) if to else ("drop", "")
            change(app, issue.number, action=action[0], target=entry.id, value=action[1], editor="ada")


def open_ones(home: Home) -> tuple[Proposal, ...]:
    with home.opened() as app:
        return proposals(app)


def asked(home: Home, session: str = "ada 1") -> Proposal | None:
    with home.opened() as app:
        return next_proposal(app, session=session)


def test_three_like_corrections_become_one_readable_rule(any_home: Home) -> None:
    issue = drafted(ready(any_home))
    talks = entries(issue, "talk")
    move(any_home, issue, talks[:2])
    assert open_ones(any_home) == ()
    move(any_home, issue, talks[2:3])
    found = open_ones(any_home)[0]
    assert found.sentence == "3 of 3 items from Summit videos went to Events."
    assert found.lines == (
        "- name: From Summit videos to Events",
        "  match:",
        "    source: Summit videos",
        "  section: events",
    )
    assert (found.before, found.agreeing, found.total, len(found.titles)) == (None, 3, 3, 3)
    assert json.loads(json.dumps(to_json(found)))["key"] == found.key


def test_the_lines_are_a_rule_that_the_file_takes_and_that_does_it(home: Home) -> None:
    issue = drafted(ready(home, RULES))
    move(home, issue, entries(issue, "talk")[:3])
    found = open_ones(home)[0]
    assert found.before == "Talks are general"  # behind it the new one would never decide
    head, rest = RULES.split("\n", 1)
    written = "\n".join([head, *(f"  {line}" for line in found.lines), rest])
    text = HEAD + (FEEDS + written).replace("{web}", home.web.base)
    config = read_config(text.encode(), file="feeds.yaml", environ={}, base=home.folder)
    assert [rule.name for rule in config.rules] == [found.name, "Talks are general"]
    home.write(FEEDS + written)
    assert open_ones(home) == ()  # the file does it now
    assert {entry.title for entry in drafted(home).sections[1].entries} >= {
        entry.title for entry in entries(issue, "talk")
    }


def test_what_speaks_against_it_lowers_it(home: Home) -> None:
    issue = drafted(ready(home))
    talks = entries(issue, "talk")
    move(home, issue, talks[:3])
    assert open_ones(home)
    with home.opened() as app:
        change(app, issue.number, action="keep", target=talks[3].id, value={}, editor="ada")
    assert not [each for each in open_ones(home) if "from Summit videos went" in each.sentence]


def test_dropping_is_a_habit_too(home: Home) -> None:
    issue = drafted(ready(home))
    move(home, issue, entries(issue, "story")[:3], None)
    found = open_ones(home)[0]
    assert found.sentence == "3 of 3 items from Planet were dropped."
    assert found.lines[-1] == "  drop: yes"
    assert found.name == "Nothing from Planet"


def test_words_of_the_title_where_the_source_says_nothing(home: Home) -> None:
    home.write(FEEDS)
    names = ("Webinar of the quay", "Webinar on rivers", "A webinar again", "The old harbour", "A bridge", "A gauge")
    home.web["/planet.xml"] = atom(
        *((f"p{at}", name, f"2026-10-0{at + 2}T09:00:00Z", "Read.") for at, name in enumerate(names))
    )
    home.web["/videos.xml"] = atom(title="Summit videos")
    home.gather()
    issue = drafted(home)
    found = [entry for section in issue.sections for entry in section.entries]
    with home.opened() as app:
        for entry in found:
            is_webinar = "ebinar" in entry.title
            action, value = ("move", "events") if is_webinar else ("keep", {})
            change(app, 1, action=action, target=entry.id, value=value, editor="ada")
    (first, *_) = open_ones(home)
    assert first.sentence == "3 of 3 items from Planet with “webinar” in the title went to Events."
    assert first.lines[2:4] == ("    source: Planet", "    title: webinar")
    assert not any("“" in line for line in first.lines)


def test_no_proposal_where_the_source_says_it_already(home: Home) -> None:
    issue = drafted(ready(home))
    move(home, issue, entries(issue, "talk")[:3])
    home.write(FEEDS.replace("section: general", "section: events", 1))
    assert open_ones(home) == ()


def test_one_question_a_session_and_the_same_until_it_is_answered(home: Home) -> None:
    issue = drafted(ready(home))
    move(home, issue, entries(issue, "talk")[:3])
    move(home, issue, entries(issue, "story")[:3], None)
    first = asked(home)
    assert first is not None
    assert asked(home) == first
    with home.opened() as app:
        decline(app, first.key, editor="ada")
    assert asked(home) is None
    second = asked(home, "ada 2")
    assert second is not None
    assert second.key != first.key


def test_later_waits_for_one_more_and_never_is_never(home: Home) -> None:
    issue = drafted(ready(home))
    talks = entries(issue, "talk")
    move(home, issue, talks[:3])
    key = open_ones(home)[0].key
    with home.opened() as app:
        decline(app, key, editor="ada")
    assert key not in [each.key for each in open_ones(home)]
    home.clock.move(hours=1)
    move(home, issue, talks[3:4])
    assert open_ones(home)[0].key == key
    with home.opened() as app:
        decline(app, key, editor="bo", never=True)
    home.clock.move(hours=1)
    later = drafted(home, "2026-W42")
    move(home, later, entries(later, "talk"))
    assert key not in [each.key for each in open_ones(home)]


def test_yes_writes_the_rule_once_and_is_refused_when_nothing_speaks_for_it(home: Home) -> None:
    issue = drafted(ready(home))
    move(home, issue, entries(issue, "talk")[:3])
    written: list[tuple[tuple[str, ...], str | None]] = []
    with home.opened() as app:
        found = proposals(app)[0]
        accept(app, found.key, editor="ada", write=lambda lines, before: written.append((tuple(lines), before)))
        assert written == [(found.lines, None)]
        with pytest.raises(NotFound, match="not proposed any more"):
            accept(app, found.key, editor="ada", write=lambda lines, before: None)
        assert found.key not in [each.key for each in proposals(read_again(app))]


def test_a_fault_while_writing_leaves_the_question_open(home: Home) -> None:
    issue = drafted(ready(home))
    move(home, issue, entries(issue, "talk")[:3])

    def fail(lines: object, before: str | None) -> None:
        raise NotFound("no file")

    with home.opened() as app:
        found = proposals(app)[0]
        with pytest.raises(NotFound, match="no file"):
            accept(app, found.key, editor="ada", write=fail)
        assert proposals(app)[0] == found
