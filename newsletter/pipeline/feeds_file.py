"""feeds.yaml as the desk and commands read and save it: never half, never over another's change, with its history.

A form or an editor takes the text and its hash from :func:`read_feeds`, changes the text (by hand, or with
:mod:`newsletter.config.splice`), and gives both to :func:`save_feeds`. Every good version is kept, those
that somebody wrote by hand as well, as soon as the program reads them.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.config.load import Config, read_config
from newsletter.config.merge import Clash, merge, split_lines
from newsletter.errors import ConfigError, FeedsChanged, NotFound, Problem, StoreFault, WrongState
from newsletter.pipeline.in_force import FEEDS, feeds_file
from newsletter.store.database import Database, Db
from newsletter.store.feeds_versions import (
    FeedsVersion,
    add_version,
    list_versions,
    lock_feeds,
    newest_version,
    version_files,
)

if TYPE_CHECKING:
    from newsletter.pipeline.app import Newsletter

BY_HAND = "the file on disk"
"""Who made a version that nobody saved through the program."""
_LOOKED_BACK = 200


@dataclass(frozen=True, slots=True)
class FeedsText:
    """The file as it is on disk: its text with every byte of it, and the hash that a saving names as its base."""

    text: str
    hash: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of saving: the number of the version, its hash for the next saving, and warnings about it.

    ``config`` is what the file says now; ``is_new`` is False when it said so already.
    """

    number: int
    hash: str
    config: Config
    warnings: tuple[Problem, ...] = ()
    is_new: bool = True


def text_hash(data: bytes) -> str:
    """The hash of a file, as :func:`save_feeds` takes it."""
    return hashlib.sha256(data).hexdigest()


def read_feeds(home: Path, name: str = FEEDS) -> FeedsText:
    """The file of ``home`` as it is, mistakes and all; ``name`` for one that it includes.

    Raises NotFound, and WrongState for one that is not saved as UTF-8.
    """
    data = _path(home, name).read_bytes()
    try:
        return FeedsText(data.decode("utf-8"), text_hash(data))
    except UnicodeDecodeError as fault:
        raise WrongState(f"{name} is not saved as UTF-8. Save it again as UTF-8, then change it here.") from fault


def check_text(app: "Newsletter", text: str) -> Config:
    """What ``text`` would say as feeds.yaml; its ``warnings`` are told, too. Raises ConfigError with the mistakes."""
    return read_config(text.encode("utf-8"), file=FEEDS, environ=app.environ, base=app.home)


def save_feeds(app: "Newsletter", content: str, *, base_hash: str, by: str, note: str = "") -> Saved:
    """Put ``content`` in the place of feeds.yaml; ``base_hash`` is that of the text it was made from.

    Raises ConfigError with the mistakes in ``content``, FeedsChanged when the file is another one by
    now. In both cases nothing is changed.
    """
    config = check_text(app, content)
    data = content.encode("utf-8")
    with app.database.transaction() as db:
        lock_feeds(db)
        now = read_feeds(app.home)
        if now.hash != base_hash:
            raise _changed(app, db, content, now, base_hash)
        if data == now.text.encode("utf-8"):
            return Saved(_noted(db, app.home, now, app.now()), now.hash, config, config.warnings, is_new=False)
        # What somebody wrote by hand just before is kept as well, unless it has mistakes.
        with suppress(ConfigError):
            check_text(app, now.text)
            _noted(db, app.home, now, app.now())
        files = {FEEDS: content}
        number = add_version(db, files, file_hash=config.file_hash, at=app.now(), by=by, note=note)
        # The last step, so that a version is noted only when the file is there.
        write_whole(feeds_file(app.home), data)
    return Saved(number, text_hash(data), config, config.warnings)


def write_whole(path: Path, data: bytes) -> None:
    """``data`` in the place of the file at ``path``, whole or not at all; its rights stay, and a link stays one."""
    target = path.resolve()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as fault:
        raise WrongState(
            f"{target.parent} cannot be written: {fault.strerror or fault}. Let the program write there."
        ) from fault
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, name)
            with suppress(OSError):
                # Only who may give files away can keep the owner.
                os.chown(name, target.stat().st_uid, target.stat().st_gid)
        Path(name).replace(target)
    except OSError as fault:
        raise WrongState(f"{target} cannot be written: {fault.strerror or fault}. It is as it was.") from fault
    finally:
        Path(name).unlink(missing_ok=True)


def versions(app: "Newsletter") -> tuple[FeedsVersion, ...]:
    """Every good version there was, the newest first."""
    with app.database.reading() as db:
        return list_versions(db)


def version_text(app: "Newsletter", number: int, name: str = FEEDS) -> str:
    """The text of a version (NotFound)."""
    with app.database.reading() as db:
        return _text_of(db, number, name)


def difference(app: "Newsletter", number: int, name: str = FEEDS) -> tuple[str, ...]:
    """What a version changed, as the lines of a unified diff; all of it for the first."""
    with app.database.reading() as db:
        new = _text_of(db, number, name)
        old = _text_of(db, number - 1, name) if number > 1 else ""
    return text_difference(old, new)


def text_difference(old: str, new: str) -> tuple[str, ...]:
    """The lines of a unified diff between two texts, without its head."""
    lines = [line.rstrip("\r\n") for line in split_lines(old)], [line.rstrip("\r\n") for line in split_lines(new)]
    return tuple(unified_diff(*lines, lineterm="", n=3))[2:]


def go_back_to(app: "Newsletter", number: int, by: str) -> Saved:
    """Make the version ``number`` the file again, as a new version. Raises as save_feeds, and NotFound."""
    text = version_text(app, number)
    return save_feeds(app, text, base_hash=read_feeds(app.home).hash, by=by, note=f"back to version {number}")


def note_version(database: Database, home: Path, file_hash: str, now: datetime) -> None:
    """Note the file that was just found good and whose hash is ``file_hash``, unless it is noted already."""
    with database.reading() as db:
        newest = newest_version(db)
    if newest is not None and newest.hash == file_hash:
        return
    with suppress(StoreFault, WrongState), database.transaction() as db:
        lock_feeds(db)
        text = read_feeds(home)
        if text.hash == file_hash:
            _noted(db, home, text, now)


def _noted(db: Db, home: Path, text: FeedsText, now: datetime) -> int:
    """The number of the newest version, which is ``text`` afterwards."""
    newest = newest_version(db)
    if newest is not None and newest.hash == text.hash:
        return newest.number
    made_at = min(now, datetime.fromtimestamp(feeds_file(home).stat().st_mtime, now.tzinfo))
    return add_version(db, {FEEDS: text.text}, file_hash=text.hash, at=made_at, by=BY_HAND, note="")


def _changed(app: "Newsletter", db: Db, mine: str, now: FeedsText, base_hash: str) -> FeedsChanged:
    """What to say when the file is not the one that ``mine`` was made from."""
    versions_now = list_versions(db, at_most=_LOOKED_BACK)
    by_hash = {version.hash: version for version in versions_now}
    theirs = by_hash.get(now.hash)
    base = by_hash.get(base_hash)
    merged = merge(_text_of(db, base.number), mine, now.text) if base else None
    who = theirs.by if theirs else BY_HAND
    made_at = theirs.at if theirs else datetime.fromtimestamp(feeds_file(app.home).stat().st_mtime, app.now().tzinfo)
    fault = FeedsChanged(
        f"feeds.yaml was changed by {who} since you opened it.",
        editor=who,
        made_at=made_at,
        number=theirs.number if theirs else 0,
        theirs=now.text,
        both=merged.text if merged else None,
    )
    fault.clashes = tuple(map(_shown, merged.clashes)) if merged else ()
    return fault


def _shown(clash: Clash) -> tuple[int, str, str, str]:
    return clash.line, "".join(clash.base), "".join(clash.mine), "".join(clash.theirs)


def _text_of(db: Db, number: int, name: str = FEEDS) -> str:
    files: Mapping[str, str] = version_files(db, number)
    if name not in files:
        raise NotFound(f"There was no file {name} in version {number}.")
    return files[name]


def _path(home: Path, name: str) -> Path:
    path = feeds_file(home)
    return path if name == FEEDS else path.parent / name
