from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.chat import ChatDocument, looks_like_chat, read_chat
from newsletter.fetch.chat_class import find_classes, occasion_in
from newsletter.fetch.chat_lines import Log, read_lines
from newsletter.fetch.chat_meeting import find_meetings
from newsletter.fetch.chat_questions import find_answered
from newsletter.fetch.chat_robots import is_robot, robots_in
from newsletter.model.item import Event, Item, Person, item_id
from tests.corpus import CORPUS, expected, needs_corpus

DATA = Path(__file__).parents[1] / "data/chat_log"
TAKE = ("decisions", "action items", "questions with answers")


def read(data: bytes, name: str = "firing.2026-11-24-18.01.txt", take: tuple[str, ...] = TAKE) -> tuple[Item, ...]:
    return read_chat(data, ChatDocument("kiln", "key", name, take))


def test_a_meeting_from_its_log() -> None:
    [item] = read((DATA / "meeting.log.html").read_bytes(), "meeting.log.html")
    assert (item.id, item.kind, item.form, item.native_keys) == (item_id("kiln", "key"), "chat log", "chat", ("key",))
    assert (item.title, item.author) == ("Meeting: firing team, 2026-11-24", Person("ada"))
    assert item.text.split("\n\n") == [
        "Chair: ada. 2 people spoke: ada, bo. Robots: openstack.",
        "Topics:\n- Wood & weather",
        "Decisions:\n- Voted: Fire on Saturday? 2 yes",
        "Action items:\n- bo to bring wood, see https://kiln.example/wood",
        "Questions:\n- bo: how many logs do we need this time? — ada: about forty, as last year",
    ]
    assert "<li>Wood &amp; weather</li>" in item.html
    assert (item.published_at, item.updated_at) == tuple(
        datetime(2026, 11, 24, *at, tzinfo=UTC) for at in ((18, 1, 3), (18, 51, 2))
    )
    assert item.thread is not None
    assert (item.thread.reply_count, item.thread.people_count) == (10, 2)
    assert item.links == ("https://kiln.example/wood",)
    assert item.labels == ("meeting", "1 question answered")


def test_only_what_is_to_be_taken() -> None:
    [item] = read((DATA / "meeting.log.html").read_bytes(), take=("action items",))
    assert "Action items" in item.text
    assert "Decisions" not in item.text
    assert "Questions" not in item.text


def test_a_meeting_from_its_minutes() -> None:
    [item] = read((DATA / "minutes.txt").read_bytes())
    assert (item.title, item.author) == ("Meeting: firing team, 2026-11-24", Person("ada"))
    assert item.text.split("\n\n") == [
        "Chair: ada. 2 people spoke: ada, bo.",
        "Topics:\n- Written by hand after the form of MeetBot's minutes\n- Wood",
        "Decisions:\n- we fire on Saturday, whatever the weather is",
        "Noted:\n- the shed is dry\n- buy a cart",
        "Action items:\n- bo to bring wood",
    ]
    assert item.published_at == datetime(2026, 11, 24, 18, 1, 3, tzinfo=UTC)
    assert item.updated_at == datetime(2026, 11, 24, 18, 51, 2, tzinfo=UTC)
    assert item.links == ("https://kiln.example/agenda",)
    assert item.thread is not None
    assert (item.thread.reply_count, item.thread.people_count) == (26, 2)


def test_a_meeting_from_its_minutes_as_a_page() -> None:
    [item] = read((DATA / "minutes.html").read_bytes(), "firing.2026-11-24-18.01.html")
    assert item.text.split("\n\n") == [
        "Chair: ada. 2 people spoke: ada, bo.",
        "Topics:\n- Wood",
        "Decisions:\n- we fire on Saturday",
        "Action items:\n- bo to bring wood",
    ]
    assert item.published_at == datetime(2026, 11, 24, 18, 1, 3, tzinfo=UTC)


def test_minutes_of_an_unknown_day_have_no_date() -> None:
    [item] = read((DATA / "minutes.txt").read_bytes(), "minutes.txt")
    assert (item.published_at, item.updated_at, item.title) == (None, None, "Meeting: firing team")


def test_several_meetings_of_a_day_and_one_that_goes_on() -> None:
    log = b"[18:00] <a> #startmeeting one\n[18:10] <a> #endmeeting\n[19:00] <b> #startmeeting two\n[19:01] <b> hi"
    one, two = read(log, "kiln.2026-11-24.log")
    assert (one.native_keys, two.native_keys) == (("key",), ("key#2",))
    assert two.text == "Chair: b. 1 person spoke: b. It was not over when the log was read."
    grown = read(log + b"\n[19:05] <b> #agreed yes\n[19:06] <b> #endmeeting", "kiln.2026-11-24.log")
    assert [item.id for item in grown] == [one.id, two.id]
    assert grown[1].text == "Chair: b. 1 person spoke: b.\n\nDecisions:\n- yes"


def test_chairs_undo_and_links() -> None:
    text = "#startmeeting\n#chair x, y\n#unchair x\n#info no\n#undo\nhttps://a.example/\n#meetingname late\n"
    text += "#endvote\n#x\n#topic"
    [meeting] = find_meetings(read_lines(text).lines)
    assert (meeting.chairs, meeting.title, meeting.topics, meeting.is_over) == (["y"], "late", [], False)
    assert [(each.sort, each.text) for each in meeting.facts] == [("link", "https://a.example/")]
    assert find_meetings(read_lines("[18:00] <a> #endmeeting").lines) == []


def test_whom_an_action_item_names() -> None:
    log = read_lines("[1:00] <Ada> #startmeeting\n[1:01] <bo> hi\n[1:02] <Ada> #action bo and ada: do it")
    [meeting] = find_meetings(log.lines)
    assert meeting.named_in(meeting.actions[0].text) == ["Ada", "bo"]


def test_classes_of_a_day() -> None:
    glazes, kilns = read((DATA / "class.txt").read_bytes(), "2026-11-24.txt")
    assert (glazes.title, glazes.author, glazes.native_keys) == ("Glazes", Person("ada"), ("key",))
    assert (kilns.title, kilns.author, kilns.native_keys) == ("Kilns", Person("bo"), ("key#2",))
    assert glazes.text.split("\n\n") == [
        "Taught by ada and bo. 3 questions. Robots: ChanServ, ClassBot.",
        "Questions:\n"
        "- jo: Which glaze is safe for food? — ada: Tin glazes are. Never lead, see\n"
        "- kim: How hot does it get? — no answer in the log\n"
        "- jo: Is there a workshop? — ada: There is a glaze workshop in Ghent in two weeks, come along.",
        "Dates that are guessed:\n- glaze workshop in Ghent: “in two weeks”, about 2026-12-08",
    ]
    assert glazes.warnings == ("link lost at line 10", "date guessed: “in two weeks” (glaze workshop in Ghent)")
    assert glazes.event == Event(date(2026, 12, 8), place="Ghent", is_guess=True, title="glaze workshop in Ghent")
    assert glazes.published_at == datetime(2026, 11, 24, 20, tzinfo=UTC)
    assert "Good night" not in kilns.text
    assert kilns.thread is not None
    assert kilns.thread.people_count == 2


def test_a_class_without_a_topic_is_taught_by_whoever_speaks_most() -> None:
    [session] = find_classes(read_lines("[1:00] <bo> a\n[1:01] <bo> b\n[1:02] <ClassBot> jo asked: why?\n[1:03] <x> c"))
    assert (session.title, session.teachers, session.questions[0].answer) == ("", ("bo",), "")
    assert find_classes(Log(())) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("...but we have a design summit coming up", "design summit"),
        ("our next bug day", "bug day"),
        ("Come to the OpenStack Conference", "OpenStack Conference"),
        ("a day like any other", None),
    ],
)
def test_the_name_of_an_occasion(text: str, name: str | None) -> None:
    assert occasion_in(text) == name


def test_answered_questions_of_a_channel() -> None:
    log = (
        "[1:00] <a> does the pump work at night?\n[1:01] <b> a: it does, with the new seal\n"
        "[1:02] <b> only slower\n[1:03] <c> ok\n"
    )
    [found] = find_answered(read_lines(log).lines)
    assert (found.nick, found.answer) == ("a", "it does, with the new seal only slower")
    others = ("<b> it does, with the new seal", "<a> a: it does with the seal", "<b> a: hm?", "<b> a: yes")
    for other in others:
        assert find_answered(read_lines(f"[1:00] <a> does the pump work at night?\n[1:01] {other}").lines) == []


def test_a_day_of_a_channel() -> None:
    said = b"[1:01] <jo> see https://a.example/x and https://a.example/x\n[1:02] <logbot> https://b.example/"
    log = b"[1:00] *** jo has joined #pump\n" + said
    [item] = read(log, "pump.2026-11-24.log")
    assert item.title == "Chat in #pump on 2026-11-24"
    assert item.text == "1 message by 1 person: jo.\n\nRobots: logbot.\n\nLinks:\n- https://a.example/x"
    assert (item.labels, item.author, item.links) == (("log",), None, ("https://a.example/x",))
    assert read(b"[1:00] *** jo has joined #pump") == ()
    assert read(b"[1:00] <jo> hi", "pump.log")[0].title == "Chat in pump"


@pytest.mark.parametrize(
    ("answer", "is_lost"),
    [
        ("jo: yes, all details are published here:", True),
        ("jo: the slides of the talk are in this [link] now", True),
        ("jo: yes, all details are published here: https://kiln.example/pumps", False),
        ("jo: yes I can see it well here", False),
    ],
)
def test_an_answer_that_points_at_nothing(answer: str, is_lost: bool) -> None:
    log = f"[1:00] <jo> does the pump work at night?\n[1:01] <ada> {answer}"
    (item,) = read(log.encode(), "pump.log")
    assert item.warnings == (("link lost at line 2",) if is_lost else ())
    (without,) = read(log.encode(), "pump.log", take=())
    assert without.warnings == ()
    followed = f"{log}\n[1:02] <ada> https://kiln.example/pumps"
    assert read(followed.encode(), "pump.log")[0].warnings == ()


def test_robots() -> None:
    assert all(
        map(
            is_robot,
            ("ClassBot", "ChanServ", "supybot", "openstack", "travis-ci", "github[bot]", "grimoire_bot", "CIA-12"),
        )
    )
    assert not any(map(is_robot, ("ada", "talbot", "robot_fan", "boti")))
    log = read_lines("[1:00] <reporter> Meeting started Thu Jan  3 19:01:48 2019 UTC.  The chair is ada.")
    assert robots_in(log.lines) == ("reporter",)


@pytest.mark.parametrize(
    ("data", "is_chat"),
    [
        ((DATA / "class.txt").read_bytes(), True),
        ((DATA / "minutes.txt").read_bytes(), True),
        ((DATA / "minutes.html").read_bytes(), True),
        ((DATA / "meeting.log.html").read_bytes(), True),
        (b"From ada Tue Nov 24 18:01:03 2026\nSubject: x\n\n18:01 and so on", False),
        (b"", False),
    ],
)
def test_what_looks_like_a_chat(data: bytes, is_chat: bool) -> None:
    assert looks_like_chat(data) is is_chat


def test_what_is_no_chat() -> None:
    with pytest.raises(NotReadable, match="holds no chat"):
        read(b"Dear all")
    assert read("[1:00] <jo> für alle".encode("cp1252"))[0].text.startswith("1 message")


RECORDED = expected("irc")


@needs_corpus
@pytest.mark.parametrize("path", RECORDED)
def test_recorded_logs(path: str) -> None:
    want: dict[str, Any] = RECORDED[path]["expect"]
    data = (CORPUS / "irc" / path).read_bytes()
    log = read_lines(data.decode("utf-8", "replace"))
    assert Counter(line.nick for line in log.said) == Counter(want["speakers"])
    assert len(log.said) == want["messages"]
    assert sum(line.sort != "said" for line in log.lines) == want["actions_or_notices"]
    [item] = read(data, path)
    people = {nick: count for nick, count in want["speakers"].items() if nick not in robots_in(log.lines)}
    assert item.thread is not None
    assert item.thread.people_count == max(1, len(people))
    assert item.thread.reply_count == max(0, sum(people.values()) - 1)
    _commands(log, want["meeting_commands"])


def _commands(log: Log, commands: list[dict[str, Any]]) -> None:
    """The commands of the recorded meeting, as far as they stand in its minutes."""
    meetings = find_meetings(log.lines)
    assert len(meetings) == sum(each["command"] == "startmeeting" for each in commands)
    for meeting in meetings:
        assert meeting.title == commands[0]["text"]
        assert meeting.is_over
        assert meeting.topics == [each["text"] for each in commands if each["command"] == "topic" and each["text"]]
        for command, sort in (
            ("agreed", "agreed"),
            ("accepted", "accepted"),
            ("action", "action"),
            ("idea", "idea"),
            ("halp", "help"),
        ):
            said = [each["text"] for each in commands if each["command"] == command and each["text"]]
            assert [each.text for each in meeting.of(sort)][: len(said)] == said
        undone = sum(each["command"] == "undo" for each in commands)
        noted = [each["text"] for each in commands if each["command"] == "info" and each["text"]]
        assert len(meeting.of("info")) == len(noted) - undone
        if any(each["nick"] for each in commands):
            assert {each.nick for each in meeting.facts} <= {each["nick"] for each in commands}


@needs_corpus
def test_the_recorded_class() -> None:
    [name] = [name for name, each in expected("openstack-2011").items() if each["expect"]["kind"] == "chat log"]
    want = expected("openstack-2011")[name]["expect"]
    data = (CORPUS / "openstack-2011" / name).read_bytes()
    [item] = read(data, name)
    log = read_lines(data.decode())
    [session] = find_classes(log)
    assert (item.title, item.author, len(log.lines)) == (want["title"], Person(want["instructor"]), want["lines"])
    assert item.published_at is not None
    assert item.published_at.date().isoformat() == want["date"]
    assert len(session.questions) == want["questions"]
    assert Counter(each.nick for each in session.questions) == Counter(want["asked_by"])
    assert all(each.answers for each in session.questions)
    assert set(robots_in(log.lines)) == set(want["robots"])
    assert [text for text in item.warnings if text.startswith("link lost")] == [
        f"link lost at line {number}" for number in want["answers_whose_link_is_lost_at_lines"]
    ]
    [estimate] = want["estimates"]
    assert f"date guessed: “{estimate['words']}” ({estimate['event']})" in item.warnings
    assert item.event == Event(date(2011, 4, 23), place="Santa Clara", is_guess=True, title=estimate["event"])
    assert "has joined" not in item.text
    assert "changed the topic" not in item.text
