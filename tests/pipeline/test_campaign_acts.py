"""What people say reaches the service: stopped, taken back, at another hour, corrected."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from newsletter.errors import ServiceFault, WrongState
from newsletter.model.correction import Correction
from newsletter.pipeline import campaign_acts
from newsletter.pipeline import campaigns as pipeline_campaigns
from newsletter.pipeline.approval import approve, take_back
from newsletter.pipeline.corrections import correct_entry
from newsletter.pipeline.deliveries import deliveries_of
from newsletter.pipeline.send_acts import send_at, send_erratum, send_now, stop
from newsletter.store import issues
from newsletter.store.mailings import known_mailing
from tests.campaign_services import Fault
from tests.pipeline.campaign_desk import HOUR, STATES, Desk, desk_at, every_service
from tests.pipeline.conftest import Home


@pytest.fixture
def desk(home: Home, name: str) -> Iterator[Desk]:
    with desk_at(home, name) as found:
        yield found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What people do waits for no busy service."""

    def rest(seconds: float) -> None:
        return

    monkeypatch.setattr(campaign_acts, "tend", partial(pipeline_campaigns.tend, rest=rest))
    monkeypatch.setattr(campaign_acts, "service_of", partial(pipeline_campaigns.service_of, rest=rest))


@every_service
def test_stopped_before_its_hour_it_is_a_draft_again(desk: Desk, name: str) -> None:
    desk.approve()
    desk.look()
    with desk.app() as app:
        stop(app, 1, by="Ines")
    assert (desk.state(), desk.there()) == (("stopped", "draft"), "draft")
    desk.home.clock.now = HOUR
    desk.look()
    assert desk.there() == "draft"
    with desk.app() as app:
        send_now(app, 1, by="Ines")
    desk.look()
    assert (desk.state(), desk.there()) == (("sending", "sending"), "sending")


def test_stopped_while_it_goes_out_it_is_paused_where_the_service_can(home: Home) -> None:
    with desk_at(home, "listmonk") as desk:
        desk.approve()
        desk.home.clock.now = HOUR
        desk.look()
        with desk.app() as app:
            stop(app, 1, by="Ines")
            assert desk.service.only()["status"] == "paused"
            send_now(app, 1, by="Ines")
        desk.look()
        assert desk.service.only()["status"] == "running"
        assert desk.state() == ("sending", "sending")


def test_what_cannot_be_stopped_there_is_said(home: Home) -> None:
    with desk_at(home, "mailchimp") as desk:
        desk.approve()
        desk.home.clock.now = HOUR
        desk.look()
        with (
            desk.app() as app,
            pytest.raises(ServiceFault, match=r"It is stopped here, but not there: .* Stop it there: https://us21"),
        ):
            stop(app, 1, by="Ines")
        assert desk.state() == ("stopped", "sending")


def test_a_service_that_is_away_is_told_later_that_it_was_stopped(home: Home, quick: None) -> None:
    with desk_at(home, "listmonk") as desk:
        desk.approve()
        desk.look()
        desk.service.faults.append(Fault("GET", "/", 500, times=3))
        with desk.app() as app, pytest.raises(ServiceFault, match="stopped here, but not there"):
            stop(app, 1, by="Ines")
        assert desk.there() == "scheduled"
        desk.home.clock.move(minutes=6)
        desk.look()
        assert (desk.state(), desk.there()) == (("stopped", "draft"), "draft")


@every_service
def test_taken_back_it_is_deleted_there_and_approved_again_it_is_another(desk: Desk, name: str) -> None:
    desk.approve()
    desk.look()
    with desk.app() as app:
        take_back(app, 1, editor="Ines")
        assert desk.service.campaigns == {}
        approve(app, 1, editor="Ines")
    desk.look()
    assert desk.there() == "scheduled"


@every_service
def test_what_the_service_began_to_send_cannot_be_taken_back(desk: Desk, name: str) -> None:
    desk.approve()
    desk.look()
    desk.service.only()["status"] = STATES[name]["sent"]
    with desk.app() as app:
        with pytest.raises(WrongState, match="began to send issue 1"):
            take_back(app, 1, editor="Ines")
        with app.database.reading() as db:
            assert issues.issue(db, 1).state == "approved"
    asked = len([each for each in desk.service.asked if each.startswith(("PUT", "PATCH", "DELETE"))])
    desk.home.clock.now = HOUR
    desk.look()
    assert desk.state() == ("done", "sent")
    assert len([each for each in desk.service.asked if each.startswith(("PUT", "PATCH", "DELETE"))]) == asked


def test_it_is_not_taken_back_while_the_service_cannot_be_told(home: Home, quick: None) -> None:
    with desk_at(home, "listmonk") as desk:
        desk.approve()
        desk.look()
        desk.service.faults.append(Fault("GET", "/", 500, times=100))
        with desk.app() as app:
            with pytest.raises(ServiceFault, match="busy or in trouble"):
                take_back(app, 1, editor="Ines")
            with app.database.reading() as db:
                assert issues.issue(db, 1).state == "approved"


@every_service
def test_another_hour_is_told_to_the_service(desk: Desk, name: str) -> None:
    desk.approve()
    desk.look()
    with desk.app() as app:
        send_at(app, 1, HOUR + timedelta(hours=3), by="Ines")
    desk.look()
    with desk.app() as app:
        (row,) = deliveries_of(app, 1).campaigns
    assert row.scheduled_at == HOUR + timedelta(hours=3)
    assert len(desk.service.campaigns) == 1


@every_service
def test_what_a_person_does_there_is_left_and_told(desk: Desk, name: str) -> None:
    desk.approve()
    desk.look()
    desk.service.only()["status"] = STATES[name]["draft"]
    desk.home.clock.move(minutes=20)
    desk.look()
    assert desk.there() == "draft"
    with desk.app() as app:
        assert "took the campaign from its hour" in deliveries_of(app, 1).campaigns[0].words
    desk.service.campaigns.clear()
    desk.home.clock.now = HOUR
    desk.home.clock.move(minutes=1)
    desk.look()
    assert desk.service.campaigns == {}
    with desk.app() as app:
        assert "deleted the campaign" in deliveries_of(app, 1).mailing.reason
        send_now(app, 1, by="Ines")
    desk.look()
    assert desk.there() == "sending"


def test_an_erratum_goes_to_the_lists_that_got_the_issue(home: Home) -> None:
    with desk_at(home, "listmonk") as desk:
        desk.approve()
        desk.home.clock.now = HOUR
        desk.look()
        desk.service.only()["status"] = "finished"
        desk.home.clock.move(minutes=2)
        desk.look()
        with desk.app() as app:
            with app.database.reading() as db:
                entry = issues.issue(db, 1).issue.entries[0]
            correction = Correction(0, "", HOUR, "Ines", "It opens on Tuesday.", title="The bridge opens late")
            correct_entry(app, 1, entry=entry.id, correction=correction)
            send_erratum(app, 1, 1, by="Ines")
        desk.look()
        assert desk.state("erratum-1") == ("sending", "sending")
        made = next(each for each in desk.service.campaigns.values() if "erratum-1" in each["name"])
        assert made["lists"] == [3, 5]
        assert made["subject"] == "Correction to issue 1: The bridge opens late"
        assert "It opens on Tuesday." in made["altbody"]
        assert "{{ UnsubscribeURL }}" in made["body"]


def test_stopped_in_the_middle_of_handing_over_it_does_not_go(home: Home) -> None:
    with desk_at(home, "listmonk") as desk:
        desk.approve()
        desk.home.clock.now = HOUR

        def stops(method: str, path: str) -> None:
            if method == "POST" and path == "/api/campaigns":
                desk.service.before = lambda *_: None
                with desk.app() as app:
                    stop(app, 1, by="Ines")

        desk.service.before = stops
        desk.look()
        assert desk.there() == "draft"
        with desk.app() as app, app.database.reading() as db:
            assert known_mailing(db, 1).state == "stopped"
