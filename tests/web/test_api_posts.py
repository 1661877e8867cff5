"""What programs send: where it appears, how often it counts, who may, and that nothing of it breaks anything."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from newsletter.pipeline import tips
from newsletter.pipeline.api_tokens import remove_token
from newsletter.pipeline.publish import publish_site
from newsletter.pipeline.review import act, open_desk, undo
from newsletter.pipeline.tips import Tip, send_tip, waiting_tips
from newsletter.store import issues
from newsletter.web import api_shapes
from newsletter.web.api_limits import ApiLimits
from tests.web.desk import Desk
from tests.web.everything import EDITOR, Everything, everything
from tests.web.programs import AWAY, Program, program
from tests.web.stored import stored_in

TIP = {"title": "The ferry sails <b>again</b>", "url": "https://ferry.example/now", "text": "Twice\nan hour."}
HOT = {"title": "A flood at the quay", "url": "https://flood.example/", "text": "Stay away.", "section": "general"}
LOCAL = {"peer": "127.0.0.1", "base": "http://127.0.0.1:8000"}


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Everything]:
    with everything(tmp_path / "home") as made:
        yield made


def fits(shape: Any, value: Any) -> None:
    assert TypeAdapter(shape).validate_python(value, strict=True) == value


def test_a_tip_lies_in_the_inbox_with_the_name_of_its_token(desk: Desk) -> None:
    bot = program(desk, "tip")
    answer = bot.post("/api/tips", {**TIP, "name": "Kim"})
    assert answer.status_code == 201, answer.text
    fits(api_shapes.Tip, answer.json())
    (tip,) = waiting_tips(desk.app, None)
    assert (tip.program, tip.credit, tip.item.title) == ("release bot", "Kim", TIP["title"])
    assert answer.json() == {"id": tip.item.id, "came_at": "2011-02-24T18:00:00Z", "state": "new", "issue": None}
    assert bot.get(f"/api/tips/{tip.item.id}").json() == answer.json()
    asked = Program(desk, **LOCAL).get(f"/api/tips/{tip.item.id}")
    assert (asked.status_code, asked.headers["cache-control"]) == (200, "private, no-cache"), "everybody may not"
    assert bot.get("/api/tips/" + "0" * 20).status_code == 404


@pytest.mark.slow
def test_the_desk_says_which_program_sent_a_tip(found: Everything) -> None:
    bot = program(found.desk, "tip")
    sent = bot.post("/api/tips", {"title": "A kite flies", "url": "https://kite.example/"}).json()
    ines = found.desk.signed_in_again(EDITOR)
    page = ines.get("/desk/issues/2/tips").text
    assert "A kite flies" in page
    assert "sent by the program release bot" in page
    ines.post("/desk/issues/2/tips", tip=sent["id"], decision="take", section="general")
    assert bot.get(f"/api/tips/{sent['id']}").json() == {**sent, "state": "taken", "issue": 2}


def test_the_same_address_is_the_same_tip_whoever_sends_it(desk: Desk) -> None:
    one, two = program(desk, "tip", name="one"), program(desk, "tip", name="two")
    first = one.post("/api/tips", TIP)
    again = two.post("/api/tips", {"title": "The ferry is back", "url": "http://ferry.example/now/?utm_source=x"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    by_form = send_tip(desk.app, Tip("A mill turns", url="https://mill.example/"))
    assert one.post("/api/tips", {"title": "Mill", "url": "https://mill.example"}).json()["id"] == by_form.id
    words = [one.post("/api/tips", {"title": "Without an address"}).status_code for _ in range(2)]
    assert words == [201, 200]
    assert len(waiting_tips(desk.app, None)) == 3
    desk.clock.move(days=29)
    assert one.post("/api/tips", TIP).status_code == 201, "after four weeks it is news again"
    assert [each.item.title for each in waiting_tips(desk.app, None)] == [TIP["title"]]


def test_of_two_that_send_the_same_at_once_one_is_told_that_it_is_new(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = program(desk, "tip", name="one"), program(desk, "tip", name="two")
    codes: list[int] = []

    def meanwhile(*_: str) -> str:
        if not codes:
            codes.append(0)
            codes[0] = two.post("/api/tips", TIP).status_code
        return ""

    monkeypatch.setattr(tips, "why_refused", meanwhile)
    codes.append(one.post("/api/tips", TIP).status_code)
    assert codes == [201, 200]
    assert len(waiting_tips(desk.app, None)) == 1


def test_a_post_under_a_key_is_done_once(desk: Desk) -> None:
    bot, other = program(desk, "tip"), program(desk, "tip", name="other")
    first = bot.post("/api/tips", {"title": "One"}, idempotency_key="k-1")
    again = bot.post("/api/tips", {"title": "One"}, idempotency_key="k-1")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    wrong = bot.post("/api/tips", {"title": "Two"}, idempotency_key="k-1")
    assert wrong.status_code == 422
    assert "Take a new key" in wrong.json()["errors"][0]["how"]
    assert other.post("/api/tips", {"title": "Two"}, idempotency_key="k-1").status_code == 201
    assert bot.post("/api/tips", {"title": "x"}, idempotency_key="k 1").status_code == 422
    refused = bot.post("/api/tips", {"title": "BUY FOLLOWERS NOW"}, idempotency_key="k-2")
    assert refused.status_code == 422
    assert bot.post("/api/tips", {"title": "Three"}, idempotency_key="k-2").status_code == 201, "a failure is no answer"
    desk.clock.move(days=8)
    assert bot.post("/api/tips", {"title": "Four"}, idempotency_key="k-1").status_code == 201
    assert {each.item.title for each in waiting_tips(desk.app, None)} == {"One", "Two", "Three", "Four"}


@pytest.mark.slow
def test_a_hot_item_stands_in_the_draft_and_nobody_decided_about_it(found: Everything) -> None:
    app, bot = found.desk.app, program(found.desk, "hot", "read")
    answer = bot.post("/api/hot-items", {**HOT, "credit": "Kim"})
    assert answer.status_code == 201, answer.text
    fits(api_shapes.HotItem, answer.json())
    told = answer.json()
    card = open_desk(app, 2).card(told["entry"])
    assert card is not None
    assert (card.entry.title, card.entry.author, card.entry.is_kept, card.section) == (
        HOT["title"],
        "Kim",
        False,
        "general",
    )
    page = found.desk.signed_in_again(EDITOR).get(told["card"])
    assert page.status_code == 200
    assert "release bot (program)" in page.text
    assert "release bot" in found.desk.signed_in_again(EDITOR).get("/desk/issues/2/history").text
    again = bot.post("/api/hot-items", {**HOT, "title": "Other words"})
    assert (again.status_code, again.json()) == (200, {**told, "is_new": False})
    card = open_desk(app, 2).card(told["entry"])
    assert card is not None
    assert card.entry.title == HOT["title"]
    entries = [each for section in bot.get("/api/issues/2").json()["sections"] for each in section["entries"]]
    assert HOT["title"] in [each["title"] for each in entries]


@pytest.mark.slow
def test_a_hot_item_is_read_nowhere_before_its_issue(found: Everything) -> None:
    bot, anybody = program(found.desk, "hot", "read"), Program(found.desk)
    assert bot.post("/api/hot-items", HOT).status_code == 201
    publish_site(found.desk.app)
    assert HOT["title"] not in anybody.get("/planet/").text
    assert anybody.get("/api/items?q=flood%20quay").json()["items"] == []
    assert bot.get("/api/items?q=flood%20quay").json()["items"] == []


@pytest.mark.slow
def test_what_stands_in_the_draft_already_stays_and_what_was_taken_out_stays_out(found: Everything) -> None:
    app, bot = found.desk.app, program(found.desk, "hot")
    market = {"title": "Apples", "url": "https://apple.example/"}
    there = bot.post("/api/hot-items", market)
    assert (there.status_code, there.json()["entry"]) == (200, found.cards["market"])
    new = bot.post("/api/hot-items", HOT).json()["entry"]
    act(app, 2, [("drop", new, "not ours")], editor=EDITOR)
    refused = bot.post("/api/hot-items", HOT)
    assert refused.status_code == 409
    assert "took this out" in refused.json()["detail"]
    undo(app, 2, editor=EDITOR)
    assert bot.post("/api/hot-items", HOT).json() == {
        "issue": 2,
        "entry": new,
        "card": f"/desk/issues/2/items/{new}",
        "is_new": False,
    }


@pytest.mark.slow
def test_without_an_open_draft_there_is_no_place_for_a_hot_item(found: Everything) -> None:
    app, bot = found.desk.app, program(found.desk, "hot")
    with app.database.transaction() as db:
        issues.step(db, 2, "approved", now=app.now())
    answer = bot.post("/api/hot-items", HOT)
    assert answer.status_code == 409
    assert "Issue 2 is approved" in answer.json()["detail"]
    assert bot.post("/api/hot-items", {**HOT, "section": "nowhere"}).status_code == 422


def test_without_any_issue_there_is_none_either(desk: Desk) -> None:
    assert program(desk, "hot").post("/api/hot-items", {"title": "x", "url": "https://x.example"}).status_code == 409


def test_each_token_does_what_it_allows_until_it_is_withdrawn(desk: Desk) -> None:
    reader, bot = program(desk, "read", name="reader"), program(desk, "tip")
    for path, body in (("/api/tips", TIP), ("/api/hot-items", HOT)):
        refused = reader.post(path, body)
        assert refused.status_code == 403
        assert "insufficient_scope" in refused.headers["www-authenticate"]
        assert Program(desk).post(path, body).status_code == 401
    assert reader.get("/api/tips/" + "0" * 20).status_code == 403
    assert bot.post("/api/hot-items", HOT).status_code == 403
    assert bot.post("/api/tips", TIP).status_code == 201
    remove_token(desk.app, "release bot")
    assert bot.post("/api/tips", TIP).status_code == 401
    assert bot.get("/api/issues").status_code == 401, "a token that is not known is never taken for nobody's"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"x_forwarded_for": "203.0.113.9"}, 401),
        ({"x_forwarded_for": "127.0.0.1"}, 401),
        ({"forwarded": "for=203.0.113.9"}, 401),
        ({"via": "1.1 proxy"}, 401),
        ({"host": "weekly.example.org"}, 401),
        ({"origin": "https://evil.example"}, 401),
        ({"sec_fetch_site": "cross-site"}, 401),
        ({"sec_fetch_site": "same-origin"}, 401),
        ({"authorization": "Basic eDp5"}, 401),
        ({"authorization": "Bearer x"}, 401),
    ],
)
def test_from_this_machine_no_token_is_needed_when_nobody_else_can_be_behind_it(
    desk: Desk, headers: dict[str, str], status: int
) -> None:
    machine = Program(desk, **LOCAL)
    assert machine.post("/api/tips", TIP, **headers).status_code == status
    assert [each.program for each in waiting_tips(desk.app, None)] == ["this machine"] * (status == 201)


def test_this_machine_reads_no_more_than_everybody(desk: Desk) -> None:
    assert Program(desk, **LOCAL).get("/api/sources").headers["cache-control"].startswith("public")


def test_a_machine_that_stands_behind_a_proxy_is_never_trusted(desk: Desk) -> None:
    desk.web.state.behind_proxy = True
    assert Program(desk, **LOCAL).post("/api/tips", TIP).status_code == 401
    assert Program(desk, peer=AWAY, base="http://127.0.0.1:8000").post("/api/tips", TIP).status_code == 401


def test_a_token_sends_so_often_and_no_oftener(desk: Desk) -> None:
    desk.web.state.api_limits = ApiLimits(posts="2/hour")
    one, two = program(desk, "tip", name="one"), program(desk, "tip", name="two")
    codes = [one.post("/api/tips", {"title": f"Tip {at}"}).status_code for at in range(3)]
    assert codes == [201, 201, 429]
    refused = one.post("/api/tips", {"title": "Once more"})
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert two.post("/api/tips", {"title": "Another"}).status_code == 201


@pytest.mark.parametrize(
    ("value", "where", "what", "how"),
    [
        ({}, "body /title", "It is missing.", "Write it."),
        ({"title": ""}, "body /title", "It is empty.", "Write something in it."),
        ({"title": " "}, "body /title", "It is blank.", "Write something in it."),
        ({"title": "x" * 201}, "body /title", "It has 201 letters; 200 are the most.", "Shorten it."),
        ({"title": ["x"]}, "body /title", "It is a list, not text.", "Write text in quotes."),
        ({"title": 5}, "body /title", "It is a number, not text.", "Write text in quotes."),
        ({"title": None}, "body /title", "It is null, not text.", "Write text in quotes."),
        ([], "body", "It is a list, not an object.", "Send one object, with names and values."),
        ({"title": "x", "more": 1}, "body /more", "There is no such name.", "Leave it out."),
        ({"title": "x", "text": "a\0"}, "body /text", "It holds the character NUL (U+0000).", "Take it out."),
        (
            {"title": "x", "url": "ftp://x"},
            *("body /url", "“ftp://x” is no web address."),
            "Write one that begins with https:// or http:// and has no spaces.",
        ),
        ({"title": "x", "url": 7}, "body /url", "It is a number, not text.", "Write text in quotes."),
    ],
)
def test_what_is_wrong_is_told_in_our_words(desk: Desk, value: Any, where: str, what: str, how: str) -> None:
    refused = program(desk, "tip").post("/api/tips", value)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"where": where, "what": what, "how": how}]


def test_a_section_that_is_not_there_is_told_where_it_stands(desk: Desk) -> None:
    refused = program(desk, "hot").post("/api/hot-items", {**HOT, "section": "nowhere"})
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["where"], error["what"]) == ("body /section", "There is no section “nowhere”.")


def test_a_method_that_is_not_taken_is_told_with_those_that_are(desk: Desk) -> None:
    refused = program(desk, "tip").ask("DELETE", "/api/tips")
    assert refused.status_code == 405
    assert "POST" in refused.headers["allow"]
    assert refused.json()["errors"][0]["how"] == f"It takes {refused.headers['allow']}."


BAD: list[tuple[bytes, str, int]] = [
    (b'{"title": "x"}', "text/plain", 415),
    (b'{"title": "x"}', "", 415),
    (b"title=x", "application/x-www-form-urlencoded", 415),
    (b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n--x--', "multipart/form-data; boundary=x", 415),
    (b"", "application/json", 400),
    (b"{", "application/json", 400),
    (b'{"title": NaN}', "application/json", 400),
    (b'{"title": -Infinity}', "application/json", 400),
    (b'{"title": "x", "title": "y"}', "application/json", 400),
    (b'{"title": "\xff"}', "application/json", 400),
    (b"[" * 60_000, "application/json", 400),
    (b'{"title":' * 7_000, "application/json", 400),
    (b"[" * 30_000 + b"]" * 30_000, "application/json", 400),
    (b'{"title": ' + b"9" * 60_000 + b"}", "application/json", 400),
    (b'{"title": 1e999}', "application/json", 422),
    (b"[]", "application/json", 422),
    (b"null", "application/json", 422),
    (b'"x"', "application/json", 422),
    (b"{}", "application/json", 422),
    (b'{"title": null}', "application/json", 422),
    (b'{"title": ["x"]}', "application/json", 422),
    (b'{"title": ""}', "application/json", 422),
    (b'{"title": "\\u0000\\u202e"}', "application/json", 422),
    (b'{"title": "\\ud800"}', "application/json", 422),
    (b'{"title": "x", "url": "javascript:alert(1)"}', "application/json", 422),
    (b'{"title": "x", "url": "https://\\u0000"}', "application/json", 422),
    (b'{"title": "x", "url": "https://a b"}', "application/json", 422),
    (b'{"title": "x", "url": "https://[::1"}', "application/json", 422),
    (b'{"title": "x", "more": 1}', "application/json", 422),
    (b'{"title": "' + b"x" * 201 + b'"}', "application/json", 422),
    (b'{"title": "x", "text": "' + b"x" * 3_001 + b'"}', "application/json", 422),
    (b'{"title": "x", "text": "' + b"x" * 70_000 + b'"}', "application/json", 413),
]


@pytest.mark.parametrize("path", ["/api/tips", "/api/hot-items"])
def test_what_cannot_be_read_is_told_and_stores_nothing(desk: Desk, path: str) -> None:
    bot = program(desk, "tip", "hot")
    bot.get("/api/issues")
    before = stored_in(desk.app.home)
    for content, kind, status in BAD:
        answer = bot.ask("POST", path, headers={"content-type": kind} if kind else {}, content=content)
        assert answer.status_code == status, (content[:60], answer.text)
        fits(api_shapes.Problem, answer.json())
        assert len(answer.content) < 5_000
        desk.web.state.api_limits = ApiLimits()
    after = stored_in(desk.app.home)
    assert before.new(after) == before.lost(after) == {}


def test_what_is_strange_and_can_be_read_is_stored_as_text(desk: Desk) -> None:
    bot = program(desk, "tip")
    strange = {"title": "\x1b[31mRed\u202e ' \" <script>", "text": "ab\x07\r\nc\u2028d 𝔘 %s {{ x }}"}
    assert bot.post("/api/tips", strange).status_code == 201
    (tip,) = waiting_tips(desk.app, None)
    assert (tip.item.title, tip.item.text) == ("[31mRed ' \" <script>", "ab\nc\u2028d 𝔘 %s {{ x }}")
    assert json.loads(json.dumps(tip.item.title)) == tip.item.title
