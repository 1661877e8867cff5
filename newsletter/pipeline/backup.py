"""backup: everything of a newsletter that cannot be fetched or made again, in one file."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from newsletter.config.include import files_on_disk, patterns_in
from newsletter.errors import ConfigError, UsageError
from newsletter.pipeline.backup_file import DATABASE, HOME, Manifest, Writer, writing
from newsletter.pipeline.database_at import COPIES, database_at, system_clock
from newsletter.pipeline.in_force import FEEDS, config_in_force, feeds_file
from newsletter.store.approvals import all_pinned
from newsletter.store.copies import BEFORE
from newsletter.store.database import Database, Db
from newsletter.store.dump import Dump, has_tables

LEFT_OUT = ("site", "site-pages.json", "outbox", "imports", "run.lock", "send.lock", "site.lock", COPIES)
"""What lies in ``data/`` and is made again (the site), is passing (files that wait to be brought in, locks), would
be mailed once more (the outbox), or is a copy itself."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written, and what there is to say about it."""

    path: Path
    manifest: Manifest
    size: int
    remarks: tuple[str, ...] = ()


def write_backup(
    home: Path, path: Path, *, environ: Mapping[str, str] = os.environ, now: Callable[[], datetime] = system_clock
) -> Backup:
    """Write the newsletter of ``home`` to ``path``, as it is at one moment, also while it runs.

    Raises NotFound, UsageError, StoreFault.
    """
    feeds_file(home)
    if path.is_dir():
        raise UsageError(f"{path} is a folder. Name the file that the backup goes to.")
    data = (home / "data").resolve()
    if path.resolve().is_relative_to(data) and path.resolve().parent != data / COPIES:
        raise UsageError(f"{path} lies in what is copied. Name a place outside {home / 'data'}, best on another disk.")
    name, templates, remarks = _settings(home, environ)
    database = database_at(home, environ)
    try:
        if not has_tables(database):
            database.migrate()
        with database.reading() as db:
            dump = Dump(db)
            manifest = Manifest(name, now(), socket.gethostname(), dump.schema, _engine(database))
            with writing(path, manifest) as writer:
                _add_rows(writer, dump)
                _add_files(writer, home, templates, database)
            missing = tuple(_approved_but_missing(db, manifest)) if "issue_files" in dump.tables else ()
    finally:
        database.close()
    return Backup(path, manifest, path.stat().st_size, (*remarks, *missing))


def _settings(home: Path, environ: Mapping[str, str]) -> tuple[str, Path, tuple[str, ...]]:
    """The newsletter's name, the folder of its templates, and what is not in the copy."""
    folder = home / "templates"
    try:
        config = config_in_force(home, environ)[0]
    except ConfigError:
        return home.resolve().name, folder, ()
    named = config.newsletter.templates
    if named and not (home / named).resolve().is_relative_to(home.resolve()):
        said = f"The folder {named} of templates lies outside {home} and is not in it: copy it yourself."
        return config.newsletter.name, folder, (said,)
    return config.newsletter.name, home / named if named else folder, ()


def _add_rows(writer: Writer, dump: Dump) -> None:
    numbers = dict.fromkeys(dump.tables, 0)
    for part in dump.parts():
        numbers[part.table] += 1
        writer.add(f"{DATABASE}{part.table}/{numbers[part.table]:06d}.jsonl", part.data)
    writer.manifest.tables = list(dump.tables.values())


def _add_files(writer: Writer, home: Path, templates: Path, database: Database) -> None:
    itself = Path(database.name).name if database.is_sqlite else "newsletter.db"
    left_out = (*LEFT_OUT, *(f"{itself}{end}" for end in ("", "-wal", "-shm", "-journal")))
    data = (
        path
        for path in _files(home / "data")
        if (name := path.relative_to(home / "data").parts[0]) not in left_out
        and not name.startswith(f"{itself}{BEFORE}")
    )
    text = feeds_file(home).read_text(encoding="utf-8", errors="replace")
    included = files_on_disk(home, patterns_in(text))
    for path in dict.fromkeys((home / FEEDS, *included, *_files(templates), *data)):
        # A file that was here a moment ago may have been replaced, or be gone: then it was passing.
        with suppress(FileNotFoundError), path.open("rb") as file:
            writer.copy(f"{HOME}{path.relative_to(home).as_posix()}", file, os.fstat(file.fileno()).st_size)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not (path.name.startswith(".") and path.name.endswith(".new")):
            yield path


def _approved_but_missing(db: Db, manifest: Manifest) -> Iterator[str]:
    """The files of approved issues that are not, in the copy, what was approved."""
    copied = {name: sha256 for name, _, sha256 in manifest.parts}
    staged = {(name.split("/")[3].partition("-")[0], found) for name, found in copied.items() if "/issues/." in name}
    for number, name, sha256 in all_pinned(db):
        found = copied.get(f"{HOME}data/issues/{number:04d}/{name}")
        if found != sha256 and (f".{number:04d}", sha256) not in staged:
            yield f"Of issue {number} the file {name} is not what was approved."


def _engine(database: Database) -> str:
    return "sqlite" if database.is_sqlite else "postgresql"
