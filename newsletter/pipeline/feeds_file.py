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

from newsletter.config.include import OnDisk, files_hash, files_on_disk, patterns_in
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
_HOW = ("written", "taken out")


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


def feeds_names(home: Path) -> tuple[str, ...]:
    """feeds.yaml and the files that it includes, as they are on disk now."""
    path = feeds_file(home)
    included = files_on_disk(home, patterns_in(path.read_text(encoding="utf-8", errors="replace")))
    return tuple(dict.fromkeys((FEEDS, *(each.relative_to(home).as_posix() for each in included if each.is_file()))))


def whole_hash(home: Path) -> str:
    """The hash of feeds.yaml with all that it includes, as :func:`go_back_to` takes it."""
    return files_hash({name: (home / name).read_bytes() for name in feeds_names(home)})


def check_text(app: "Newsletter", text: str, name: str = FEEDS) -> Config:
    """What feeds.yaml would say with ``text`` in it, or in ``name``, a file that it includes; with its ``warnings``.

    Raises ConfigError with the mistakes, NotFound when feeds.yaml does not include that file.
    """
    return _check_texts(app, {name: text})


def _check_texts(app: "Newsletter", texts: Mapping[str, str]) -> Config:
    data = {name: text.encode("utf-8") for name, text in texts.items()}
    main = data.pop(FEEDS, None)
    main = feeds_file(app.home).read_bytes() if main is None else main
    files = OnDisk(app.home, FEEDS, instead=data)
    config = read_config(main, file=FEEDS, environ=app.environ, base=app.home, files=files)
    if missing := [name for name in data if name not in config.files]:
        raise NotFound(f"feeds.yaml includes no file {missing[0]}.")
    return config


def save_feeds(app: "Newsletter", content: str, *, base_hash: str, by: str, note: str = "", name: str = FEEDS) -> Saved:
    """Put ``content`` in the place of feeds.yaml, or of the file ``name`` that it includes.

    ``base_hash`` is that of the text it was made from. Raises ConfigError with the mistakes there are with
    ``content``, FeedsChanged when the file is another one by now. In both cases nothing is changed; nor when
    the file says ``content`` already.
    """
    return save_files(app, {name: FeedsText(content, base_hash)}, by=by, note=note)


def save_files(app: "Newsletter", wanted: Mapping[str, FeedsText], *, by: str, note: str = "") -> Saved:
    """As :func:`save_feeds` for what belongs together and stands in several files: all of them become one version.

    By the name of each file, its new text and the hash of the one it was made from; the hash in what is given back
    is that of the first.
    """
    config = _check_texts(app, {name: each.text for name, each in wanted.items()})
    with app.database.transaction() as db:
        lock_feeds(db)
        now = {name: read_feeds(app.home, name) for name in wanted}
        changed = {name: each for name, each in wanted.items() if each.text != now[name].text}
        # A form that was sent twice is no conflict with itself.
        if not changed:
            hash_ = next(iter(now.values())).hash
            return Saved(
                _noted(db, app.home, config, app.now()), hash_, config, config.warnings_at(app.now()), is_new=False
            )
        for name, each in changed.items():
            if now[name].hash != each.hash:
                raise _changed(app, db, each.text, (name, now[name], each.hash))
        # What somebody wrote by hand just before is kept as well, unless it has mistakes.
        with suppress(ConfigError):
            _noted(db, app.home, _check_texts(app, {name: each.text for name, each in now.items()}), app.now())
        number = add_version(db, _texts(config), file_hash=config.file_hash, at=app.now(), by=by, note=note)
        # The last step, so that a version is noted only when the file is there.
        for name, each in changed.items():
            write_whole(_path(app.home, name), each.text.encode("utf-8"))
    return Saved(
        number, text_hash(next(iter(wanted.values())).text.encode("utf-8")), config, config.warnings_at(app.now())
    )


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


def differences(app: "Newsletter", number: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By the name of each file that a version changed, made or took out: the lines of a unified diff."""
    with app.database.reading() as db:
        new = version_files(db, number)
        old = version_files(db, number - 1) if number > 1 else {}
    names = [name for name in {**new, **old} if new.get(name) != old.get(name)]
    return tuple((name, text_difference(old.get(name, ""), new.get(name, ""))) for name in names)


def text_difference(old: str, new: str) -> tuple[str, ...]:
    """The lines of a unified diff between two texts, without its head."""
    lines = [line.rstrip("\r\n") for line in split_lines(old)], [line.rstrip("\r\n") for line in split_lines(new)]
    return tuple(unified_diff(*lines, lineterm="", n=3))[2:]


def go_back_to(app: "Newsletter", number: int, by: str, *, base_hash: str) -> Saved:
    """Make the version ``number`` the file again, with all that it included, as a new version.

    ``base_hash`` is the :func:`whole_hash` of what was looked at. Raises ConfigError, FeedsChanged, NotFound, and
    WrongState when a file that was not there then would be included now.
    """
    with app.database.transaction() as db:
        lock_feeds(db)
        data = {name: text.encode("utf-8") for name, text in version_files(db, number).items()}
        files = OnDisk(app.home, FEEDS, instead={name: each for name, each in data.items() if name != FEEDS})
        config = read_config(data[FEEDS], file=FEEDS, environ=app.environ, base=app.home, files=files)
        if more := [name for name in config.files if name not in data]:
            said = f"{', '.join(more)} would be included, too, and was not there in version {number}."
            raise WrongState(f"{said} Move it away first.")
        changed = [name for name in config.files if not _holds(app.home / name, data[name])]
        with suppress(ConfigError):
            _noted(db, app.home, check_text(app, read_feeds(app.home).text), app.now())
        if not changed:
            kept = _noted(db, app.home, config, app.now())
            return Saved(kept, text_hash(data[FEEDS]), config, config.warnings_at(app.now()), is_new=False)
        if whole_hash(app.home) != base_hash:
            raise _changed_since(app, db, data, base_hash)
        texts, note = _texts(config), f"back to version {number}"
        new = add_version(db, texts, file_hash=config.file_hash, at=app.now(), by=by, note=note)
        for name in changed:
            (app.home / name).parent.mkdir(parents=True, exist_ok=True)
            write_whole(app.home / name, data[name])
    return Saved(new, text_hash(data[FEEDS]), config, config.warnings_at(app.now()))


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def _texts(config: Config) -> dict[str, str]:
    return {name: data.decode("utf-8") for name, data in config.files.items()}


def note_version(database: Database, home: Path, config: Config, now: datetime) -> None:
    """Note the files of ``config``, which was just read from ``home``, unless they are noted already."""
    with database.reading() as db:
        newest = newest_version(db)
    if newest is not None and newest.hash == config.file_hash:
        return
    with suppress(StoreFault, WrongState), database.transaction() as db:
        lock_feeds(db)
        if all(_holds(home / name, data) for name, data in config.files.items()):
            _noted(db, home, config, now)


def _noted(db: Db, home: Path, config: Config, now: datetime) -> int:
    """The number of the newest version, which is that of ``config`` afterwards."""
    newest = newest_version(db)
    if newest is not None and newest.hash == config.file_hash:
        return newest.number
    written = max((home / name).stat().st_mtime for name in config.files)
    made_at = min(now, datetime.fromtimestamp(written, now.tzinfo))
    texts = _texts(config)
    note = _what_changed(version_files(db, newest.number), texts) if newest else ""
    return add_version(db, texts, file_hash=config.file_hash, at=made_at, by=BY_HAND, note=note)


def _what_changed(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """How many lines differ, for a version of which nobody said what it was for."""
    lines = [line for name in {**old, **new} for line in text_difference(old.get(name, ""), new.get(name, ""))]
    counts = (sum(line[:1] == sign for line in lines) for sign in "+-")
    said = [
        f"{count} {'line' if count == 1 else 'lines'} {how}" for count, how in zip(counts, _HOW, strict=True) if count
    ]
    return ", ".join(said)


def _changed(app: "Newsletter", db: Db, mine: str, opened: tuple[str, FeedsText, str]) -> FeedsChanged:
    """What to say when the file in ``opened`` (name, text now, hash then) is not what ``mine`` was made from."""
    name, now, base_hash = opened
    theirs = _version_with(db, name, now.hash)
    base = _version_with(db, name, base_hash)
    merged = merge(_text_of(db, base.number, name), mine, now.text) if base else None
    who = theirs.by if theirs else BY_HAND
    written = _path(app.home, name).stat().st_mtime
    made_at = theirs.at if theirs else datetime.fromtimestamp(written, app.now().tzinfo)
    fault = FeedsChanged(
        f"{name} was changed {by_whom(who)} since you opened it.",
        editor=who,
        made_at=made_at,
        number=theirs.number if theirs else 0,
        theirs=now.text,
        both=merged.text if merged else None,
    )
    fault.clashes = tuple(map(_shown, merged.clashes)) if merged else ()
    fault.file, fault.mine = name, mine
    return fault


def by_whom(by: str) -> str:
    """Who made a version, as it stands in a sentence."""
    return "on the disk" if by == BY_HAND else f"by {by}"


def _changed_since(app: "Newsletter", db: Db, wanted: Mapping[str, bytes], base_hash: str) -> FeedsChanged:
    """What to say when the files are not what they were when somebody looked: the first of them that is another one."""
    known = next((each for each in list_versions(db, at_most=_LOOKED_BACK) if each.hash == base_hash), None)
    before = version_files(db, known.number) if known else {}
    there = [name for name in feeds_names(app.home) if name in wanted and name in before]
    name = next((each for each in there if read_feeds(app.home, each).text != before[each]), FEEDS)
    base = text_hash(before[name].encode("utf-8")) if name in before else base_hash
    return _changed(app, db, wanted[name].decode("utf-8"), (name, read_feeds(app.home, name), base))


def _version_with(db: Db, name: str, wanted: str) -> FeedsVersion | None:
    """The newest of the last versions in which the file ``name`` has that hash, as it was first saved."""
    known = list_versions(db, at_most=_LOOKED_BACK)
    found: FeedsVersion | None = None
    for version in known:
        files = {} if version.hash == wanted and name == FEEDS else version_files(db, version.number)
        text = files.get(name)
        if version.hash == wanted or (text is not None and text_hash(text.encode("utf-8")) == wanted):
            found = version
        elif found is not None:
            break
    return found


def _shown(clash: Clash) -> tuple[int, str, str, str]:
    return clash.line, "".join(clash.base), "".join(clash.mine), "".join(clash.theirs)


def _text_of(db: Db, number: int, name: str = FEEDS) -> str:
    files: Mapping[str, str] = version_files(db, number)
    if name not in files:
        raise NotFound(f"There was no file {name} in version {number}.")
    return files[name]


def _path(home: Path, name: str) -> Path:
    path = feeds_file(home)
    if name == FEEDS:
        return path
    included = files_on_disk(home, patterns_in(path.read_text(encoding="utf-8", errors="replace")))
    # A name may come from a form: it stands for a file only when feeds.yaml includes it.
    if home / name not in included:
        raise NotFound(f"feeds.yaml includes no file {name}.")
    return home / name
