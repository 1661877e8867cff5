"""The checks look at the very mail that would be sent, and at what is remembered of links, items and editors."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from newsletter.edit.check import Check
from newsletter.errors import NotFound
from newsletter.model.issue import Change
from newsletter.model.link import LinkReport, LinkResult
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.checking import check_issue, mail_facts, seen_entries
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.publish import render_files, render_issue
from newsletter.pipeline.review import act, open_desk, undo
from newsletter.pipeline.times import week_period
from newsletter.store import links
from tests.loopback import atom
from tests.pipeline.conftest import NOW, Home

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n    section: general\n"
BRIDGE = ("first", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")
GAUGE = ("second", "A new gauge", "2026-10-13T09:00:00Z", "The gauge counts drops and people who pass by.")


@pytest.fixture
def app(home: Home) -> Iterator[Newsletter]:
    home.write(PLANET)
    home.web["/planet.xml"] = atom(BRIDGE, GAUGE)
    home.gather()
    with home.opened() as opened:
        make_draft(opened, week_period(opened.config.schedule, "2026-W42"))
        render_issue(opened, 1)
        yield opened


def told(app: Newsletter, name: str, *, known: LinkReport | None = None) -> Check | None:
    return next((each for each in check_issue(app, 1, links=known) if each.id == name), None)


def test_the_facts_are_those_of_the_rendered_mail(app: Newsletter) -> None:
    made = render_files(app, 1)
    facts = mail_facts(made)
    assert facts.text == made.parts.text
    assert facts.html_size == len(made.files["email.html"])
    assert {each.title for each in facts.shown} == {"The bridge opens", "A new gauge"}
    assert (facts.subject, facts.whole_subject) == (made.parts.subject, made.issue.title)
    assert facts.lowest_contrast >= 4.5


def test_a_site_that_feeds_yaml_names_since_the_draft_is_told(app: Newsletter) -> None:
    assert told(app, "settings") is None
    newsletter = replace(app.config.newsletter, site="https://new.example.org")
    found = told(replace(app, config=replace(app.config, newsletter=newsletter)), "settings")
    assert found is not None
    assert "site: " in found.text
    assert "(now https://new.example.org)" in found.text


def test_a_subject_is_measured_before_it_is_cut(app: Newsletter) -> None:
    long = "The bridge opens " + "and everybody walks over it " * 4
    act(app, 1, [("title", "issue", long)], editor="Ada")
    facts = mail_facts(render_files(app, 1))
    assert facts.whole_subject == long.strip()
    assert len(facts.subject) <= 70
    found = told(app, "subject")
    assert found is not None
    assert found.text == f"Subject is cut: {len(long.strip())} of 70 characters"


def test_what_is_remembered_of_links_counts_unless_others_are_given(app: Newsletter) -> None:
    url = next(entry.url for entry in open_desk(app, 1).issue.entries if entry.url)
    dead = LinkResult(url, "dead", NOW, 404, reason="404")
    assert told(app, "link dead") is None
    assert told(app, "link dead", known=LinkReport({url: dead})) is not None
    with app.database.transaction() as db:
        links.save_links(db, [dead])
    assert told(app, "link dead") is not None
    assert told(app, "link dead", known=LinkReport({url: replace(dead, state="good")})) is None


def test_an_entry_was_looked_at_when_somebody_decided_and_not_took_it_back(app: Newsletter) -> None:
    ids = {card.entry.title: card.entry.id for card in open_desk(app, 1).cards()}

    def unseen() -> set[str]:
        found = told(app, "unseen")
        return set(found.entries) if found else set()

    assert unseen() == set(ids.values())
    act(app, 1, [("keep", ids["A new gauge"], {})], editor="Ada")
    act(app, 1, [("remark", ids["The bridge opens"], {"text": "Hm"})], editor="Ada")
    assert unseen() == {ids["The bridge opens"]}
    undo(app, 1, editor="Ada", batch=1)
    assert unseen() == set(ids.values())


def test_a_kept_entry_was_looked_at_whoever_kept_it(app: Newsletter) -> None:
    issue = open_desk(app, 1).issue
    entry = issue.entries[0]
    kept = replace(issue, sections=tuple(_kept(section, entry.id) for section in issue.sections))
    assert seen_entries(kept, ()) == {entry.id}
    assert seen_entries(issue, [Change(1, "Ada", NOW, "title", "x", "X")]) == {"x"}


def _kept(section, name):  # type: ignore[no-untyped-def]
    entries = (replace(entry, is_kept=True) if entry.id == name else entry for entry in section.entries)
    return replace(section, entries=tuple(entries))


def test_an_issue_that_is_not_there(app: Newsletter) -> None:
    with pytest.raises(NotFound):
        check_issue(app, 9)
