from datetime import timedelta

from newsletter.model.period import Period
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.tips import waiting_tips
from newsletter.web.tip_form import HONEYPOT
from tests.web.desk import OWN, Desk, hidden

FIELDS = {
    "title": "The ferry sails <b>again</b>",
    "text": "Twice\nan hour.",
    "url": "https://ferry.example/",
    "name": "Kim",
}


def send(desk: Desk, **fields: str):  # type: ignore[no-untyped-def]
    page = desk.client.get("/tip").text
    hidden = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "stamp")}
    desk.clock.now += timedelta(seconds=20)
    return desk.client.post("/tip", data={**hidden, **FIELDS, **fields}, headers=OWN)


def drafted(desk: Desk) -> Desk:
    now = desk.clock()
    make_draft(desk.app, Period(now - timedelta(days=7), now))
    return desk


def test_a_reader_sends_a_tip_and_an_editor_takes_it(desk: Desk) -> None:
    drafted(desk)
    answer = send(desk)
    assert (answer.status_code, answer.headers["location"]) == (303, "/tip?sent")
    assert "Thank you" in desk.client.get("/tip?sent").text
    ines = desk.signed_in()
    page = ines.get("/desk/issues/1/tips").text
    assert "The ferry sails &lt;b&gt;again&lt;/b&gt;" in page
    assert "1 new" in page
    assert "<b>1 new</b>" in ines.get("/desk/issues/1/").text
    (tip,) = waiting_tips(desk.app, 1)
    assert ines.post("/desk/issues/1/tips", tip=tip.item.id, decision="take", section="news").status_code == 303
    assert "taken by Ines, issue 1" in ines.get("/desk/issues/1/tips").text
    assert "1 new" not in ines.get("/desk/issues/1/").text
    assert ines.post("/desk/issues/1/tips", tip=tip.item.id, decision="take", section="nowhere").status_code == 400
    assert ines.post("/desk/issues/1/tips", tip=tip.item.id).status_code == 400
    assert ines.post("/desk/issues/1/tips", tip="gone", decision="decline").status_code == 404


def test_a_decision_about_a_tip_is_taken_back_where_it_was_made(desk: Desk) -> None:
    drafted(desk)
    send(desk)
    ines, tips = desk.signed_in(), "/desk/issues/1/tips"
    (tip,) = waiting_tips(desk.app, 1)
    assert "ferry.example" in ines.get(tips).text
    ines.post(tips, tip=tip.item.id, decision="decline")
    assert "You declined a tip." in ines.get("/desk/issues/1/").text
    page = ines.get(tips)
    assert "Take that back" in page.text
    answer = ines.client.post("/desk/issues/1/history", data=hidden(page.text), headers=OWN)
    assert answer.headers["location"] == f"{tips}#main"
    assert waiting_tips(desk.app, 1)[0].state == "new"
    ines.post(tips, tip=tip.item.id, decision="take", section="news")
    page = ines.get(tips)
    (tip,) = waiting_tips(desk.app, 1)
    assert f'href="/desk/issues/1/items/{tip.entry_id}"' in page.text
    assert ines.get(f"/desk/issues/1/items/{tip.entry_id}").status_code == 200
    ines.client.post("/desk/issues/1/history", data=hidden(page.text), headers=OWN)
    assert waiting_tips(desk.app, 1)[0].state == "new"


def test_what_was_written_stays_when_something_is_to_be_mended(desk: Desk) -> None:
    drafted(desk)
    answer = send(desk, url="nowhere")
    assert answer.status_code == 400
    assert "no web address" in answer.text
    assert 'value="The ferry sails &lt;b&gt;again&lt;/b&gt;"' in answer.text
    assert waiting_tips(desk.app, 1) == ()


def test_programs_are_told_nothing_and_networks_have_a_limit(desk: Desk) -> None:
    drafted(desk)
    assert send(desk, **{HONEYPOT: "https://spam.example"}).status_code == 303
    assert waiting_tips(desk.app, 1) == ()
    codes = [send(desk, title=f"Tip {at}").status_code for at in range(6)]
    assert codes == [303, 303, 303, 303, 303, 429]
    assert len(waiting_tips(desk.app, 1)) == 5


def test_tips_are_for_editors(desk: Desk) -> None:
    drafted(desk)
    assert desk.client.get("/desk/issues/1/tips").status_code == 303
    assert desk.signed_in().get("/desk/issues/9/tips").status_code == 404
