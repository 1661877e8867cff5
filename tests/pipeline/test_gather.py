from datetime import UTC, datetime, timedelta

import pytest

from newsletter.errors import NotFound
from newsletter.model.period import Period
from newsletter.pipeline.gather import check_online
from newsletter.pipeline.sources import source_health
from newsletter.store import items
from tests.loopback import atom
from tests.pipeline.conftest import Home

ONE = ("one", "First words", "2026-10-12T09:00:00Z", "Hello there, dear readers.")
TWO = ("two", "Second words", "2026-10-13T09:00:00Z", "More words for the same readers.")
PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
ALL = Period(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def titles(home: Home) -> list[str]:
    with home.opened() as app, app.database.reading() as db:
        return [each.item.title for each in items.items_between(db, ALL)]


def test_what_is_new_is_stored_and_the_rest_costs_a_304(any_home: Home) -> None:
    home = any_home
    home.write(PLANET)
    home.web["/planet.xml"] = atom(ONE)
    assert home.gather()["Planet"].new_count == 1
    home.clock.move(hours=3)
    assert home.gather()["Planet"].state.state == "unchanged"
    home.clock.move(hours=3)
    home.web["/planet.xml"] = atom(TWO, ONE)
    report = home.gather()["Planet"]
    assert (report.new_count, report.changed_count) == (1, 0)
    assert home.web.asked == [("/planet.xml", 200), ("/planet.xml", 304), ("/planet.xml", 200)]
    assert titles(home) == ["First words", "Second words"]


def test_a_changed_original_is_a_revision_of_the_same_item(home: Home) -> None:
    home.write(PLANET)
    home.web["/planet.xml"] = atom(ONE)
    home.gather()
    home.web["/planet.xml"] = atom(("one", "First words, corrected", *ONE[2:]))
    assert home.gather("Planet")["Planet"].changed_count == 1
    assert titles(home) == ["First words, corrected"]


def test_only_what_is_due_is_read_and_a_name_reads_it_now(home: Home) -> None:
    home.write(PLANET)
    home.web["/planet.xml"] = atom(ONE)
    home.gather()
    assert home.gather() == {}
    assert set(home.gather("planet")) == {"Planet"}
    with pytest.raises(NotFound, match="There is no source “Planets”"):
        home.gather("Planets")


def test_a_broken_source_never_stops_the_others(home: Home) -> None:
    home.write(
        PLANET
        + "  - name: Broken\n    kind: feed\n    url: {web}/broken.xml\n"
        + "  - name: Gone\n    kind: feed\n    url: {web}/gone.xml\n"
        + "  - name: Nobody\n    kind: feed\n    url: http://127.0.0.1:1/x.xml\n"
    )
    home.web["/planet.xml"] = atom(ONE)
    home.web.statuses["/broken.xml"] = (500, {})
    home.web.statuses["/gone.xml"] = (410, {})
    reports = home.gather()
    assert {name: report.state.state for name, report in reports.items()} == {
        "Planet": "ok",
        "Broken": "failing",
        "Gone": "gone",
        "Nobody": "failing",
    }
    assert reports["Broken"].problem == (
        f"feeds.yaml:10: “Broken”: {home.web.base}/broken.xml answers 500 Internal Server Error. "
        "The server is in trouble; it is asked again later."
    )
    assert str(reports["Nobody"].problem).startswith("feeds.yaml:16: “Nobody” (http://127.0.0.1:1/x.xml): 127.0.0.1 ")
    assert titles(home) == ["First words"]
    with home.opened() as app:
        states = {source.name: state for source, state in source_health(app) if state}
    assert states["Broken"].failures == 1
    assert states["Gone"].next_at is None


def test_patience_is_kept_over_runs_and_for_all_sources_of_the_domain(home: Home) -> None:
    home.write(
        PLANET.replace("Planet", "Busy").replace("/planet.xml", "/busy.xml")
        + "  - name: Sister\n    kind: feed\n    url: {web}/planet.xml\n"
    )
    home.web["/planet.xml"] = atom(ONE)
    home.web.statuses["/busy.xml"] = (429, {"Retry-After": "3600"})
    assert home.gather("Busy")["Busy"].state.next_at == home.clock.now + timedelta(hours=1)
    assert home.gather("Sister")["Sister"].state.state == "throttled"
    assert [path for path, _ in home.web.asked] == ["/busy.xml"]
    home.clock.move(hours=1, minutes=1)
    assert home.gather("Sister")["Sister"].state.state == "ok"


def test_a_private_address_is_refused_without_the_setting(home: Home) -> None:
    home.environ = {}
    home.write(PLANET)
    report = home.gather()["Planet"]
    assert report.state.state == "failing"
    assert "inside your network" in report.state.state_reason
    assert home.web.asked == []


def test_a_rename_with_the_same_address_keeps_what_was_read(home: Home) -> None:
    home.write(PLANET)
    home.web["/planet.xml"] = atom(ONE)
    home.gather()
    home.write(PLANET.replace("name: Planet", "name: Our planet"))
    report = home.gather("Our planet")["Our planet"]
    assert report.state.state == "unchanged"
    assert report.source.id == "planet"
    assert titles(home) == ["First words"]


def test_looking_online_stores_nothing(home: Home) -> None:
    home.write(PLANET)
    home.web["/planet.xml"] = atom(ONE, TWO)
    with home.opened() as app:
        assert [report.new_count for report in check_online(app)] == [2]
        assert [state.checked_at for _, state in source_health(app) if state] == [None]
    assert titles(home) == []


def test_without_sources_nothing_happens(home: Home) -> None:
    home.write("sources: []\n")
    assert home.gather() == {}
