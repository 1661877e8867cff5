"""A home of an older version is copied before its schema changes, and the copy is no part of a backup."""

import tarfile
from pathlib import Path

import pytest

from newsletter.errors import StoreFault
from newsletter.pipeline.app import DATABASE_VARIABLE, open_newsletter
from newsletter.pipeline.backup import write_backup
from newsletter.pipeline.restore import check_backup
from newsletter.store import copies
from newsletter.store.copies import copies_in
from newsletter.store.database import Database
from newsletter.store.schema import schema_of, upgrade
from newsletter.store.tables import SCHEMA

FEEDS = "newsletter:\n  name: The Quay\n  from: The Quay <quay@example.org>\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / "data").mkdir(parents=True)
    (tmp_path / "home" / "feeds.yaml").write_text(FEEDS, encoding="utf-8")
    return tmp_path / "home"


def old(url: str) -> None:
    database = Database(url)
    with database.transaction() as db:
        upgrade(db.connection, "0016")
    database.close()


@pytest.mark.sqlite_only("copies of its file")
def test_the_copy_lies_beside_the_database_and_in_no_backup(home: Path, tmp_path: Path) -> None:
    old(f"sqlite:///{home / 'data' / 'newsletter.db'}")
    with open_newsletter(home, environ={}):
        pass
    (copy,) = copies_in(home / "data")
    assert copy.name.startswith(f"newsletter.db.before-{SCHEMA}-")
    write_backup(home, tmp_path / "a.tar.gz", environ={})
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        assert not [name for name in tar.getnames() if "before-" in name]


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.xdist_group("postgres")
def test_without_pg_dump_the_copy_is_a_backup(
    home: Path, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies.shutil, "which", lambda name: None)
    url = str(request.getfixturevalue("new_postgres")())
    old(url)
    environ = {DATABASE_VARIABLE: url}
    (home / "data" / "backups").write_text("in the way")
    with pytest.raises(StoreFault, match="cannot be made"):
        open_newsletter(home, environ=environ).__enter__()
    (home / "data" / "backups").unlink()
    with open_newsletter(home, environ=environ) as app, app.database.reading() as db:
        assert schema_of(db.connection) == SCHEMA
    (copy,) = copies_in(home / "data" / "backups")
    assert check_backup(copy).schema == "0016"
    assert copy.stat().st_mode & 0o777 == 0o600
    write_backup(home, tmp_path / "a.tar.gz", environ=environ)
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        assert not [name for name in tar.getnames() if "before-" in name]
