"""Editors are told what waits: each stage once, the newest only, in words that say how much it is."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from newsletter.deliver.transport import Outbox
from newsletter.errors import MailFault
from newsletter.pipeline import notices
from newsletter.pipeline.approval import approve
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.due import draft_if_due
from newsletter.pipeline.notices import reminders_due, send_notices
from newsletter.pipeline.review import change
from newsletter.pipeline.times import week_period
from tests.jobs.test_schedule import service
from tests.loopback import atom
from tests.pipeline.conftest import Home, gather_due

SCHEDULE = "schedule:\n  timezone: Europe/Berlin\n  remind reviewer: Thursday 21:00\n"
PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
ENTRIES = [
    (f"e{n}", f"Story number {n} of the week", "2026-10-12T09:00:00Z", f"Words about thing {n}.") for n in range(3)
]


def drafted(home: Home, schedule: str = SCHEDULE, more: str = "") -> Home:
    home.clock.now = datetime(2026, 10, 15, 16, 31, tzinfo=UTC)
    home.write(schedule + more + PLANET)
    home.web["/planet.xml"] = atom(*ENTRIES)
    with home.opened() as app:
        gather_due(app)
        assert draft_if_due(app)
    return home


def told(home: Home) -> list[tuple[str, str]]:
    mails = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in sorted((home.folder / "data" / "outbox").glob("*.eml"))
    ]
    return [(str(each["Subject"]), each.get_content()) for each in mails]


def send(home: Home) -> tuple[str, ...]:
    with home.opened() as app:
        return send_notices(app)


def test_each_stage_is_told_once(any_home: Home) -> None:
    home = drafted(any_home)
    home.environ = {**home.environ, "NEWSLETTER_DESK_URL": "https://desk.example.org/desk/"}
    assert send(home) == ("test@example.org",)
    assert send(home) == ()
    home.clock.now = datetime(2026, 10, 15, 19, 0, tzinfo=UTC)
    assert send(home) == ("test@example.org",)
    assert send(home) == ()
    home.clock.now = datetime(2026, 10, 16, 8, 0, tzinfo=UTC)
    assert send(home) == ("test@example.org",)
    assert send(home) == ()
    assert sorted(subject for subject, _ in told(home)) == [
        "Test weekly: draft of issue 1 is ready",
        "Test weekly: issue 1 waits for your approval",
        "Test weekly: issue 1 was not sent, nobody approved it",
    ]
    (text,) = [text for subject, text in told(home) if subject.endswith("ready")]
    assert "Draft of issue 1 is ready: 3 entries, 3 to decide, about 4 minutes." in text
    assert "Friday 16 October, 10:00 Europe/Berlin" in text
    assert "https://desk.example.org/desk/" in text


def test_what_is_decided_is_not_counted(home: Home) -> None:
    with drafted(home).opened() as app:
        waiting = reminders_due(app)
        assert waiting is not None
        assert (waiting.number, waiting.entries_count, waiting.open_count, waiting.stage) == (1, 3, 3, "draft")
        from newsletter.store import issues

        with app.database.reading() as db:
            entries = issues.issue(db, 1).issue.entries
        for entry in entries:
            change(app, 1, action="title", target=entry.id, value="x", editor="ines")
        waiting = reminders_due(app)
        assert waiting is not None
        assert waiting.open_count == 0
        assert "3 entries, all decided" in notices.notice_of(app, waiting).paragraphs[0]


def test_nobody_is_reminded_of_what_is_approved(home: Home) -> None:
    with drafted(home).opened() as app:
        approve(app, 1, editor="Ines")
        assert reminders_due(app) is None
    assert send(home) == ()


def test_who_was_away_is_told_once_and_of_old_issues_never(home: Home) -> None:
    drafted(home)
    home.clock.now = datetime(2026, 10, 16, 20, 0, tzinfo=UTC)
    assert len(send(home)) == 1
    assert [subject for subject, _ in told(home)] == ["Test weekly: issue 1 was not sent, nobody approved it"]
    home.clock.move(days=3)
    assert send(home) == ()


def test_where_two_people_approve_the_second_is_asked(home: Home) -> None:
    with drafted(home, SCHEDULE + "  approval: two people\n").opened() as app:
        approve(app, 1, editor="Ines")
    send(home)
    ((_, text),) = told(home)
    assert "Ines approved it; a second person has to." in " ".join(text.split())


def test_without_a_reminder_hour_there_is_none_and_the_short_issue_is_named(home: Home) -> None:
    drafted(home, "schedule:\n  if not approved: send highlights only\n  timezone: Europe/Berlin\n")
    home.clock.now = datetime(2026, 10, 16, 7, 59, tzinfo=UTC)
    with home.opened() as app:
        waiting = reminders_due(app)
        assert waiting is not None
        assert waiting.stage == "draft"
        assert "only its highlights go out" in notices.notice_of(app, waiting).paragraphs[1]


@pytest.mark.parametrize(("is_final", "count"), [(False, 1), (True, 0)])
def test_what_the_server_did_not_take_is_tried_again_later(
    home: Home, monkeypatch: pytest.MonkeyPatch, is_final: bool, count: int
) -> None:
    drafted(home)

    def refuse(*given: object, **named: object) -> None:
        raise MailFault("no", is_final=is_final)

    with monkeypatch.context() as patched:
        patched.setattr(Outbox, "send", refuse)
        assert send(home) == ()
    assert send(home) == ()
    home.clock.move(minutes=11)
    assert len(send(home)) == count


def test_no_issue_no_reminder(home: Home) -> None:
    home.write(PLANET)
    with home.opened() as app:
        assert reminders_due(app) is None


def test_the_service_tells_by_itself_and_asks_the_links(home: Home, tmp_path: Path) -> None:
    home.clock.now = datetime(2026, 10, 15, 16, 31, tzinfo=UTC)
    home.write(SCHEDULE + PLANET)
    home.web["/planet.xml"] = atom(*ENTRIES).replace("https://planet.example", home.web.base)
    home.web["/e0"] = "here"
    with home.opened() as app:
        make_draft(app, week_period(app.config.schedule, "2026-W41"))  # a home that has begun already
    with service(home.folder, home.clock) as look:
        look()
    assert len(told(home)) == 1
    assert [each for each in home.web.asked if each[0] == "/e1"] == [("/e1", 404)]
