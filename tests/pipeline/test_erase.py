"""Somebody is erased everywhere: rows, files, what is packed and coded; and no source brings the name back."""

import base64
import gzip
import quopri
import sqlite3
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter.errors import UsageError, WrongState
from newsletter.model.aside import Aside
from newsletter.model.erased import Erased, words_for
from newsletter.model.item import Item, Person
from newsletter.model.subscriber import Choice
from newsletter.pipeline import erase, erase_files, subscribing
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import who_approved
from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.erase import erase_person, finish_erasures, look_for_person
from newsletter.pipeline.erase_mail import clean_mails
from newsletter.pipeline.export import export
from newsletter.pipeline.folded import folded
from newsletter.pipeline.pinned import approved_files
from newsletter.pipeline.rebuild import rebuild_issue
from newsletter.store import issues, items, subscribers
from newsletter.store.approvals import Approval, save_approval
from newsletter.store.aside import keep_aside, list_aside
from newsletter.store.every_table import metadata
from newsletter.store.feeds_tables import feeds_versions
from newsletter.store.tables import contenders
from newsletter.store.tables import items as item_rows
from tests.web.everything import Everything, everything

pytestmark = pytest.mark.slow
NAME, ADDRESS = "Ada Måkrell", "ada@example.org"
PERSON = [NAME, ADDRESS, "adamak99"]
OF_FEEDS = (
    "Planet",
    "Dev list",
    "Meetings",
    "No adverts",
    "Test weekly",
    "Highlights",
    "Developer",
    "General",
    "Events",
)


def said(words: str, most: int) -> str:
    """Everything that can be written names her."""
    return words if words in OF_FEEDS or most < 50 else f"{NAME} <{ADDRESS}> {words}"[:most]


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Everything]:
    with everything(tmp_path / "home", said) as found:
        app = found.desk.app
        mine = Item("1" * 20, "planet", "feed", "mail", (f"<7.{ADDRESS}>",), "A plan", author=Person("A. M.", ADDRESS))
        with app.database.transaction() as db:
            items.save_items(db, [mine], now=app.now())
            bytes_of_her = gzip.compress(b"no") + f"<p>{NAME}</p>".encode()
            keep_aside(db, "planet", [Aside("https://planet.example/1", "broken", bytes_of_her)], now=app.now())
        subscribing.ask(app, ADDRESS, Choice(), base="https://weekly.example.org/")
        yield found


def spellings() -> tuple[bytes, ...]:
    found = (
        NAME,
        NAME.lower(),
        ADDRESS,
        "Ada M\\u00e5krell",
        "Ada M&#229;krell",
        "Ada_M%C3%A5krell",
        "ada%40example.org",
    )
    return tuple(each.encode() for each in found)


def named_in(data: bytes) -> bool:
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    plain = (data, quopri.decodestring(data))
    return any(each in text for text in plain for each in spellings())


def files_that_name(folder: Path) -> list[str]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("newsletter.db"))
    return [str(path.relative_to(folder)) for path in paths if named_in(path.read_bytes())]


def rows_that_name(there: Everything) -> list[str]:
    found = []
    with there.desk.app.database.reading() as db:
        for name, table in metadata.tables.items():
            for row in db.execute(select(table)):
                found += [f"{name}: {row}"] if named_in(repr(tuple(row)).encode()) else []
        packed = [gzip.decompress(each) for each in db.execute(select(contenders.c.content)).scalars()]
        packed += [zlib.decompress(each) for each in db.execute(select(feeds_versions.c.content)).scalars()]
        found += ["packed" for each in packed if named_in(each)]
    return found


def test_nothing_names_her_afterwards(there: Everything) -> None:
    app = there.desk.app
    assert rows_that_name(there)
    assert any(name.startswith("issues/0001/editions/") for name in files_that_name(app.data))
    before = look_for_person(app, PERSON)
    assert before.is_reader
    assert {
        "versions of items",
        "issues in the database",
        "documents set aside",
        "files of issues and their snapshots",
    } <= (before.places.keys())
    assert rows_that_name(there), "a look changes nothing"
    numbers = (len(list(all_items(there))), approved_names(there))

    done = erase_person(app, PERSON, by="Ines")
    assert done.places == before.places
    assert rows_that_name(there) == []
    assert files_that_name(app.data) == []
    assert not named_in((app.data / "newsletter.db").read_bytes())
    assert numbers == (len(list(all_items(there))), approved_names(there))
    assert look_for_person(app, PERSON).is_nothing
    with app.database.reading() as db:
        assert subscribers.by_address(db, ADDRESS) is None
        assert subscribers.is_suppressed(db, ADDRESS)
        assert list_aside(db) == []
    out = app.home / "out"
    export(app, out, with_readers=True)
    assert files_that_name(out) == []


def test_a_page_that_was_open_shows_the_name_no_more(there: Everything) -> None:
    """What a running desk keeps of an issue, it keeps by when it was drafted: that moment moves with the name."""
    app, ines = there.desk.app, there.desk.signed_in_again("Ines")
    pages = [f"/desk/issues/{number}{more}" for number in (1, 2) for more in ("", "/approve", "/preview")]
    before = {page: ines.get(page) for page in pages}
    assert any(named_in(each.content) for each in before.values())
    with app.database.reading() as db:
        folded(app, db, 2)
        drafted_at = issues.issue(db, 2).drafted_at
    with app.database.transaction() as db:
        save_approval(db, 2, Approval("Ines", issues.stamp(db, 2)[2], drafted_at, app.now()))
        save_approval(db, 2, Approval("Olu", 0, drafted_at - timedelta(days=1), app.now()))
    assert who_approved(app, 2) == ("Ines",)
    erase_person(app, PERSON, by="Ines")
    assert [page for page in pages if named_in(ines.get(page).content)] == []
    with app.database.reading() as db:
        assert not named_in(repr(folded(app, db, 2)).encode())
        assert issues.issue(db, 2).drafted_at > drafted_at
    assert who_approved(app, 2) == ("Ines",), "the same draft, but for the name"


def all_items(there: Everything) -> list[str]:
    with there.desk.app.database.reading() as db:
        return list(db.execute(select(item_rows.c.id)).scalars())


def approved_names(there: Everything) -> list[str]:
    """The files that are approved, each compared with its hash."""
    return sorted(approved_files(there.desk.app, 1))


def test_a_source_that_tells_of_her_again_brings_no_name_back(there: Everything) -> None:
    app = there.desk.app
    again = Item("1" * 20, "planet", "feed", "mail", (f"<7.{ADDRESS}>",), "A plan", author=Person("A. M.", ADDRESS))
    erase_person(app, PERSON, by="Ines")
    new = Item("2" * 20, "planet", "feed", "post", ("k",), f"{NAME} speaks", author=Person(NAME), text=f"By {NAME}.")
    with app.database.transaction() as db:
        saved = items.save_items(db, [again, new], now=app.now())
        assert (saved.new, saved.changed, saved.same_count) == (("2" * 20,), (), 1)
        stored = items.item(db, "2" * 20).item
        assert stored.author == Person("[name removed]", items.item(db, "1" * 20).item.author.key)  # type: ignore[union-attr]
        assert stored.text == "By [name removed]."
        keep_aside(
            db, "planet", [Aside("https://planet.example/2", f"no date by {NAME}", NAME.encode())], now=app.now()
        )
    assert rows_that_name(there) == []


def test_killed_in_the_middle_it_is_finished_without_the_names(
    there: Everything, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = there.desk.app

    def killed(*args: object, **named: object) -> None:
        raise KeyboardInterrupt

    for place in ("clean_rows", "clean_files"):
        with monkeypatch.context() as broken:
            broken.setattr(erase, place, killed)
            with pytest.raises(KeyboardInterrupt):
                erase_person(app, PERSON, by="Ines")
        assert files_that_name(app.data)
    assert finish_erasures(app)
    assert not finish_erasures(app)
    assert (rows_that_name(there), files_that_name(app.data)) == ([], [])
    assert approved_names(there)


def test_killed_between_a_hash_and_its_file_it_comes_to_the_same_bytes(
    there: Everything, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, count = there.desk.app, iter(range(1000))
    whole = erase_files.write_whole

    def killed(path: Path, content: bytes) -> None:
        if path.name != erase_files.MARK and next(count) == 3:
            raise KeyboardInterrupt
        whole(path, content)

    with monkeypatch.context() as broken:
        broken.setattr(erase_files, "write_whole", killed)
        with pytest.raises(KeyboardInterrupt):
            erase_person(app, PERSON, by="Ines")
    assert finish_erasures(app)
    assert files_that_name(app.data) == []
    assert approved_names(there)


def test_an_issue_made_again_says_that_somebody_was_erased(there: Everything) -> None:
    app = there.desk.app
    assert rebuild_issue(app, 1).remarks == ()
    erase_person(app, PERSON, by="Ines")
    found = rebuild_issue(app, 1)
    assert "A person was erased from this issue on 2026-10-" in found.remarks[0]
    out = app.home / "again"
    rebuild_issue(app, 1, out=out)
    assert files_that_name(out) == []


def test_what_the_program_does_not_change_is_named(there: Everything) -> None:
    app = there.desk.app
    (app.home / "archive.mbox").write_bytes(f"From x\nSubject: {NAME}\n\nHello\n".encode())
    (app.data / "newsletter.db.before-0019-20261012T000000Z").write_bytes(b"")
    still = erase_person(app, PERSON, by="Ines").still
    assert any(each.endswith("archive.mbox") for each in still)
    assert any("a copy of the database" in each for each in still)


def test_what_cannot_be_looked_into_is_named(there: Everything, monkeypatch: pytest.MonkeyPatch) -> None:
    app, read = there.desk.app, Path.read_bytes
    locked, large = app.home / "locked.txt", app.home / "large.txt"
    locked.write_text("closed")
    large.write_bytes(b"x" * 70_000)

    def refused(path: Path) -> bytes:
        if path == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    monkeypatch.setattr(erase_files, "_LARGEST", 60_000)
    still = erase_person(app, ["Grace Nobody"], by="Ines").still
    assert {f"{locked} (cannot be read)", f"{large} (too large to look into)"} <= set(still)


def test_a_file_that_was_written_meanwhile_is_read_again(there: Everything, monkeypatch: pytest.MonkeyPatch) -> None:
    app = there.desk.app
    path = app.issue_folder(2) / "issue.html"
    whole, new = erase_files._replace, [f"<p>Anew, by {NAME}</p>"]

    def late(app: Newsletter, found: Path, data: bytes, clean: bytes | None) -> None:
        if found == path and new:
            path.write_text(new.pop())
        whole(app, found, data, clean)

    monkeypatch.setattr(erase_files, "_replace", late)
    erase_person(app, PERSON, by="Ines")
    assert new == []
    assert path.read_text() == "<p>Anew, by [name removed]</p>"


def test_an_editor_is_removed_first_and_nonsense_is_refused(there: Everything) -> None:
    app = there.desk.app
    add_editor(app, NAME, role="editor")
    with pytest.raises(WrongState, match="newsletter editors remove"):
        erase_person(app, [ADDRESS, NAME], by="Ines")
    for wrong in ([], ["  "], ["a"], ["a@b"], ["x" * 300], [f"name {n}" for n in range(21)]):
        with pytest.raises(UsageError):
            look_for_person(app, wrong)


@pytest.mark.sqlite_only("its file is read")
def test_others_stay_as_they_are(there: Everything) -> None:
    app = there.desk.app
    with sqlite3.connect(app.data / "newsletter.db") as db:
        before = db.execute("SELECT count(*), sum(length(content)) FROM item_revisions").fetchone()
    assert look_for_person(app, ["Grace Nobody", "nobody@example.net"]).is_nothing
    erase_person(app, ["Grace Nobody", "nobody@example.net"], by="Ines")
    with sqlite3.connect(app.data / "newsletter.db") as db:
        assert db.execute("SELECT count(*), sum(length(content)) FROM item_revisions").fetchone() == before
    with app.database.reading() as db:
        assert subscribers.is_suppressed(db, "nobody@example.net")


MAIL = (
    b"From: =?utf-8?q?Ada_M=C3=A5krell?= <ada@example.org>\r\nSubject: Hi\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b1"\r\n\r\npreface\r\n--b1\r\n'
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"By Ada=\r\n M=C3=A5krell, 100=\r\n%=20 PLACEHOLDERPLACEHOLDER\r\n--b1\r\n"
    b"Content-Type: text/calendar; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n"
    b"--b1\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b1--\r\n"
).replace(b"%s", base64.b64encode("ORGANIZER:Ada Måkrell".encode()))


def test_a_mail_keeps_every_other_byte() -> None:
    erased = Erased(b"k", words_for(b"k", [NAME, ADDRESS], 1))
    clean = clean_mails(MAIL, erased)
    assert clean.startswith(b"From: =?utf-8?q?=5Bname_removed=5D?= <[address removed]>\r\nSubject: Hi\r\n")
    assert b"By =\r\n[name removed]=\r\n, 100=\r\n%=20 PLACEHOLDERPLACEHOLDER\r\n" in clean
    assert base64.b64encode(b"ORGANIZER:[name removed]") in clean
    assert clean.endswith(b"\r\n\r\nAAAA\r\n--b1--\r\n")
    assert clean_mails(clean, erased) == clean
    nobody = Erased(b"k", words_for(b"k", ["Grace Nobody"], 1))
    assert clean_mails(MAIL, nobody) == MAIL
    box = b"From ada@example.org Mon\n" + MAIL + b"\nFrom b Tue\nSubject: x\n\nada@example.org\n"
    assert b"ada@" not in clean_mails(box, erased)
    assert clean_mails(box, nobody) == box
