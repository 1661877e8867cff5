"""Readers in and out of files, with a database behind it."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.errors import NotFound, UsageError
from newsletter.model.subscriber import Choice, Subscriber
from newsletter.pipeline import subscribing
from newsletter.pipeline.app import DATABASE_VARIABLE, Newsletter, open_newsletter
from newsletter.pipeline.import_readers import (
    BATCH,
    Report,
    Wanted,
    import_readers,
    state_agreement,
    waiting_imports,
    with_failures,
)
from newsletter.pipeline.readers_file import HEADINGS, export_readers
from newsletter.store import subscriber_lists, subscribers
from newsletter.store.database import Database
from tests.fakes import FixedClock

FEEDS = "newsletter:\n  name: Test weekly\n  from: Test <test@example.org>\n  site: https://weekly.example.org\n"


@pytest.fixture
def app(tmp_path: Path, database: Database, database_url: str) -> Iterator[Newsletter]:
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    with open_newsletter(tmp_path, environ={DATABASE_VARIABLE: database_url}, now=FixedClock()) as opened:
        yield opened


def written(app: Newsletter, text: str, name: str = "old.csv") -> Path:
    path = app.home / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def at(app: Newsletter, address: str) -> Subscriber | None:
    with app.database.reading() as db:
        return subscribers.by_address(db, address)


def active(app: Newsletter, address: str) -> Subscriber:
    import_readers(app, written(app, address, "one.csv"), Wanted("test", "by hand"))
    found = at(app, address)
    assert found is not None
    return found


def test_what_becomes_of_each_line(app: Newsletter) -> None:
    known, gone, erased = (active(app, f"{name}@example.org") for name in ("known", "gone", "erased"))
    subscribing.leave(app, gone.id, way="test")
    subscribing.erase(app, erased.id, way="test")
    lines = ["email,status,created_at", "new@example.org,active,2010-01-02", "KNOWN@example.org,active,"]
    lines += ["gone@example.org,active,", "erased@example.org,active,", "out@example.org,unsubscribed,"]
    lines += ["never@example.org,pending,", "new@example.org,active,", "=cmd,active,", "x,,"]
    path = written(app, "\n".join(lines))
    said = (
        "1 new, 1 known, 3 had left before and stay out, 1 never confirmed and stays out, 1 stands there twice, "
        "2 are not addresses (lines 9, 10)"
    )
    trial = import_readers(app, path, Wanted("old list", is_trial=True))
    assert trial.summary == said
    assert trial.shown[:2] == (
        ("new@example.org", "all sections, every Friday", "2010-01-02"),
        ("KNOWN@example.org", "all sections, every Friday", ""),
    )
    assert at(app, "new@example.org") is None
    made = import_readers(app, path, with_failures(Wanted("old list"), path))
    assert made.summary == said
    new = at(app, "new@example.org")
    assert new is not None
    assert (new.state, new.source) == ("waiting", "old list"), "no mail before it is said how they agreed"
    failed = app.home / "old.csv.failed.csv"
    assert failed.stat().st_mode & 0o077 == 0
    assert list(csv.reader(failed.read_text(encoding="utf-8").splitlines())) == [
        ["line", "reason", "email", "status", "created_at"],
        ["9", "not an address", "'=cmd", "active", ""],
        ["10", "not an address", "x", "", ""],
    ]
    with app.database.reading() as db:
        assert subscribers.is_suppressed(db, "out@example.org"), "who left there gets nothing here"
        assert subscribers.by_address(db, "out@example.org") is None
        (consent,) = subscribers.consents_of(db, new.id)
    assert (f"{consent.at:%Y-%m-%d}", consent.what, consent.wording, consent.source) == (
        *("2010-01-02", "imported", "", "old list"),
    )
    assert at(app, "known@example.org") == known


def test_a_word_on_how_they_agreed_makes_them_readers(app: Newsletter) -> None:
    path = written(app, "email,date\na@example.org,2010-01-02\nb@example.org,\n")
    import_readers(app, path, Wanted("old list"))
    assert waiting_imports(app) == [("old list", 2)]
    again = import_readers(app, path, Wanted("old list", "by a form", is_trial=True))
    assert (again.known, again.agreed) == (2, 2)
    made = import_readers(app, path, Wanted("old list", "by a form"))
    assert made.summary == "0 new, 2 known, 2 of the known may get mail from now on"
    found = at(app, "a@example.org")
    assert found is not None
    assert (found.state, f"{found.confirmed_at:%Y-%m-%d}") == ("active", "2010-01-02")
    import_readers(app, written(app, "c@example.org", "other.csv"), Wanted("another"))
    with pytest.raises(UsageError):
        state_agreement(app, "another", "  ")
    assert state_agreement(app, "another", "by post") == 1
    assert waiting_imports(app) == []
    third = at(app, "c@example.org")
    assert third is not None
    with app.database.reading() as db:
        told = subscribers.consents_of(db, third.id)
    assert [(each.what, each.wording) for each in told] == [("imported", ""), ("imported", "by post")]


def test_an_import_that_was_broken_off_goes_on(app: Newsletter) -> None:
    """What is stored stays; the same again brings the rest, and nobody twice."""
    path = written(app, "email\n" + "".join(f"r{at}@example.org\n" for at in range(3 * BATCH)))

    class Killed(Exception):
        pass

    def kill(report: Report) -> bool:
        if report.lines == 2 * BATCH:
            raise Killed
        return True

    with pytest.raises(Killed):
        import_readers(app, path, Wanted("old list", "by a form"), may_go_on=kill)
    made = import_readers(app, path, Wanted("old list", "by a form"))
    assert (made.new, made.known) == (BATCH, 2 * BATCH)
    with app.database.reading() as db:
        assert subscriber_lists.counts(db, app.now().date()).active == 3 * BATCH


def test_a_batch_is_stored_whole_or_not_at_all(app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(app, "email\n" + "".join(f"r{at}@example.org\n" for at in range(10)))

    def broken(*_: object, **__: object) -> int:
        raise RuntimeError("the power went off")

    monkeypatch.setattr("newsletter.store.imported.agree", broken)
    with pytest.raises(RuntimeError):
        import_readers(app, path, Wanted("old list", "by a form"))
    monkeypatch.undo()
    with app.database.reading() as db:
        assert subscriber_lists.counts(db, app.now().date()).all == 0
    assert import_readers(app, path, Wanted("old list", "by a form")).new == 10


def test_cancelling_keeps_what_is_in(app: Newsletter) -> None:
    path = written(app, "email\n" + "".join(f"r{at}@example.org\n" for at in range(2 * BATCH)))
    made = import_readers(app, path, Wanted("old list"), may_go_on=lambda report: False)
    assert (made.is_cancelled, made.new) == (True, BATCH)


def test_files_that_hold_no_readers(app: Newsletter, tmp_path: Path) -> None:
    for text in ("", "a,b\nc,d\n"):
        with pytest.raises(UsageError, match="No column"):
            import_readers(app, written(app, text), Wanted("x"))
    with pytest.raises(NotFound):
        import_readers(app, tmp_path / "nothing.csv", Wanted("x"))


def test_out_and_in_again_is_the_same(app: Newsletter, tmp_path: Path) -> None:
    rows = ["email,date,sections,frequency", "a@example.org,2010-01-02,events;news,monthly"]
    rows += ["=1+1@example.org,,,highlights", "b@example.org,,,"]
    import_readers(app, written(app, "\n".join(rows)), Wanted("=old list", "by a form"))
    erased = active(app, "erased@example.org")
    subscribing.erase(app, erased.id, way="test")
    gone = active(app, "gone@example.org")
    subscribing.leave(app, gone.id, way="test")
    text = "".join(export_readers(app, by="Ines"))
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(found[0]) == HEADINGS
    assert [each["address"] for each in found] == [
        *("a@example.org", "'=1+1@example.org", "b@example.org", "gone@example.org"),
    ]
    assert (found[0]["sections"], found[0]["rhythm"], found[0]["agreed_at"]) == (
        *("events;news", "monthly", "2010-01-02T00:00:00Z"),
    )
    assert {each["source"] for each in found[:3]} == {"'=old list"}
    other = tmp_path / "other"
    other.mkdir()
    (other / "feeds.yaml").write_text(FEEDS)
    with open_newsletter(other, environ={}, now=FixedClock()) as elsewhere:
        made = import_readers(elsewhere, written(app, text, "out.csv"), Wanted("moved", "they agreed there"))
        assert (made.new, made.left, made.failed) == (3, 1, 0)
        first, second = at(elsewhere, "a@example.org"), at(elsewhere, "=1+1@example.org")
    assert first is not None
    assert second is not None
    assert (first.choice, second.choice) == (Choice("monthly", ("events", "news")), Choice("highlights"))
    assert f"{first.confirmed_at:%Y-%m-%d}" == "2010-01-02"
