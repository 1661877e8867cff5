"""backup and restore: the same rows and files on either database, and nothing goes out of a copy by itself."""

import gzip
import io
import json
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from newsletter.errors import StoreFault, UsageError, WrongState
from newsletter.pipeline.api_tokens import add_token, all_tokens, token_of
from newsletter.pipeline.app import DATABASE_VARIABLE, Newsletter, open_newsletter
from newsletter.pipeline.backup import write_backup
from newsletter.pipeline.bounces import send_probes
from newsletter.pipeline.notices import send_notices
from newsletter.pipeline.restore import restore
from newsletter.pipeline.send_acts import resolve_unknown, send_now
from newsletter.pipeline.send_right import NotTheSender, is_put_back, sending_alone
from newsletter.pipeline.sending import send_due
from newsletter.store import bounces
from newsletter.store.database import Database
from newsletter.store.dump import Dump, Load
from newsletter.store.mail_tables import deliveries, subscribers
from newsletter.store.mailings import known_mailing
from newsletter.store.queue import make_queue_name, queue_name
from newsletter.store.schema import upgrade
from newsletter.store.tables import SCHEMA, aside, editor_sessions, editors, metadata
from tests.conftest import ON_POSTGRES
from tests.mailed import add_readers, copies, needs_sink, sink
from tests.pipeline.conftest import Home
from tests.pipeline.test_sending import HOUR, NAMES, approved, rest, send, states

pytestmark = pytest.mark.slow
Rows = dict[str, Counter[Any]]


def rows_of(database: Database) -> Rows:
    """Every row of every table, as Python sees it."""
    with database.reading() as db:
        return {
            name: Counter(repr(tuple(row)) for row in db.execute(select(table)))
            for name, table in metadata.tables.items()
        }


@contextmanager
def there(folder: Path, home: Home, url: str = "") -> Iterator[Newsletter]:
    """A home that was put back."""
    environ = {**home.environ, DATABASE_VARIABLE: url}
    with open_newsletter(folder, environ=environ, now=home.clock) as app:
        yield app


def write(home: Home, path: Path) -> Path:
    write_backup(home.folder, path, environ=home.environ, now=home.clock)
    return path


def put_back(path: Path, folder: Path, home: Home, url: str = "", **options: Any) -> Any:
    return restore(path, folder, environ={**home.environ, DATABASE_VARIABLE: url}, now=home.clock, **options)


def full(home: Home) -> Home:
    """A home with an issue that was sent, and rows of every sort of column."""
    approved(home)
    send(home)
    now = home.clock()
    with home.opened() as app, app.database.transaction() as db:
        at = {"set_aside_at": now, "seen_at": now, "seen_count": 1, "tries": 0, "state": "waiting"}
        row = {"id": "a" * 12, "source_id": "planet", "address": "x", "reason": "é\u2028\n", "note": "", "size": 3}
        more = {"data": b"\0\xff\n", "kept_size": 3, "content_type": "", "reader": "feed", "is_document": True}
        db.execute(aside.insert(), [row | more | at])
        number = db.execute(select(subscribers.c.id).limit(1)).scalar_one()
        bounces.ask(db, number, reason="5.1.1", due_at=now)
    return home


def files_of(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
    return {name: data for name, data in names.items() if name.startswith(("feeds", "templates", "data/issues"))}


def test_the_same_rows_and_files(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    full(home)
    own = home.folder / "templates" / "email"
    own.mkdir(parents=True)
    (own / "x.txt").write_text("mine")
    out = tmp_path_factory.mktemp("out")
    path = write(home, out / "b.tar.gz")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(out.iterdir()) == [path]
    done = put_back(path, out / "new", home)
    assert (done.held.mailings, done.held.uncertain, done.moved_to) == (0, 0, None)
    assert files_of(home.folder) == files_of(out / "new")
    assert "templates/email/x.txt" in files_of(out / "new")
    modes = [(out / "new" / "data" / name).stat().st_mode & 0o77 for name in ("", "issues", "newsletter.db")]
    assert modes in ([0o11, 0, 0], [0, 0, 0]), "as closed as a new home"
    assert not (out / "new" / "data" / "outbox").exists()
    with home.opened() as one, there(out / "new", home) as other:
        before, after = rows_of(one.database), rows_of(other.database)
    assert {name for name in before if before[name] != after[name]} == {"send_rights"}
    assert [name for name in (out / "new").iterdir() if name.name.startswith(".")] == []


@pytest.mark.parametrize("_", [pytest.param("postgres", marks=ON_POSTGRES)])
def test_to_postgres_and_back(
    _: str, home: Home, new_postgres: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    full(home)
    with home.opened() as app:
        add_readers(app.database, ["passing@example.org"])
        with app.database.transaction() as db:
            db.execute(subscribers.delete().where(subscribers.c.address == "passing@example.org"))
        before = rows_of(app.database)
    out, url = tmp_path_factory.mktemp("out"), new_postgres()
    put_back(write(home, out / "one"), out / "there", home, url)
    with there(out / "there", home, url) as app:
        between = rows_of(app.database)
        add_readers(app.database, ["next@example.org"])
        with app.database.reading() as db:
            asked = select(subscribers.c.id).where(subscribers.c.address == "next@example.org")
            assert db.execute(asked).scalar_one() == 12
        with app.database.transaction() as db:
            db.execute(subscribers.delete().where(subscribers.c.address == "next@example.org"))
    write_backup(out / "there", out / "two", environ={DATABASE_VARIABLE: url}, now=home.clock)
    put_back(out / "two", out / "back", home)
    with there(out / "back", home) as app:
        after = rows_of(app.database)
        add_readers(app.database, ["next@example.org"])
        with app.database.reading() as db:
            assert db.execute(asked).scalar_one() == 13
    assert {name for name in before if not before[name] == between[name] == after[name]} == {"send_rights"}
    with pytest.raises(StoreFault, match="holds something already"):
        put_back(out / "one", out / "third", home, url)
    assert not (out / "third" / "feeds.yaml").exists()


def test_a_copy_of_an_older_schema_is_brought_forward(empty_url: str, tmp_path: Path) -> None:
    old = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with old.transaction() as db:
        upgrade(db.connection, "0007")
        at = "1" * 16
        row = f"'Ada', 'editor', 'A', {at}, '[]'"
        db.execute(text(f"INSERT INTO editors (key, name, role, initials, created_at, recovery) VALUES ('ada', {row})"))
        dump = Dump(db)
        assert dump.schema == "0007"
        parts = list(dump.parts())
    assert [(each.table, each.data) for each in parts] == [
        ("editors", b'["ada","Ada","editor","A",null,1111111111111111,null,null,null,"[]"]\n')
    ]
    new = Database(empty_url)
    with new.transaction() as db:
        load = Load(db, dump.schema)
        assert load.take(dump.tables["editors"], parts[0].data) == 1
        load.finish(list(dump.tables.values()))
    new.migrate()
    with new.reading() as db:
        assert Dump(db).schema == SCHEMA
        assert db.execute(select(editors.c.name)).scalars().all() == ["Ada"]
    old.close()
    new.close()


def test_what_is_there_is_not_written_over(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    full(home)
    path = write(home, tmp_path_factory.mktemp("out") / "b")
    with pytest.raises(WrongState, match=r"is not empty \(data, feeds.yaml\)"):
        put_back(path, home.folder, home)
    before = files_of(home.folder)
    done = put_back(path, home.folder, home, by_force=True)
    assert done.moved_to is not None
    assert files_of(done.moved_to) == before == files_of(home.folder)


def damaged(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "cut":
        path.write_bytes(data[: len(data) // 2])
        return
    if how == "noise":
        path.write_bytes(b"not packed at all")
        return
    members = [(info.name, part) for info, part in unpacked(data)]
    if how == "changed":
        at = next(n for n, (name, _) in enumerate(members) if name.startswith("database/item_revisions/"))
        members[at] = (members[at][0], members[at][1].replace(b"bridge", b"brigde"))
    elif how == "missing":
        members = [each for each in members if not each[0].startswith("database/items/")]
    elif how == "no list":
        members.pop()
    elif how == "outside":
        members.insert(1, ("home/../../evil", b"x"))
    elif how == "newer":
        found = json.loads(members[-1][1])
        members[-1] = ("manifest.json", json.dumps(found | {"schema": "9999"}).encode())
    with tarfile.open(path, "w:gz") as tar:
        for name, part in members:
            info = tarfile.TarInfo(name)
            info.size = len(part)
            tar.addfile(info, io.BytesIO(part))


def unpacked(data: bytes) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(data))) as tar:
        for info in tar:
            file = tar.extractfile(info)
            assert file is not None
            yield info, file.read()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("cut", "not whole"),
        ("noise", "no backup of this program"),
        ("changed", "is not what was written: database/item_revisions/000001.jsonl"),
        ("missing", "is not what was written: database/items/000001.jsonl"),
        ("no list", "ends before its list"),
        ("outside", "belongs nowhere"),
        ("newer", "newer newsletter"),
    ],
)
def test_a_damaged_copy_touches_nothing(
    how: str, said: str, home: Home, tmp_path_factory: pytest.TempPathFactory
) -> None:
    approved(home)
    out = tmp_path_factory.mktemp("out")
    path = write(home, out / "b")
    damaged(path, how)
    with pytest.raises(UsageError, match=said):
        put_back(path, out / "new", home)
    assert not (out / "new").exists()


def test_a_place_inside_is_refused_and_a_failed_copy_leaves_the_old_one(home: Home) -> None:
    approved(home)
    with pytest.raises(UsageError, match="lies in what is copied"):
        write(home, home.folder / "data" / "b")
    old = home.folder / "b"
    old.write_text("the one of yesterday")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("newsletter.pipeline.backup._add_files", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        with pytest.raises(UsageError, match="cannot be written"):
            write(home, old)
    assert old.read_text() == "the one of yesterday"
    assert not list(home.folder.glob(".b*"))


def begin(home: Home, server: Any, when_some_are_taken: Callable[[], bool], patch: pytest.MonkeyPatch) -> None:
    """An issue goes out; what to do when some mails of it were taken says whether the sender ends then."""
    patch.setattr("newsletter.deliver.send.LOOK_SECONDS", 0.001)
    approved(home, port=server.port, more="  connections: 1\n")
    with home.opened() as app:
        send_due(app, is_over=lambda: len(server.mails) > 2 and when_some_are_taken(), rest=rest(home))


def open_counts(app: Newsletter) -> Counter[str]:
    with app.database.reading() as db:
        return Counter(db.execute(select(deliveries.c.state)).scalars())


def runs(folder: Path, home: Home) -> None:
    """What the service does by itself at each look."""
    with there(folder, home) as app:
        send_due(app, rest=rest(home))
        assert send_notices(app) == ()
        assert send_probes(app) == 0


@needs_sink
def test_put_back_in_the_middle_it_sends_nothing_until_told_and_then_nobody_twice(
    home: Home, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path_factory.mktemp("out")
    with sink() as server:
        begin(home, server, lambda: True, monkeypatch)
        first = copies(server)
        assert 0 < len(first) < 10
        home.clock.move(minutes=10)
        put_back(write(home, out / "b"), out / "new", home)
        for hours in (0, 1, 24):
            home.clock.move(hours=hours)
            runs(out / "new", home)
        assert copies(server) == first
        with there(out / "new", home) as app:
            assert states(app)[0] == "asking"
            assert is_put_back(app)
            with pytest.raises(NotTheSender, match="put back from a copy"), sending_alone(app):
                pass
            send_now(app, 1, by="Ines")
            assert not is_put_back(app)
            send_due(app, rest=rest(home))
            assert states(app) == ("done", "sent")
        assert copies(server) == dict.fromkeys(NAMES, 1)


@needs_sink
def test_a_copy_made_while_it_went_out_leaves_the_rest_uncertain(
    home: Home, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path_factory.mktemp("out")

    def copied_once() -> bool:
        if not (out / "b").exists():
            write(home, out / "b")
        return False

    with sink() as server:
        begin(home, server, copied_once, monkeypatch)
        assert copies(server) == dict.fromkeys(NAMES, 1)
        done = put_back(out / "b", out / "new", home)
        assert done.held.uncertain > 0
        runs(out / "new", home)
        with there(out / "new", home) as app:
            assert open_counts(app)["unknown"] == done.held.uncertain
            send_now(app, 1, by="Ines")
            send_due(app, rest=rest(home))
            assert open_counts(app)["unknown"] == done.held.uncertain
            resolve_unknown(app, 1, again=False, by="Ines")
            assert open_counts(app) == {"accepted": 10}
        assert copies(server) == dict.fromkeys(NAMES, 1)


@needs_sink
def test_what_was_to_go_out_asks(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("out")
    with sink() as server:
        approved(home, port=server.port)
        home.clock.now = HOUR - timedelta(hours=3)
        path = write(home, out / "b")
        home.clock.now = HOUR
        send(home)
        put_back(path, out / "new", home)
        runs(out / "new", home)
        with there(out / "new", home) as app, app.database.reading() as db:
            found = known_mailing(db, 1)
        assert (found.state, "put back from a copy of 2026-10-16 07:00 UTC" in found.reason) == ("asking", True)
        assert copies(server) == dict.fromkeys(NAMES, 1)


def test_a_copy_has_a_queue_of_its_own(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    def queue_of(app: Newsletter) -> str:
        with app.database.transaction() as db:
            name = make_queue_name(db)
            assert queue_name(db) == name == make_queue_name(db), "it is made once"
        return name

    approved(home)
    with home.opened() as app:
        before = queue_of(app)
    folder = tmp_path_factory.mktemp("else") / "home"
    put_back(write(home, folder.with_name("copy.tar.gz")), folder, home)
    with there(folder, home) as app:
        assert queue_of(app) != before, "at one broker neither takes what the other sends"
    with home.opened() as app:
        assert queue_of(app) == before


def test_sign_ins_end(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    approved(home)
    out, now = tmp_path_factory.mktemp("out"), home.clock()
    with home.opened() as app, app.database.transaction() as db:
        row = {"key": "ada", "name": "Ada", "role": "editor", "initials": "A", "created_at": now, "recovery": []}
        db.execute(editors.insert(), [row])
        seen = {"created_at": now, "seen_at": now, "expires_at": now + timedelta(days=9), "agent": ""}
        db.execute(editor_sessions.insert(), [{"id": "1" * 64, "editor": "ada", **seen}])
    put_back(write(home, out / "b"), out / "new", home)
    with there(out / "new", home) as app, app.database.reading() as db:
        assert db.execute(select(editor_sessions)).all() == []


def test_tokens_of_programs_end(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    approved(home)
    out = tmp_path_factory.mktemp("out")
    with home.opened() as app:
        secret = add_token(app, "bot", scopes=["tip"])
    put_back(write(home, out / "b"), out / "new", home)
    with there(out / "new", home) as app:
        assert all_tokens(app) == []
        assert token_of(app, secret) is None
