"""Figures of a whole home: what is counted, proved, held back and told."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsletter.model.issue import Issue
from newsletter.model.item import Event, Item, Person, Review, Thread, item_id
from newsletter.model.source import Source
from newsletter.pipeline.counting import quiet_projects
from newsletter.pipeline.draft import SNAPSHOT, make_draft
from newsletter.pipeline.publish import publish_site, render_issue
from newsletter.pipeline.rebuild import rebuild_issue
from newsletter.pipeline.review import change
from newsletter.pipeline.times import week_period
from newsletter.store import items
from tests.pipeline.conftest import Home

AT = datetime(2026, 10, 13, 9, tzinfo=UTC)
WEEK = timedelta(weeks=1)
SITE = "  site: https://news.example\n"
SECTIONS = """sections:
  - id: developer
    group by: project
    {quiet}
  - id: events
    order: by date
  - id: statistics
    group by: project
"""
SOURCES = """sources:
  - name: Reviews
    kind: gerrit
    url: https://review.example
    projects: [kiln/glaze, kiln/clay]
    take: [merged, open]
    section: developer
  - name: Code
    kind: gitlab
    repositories: [kiln/wheel]
    section: developer
  - name: List
    kind: mailing list
    url: https://lists.example/pipermail/kiln/
    section: developer
"""
RULES = """rules:
  - name: Robots
    match:
      author: Zap
    drop: yes
  - name: New hands
    match:
      title: "welcome * core"
    label: new core member
  - name: How many we are
    match:
      title: about us
    label: members
"""


def item(source: str, key: str, title: str = "", *, who: str = "Ada", **values: Any) -> Item:
    given = {"form": "review", "kind": "gerrit", "author": Person(who, f"{who}@{source}.example"), "published_at": AT}
    given |= {"url": f"https://{source}.example/{key}", "text": "Some words about it that say enough."} | values
    return Item(item_id(source, key), source, native_keys=(key,), title=title or f"Change {key}", **given)


def merged(source: str, number: int, project: str, *, who: str = "Ada", at: datetime = AT, **values: Any) -> Item:
    review = Review("merged", project, number, at - timedelta(days=2), at, **values)
    return item(source, str(number), who=who, review=review, project=project.rsplit("/", 1)[-1], published_at=at)


def mail(key: str, *, at: datetime = AT, root: str = "", **values: Any) -> Item:
    answers = (f"<{root}@x>",) if root else ()
    thread = Thread(f"{root or key}@x")
    given = {"thread": thread, "in_reply_to": answers, "form": "mail", "kind": "mailing list"} | values
    return item("list", f"<{key}@x>", given.pop("title", f"Mail {key}"), published_at=at, **given)


def drafted(home: Home, *found: Item, head: str = SITE, quiet: str = "", week: str = "2026-W42") -> Issue:
    (home.folder / "feeds.yaml").unlink(missing_ok=True)
    home.write(head + SECTIONS.replace("{quiet}", quiet) + SOURCES + RULES)
    with home.opened() as app:
        with app.database.transaction() as db:
            items.save_items(db, found, now=app.now())
        return make_draft(app, week_period(app.config.schedule, week))


def proofs(issue: Issue) -> dict[str, str | None]:
    return {each.name: each.proof for each in issue.statistics}


def test_what_one_service_can_list_is_proved_there_without_the_robots(home: Home) -> None:
    zap = merged("reviews", 3, "kiln/glaze", who="Zap")
    issue = drafted(home, merged("reviews", 1, "kiln/glaze"), merged("reviews", 2, "kiln/clay", who="Bo"), zap)
    found = proofs(issue)
    assert next(each.value for each in issue.statistics if each.name == "merged changes") == 2
    proof = found["merged changes"] or ""
    assert proof.startswith("https://review.example/q/status:merged")
    assert "-owner:%22Zap%40reviews.example%22" in proof
    assert found["first-time contributors" if "first-time contributors" in found else "contributors"]
    assert [(each.project, each.merged) for each in issue.projects] == [("clay", 1), ("glaze", 1)]
    assert "project:kiln/clay" in (issue.projects[0].proof or "")


def test_what_comes_from_several_places_is_proved_on_the_issues_own_page(home: Home) -> None:
    issue = drafted(home, merged("reviews", 1, "kiln/glaze"), merged("code", 2, "kiln/wheel"), mail("a"))
    page = "https://news.example/issues/1/figures.html#"
    assert proofs(issue)["merged changes"] == f"{page}merged-changes"
    assert proofs(issue)["list messages"] == f"{page}list-messages"
    assert next(each.proof for each in issue.projects if each.project == "wheel") == f"{page}project-wheel"
    assert (next(each.proof for each in issue.projects if each.project == "glaze") or "").startswith("https://review.")


def test_without_a_site_the_page_lies_beside_the_issue(home: Home) -> None:
    issue = drafted(home, mail("a"), mail("b", root="a"), head="")
    assert proofs(issue)["list messages"] is None
    with home.opened() as app:
        folder = render_issue(app, 1).folder
        site = publish_site(app)
    assert 'href="figures.html#list-messages"' in (folder / "issue.html").read_text()
    page = (folder / "figures.html").read_text()
    assert page.count("Mail a")
    assert page.count("Mail b")
    assert (site / "issues" / "1" / "figures.html").read_text() == page


def test_a_figure_far_off_is_held_back_until_an_editor_lets_it_through(home: Home) -> None:
    before = [mail(f"o{at}", at=AT - WEEK) for at in range(7)]
    drafted(home, *before, week="2026-W41")
    issue = drafted(home, *(mail(f"n{at}") for at in range(22)))
    (held,) = (each for each in issue.statistics if each.name == "list messages")
    assert (held.value, held.last, held.held_because) == (22, 7, "22 is more than 3 times the last, 7")
    assert held.name not in {each.name for each in issue.figures}
    assert any("“list messages” is held back for a look" in each for each in issue.warnings)
    with home.opened() as app:
        folder = render_issue(app, 2).folder
        assert "List messages" not in (folder / "issue.html").read_text()
        told = json.loads((folder / "issue.json").read_text())["statistics"]
        assert [each["is_held"] for each in told if each["name"] == "list messages"] == [True]
        change(app, 2, action="show figure", target="list messages", value=True, editor="ada")
        render_issue(app, 2)
        assert "List messages" in (folder / "issue.html").read_text()
        assert 'id="list-messages"' in (folder / "figures.html").read_text()
        assert not rebuild_issue(app, 2).differing


def test_whoever_does_not_want_it_is_named_nowhere(home: Home) -> None:
    history = merged("reviews", 9, "kiln/clay", who="Old", at=AT - timedelta(days=40))
    change_of_ada = merged("reviews", 1, "kiln/glaze", lines_removed=9)
    words = "The glaze is thinner now. Ada mixed it on Monday with her own hands. It dries in an hour."
    issue = drafted(
        home,
        history,
        replace(change_of_ada, text=words),
        merged("reviews", 2, "kiln/clay", who="Bo"),
        mail("a"),
        head=SITE + "  leave out names: [ada]\n",
    )
    assert next(each.value for each in issue.statistics if each.name == "contributors") == 2
    assert issue.newcomers == ("Bo",)
    assert {each.author for each in issue.entries} == {None, "Bo"}
    with home.opened() as app:
        folder = render_issue(app, 1).folder
        planet = (publish_site(app) / "planet" / "index.html").read_text()
    for name in ("issue.html", "email.html", "email.txt", "issue.json", "figures.html"):
        assert "Ada" not in (folder / name).read_text(), name
    assert planet.count("Ada") == 1, "the planet has her words, and not her as their author"


def test_what_rules_label_is_counted(home: Home) -> None:
    about = item("list", "about", "About us", form="page", kind="web page", text="We are 1,204 members now.")
    welcome = mail("w", title="Welcome Bo to glaze core")
    found = {each.name: each.value for each in drafted(home, about, welcome).statistics}
    assert (found["members"], found["new core members"]) == (1204, 1)


def test_dates_ahead_are_those_after_the_day_of_the_issue(home: Home) -> None:
    def dated(key: str, days: int, **values: Any) -> Item:
        event = Event(AT + timedelta(days=days), title=key, **values)
        return item("list", key, f"Meeting about {key}", form="event", kind="calendar", event=event)

    issue = drafted(home, dated("clay", 20), dated("slip", -1), dated("ash", 9, is_guess=True), dated("frit", 8))
    assert next(each.value for each in issue.statistics if each.name == "events ahead") == 2


@pytest.mark.parametrize(
    ("quiet", "named"),
    [("", ("clay", "wheel")), ("quiet projects: name", ("clay", "wheel")), ("quiet projects: leave out", ())],
)
def test_quiet_projects_are_named_or_left_out(home: Home, quiet: str, named: tuple[str, ...]) -> None:
    before = [merged("reviews", at, f"kiln/{name}", at=AT - 3 * WEEK) for at, name in ((2, "clay"), (3, "wheel"))]
    issue = drafted(home, merged("reviews", 1, "kiln/glaze"), *before, quiet=quiet)
    assert issue.sections[0].quiet_projects == named


def test_a_project_that_was_not_alive_lately_is_not_told_to_be_quiet(home: Home) -> None:
    gone = merged("reviews", 2, "kiln/clay", at=AT - 9 * WEEK)
    alive = merged("code", 3, "kiln/wheel", at=AT - 7 * WEEK)
    issue = drafted(home, merged("reviews", 1, "kiln/glaze"), gone, alive)
    assert issue.sections[0].quiet_projects == ("wheel",)
    assert [each.project for each in issue.projects] == ["glaze", "wheel"]


def test_a_project_is_one_by_whatever_part_of_its_name() -> None:
    source = Source("code", "Code", "gitlab", {"repositories": ["kiln/wheel", "kiln/clay", "kiln/ash"]})
    assert quiet_projects([source], None, ["Kiln/Wheel", None]) == ("clay", "ash")
    assert quiet_projects([source], ("ash",)) == ("ash",)


@pytest.mark.parametrize(("weeks", "is_claimed"), [(1, False), (5, True)])
def test_nobody_is_called_new_after_a_few_weeks_of_reading(home: Home, weeks: int, is_claimed: bool) -> None:
    history = merged("reviews", 9, "kiln/clay", who="Old", at=AT - weeks * WEEK)
    issue = drafted(home, history, merged("reviews", 1, "kiln/glaze"))
    assert ("first-time contributors" in {each.name for each in issue.statistics}) is is_claimed
    assert bool(issue.newcomers) is is_claimed


def test_a_source_that_brings_more_than_twice_the_rest_is_told(home: Home) -> None:
    others = [merged("reviews", at, "kiln/glaze", who=f"P{at}") for at in range(10)]
    assert not drafted(home, *others, *(mail(f"m{at}") for at in range(20))).warnings
    (told,) = drafted(home, mail("m20")).warnings
    assert told.startswith("List brought 21 of 31 items of this period, more than twice as many as all other sources")


def test_a_lost_list_of_evidence_is_counted_again(home: Home) -> None:
    drafted(home, mail("a"))
    with home.opened() as app:
        folder = render_issue(app, 1).folder
        before = (folder / "figures.html").read_bytes()
        (folder / SNAPSHOT / "evidence.json.gz").write_bytes(b"broken")
        render_issue(app, 1)
        assert (folder / "figures.html").read_bytes() == before


def test_the_weeks_before_the_first_issue_stand_beside_its_figures(home: Home) -> None:
    past = [
        mail(f"{back}-{at}", at=AT - back * WEEK) for back, count in ((1, 3), (2, 2), (3, 4)) for at in range(count)
    ]
    issue = drafted(home, *past, mail("now"))
    assert next(each.past for each in issue.statistics if each.name == "list messages") == (2, 3)
