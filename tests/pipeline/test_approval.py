"""From draft to approved: whole or not at all, by one or two people, and the very bytes ever after."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.errors import ChangedMeanwhile, NotFound, StoreFault, UsageError, WrongState
from newsletter.pipeline import approval, learn, pinned
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import approve, check_issue, take_back, who_approved
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.due import draft_if_due
from newsletter.pipeline.pinned import approved_files, repair_approved
from newsletter.pipeline.publish import render_issue
from newsletter.pipeline.rebuild import rebuild_issue
from newsletter.pipeline.review import change
from newsletter.store import issues
from tests.loopback import atom
from tests.pipeline.conftest import Home, gather_due

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
TWO = "schedule:\n  approval: two people\n"
ONE = ("one", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")


class Killed(BaseException):
    """The program is gone."""


def drafted(home: Home, schedule: str = "") -> Home:
    home.write(schedule + PLANET)
    home.web["/planet.xml"] = atom(ONE)
    with home.opened() as app:
        gather_due(app)
        assert draft_if_due(app)
    return home


def state_of(app: Newsletter) -> str:
    with app.database.reading() as db:
        return issues.issue(db, 1).state


def edit(app: Newsletter, text: str = "Another title", editor: str = "bo") -> None:
    change(app, 1, action="title", target="issue", value=text, editor=editor)


def staged(home: Home) -> list[Path]:
    return list((home.folder / "data" / "issues").glob(".0001-*"))


def test_an_approved_issue_has_the_very_bytes(any_home: Home) -> None:
    with drafted(any_home).opened() as app:
        edit(app)
        result = approve(app, 1, editor="Ines", seen=1)
        assert (result.is_approved, result.by, result.missing_count) == (True, ("Ines",), 0)
        assert result.send_at == datetime(2026, 10, 16, 10, tzinfo=UTC)
        assert state_of(app) == "approved"
        files = approved_files(app, 1)
        folder = app.issue_folder(1)
        assert {name: (folder / name).read_bytes() for name in files} == files
        assert {"issue.eml", "email.html", "email.txt", "issue.json"} <= set(files)
        assert b"Another title" in files["email.html"]
        assert json.loads(files["issue.json"])["state"] == "approved"
        assert not rebuild_issue(app, 1).differing
        assert (app.site / "issues" / "1" / "index.html").is_file()
        assert staged(any_home) == []


def test_nothing_writes_over_approved_files(home: Home) -> None:
    with drafted(home).opened() as app:
        approve(app, 1, editor="Ines")
        before = approved_files(app, 1)
        (home.folder / "templates" / "email").mkdir(parents=True)
        (home.folder / "templates" / "email" / "issue.txt").write_text("other")
    with home.opened() as app:
        assert "stay as they were approved" in render_issue(app, 1).remarks[0]
        assert approved_files(app, 1) == before
        with pytest.raises(WrongState):
            edit(app)
        with app.database.reading() as db:
            period = issues.issue(db, 1).period
        with pytest.raises(WrongState):
            make_draft(app, period)


def test_a_draft_that_somebody_changed_is_not_approved_unseen(any_home: Home) -> None:
    with drafted(any_home).opened() as app:
        edit(app)
        edit(app, "And again", "bo")
        with pytest.raises(
            ChangedMeanwhile,
            match=r"bo changed issue 1 after you looked at it \(0 s ago: changed the subject of the issue",
        ) as told:
            approve(app, 1, editor="Ines", seen=1)
        assert (told.value.editor, told.value.number) == ("bo", 2)
        assert state_of(app) == "draft"
        with pytest.raises(UsageError, match="no change 9"):
            approve(app, 1, editor="Ines", seen=9)
        with pytest.raises(UsageError, match="Write who"):
            approve(app, 1, editor=" ")


@pytest.mark.parametrize("what", ["edit", "draft"])
def test_a_change_between_looking_and_the_word_is_seen(
    any_home: Home, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Somebody is faster: after the files were made, before the word is given."""
    with drafted(any_home).opened() as app:
        real = approval.stage

        def slow(*given: object, **named: object) -> Path:
            if what == "edit":
                edit(app)
            else:
                any_home.clock.move(minutes=1)
                with app.database.reading() as db:
                    period = issues.issue(db, 1).period
                make_draft(app, period)
            return real(*given, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(approval, "stage", slow)
        with pytest.raises(ChangedMeanwhile):
            approve(app, 1, editor="Ines", seen=0)
        assert state_of(app) == "draft"
        assert staged(any_home) == []
        with pytest.raises(NotFound):
            approved_files(app, 1)


def test_of_two_who_approve_at_once_one_does(home: Home) -> None:
    with drafted(home).opened() as app:
        approve(app, 1, editor="Ines")
        with pytest.raises(WrongState, match="approved already"):
            approve(app, 1, editor="Bo")


def test_a_crash_before_the_word_leaves_a_draft(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with drafted(home).opened() as app:

        def killed(*given: object) -> None:
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(approval, "pin_files", killed)
            patched.setattr(approval, "unstage", lambda staged: None)
            with pytest.raises(Killed):
                approve(app, 1, editor="Ines")
        assert state_of(app) == "draft"
        assert len(staged(home)) == 1
        assert repair_approved(app) == ()
        approve(app, 1, editor="Ines")
        assert approved_files(app, 1)


@pytest.mark.parametrize("moved_count", [0, 1, 4])
def test_a_crash_after_the_word_is_mended(home: Home, monkeypatch: pytest.MonkeyPatch, moved_count: int) -> None:
    with drafted(home).opened() as app:
        edit(app)

        def killed(app: Newsletter, number: int, staged: Path) -> None:
            for path in sorted(each for each in staged.iterdir() if each.is_file())[:moved_count]:
                path.replace(app.issue_folder(number) / path.name)
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(approval, "put_in_place", killed)
            with pytest.raises(Killed):
                approve(app, 1, editor="Ines")
        assert state_of(app) == "approved"
    with home.opened() as app:
        assert repair_approved(app) == (1,)
        assert b"Another title" in approved_files(app, 1)["email.html"]
        assert not rebuild_issue(app, 1).differing
        assert staged(home) == []


def test_files_that_were_lost_are_told_and_not_sent(home: Home) -> None:
    with drafted(home).opened() as app:
        approve(app, 1, editor="Ines")
        (app.issue_folder(1) / "issue.eml").write_bytes(b"another mail")
        with pytest.raises(StoreFault, match=r"issue\.eml"):
            approved_files(app, 1)


def test_old_leftovers_go(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with drafted(home).opened() as app:
        pinned.stage(app, 1, {"issue.html": b"x"})
        assert repair_approved(app) == ()
        assert len(staged(home)) == 1
        monkeypatch.setattr(pinned, "_LEFT_OVER", -pinned._LEFT_OVER)
        repair_approved(app)
        assert staged(home) == []


def test_two_people_have_to_agree_about_the_same_draft(any_home: Home) -> None:
    with drafted(any_home, TWO).opened() as app:
        first = approve(app, 1, editor="Ines", seen=0)
        assert (first.is_approved, first.missing_count, state_of(app)) == (False, 1, "draft")
        assert who_approved(app, 1) == ("Ines",)
        assert approve(app, 1, editor="ines").is_approved is False, "the same person twice is one"
        edit(app)
        assert who_approved(app, 1) == (), "her word was about other words"
        any_home.clock.move(minutes=1)
        assert approve(app, 1, editor="Bo").is_approved is False
        any_home.clock.move(minutes=1)
        result = approve(app, 1, editor="Ines")
        assert (result.is_approved, result.by) == (True, ("Bo", "Ines"))
        assert staged(any_home) == []


def test_taken_back_it_is_a_draft_again_until_it_is_being_sent(any_home: Home) -> None:
    with drafted(any_home).opened() as app:
        with pytest.raises(WrongState, match="only an approved issue"):
            take_back(app, 1, editor="Ines")
        approve(app, 1, editor="Ines")
        take_back(app, 1, editor="Ines")
        assert state_of(app) == "draft"
        assert json.loads((app.issue_folder(1) / "issue.json").read_bytes())["state"] == "draft"
        with pytest.raises(NotFound):
            approved_files(app, 1)
        edit(app)
        approve(app, 1, editor="Ines")
        with app.database.transaction() as db:
            issues.step(db, 1, "sending", now=app.now())
        with pytest.raises(WrongState, match="sending"):
            take_back(app, 1, editor="Ines")


def test_a_model_that_cannot_learn_stops_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(app: Newsletter, number: int) -> bool:
        raise ValueError(number)

    monkeypatch.setattr(learn, "learn_issue", broken)
    with drafted(home).opened() as app:
        assert approve(app, 1, editor="Ines").is_approved


def test_the_checks_of_a_real_draft(home: Home) -> None:
    with drafted(home).opened() as app:
        checks = {each.id: each for each in check_issue(app, 1)}
        assert checks["text"].text == "Text part holds all 1 entry"
        assert checks["links"].text.endswith("not checked yet")
        assert (checks["number"].state, checks["contrast"].state, checks["size"].state) == ("good", "good", "good")
        assert checks["unseen"].text == "1 entry nobody looked at"
        assert "hour" not in checks
        with pytest.raises(NotFound):
            check_issue(app, 9)


def test_a_template_of_ones_own_that_leaves_entries_out_of_the_text_is_told(home: Home) -> None:
    drafted(home)
    (home.folder / "templates" / "email").mkdir(parents=True)
    (home.folder / "templates" / "email" / "issue.txt").write_text("Read it on the web.")
    with home.opened() as app:
        checks = check_issue(app, 1)
    assert (checks[0].id, checks[0].state) == ("text", "stops")
