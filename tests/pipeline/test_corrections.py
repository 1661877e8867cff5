"""What is out is set right on the web, with its day; what was mailed stays byte for byte."""

import json
from pathlib import Path

import pytest

from newsletter.errors import ChangedMeanwhile, NotFound, UsageError, WrongState
from newsletter.model.correction import Correction
from newsletter.model.issue import Entry
from newsletter.pipeline import corrections
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import approve, take_back
from newsletter.pipeline.corrections import correct_entry, corrections_of
from newsletter.pipeline.due import draft_if_due
from newsletter.pipeline.pinned import approved_files
from newsletter.pipeline.rebuild import rebuild_issue
from newsletter.store import issues
from tests.loopback import atom
from tests.pipeline.conftest import NOW, Home, gather_due

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
ONE = ("one", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")
MAILED = ("email.html", "email.txt", "issue.eml")


def correction(**values: str) -> Correction:
    given = {"editor": "Ines", "note": "It opens on Tuesday.", **values}
    return Correction(0, "", NOW, **given)  # type: ignore[arg-type]


def entry_of(app: Newsletter) -> Entry:
    with app.database.reading() as db:
        return issues.issue(db, 1).issue.entries[0]


@pytest.fixture
def drafted(any_home: Home) -> Home:
    any_home.write(PLANET)
    any_home.web["/planet.xml"] = atom(ONE)
    with any_home.opened() as app:
        gather_due(app)
        assert draft_if_due(app)
    return any_home


def test_the_web_is_right_and_the_mail_as_it_was(drafted: Home) -> None:
    with drafted.opened() as app:
        approve(app, 1, editor="Ines")
        before = approved_files(app, 1)
        drafted.clock.move(days=2)
        made = correct_entry(app, 1, entry=entry_of(app).id, correction=correction(title="The bridge opens late"))
        assert (made.correction.number, made.correction.made_at) == (1, drafted.clock())
        after = approved_files(app, 1)
        assert {name: after[name] for name in MAILED} == {name: before[name] for name in MAILED}
        for page in (after["issue.html"], (app.site / "issues" / "1" / "index.html").read_bytes()):
            text = " ".join(page.decode().split())
            assert 'Corrected <time datetime="2026-10-17">17 October</time>:</b> It opens on Tuesday.' in text
            assert "The bridge opens late" in text
        sections = json.loads(after["issue.json"])["sections"]
        (entry,) = [each for section in sections for each in section["entries"]]
        assert (entry["title"], entry["corrections"][0]["note"]) == ("The bridge opens late", "It opens on Tuesday.")
        assert [(app.issue_folder(1) / name).is_file() for name in made.files] == [True] * 3
        assert not rebuild_issue(app, 1).differing


def test_before_its_hour_an_issue_is_taken_back_not_corrected(drafted: Home) -> None:
    with drafted.opened() as app:
        approve(app, 1, editor="Ines")
        with pytest.raises(WrongState, match="take it back"):
            correct_entry(app, 1, entry=entry_of(app).id, correction=correction(title="Late"))
        drafted.clock.move(days=2)
        correct_entry(app, 1, entry=entry_of(app).id, correction=correction(title="Late", url="https://b.example/"))
        take_back(app, 1, editor="Ines")
        approve(app, 1, editor="Ines")
        mail = (app.issue_folder(1) / "email.txt").read_text()
        assert "Late" in mail
        assert "https://b.example/" in mail
        assert corrections_of(app, 1) == ()
        assert not list(app.issue_folder(1).glob("erratum-*"))


def test_a_second_correction_has_its_own_mail_and_says_what_the_first_left(drafted: Home) -> None:
    with drafted.opened() as app:
        approve(app, 1, editor="Ines")
        drafted.clock.move(days=2)
        correct_entry(app, 1, entry=entry_of(app).story_id[:8], correction=correction(title="Late"))
        made = correct_entry(app, 1, entry=entry_of(app).id, correction=correction(title="Very late", note=""))
        assert made.files == ("erratum-2.html", "erratum-2.txt", "erratum-2.eml")
        text = (app.issue_folder(1) / "erratum-2.txt").read_text()
        assert "The title said:\n    Late\n  Right is:\n    Very late\n" in text
        assert [each.before.title for each in corrections_of(app, 1)] == ["The bridge opens", "Late"]


def test_what_cannot_be_corrected(drafted: Home) -> None:
    with drafted.opened() as app:
        name = entry_of(app).id
        with pytest.raises(WrongState, match="is a draft"):
            correct_entry(app, 1, entry=name, correction=correction())
        with pytest.raises(NotFound):
            correct_entry(app, 9, entry=name, correction=correction())
        approve(app, 1, editor="Ines")
        drafted.clock.move(days=2)
        with pytest.raises(NotFound, match="no entry"):
            correct_entry(app, 1, entry="zzz", correction=correction())
        with pytest.raises(UsageError, match="Write who"):
            correct_entry(app, 1, entry=name, correction=correction(editor=" "))
        with pytest.raises(UsageError, match="says what was wrong"):
            correct_entry(app, 1, entry=name, correction=correction(note=""))
        assert corrections_of(app, 1) == ()


def test_of_two_corrections_at_once_one_is_told(drafted: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with drafted.opened() as app:
        approve(app, 1, editor="Ines")
        drafted.clock.move(days=2)
        name, real = entry_of(app).id, corrections.stage

        def slow(*given: object) -> Path:
            monkeypatch.setattr(corrections, "stage", real)
            correct_entry(app, 1, entry=name, correction=correction(editor="Bo", title="Bo was first"))
            return real(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(corrections, "stage", slow)
        with pytest.raises(ChangedMeanwhile, match="Bo corrected issue 1"):
            correct_entry(app, 1, entry=name, correction=correction(title="Ines was second"))
        assert [each.after.title for each in corrections_of(app, 1)] == ["Bo was first"]
        assert b"Bo was first" in approved_files(app, 1)["issue.html"]


def test_a_crash_after_the_correction_is_stored_is_mended(drafted: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*given: object) -> None:
        raise KeyboardInterrupt

    with drafted.opened() as app:
        approve(app, 1, editor="Ines")
        drafted.clock.move(days=2)
        with monkeypatch.context() as patched:
            patched.setattr(corrections, "put_in_place", killed)
            with pytest.raises(KeyboardInterrupt):
                correct_entry(app, 1, entry=entry_of(app).id, correction=correction(title="Right"))
        assert b"Right" in approved_files(app, 1)["issue.html"]
        assert (app.issue_folder(1) / "erratum-1.eml").is_file()
