"""The links of a draft: asked once, remembered for six hours, failed ones asked again."""

from dataclasses import replace

import pytest

from newsletter.fetch.links import LinkSettings
from newsletter.model.link import LinkReport
from newsletter.pipeline import link_check
from newsletter.pipeline.approval import check_issue
from newsletter.pipeline.due import draft_if_due
from newsletter.pipeline.link_check import check_links, known_links
from tests.loopback import atom
from tests.pipeline.conftest import Home, gather_due

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
NAMES = ("good", "moved", "lost")
ENTRIES = [(name, f"Story {name} of the week", "2026-10-12T09:00:00Z", f"Words about {name}.") for name in NAMES]


@pytest.fixture
def drafted(any_home: Home) -> Home:
    home = any_home
    home.write(PLANET)
    home.web["/planet.xml"] = atom(*ENTRIES).replace("https://planet.example", home.web.base)
    home.web["/good"] = home.web["/new"] = "here"
    home.web.statuses["/moved"] = (301, {"Location": "/new"})
    with home.opened() as app:
        gather_due(app)
        assert draft_if_due(app)
    home.web.asked.clear()
    return home


def look(home: Home, *, again: bool = False) -> tuple[LinkReport, list[str]]:
    settings = LinkSettings(seconds=2, archive=f"{home.web.base}/available?url=")
    with home.opened() as app:
        report = check_links(app, 1, again=again, settings=settings)
    asked = [path for path, _ in home.web.asked if not path.startswith("/available")]
    home.web.asked.clear()
    return report, asked


def states(report: LinkReport) -> dict[str, str]:
    return {url.rpartition("/")[2]: each.state for url, each in report.results.items()}


def test_a_second_look_asks_only_what_is_new_or_failed(drafted: Home) -> None:
    report, asked = look(drafted)
    assert states(report) == {"good": "good", "moved": "moved", "lost": "dead"}
    assert {"/good", "/moved", "/lost"} <= set(asked)
    report, asked = look(drafted)
    assert states(report) == {"good": "good", "moved": "moved", "lost": "dead"}
    assert set(asked) == {"/lost"}
    drafted.clock.move(hours=7)
    assert "/good" in look(drafted)[1]
    assert "/good" in look(drafted, again=True)[1]


def test_the_checks_know_what_was_found(drafted: Home) -> None:
    with drafted.opened() as app:
        assert known_links(app, 1) == LinkReport()
    look(drafted)
    with drafted.opened() as app:
        checks = {each.id: each for each in check_issue(app, 1)}
    act = checks["link moved"].act
    assert act is not None
    assert (act.kind, act.target, act.value) == ("link", f"{drafted.web.base}/moved", f"{drafted.web.base}/new")
    assert checks["link dead"].state == "warning"
    assert checks["links"].text == "2 links answer"


def test_a_copy_that_was_found_once_is_kept(drafted: Home) -> None:
    report, _ = look(drafted)
    dead = next(each for each in report.results.values() if each.state == "dead")
    before = replace(dead, archived="https://web.archive.org/x")
    assert link_check._with_what_was_known(dead, before).archived == "https://web.archive.org/x"
    assert link_check._with_what_was_known(dead, None) == dead
