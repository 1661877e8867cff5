"""restore: a backup becomes a home again, whole or not at all; nothing goes out of it before a person says so."""

import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from newsletter.errors import StoreFault, UsageError, WrongState
from newsletter.pipeline.app import DATABASE_VARIABLE, open_database, system_clock
from newsletter.pipeline.backup_file import DATABASE, HOME, Manifest, read_manifest, read_parts
from newsletter.pipeline.in_force import FEEDS, close_to_others
from newsletter.store.database import Database, Db
from newsletter.store.dump import Load, has_tables
from newsletter.store.restored import Held, hold_everything
from newsletter.store.schema import bring_up_to_date
from newsletter.store.tables import SCHEMA

_OURS = (FEEDS, "data", "templates")
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was put back: where, what waits for a person, and where the old home lies."""

    manifest: Manifest
    home: Path
    held: Held
    moved_to: Path | None = None


def check_backup(path: Path) -> Manifest:
    """What a backup holds, every byte of it compared. Raises UsageError when it is not whole, or newer than we are."""
    manifest = read_manifest(path)
    if manifest.schema > SCHEMA:
        text = f"{path} was written by a newer newsletter (schema {manifest.schema}; this one knows {SCHEMA})."
        raise UsageError(f"{text} Install that one.")
    return manifest


def restore(
    path: Path,
    home: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    now: Callable[[], datetime] = system_clock,
    by_force: bool = False,
) -> Restored:
    """Put the backup in ``path`` back as the newsletter of ``home``.

    What is in ``home`` already is refused, or with ``by_force`` moved into a folder beside it, whole. Raises
    UsageError, WrongState, StoreFault; then ``home`` is as it was.
    """
    manifest = check_backup(path)
    old = [home / name for name in _names_in(manifest) if (home / name).exists() or (home / name).is_symlink()]
    if old and not by_force:
        names = ", ".join(each.name for each in old)
        raise WrongState(f"{home} is not empty ({names}). Name another folder, or move this aside with --force.")
    home.mkdir(parents=True, exist_ok=True)
    staged = home / f".restoring-{secrets.token_hex(4)}"
    staged.mkdir(mode=0o700)
    aside = home / f"before-restore-{now():%Y%m%dT%H%M%S}" if old else None
    named = environ.get(DATABASE_VARIABLE)
    try:
        database = open_database(home if named else staged, environ)
        try:
            _check_empty(database)
            with database.transaction() as db:
                held = _take(db, path, manifest, staged, now())
                close_to_others(staged / "data")
                if named:
                    # If this database cannot keep it, the files are no newsletter without it; so they come first.
                    _put_in_place(staged, home, old, aside)
        finally:
            database.close()
        if not named:
            _put_in_place(staged, home, old, aside)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return Restored(manifest, home, held, aside)


def _names_in(manifest: Manifest) -> list[str]:
    """The names in a home that a backup brings, or that make a folder a home."""
    brought = {name.removeprefix(HOME).split("/")[0] for name, *_ in manifest.parts if name.startswith(HOME)}
    return sorted({*brought, *_OURS})


def _check_empty(database: Database) -> None:
    if has_tables(database):
        text = f"{database.name} holds something already. Make an empty database and name it in {DATABASE_VARIABLE}."
        raise StoreFault(text)


def _take(db: Db, path: Path, manifest: Manifest, staged: Path, now: datetime) -> Held:
    """Rows go into the database, files into ``staged``."""
    load = Load(db, manifest.schema)
    tables, rows = {each.name: each for each in manifest.tables}, 0
    for name, file in read_parts(path):
        if name.startswith(HOME):
            _write(staged / name.removeprefix(HOME), file)
            continue
        table = name.removeprefix(DATABASE).split("/")[0]
        if table not in tables:
            raise UsageError(f"{path} holds rows of {table}, of which its list knows nothing. Take another copy.")
        rows += load.take(tables[table], file.read())
    if rows != (wanted := sum(each.rows for each in manifest.tables)):
        raise UsageError(f"{path} holds {rows} rows where its list says {wanted}. Take another copy.")
    load.finish(manifest.tables)
    bring_up_to_date(db.connection, "The copy")
    return hold_everything(db, made_at=manifest.made_at, host=manifest.host, now=now)


def _write(path: Path, file: IO[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as out:
        shutil.copyfileobj(file, out, _BLOCK)
        out.flush()
        os.fsync(out.fileno())


def _put_in_place(staged: Path, home: Path, old: list[Path], aside: Path | None) -> None:
    """Move the old out and the new in; feeds.yaml comes last: without it a folder is no home."""
    moved: list[tuple[Path, Path]] = []
    try:
        if aside is not None:
            aside.mkdir(mode=0o700)
            for path in sorted(old, key=lambda each: each.name != FEEDS):
                moved.append((path, path.rename(aside / path.name)))
        for path in sorted(staged.iterdir(), key=lambda each: each.name == FEEDS):
            moved.append((path, path.rename(home / path.name)))
    except OSError as fault:
        for was, now_at in reversed(moved):
            now_at.rename(was)
        raise WrongState(f"{home} cannot be changed: {fault.strerror or fault}. It is as it was.") from fault
