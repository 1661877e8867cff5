"""The approve page: what it says, each of its acts, who may, and what it refuses."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from html import unescape
from pathlib import Path

import pytest

from newsletter.edit.check import Act, Check
from newsletter.pipeline.issue_preview import EVERYONE, edition_data, for_nobody
from newsletter.pipeline.review import act, open_desk
from newsletter.pipeline.send_hour import change_hour
from newsletter.pipeline.times import send_time
from newsletter.store import issues
from newsletter.store.restored import hold_everything
from newsletter.web import public
from tests.loopback import Web, atom
from tests.web.desk import Desk, Signed
from tests.web.issues import BRIDGE, FEEDS, GAUGE, LAMP, draft, drafted_desk

APPROVE = "/desk/issues/1/approve"
CLEAN = ("clean", "A clean quay", "2026-10-13T12:00:00Z", "The quay was cleaned by forty people in one morning.")


@pytest.fixture
def drafted(tmp_path: Path) -> Iterator[tuple[Desk, Web]]:
    with drafted_desk(tmp_path / "home") as found:
        yield found


@pytest.fixture
def desk(drafted: tuple[Desk, Web]) -> Desk:
    return drafted[0]


def seen(desk: Desk) -> str:
    return str(open_desk(desk.app, 1).last_number)


def state(desk: Desk) -> str:
    with desk.app.database.reading() as db:
        return issues.issue(db, 1).state


def test_the_page_says_what_to_look_at_to_whom_and_when(desk: Desk) -> None:
    text = desk.signed_in().get(APPROVE).text
    assert "Approve issue 1" in text
    assert "3 entries nobody looked at" in text
    assert "49 of 70 characters" in text
    assert "Phones show about 40: “Lamps for the quay; A new gauge; The br…”" in text
    assert "Friday 16 October 2026, 10:00 Oslo = 08:00 UTC" in text
    assert "Nobody has subscribed yet" in text
    assert "data/issues/0001/issue.eml" in text
    assert "Approve and schedule for 0 readers" in text
    assert text.index("warning") < text.index("checks are good")


def test_approving_asks_once_more_and_is_taken_back(desk: Desk) -> None:
    ines = desk.signed_in()
    asked = ines.get(f"{APPROVE}?sure=1")
    assert "Approve issue 1 for 0 readers?" in asked.text
    answer = ines.post(APPROVE, do="approve", seen=seen(desk))
    assert answer.status_code == 303
    page = ines.get(answer.headers["location"])
    assert "Issue 1 is approved" in page.text
    assert "these very bytes go out" in page.text
    assert 'name="subject"' not in page.text
    assert ines.post(APPROVE, do="approve", seen=seen(desk)).status_code == 303
    assert desk.signed_in("Bo").post(APPROVE, do="approve").status_code == 409
    assert ines.post(APPROVE, do="subject", subject="New").status_code == 409
    assert ines.post(APPROVE, do="take back").status_code == 303
    assert state(desk) == "draft"


def test_what_was_changed_meanwhile_is_not_approved_unseen(desk: Desk) -> None:
    ines = desk.signed_in()
    before = seen(desk)
    act(desk.app, 1, [("title", "issue", "Another subject")], editor="Bo")
    answer = ines.post(APPROVE, do="approve", seen=before)
    assert answer.status_code == 409
    assert "Bo changed issue 1 after you looked at it" in answer.text
    assert state(desk) == "draft"


def test_an_editor_may_change_but_not_approve(desk: Desk) -> None:
    bo = desk.signed_in("Bo", role="editor")
    assert "A manager approves" in bo.get(APPROVE).text
    assert bo.post(APPROVE, do="approve", seen=seen(desk)).status_code == 403
    assert bo.post(APPROVE, do="subject", subject="Bridge and gauge", seen=seen(desk)).status_code == 303
    assert open_desk(desk.app, 1).issue.title == "Bridge and gauge"
    assert state(desk) == "draft"


def test_a_check_is_mended_by_its_one_act_and_by_nothing_else(tmp_path: Path) -> None:
    with drafted_desk(tmp_path / "home") as (desk, _):
        ines = desk.signed_in()
        entry = open_desk(desk.app, 1).issue.entries[0]
        assert entry.url
        act(desk.app, 1, [("link", entry.url, f"{entry.url}?utm_source=list")], editor="Ines")
        page = ines.get(APPROVE).text
        (name,) = re.findall(r'name="check" value="(\w+)"', page)
        assert "1 link carries tracking" in page
        assert ines.post(APPROVE, do="mend", check="f" * 16).status_code == 404
        assert ines.post(APPROVE, do="mend", check=name, seen=seen(desk)).status_code == 303
        assert open_desk(desk.app, 1).issue.entries[0].url == entry.url
        assert "carries tracking" not in ines.get(APPROVE).text


def test_two_people(tmp_path: Path) -> None:
    feeds = FEEDS.replace("  timezone:", "  approval: two people\n  timezone:")
    with drafted_desk(tmp_path / "home", feeds=feeds) as (desk, _):
        ines, bo = desk.signed_in("Ines"), desk.signed_in("Bo")
        ines.post(APPROVE, do="approve", seen=seen(desk))
        assert "It needs a second person" in bo.get(APPROVE).text
        assert "You have approved it" in ines.get(APPROVE).text
        assert state(desk) == "draft"
        bo.post(APPROVE, do="approve", seen=seen(desk))
        assert state(desk) == "approved"


def test_a_test_goes_to_one_address_marked(desk: Desk) -> None:
    ines = desk.signed_in()
    assert ines.post(APPROVE, do="test", to="").status_code == 400
    assert ines.post(APPROVE, do="test", to="no address").status_code == 400
    answer = ines.post(APPROVE, do="test", to="ines@example.org")
    assert "the test lies in" in ines.get(answer.headers["location"]).text
    (path,) = (desk.app.data / "outbox").glob("*.eml")
    mail = message_from_bytes(path.read_bytes(), policy=default)
    assert mail["Subject"].startswith("[TEST] Lamps for the quay")
    assert mail["To"] == "ines@example.org"
    whole = message_from_bytes(for_nobody(edition_data(desk.app, 1, EVERYONE), 1), policy=default)
    assert mail["Message-ID"] != whole["Message-ID"]
    assert [each.get_content() for each in mail.iter_parts()] == [each.get_content() for each in whole.iter_parts()]
    assert state(desk) == "draft"


def test_the_hour_moves_once_with_a_note(desk: Desk) -> None:
    ines = desk.signed_in()
    moved = {"at": "2026-10-17T09:30", "note": "A day late: the vote is counted first.", "seen": seen(desk)}
    assert ines.post("/desk/issues/1/send-time", **moved).status_code == 303
    issue = open_desk(desk.app, 1).issue
    assert send_time(desk.app.config.schedule, issue) == datetime(2026, 10, 17, 7, 30, tzinfo=UTC)
    assert (issue.publish_on.day, issue.note, issue.note_by) == (17, moved["note"], "Ines")
    page = ines.get(APPROVE).text
    assert "Saturday 17 October 2026, 09:30 Oslo = 07:30 UTC</b>, changed this once" in page
    assert ines.get("/desk/issues/1/send-time").headers["location"] == f"{APPROVE}#goes"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-10-15T10:00", "has passed"),
        ("2026-10-23T10:00", "the next issue goes out already"),
        ("soon", "is no hour"),
        ("2026-10-16T10:00", "That is its hour already"),
    ],
)
def test_an_hour_that_cannot_be(desk: Desk, at: str, said: str) -> None:
    answer = desk.signed_in().post("/desk/issues/1/send-time", at=at)
    assert answer.status_code == 400
    assert said in answer.text
    assert seen(desk) == "0"


def test_a_moved_hour_loses_no_item_and_tells_none_twice(drafted: tuple[Desk, Web]) -> None:
    desk, web = drafted
    change_hour(desk.app, 1, at="2026-10-18T20:00", editor="Ines")
    desk.signed_in().post(APPROVE, do="approve", seen=seen(desk))
    between = ("fourth", "Said between", "2026-10-16T12:00:00Z", "It was said after the week and before the mail.")
    later = ("fifth", "Said in the next week", "2026-10-20T12:00:00Z", "It was said in the week after that mail.")
    web["/planet.xml"] = atom(BRIDGE, GAUGE, LAMP, between, later)
    desk.clock.move(days=7)
    assert draft(desk, "2026-W43") == 2
    first, second = open_desk(desk.app, 1).issue, open_desk(desk.app, 2).issue
    assert second.period.start == first.period.end
    assert {each.title for each in first.entries} == {"The bridge opens", "A new gauge", "Lamps for the quay"}
    assert {each.title for each in second.entries} == {"Said between", "Said in the next week"}


def test_links_are_asked_and_the_page_tells(drafted: tuple[Desk, Web], monkeypatch: pytest.MonkeyPatch) -> None:
    from newsletter.web import approve

    asked: list[int] = []
    monkeypatch.setattr(approve, "check_links", lambda app, number, again: asked.append(number) or object())
    ines = drafted[0].signed_in()
    assert ines.post(APPROVE, do="links").status_code == 303
    assert asked == [1]
    assert "being asked" not in ines.get(APPROVE).text
    monkeypatch.setattr(approve, "_WAIT", 0.0)
    drafted[0].clock.move(seconds=1)
    import threading

    go = threading.Event()
    monkeypatch.setattr(approve, "check_links", lambda app, number, again: go.wait(5))
    ines.post(APPROVE, do="links")
    assert "The links are being asked" in ines.get(APPROVE).text
    go.set()


def test_bad_input_is_refused_in_words(desk: Desk) -> None:
    ines: Signed = desk.signed_in()
    assert ines.post(APPROVE, do="erase").status_code == 400
    assert ines.post(APPROVE, do="subject", subject="  \x00 ").status_code == 400
    assert ines.post(APPROVE, do="subject", subject="x" * 400).status_code == 400
    assert ines.post(APPROVE, do="approve", seen="-1").status_code == 400
    assert ines.post(APPROVE, do="approve", seen="77").status_code == 400
    assert ines.get("/desk/issues/9/approve").status_code == 404
    assert desk.browser().get(APPROVE).status_code == 303
    assert state(desk) == "draft"


@pytest.mark.parametrize(
    ("sent", "said", "status"),
    [
        ({"at": "2026-10-15T10:00"}, "That hour has passed. Choose a later one.", 400),
        ({"at": "soon"}, "“soon” is no hour", 400),
        ({"at": "2026-10-17T09:30", "note": "x" * 1_200}, "The note has 1,200 letters", 400),
    ],
)
def test_a_wrong_hour_keeps_the_note(desk: Desk, sent: dict[str, str], said: str, status: int) -> None:
    typed = {"note": "A day late:\nthe <vote> is counted first.", **sent}
    answer = desk.signed_in().post("/desk/issues/1/send-time", **typed, seen=seen(desk))
    assert answer.status_code == status
    assert said in unescape(answer.text)
    assert f'id="hour-error" role="alert">× {said}' in unescape(answer.text)
    assert f">\n{typed['note']}</textarea>" in unescape(answer.text)
    assert f'value="{sent["at"]}"' in answer.text
    assert "<details open>" in answer.text
    assert seen(desk) == "0"


def test_a_note_that_somebody_overtook_is_kept(desk: Desk) -> None:
    ines = desk.signed_in()
    act(desk.app, 1, [("note", "issue", {"text": "Bo’s note", "by": "Bo"})], editor="Bo")
    typed = {"at": "2026-10-17T09:30", "note": "A day late.", "seen": "0"}
    answer = ines.post("/desk/issues/1/send-time", **typed)
    assert answer.status_code == 409
    assert "Bo changed the note of this 0 s ago" in unescape(answer.text)
    assert "A day late.</textarea>" in answer.text


def test_a_long_subject_is_told_alike_everywhere(desk: Desk) -> None:
    ines = desk.signed_in()
    subject = "The bridge opens on a sunny day and everybody who lives by the river walks over it together"
    assert ines.post(APPROVE, do="subject", subject=subject, seen=seen(desk)).status_code == 303
    page = unescape(ines.get(APPROVE).text)
    assert f"<span data-count>{len(subject)} of 70 characters</span>" in page
    mailed = re.search(r"Readers see “(The bridge .*?…)”", page)
    assert mailed is not None
    assert f"Subject is cut: {len(subject)} of 70 characters</b>: Readers see “{mailed[1]}”" in page
    ines.get("/desk/issues/1/preview/mail")
    preview = unescape(ines.get("/desk/issues/1/preview").text)
    assert f"<b>{mailed[1]}</b>" in preview
    assert f"Subject is cut: {len(subject)} of 70 characters</b>: Readers see “{mailed[1]}”" in preview
    ines.post(APPROVE, do="approve", seen=seen(desk))
    eml = message_from_bytes((desk.app.issue_folder(1) / "issue.eml").read_bytes(), policy=default)
    assert eml["Subject"] == mailed[1]
    assert f"<b>Subject</b> {mailed[1]}" in unescape(ines.get(APPROVE).text)


def test_thirty_dead_links_are_no_wall(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsletter.web import approve

    dead = [
        Check(
            "link dead",
            "warning",
            "1 link is gone",
            f"https://a.example/{n}: 404",
            Act("link", f"https://a.example/{n}", f"https://b.example/{n}", "Use the one that answers"),
            group="links are gone",
        )
        for n in range(30)
    ]
    monkeypatch.setattr(approve, "check_issue", lambda app, number: tuple(dead))
    monkeypatch.setattr(approve, "checks_of_look", lambda app, looked: tuple(dead))
    page = desk.signed_in().get(APPROVE).text
    assert "One thing to look at" in page
    first, _, rest = page.partition("<details><summary>25 more</summary>")
    assert "<b>30 links are gone</b>" in first
    assert (first.count("https://a.example/"), rest.count("https://a.example/")) == (10, 50)
    ids = re.findall(r'name="check" value="(\w+)"', page)
    assert len(set(ids)) == 30
    assert page.count('<button name="do" value="mend">') == 30


def test_an_approved_issue_is_public_at_its_hour_though_only_the_desk_runs(desk: Desk) -> None:
    ines = desk.signed_in()
    desk.clock.move(minutes=1)
    draft(desk)
    assert "It is public from that hour on, and not before" in ines.get(APPROVE).text
    ines.post(APPROVE, do="approve", seen=seen(desk))
    page = ines.get(APPROVE).text
    assert "It is not public yet: it is from that hour on" in page
    assert desk.client.get("/issues/1/").status_code == 404
    assert "The bridge opens" not in desk.client.get("/archive/search?q=bridge").text
    desk.clock.now = datetime(2026, 10, 16, 8, 0, tzinfo=UTC)
    assert desk.client.get("/issues/1/").status_code == 200
    assert "The bridge opens" in desk.client.get("/archive/search?q=bridge").text
    page = ines.get(APPROVE).text
    assert "It is public." in page
    assert "before 0 readers get it" not in page


def test_a_draft_that_readers_saw_before_there_was_an_editor_is_not_called_hidden(desk: Desk) -> None:
    desk.clock.move(minutes=1)
    ines = desk.signed_in()
    assert "Readers see the draft on the web already" in ines.get(APPROVE).text
    answer = ines.post(APPROVE, do="approve", seen=seen(desk))
    page = ines.get(answer.headers["location"]).text
    assert "On the web it stands already." in page
    assert "It is public." in page
    assert "not public" not in page
    assert desk.client.get("/issues/1/").status_code == 200


def test_an_empty_subject_is_refused_where_it_was_typed(desk: Desk) -> None:
    answer = desk.signed_in().post(APPROVE, do="subject", subject=" ")
    assert answer.status_code == 400
    assert "× A mail needs a subject. Write one." in answer.text
    assert "Approve and schedule" in answer.text


def test_a_link_cannot_put_words_into_the_desks_mouth(desk: Desk) -> None:
    ines = desk.signed_in()
    assert "Call me" not in ines.get(f"{APPROVE}?said=Call+me").text
    assert "Call me" not in ines.get(f"{APPROVE}?said=WyJhIl0.{'0' * 20}").text
    answer = ines.post(APPROVE, do="test", to="ines@example.org")
    assert "the test lies in" in ines.get(answer.headers["location"]).text


def test_it_can_go_out_at_once(desk: Desk) -> None:
    ines = desk.signed_in()
    desk.clock.move(minutes=1)
    draft(desk)
    assert "Yes, and at once" in ines.get(f"{APPROVE}?sure=1").text
    answer = ines.post(APPROVE, do="approve now", seen=seen(desk))
    assert "Approved, and public now." in ines.get(answer.headers["location"]).text
    assert desk.client.get("/issues/1/").status_code == 200
    assert ines.post(APPROVE, do="approve now", seen=seen(desk)).status_code == 409


def test_a_site_that_cannot_be_written_stops_no_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(app: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(public, "publish_due", refuse)
    desk.clock.move(minutes=2)
    assert desk.client.get("/").status_code == 200


def test_a_copy_that_was_restored_says_that_it_sends_nothing_and_how_that_ends(desk: Desk) -> None:
    ines = desk.signed_in()
    assert "This copy was restored" not in ines.get(APPROVE).text
    now = desk.app.now()
    with desk.app.database.transaction() as db:
        hold_everything(db, made_at=now, host="old.example.org", now=now)
    ines = desk.signed_in("Bo")
    text = ines.get(APPROVE).text
    assert "This copy was restored: it sends nothing" in text
    assert "newsletter send ISSUE" in text
    assert "/desk/deliveries?ask=take-over#ask" in text
    asked = ines.get("/desk/deliveries?ask=take-over").text
    assert "This copy was restored: it sends nothing" in asked
    assert "Let this copy send</button>" in asked
    assert ines.post("/desk/deliveries/take-over", sure="yes").status_code == 303
    assert "This copy was restored" not in ines.get(APPROVE).text
    assert "This copy was restored" not in ines.get("/desk/deliveries").text
