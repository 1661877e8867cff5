"""Which feeds.yaml holds: the file as it is, or its last good version while it has mistakes."""

import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from newsletter.config.include import bundle
from newsletter.config.load import Config, load_config, read_whole
from newsletter.errors import ConfigError, NotFound, WrongState

FEEDS = "feeds.yaml"
DATABASE_VARIABLE = "NEWSLETTER_DATABASE_URL"
QUEUE_VARIABLE = "NEWSLETTER_QUEUE_URL"
IN_FORCE = "feeds-in-force.yaml"
_PASSABLE, _PRIVATE = 0o711, 0o700


def feeds_file(home: Path) -> Path:
    """The editor's file of ``home`` (NotFound when there is none)."""
    path = home / FEEDS
    if path.is_file():
        return path
    if path.is_dir():
        raise NotFound(f"{path} is a folder, not a file. Move it away, and write the file of that name.")
    if path.exists():
        raise NotFound(f"{path} is a pipe or a device, not a file. Move it away, and write the file of that name.")
    if path.is_symlink():
        raise NotFound(f"{path} leads to {path.readlink()}, which is not there. Put the file there, or mend the link.")
    raise NotFound(f"{path} is not there. Make a home with “newsletter init DIR”, or name one with --home DIR.")


def data_folder(home: Path) -> Path:
    """The folder of ``home`` that the program keeps its things in, made when it is missing (WrongState).

    Others may pass through it to the site, which a web server may serve as files, and see nothing else.
    """
    folder = home / "data"
    try:
        folder.mkdir(mode=_PASSABLE, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as fault:
        said = f"{folder} is a file, and the program keeps its database in a folder of that name. Move the file away."
        raise WrongState(said) from fault
    except OSError as fault:
        said = f"{folder} cannot be made: {fault.strerror or fault}. Let the program write in {home}."
        raise WrongState(said) from fault
    return folder


def issues_folder(data: Path) -> Path:
    """The folder of issues, made when it is missing: drafts are for who makes them."""
    folder = data / "issues"
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    return folder


def close_to_others(data: Path) -> None:
    """What is put back is as closed as what the program makes new."""
    if not data.is_dir():
        return
    modes = {data: _PASSABLE, data / "issues": _PRIVATE} | {path: 0o600 for path in data.iterdir() if path.is_file()}
    for path, mode in modes.items():
        if path.exists():
            path.chmod(path.stat().st_mode & mode)


def config_in_force(home: Path, environ: Mapping[str, str]) -> tuple[Config, ConfigError | None, datetime | None]:
    """The configuration that holds, the mistakes of the file as it is, and since when the older one holds.

    What was in force stays readable when a package is removed that it names; that is told as a warning.
    """
    path = feeds_file(home)
    good = home / "data" / IN_FORCE
    try:
        config = load_config(path, environ)
    except ConfigError as fault:
        if not good.is_file():
            raise
        kept = good.read_bytes()
        if (same := _as_it_was(path, kept, environ)) is not None:
            return same, None, None
        since = datetime.fromtimestamp(good.stat().st_mtime, UTC)
        old = read_whole(kept, file=FEEDS, environ=environ, base=home, how="past")
        return old, fault, since
    data_folder(home)
    whole = _bundled(config)
    if not good.is_file() or good.read_bytes() != whole:
        copy = good.with_name(f".{good.name}.{os.getpid()}-{threading.get_ident()}.new")
        copy.touch(mode=0o600)
        copy.write_bytes(whole)
        copy.replace(good)
    return config, None, None


def _as_it_was(path: Path, kept: bytes, environ: Mapping[str, str]) -> Config | None:
    """The configuration of ``path`` when its bytes, and those of what it includes, are the ``kept`` ones.

    They were well once, so that what they name is no slip: a package that brought it is gone. None otherwise.
    """
    try:
        found = read_whole(path.read_bytes(), file=path.name, environ=environ, base=path.parent, how="past")
    except (ConfigError, OSError):
        return None
    return found if _bundled(found) == kept else None


def _bundled(config: Config) -> bytes:
    return bundle({name: data.decode("utf-8") for name, data in config.files.items()}).encode("utf-8")


def has_past(home: Path, environ: Mapping[str, str]) -> bool:
    """Whether anything was read or made there yet."""
    return DATABASE_VARIABLE in environ or (home / "data" / "newsletter.db").is_file()


def last_good_at(home: Path) -> datetime | None:
    """When the version in force was put in force, None when there is none."""
    good = home / "data" / IN_FORCE
    return datetime.fromtimestamp(good.stat().st_mtime, UTC) if good.is_file() else None
