"""A home with a draft over a small real web, made once and copied for each test that changes it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from starlette.testclient import TestClient

from newsletter.model.issue import Issue, Section
from newsletter.model.item import Event
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.gather import due_sources, gather_sources
from newsletter.pipeline.times import week_period
from newsletter.store import issues
from newsletter.web.app import make_web
from tests.fakes import FixedClock
from tests.loopback import atom, serving
from tests.web.desk import BASE, FEEDS, Desk

NOW = datetime(2026, 10, 15, 18, 35, tzinfo=UTC)
WEEK = "2026-W42"
SOURCES = """\
sections:
  - id: highlights
    title: Highlights
    at most: 2
    pick: best of everything
  - id: developer
    title: Developer Community
    at most: 4
    group by: project
  - id: general
    title: General Community
    at most: 5
  - id: news
    title: In the News
sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    section: general
  - name: Engine blog
    kind: feed
    url: {web}/engine.xml
    section: developer
  - name: Rudder blog
    kind: feed
    url: {web}/rudder.xml
    section: developer
  - name: Anchor blog
    kind: feed
    url: {web}/anchor.xml
    section: developer
rules:
  - name: No adverts
    match:
      title: hiring
    drop: yes
"""
_GENERAL = (
    ("bridge", "The bridge opens", "The bridge over the river opens on a sunny day with a brass band."),
    ("gauge", "A new gauge counts drops", "It stands at the old mill and counts what falls from the sky."),
    ("library", "Books are lent for longer", "Readers may keep a novel for six weeks instead of four."),
    ("market", "Apples return to the market", "Growers from the valley bring forty sorts this autumn."),
    ("choir", "A choir looks for tenors", "Rehearsals take place where the bakery used to be."),
    ("ferry", "The ferry gets a second deck", "Cyclists travel upstairs from now on, dogs below."),
    ("lamp", "Street lamps learn to dim", "Owls profit most, says the woman who counts them."),
    ("advert", "We are hiring", "Come and work with us in the harbour."),
)
_ENGINE = (
    ("piston", "Pistons run without oil", "Ceramic rings make grease a thing of the past, tests say."),
    ("valve", "Valves open by radio", "Nobody climbs the tower any more to turn the red wheel."),
    ("spark", "A spark that lasts", "Igniting once a season suffices after the change of alloy."),
)
_RUDDER = (
    ("keel", "Keels grow wings", "Two fins lift the hull over reeds and sleeping swans."),
    ("helm", "Who stands at the helm", "A rota on paper replaces the quarrels of last summer."),
)


def _feed(entries: tuple[tuple[str, str, str], ...], title: str) -> str:
    dated = (
        (key, name, f"2026-10-{13 - at % 3:02d}T0{at}:00:00Z", text) for at, (key, name, text) in enumerate(entries)
    )
    return atom(*dated, title=title)


def build_home(folder: Path) -> Path:
    """Gather and draft once; the home can be copied."""
    with serving() as web:
        web["/planet.xml"], web["/engine.xml"] = _feed(_GENERAL, "Planet"), _feed(_ENGINE, "Engine")
        web["/rudder.xml"], web["/anchor.xml"] = _feed(_RUDDER, "Rudder"), _feed((), "Anchor")
        (folder / "feeds.yaml").write_text(FEEDS + SOURCES.replace("{web}", web.base), encoding="utf-8")
        environ = {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"}
        with open_newsletter(folder, environ=environ, now=FixedClock(NOW)) as app:
            gather_sources(app, due_sources(app, ()))
            make_draft(app, week_period(app.config.schedule, WEEK))
            with app.database.transaction() as db:
                issues.save_draft(db, _with_more(issues.issue(db, 1).issue), now=NOW)
    return folder


def _with_more(issue: Issue) -> Issue:
    """``issue`` with projects, of which one is quiet, and a date that is guessed."""
    guessed = Event(date(2026, 10, 27), is_guess=True, words="late October")

    def more(section: Section) -> Section:
        if section.id == "general":
            return replace(section, entries=(replace(section.entries[0], event=guessed), *section.entries[1:]))
        if section.id != "developer":
            return section
        named = tuple(replace(each, project=(each.source or "").split()[0].lower()) for each in section.entries)
        return replace(section, entries=named, quiet_projects=("anchor",))

    return replace(issue, sections=tuple(map(more, issue.sections)))


@contextmanager
def drafted_desk(built: Path, folder: Path) -> Iterator[Desk]:
    """The desk over a copy of a home that was built."""
    shutil.copytree(built, folder)
    clock = FixedClock(NOW)
    web = make_web(folder, environ={}, now=clock)
    with TestClient(web, base_url=BASE, client=("127.0.0.1", 50000), follow_redirects=False) as client:
        yield Desk(web, clock, client)
