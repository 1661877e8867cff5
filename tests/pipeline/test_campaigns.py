"""An approved issue is handed over to a service: once, as approved, and it goes at its hour."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from newsletter.pipeline import campaigns as pipeline_campaigns
from newsletter.pipeline.approval import approve, take_back
from newsletter.pipeline.deliveries import deliveries_of
from newsletter.pipeline.readers import readers_of
from newsletter.pipeline.send_acts import send_at, send_now
from newsletter.store import issues
from newsletter.store.rights import take_right
from tests.campaign_services import Fault
from tests.mailed import add_readers
from tests.pipeline.campaign_desk import HOUR, STATES, TITLE, WAYS, Desk, desk_at, every_service
from tests.pipeline.conftest import Home


@pytest.fixture
def desk(home: Home, name: str) -> Iterator[Desk]:
    with desk_at(home, name) as found:
        yield found


def body_of(campaign: dict[str, Any]) -> str:
    return str(campaign.get("body") or campaign["content"]["html"])


@every_service
def test_it_is_handed_over_before_its_hour_and_goes_out_at_it(desk: Desk, name: str) -> None:
    desk.approve()
    assert desk.state() == ("scheduled", "waiting")
    assert desk.look() == ()
    assert desk.state() == ("scheduled", "scheduled")
    assert desk.there() == "scheduled"
    asked = len(desk.service.asked)
    assert desk.look() == ()
    assert len(desk.service.asked) == asked
    desk.home.clock.now = HOUR
    (sent,) = desk.look()
    assert (sent.report.end, desk.state()) == ("waiting", ("sending", "scheduled"))
    desk.service.only()["status"] = STATES[name]["sending"]
    desk.home.clock.move(minutes=2)
    desk.look()
    assert desk.state() == ("sending", "sending")
    desk.service.only()["status"] = STATES[name]["sent"]
    desk.home.clock.move(minutes=2)
    (sent,) = desk.look()
    assert (sent.report.end, desk.state()) == ("done", ("done", "sent"))
    with desk.app() as app, app.database.reading() as db:
        assert issues.issue(db, 1).state == "sent"
    assert desk.look() == ()
    assert len(desk.service.campaigns) == 1


@every_service
def test_the_body_has_the_services_links_and_nothing_of_ours(desk: Desk, name: str) -> None:
    desk.approve()
    desk.look()
    html = body_of(desk.service.only())
    leave = {"listmonk": "{{ UnsubscribeURL }}", "buttondown": "{{ unsubscribe_url }}", "mailchimp": "*|UNSUB|*"}[name]
    assert html.count(f'href="{leave}"') >= 2
    texts = json_texts(desk.service.bodies)
    assert not re.search(r"/[ur]/[\w-]{32}|\.invalid|/useful/", texts)
    assert "The bridge over the river opens." in html
    assert "https://news.example.org/issues/1/" in html


def json_texts(said: Any) -> str:
    if isinstance(said, dict):
        return "\n".join(map(json_texts, said.values()))
    if isinstance(said, list):
        return "\n".join(map(json_texts, said))
    return said if isinstance(said, str) else ""


def test_what_each_service_is_told(home: Home) -> None:
    with desk_at(home, "listmonk") as desk:
        desk.write("  attach: calendar file\n")
        desk.approve("The bridge opens")
        desk.look()
        made = desk.service.only()
        assert (made["lists"], made["content_type"], made["from_email"]) == ([3, 5], "html", "Test <test@example.org>")
        assert made["send_at"] == "2026-10-16T10:00:00Z"
        assert made["subject"] == "The bridge opens"
        assert re.fullmatch(r"Test weekly 1 \[[0-9a-f]{8}-[0-9a-f]{8}\]", made["name"])
        assert "The bridge opens" in made["altbody"]
        template = next(each for each in desk.service.templates if each["id"] == made["template_id"])
        assert template["body"] == '{{ template "content" . }}'
        with desk.app() as app:
            (row,) = deliveries_of(app, 1).campaigns
            assert row.page == f"{desk.service.base}/admin/campaigns/{made['id']}"
            assert row.scheduled_at == HOUR
            where = readers_of(app, 1)
            assert (where.said, "its lists 3, 5" in where.where) == ("the readers at listmonk", True)


def test_mailchimp_tracks_nothing_and_keeps_quarter_hours(home: Home) -> None:
    with desk_at(home, "mailchimp") as desk:
        desk.write("  lists: [11, 12]\n")
        desk.approve()
        with desk.app() as app:
            send_at(app, 1, HOUR + timedelta(minutes=5), by="Ines")
        desk.look()
        made = desk.service.only()
        assert made["tracking"] == {"opens": False, "html_clicks": False, "text_clicks": False}
        assert made["settings"]["auto_footer"] is False
        assert [each["value"] for each in made["recipients"]["segment_opts"]["conditions"]] == [11, 12]
        assert made["send_time"] == "2026-10-16T10:15:00+00:00"
        with desk.app() as app:
            (row,) = deliveries_of(app, 1).campaigns
            assert row.page == "https://us21.admin.mailchimp.com/campaigns/show/?id=4000"
            assert (row.reader_count, row.scheduled_at) == (55, HOUR + timedelta(minutes=15))
        desk.home.clock.now = HOUR + timedelta(minutes=5)
        desk.look()
        assert (desk.state(), desk.there()) == (("sending", "scheduled"), "scheduled")


def test_buttondown_filters_by_tags_and_makes_drafts_first(home: Home) -> None:
    with desk_at(home, "buttondown") as desk:
        desk.write("  lists: [weekly, friends of ours]\n")
        desk.approve()
        desk.look()
        made = desk.service.only()
        assert [each["value"] for each in made["filters"]["filters"]] == ["weekly", "friends of ours"]
        assert made["filters"]["predicate"] == "or"
        assert made["template"] == "naked"
        posted = next(
            said
            for said, asked in zip(desk.service.bodies, desk.service.asked, strict=True)
            if asked.startswith("POST")
        )
        assert posted["status"] == "draft"
        assert "\n\n" not in made["body"]
        assert "<html" not in made["body"]


@every_service
def test_as_a_draft_it_waits_for_somebody_there(desk: Desk, name: str) -> None:
    desk.write("  as: draft\n")
    desk.approve()
    desk.look()
    assert (desk.state(), desk.there()) == (("scheduled", "draft"), "draft")
    desk.home.clock.now = HOUR
    desk.home.clock.move(minutes=20)
    desk.look()
    assert (desk.state(), desk.there()) == (("done", "draft"), "draft")


@every_service
def test_a_draft_that_somebody_sent_there_before_its_hour_is_done(desk: Desk, name: str) -> None:
    desk.write("  as: draft\n")
    desk.approve()
    desk.look()
    desk.service.only()["status"] = STATES[name]["sent"]
    desk.home.clock.move(minutes=20)
    desk.look()
    assert desk.state() == ("scheduled", "sent")
    desk.home.clock.now = HOUR
    desk.look()
    assert desk.state() == ("done", "sent")


def test_one_that_was_cancelled_there_is_told(home: Home) -> None:
    with desk_at(home, "listmonk") as desk:
        desk.approve()
        desk.home.clock.now = HOUR
        desk.look()
        desk.service.only()["status"] = "cancelled"
        desk.home.clock.move(minutes=2)
        (sent,) = desk.look()
        assert sent.report.reason.startswith("The campaign was cancelled or failed there: http://127.0.0.1")
        assert desk.state() == ("paused", "failed")


def test_a_campaign_that_is_refused_takes_no_other_from_its_hour(home: Home) -> None:
    with desk_at(home, "listmonk") as desk:
        way = WAYS["listmonk"].replace("  lists: [3, 5]\n", "")
        desk.write("  lists:\n    - 3\n    - list: 4\n      rhythm: highlights\n", way=way)
        desk.approve()
        desk.service.faults.append(Fault("POST", "/api/campaigns", 400, {"message": "no"}, times=9))
        desk.look()
        desk.service.faults[0].times = 1
        desk.home.clock.move(minutes=6)
        desk.look()
        assert desk.there() == "scheduled"
        desk.service.faults.append(Fault("POST", "/api/campaigns", 400, {"message": "no"}, times=9))
        desk.home.clock.now = HOUR
        desk.look()
        assert desk.state()[0] == "paused"
        desk.home.clock.move(minutes=30)
        desk.look()
        assert desk.there() == "scheduled"


def test_on_each_database(any_home: Home) -> None:
    with desk_at(any_home, "listmonk") as desk:
        desk._approve(TITLE)
        desk.look()
        assert desk.state() == ("scheduled", "scheduled")
        with desk.app() as app:
            take_back(app, 1, editor="Ines")
            assert desk.service.campaigns == {}
            approve(app, 1, editor="Ines")
        any_home.clock.now = HOUR
        desk.look()
        assert (desk.state(), desk.there()) == (("sending", "sending"), "sending")


@every_service
def test_a_crash_between_making_and_noting_makes_no_second_one(
    desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.approve()

    def falls(*_: object, **__: object) -> None:
        raise RuntimeError("the machine is off")

    monkeypatch.setattr(pipeline_campaigns, "note_campaign", falls)
    with pytest.raises(RuntimeError):
        desk.look()
    monkeypatch.undo()
    assert desk.state() == ("scheduled", "waiting")
    assert desk.there() == "draft"
    desk.look()
    assert (desk.state(), desk.there()) == (("scheduled", "scheduled"), "scheduled")


@every_service
def test_an_answer_that_is_lost_makes_no_second_one(desk: Desk, name: str) -> None:
    desk.approve()
    desk.service.faults.append(Fault("POST", "s", is_done=True))
    if name == "listmonk":  # its first POST makes the template
        desk.service.faults[:] = [Fault("POST", "/campaigns", is_done=True)]
    desk.look()
    assert desk.there() == "scheduled"
    assert len(desk.service.campaigns) == 1


@every_service
def test_a_refused_login_hands_nothing_over_and_says_what_to_mend(desk: Desk, name: str) -> None:
    desk.approve()
    desk.service.login = "somebody else"
    desk.look()
    assert desk.service.campaigns == {}
    assert desk.state() == ("scheduled", "waiting")
    with desk.app() as app:
        (row,) = deliveries_of(app, 1).campaigns
    assert "401: invalid login" in row.words
    assert '"api key:"' in row.words
    notice = next((desk.home.folder / "data" / "outbox").glob("*.eml")).read_text()
    assert "could not be handed over" in notice
    assert len(list((desk.home.folder / "data" / "outbox").glob("*.eml"))) == 1
    desk.look()
    asked = len(desk.service.asked)
    desk.home.clock.move(minutes=6)
    desk.service.login = None
    desk.look()
    assert len(desk.service.asked) > asked
    assert desk.state() == ("scheduled", "scheduled")


@every_service
def test_a_login_that_stays_refused_pauses_it_at_its_hour(desk: Desk, name: str) -> None:
    desk.approve()
    desk.service.login = "somebody else"
    desk.home.clock.now = HOUR
    (sent,) = desk.look()
    assert sent.report.end == "paused"
    assert desk.state() == ("paused", "waiting")
    desk.service.login = None
    with desk.app() as app:
        send_now(app, 1, by="Ines")
    desk.look()
    assert desk.state() == ("sending", "sending")
    assert len(desk.service.campaigns) == 1


@every_service
def test_what_the_service_does_not_take_is_told_in_its_words(desk: Desk, name: str) -> None:
    desk.approve()
    path = "/v1/emails" if name == "buttondown" else "/campaigns"
    desk.service.faults.append(Fault("POST", path, 422, desk.service.refusal("The subject is too long")))
    desk.look()
    with desk.app() as app:
        (row,) = deliveries_of(app, 1).campaigns
    assert row.words.endswith("does not take it (422: The subject is too long).")
    assert desk.service.campaigns == {}


@every_service
def test_a_busy_service_is_waited_for_as_it_asks(desk: Desk, name: str) -> None:
    desk.approve()
    path = "/v1/emails" if name == "buttondown" else "/campaigns"
    desk.service.faults += [
        Fault("GET", path, 429, None, {"Retry-After": "7"}),
        Fault("POST", path, 429, None, {"Retry-After": "9"}),
    ]
    began = desk.home.clock()
    desk.look()
    assert desk.home.clock() - began == timedelta(seconds=16)
    assert desk.there() == "scheduled"
    desk.service.faults.append(Fault("GET", path, 503, None, {"Retry-After": "1200"}))
    desk.home.clock.move(minutes=20)
    desk.look()
    with desk.app() as app:
        (row,) = deliveries_of(app, 1).campaigns
        assert row.look_at - app.now() == timedelta(seconds=1200)
        assert (row.state, "busy" in row.words) == ("scheduled", True)


@every_service
def test_a_service_that_is_away_gets_it_when_it_is_back(desk: Desk, name: str) -> None:
    desk.approve()
    desk.service.faults.append(Fault("GET", "/", times=3))
    desk.look()
    assert desk.state() == ("scheduled", "waiting")
    with desk.app() as app:
        assert "cannot be reached" in deliveries_of(app, 1).campaigns[0].words
    desk.home.clock.move(minutes=6)
    desk.look()
    assert desk.state() == ("scheduled", "scheduled")
    desk.home.clock.now = HOUR
    desk.service.faults.append(Fault("GET", "/", times=100))
    (sent,) = desk.look()
    assert (sent.report.end, desk.state()[0]) == ("waiting", "sending")
    desk.home.clock.move(hours=2)
    (sent,) = desk.look()
    assert (sent.report.end, desk.state()[0]) == ("paused", "paused")


@every_service
def test_it_goes_at_once_when_its_hour_came_meanwhile(desk: Desk, name: str) -> None:
    desk.approve()
    desk.home.clock.now = HOUR
    desk.look()
    assert (desk.state(), desk.there()) == (("sending", "sending"), "sending")


def test_too_late_it_asks_unless_it_waits_there_already(home: Home) -> None:
    with desk_at(home, "listmonk") as desk:
        desk.approve()
        desk.home.clock.now = HOUR + timedelta(hours=7)
        desk.look()
        assert desk.state() == ("asking", "waiting")
        assert desk.service.campaigns == {}
        with desk.app() as app:
            take_back(app, 1, editor="Ines")
            send = HOUR + timedelta(days=1)
            approve(app, 1, editor="Ines")
            send_at(app, 1, send, by="Ines")
        desk.look()
        assert desk.state() == ("scheduled", "scheduled")
        desk.service.only()["status"] = "finished"
        desk.home.clock.now = send + timedelta(hours=9)
        desk.look()
        assert desk.state() == ("done", "sent")


def test_each_choice_of_sections_is_a_campaign_of_its_own(home: Home) -> None:
    with desk_at(home, "listmonk") as desk:
        way = WAYS["listmonk"].replace("  lists: [3, 5]\n", "")
        lists = (
            "  lists:\n    - 3\n    - list: 4\n      sections: [general]\n    - list: 6\n      rhythm: highlights\n"
            "    - list: 7\n      rhythm: monthly\n    - 8\n"
        )
        desk.write(lists, way=way)
        desk.approve()
        with desk.app() as app:
            add_readers(app.database, ["a@example.org"])
        desk.look()
        found = sorted(each["lists"] for each in desk.service.campaigns.values())
        assert found == [[3, 8], [4], [6]]
        bodies = {tuple(each["lists"]): each["body"] for each in desk.service.campaigns.values()}
        assert "because you chose these sections" in bodies[4,]
        assert len(set(bodies.values())) == 3
        with desk.app() as app:
            assert deliveries_of(app, 1).total == 0


def test_one_campaign_that_is_refused_does_not_keep_the_others(home: Home) -> None:
    with desk_at(home, "listmonk") as desk:
        way = WAYS["listmonk"].replace("  lists: [3, 5]\n", "")
        desk.write("  lists:\n    - 3\n    - list: 4\n      rhythm: highlights\n", way=way)
        desk.approve()
        desk.service.faults.append(Fault("POST", "/api/campaigns", 400, {"message": "no"}))
        desk.look()
        with desk.app() as app:
            states = sorted(each.state for each in deliveries_of(app, 1).campaigns)
        assert states == ["scheduled", "waiting"]


def test_a_list_that_wants_it_monthly_gets_nothing_in_between(home: Home) -> None:
    with desk_at(home, "listmonk") as desk:
        way = WAYS["listmonk"].replace("  lists: [3, 5]\n", "")
        desk.write("  lists:\n    - list: 3\n      rhythm: monthly\n", way=way)
        desk.approve()
        desk.home.clock.now = HOUR
        (sent,) = desk.look()
        assert (sent.report.end, desk.state(), desk.service.asked) == ("done", ("done",), [])


@pytest.mark.parametrize("by", ["smtp\n  server: 127.0.0.1", "folder"])
def test_another_way_than_approved_sends_nothing(home: Home, by: str) -> None:
    with desk_at(home, "listmonk") as desk:
        desk.approve()
        desk.write(way=f"  by: {by}\n")
        desk.home.clock.now = HOUR
        (sent,) = desk.look()
        assert (sent.report.end, desk.state()[0]) == ("paused", "paused")
        assert "approved to be handed over to listmonk" in sent.report.reason
        assert desk.service.asked == []


def test_approved_for_mailing_it_is_not_handed_over(home: Home) -> None:
    with desk_at(home, "listmonk") as desk:
        desk.write(way="  by: folder\n")
        desk.approve()
        desk.write()
        desk.home.clock.now = HOUR
        (sent,) = desk.look()
        assert (sent.report.end, "approved to be mailed from here" in sent.report.reason) == ("paused", True)
        assert desk.service.asked == []


def test_a_copy_of_the_database_hands_nothing_over(home: Home) -> None:
    with desk_at(home, "listmonk") as desk:
        desk.approve()
        with desk.app() as app, app.database.transaction() as db:
            assert take_right(db, "somebody else", "alpha", now=app.now())
        desk.look()
        assert desk.service.asked == []


def test_a_template_without_a_link_to_leave_is_not_handed_over(home: Home, tmp_path: Path) -> None:
    with desk_at(home, "listmonk") as desk:
        templates = home.folder / "templates" / "email"
        templates.mkdir(parents=True)
        (templates / "issue.txt").write_text("{{ issue.title }}\n")
        desk.approve()
        desk.look()
        with desk.app() as app:
            assert "no link to unsubscribe" in deliveries_of(app, 1).campaigns[0].words
        assert desk.service.campaigns == {}
