"""The files of an approved issue: staged before the word is given, put in place after it, and the same ever after."""

import os
import secrets
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from newsletter.errors import NotFound, StoreFault
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import SNAPSHOT
from newsletter.pipeline.in_force import issues_folder
from newsletter.pipeline.snapshot import Snapshot, write_snapshot
from newsletter.store.approvals import hash_of, pinned_files

_LEFT_OVER = timedelta(hours=1)

log = structlog.get_logger()


def stage(app: Newsletter, number: int, files: Mapping[str, bytes], snapshot: Snapshot | None = None) -> Path:
    """A new folder beside the issue's with ``files`` in it, safe on the disk."""
    folder = app.issue_folder(number)
    staged = folder.with_name(f".{folder.name}-{secrets.token_hex(6)}")
    issues_folder(app.data)
    staged.mkdir(parents=True)
    stage_more(staged, files)
    if snapshot is not None:
        write_snapshot(staged / SNAPSHOT, snapshot)
    return staged


def stage_more(staged: Path, files: Mapping[str, bytes]) -> None:
    """Put ``files`` into a folder that was staged, safe on the disk."""
    for name, content in files.items():
        path = staged / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def put_in_place(app: Newsletter, number: int, staged: Path) -> None:
    """Move what was staged into the issue's folder; each file there is the old one or the new one."""
    folder = app.issue_folder(number)
    for path in sorted(staged.rglob("*")):
        if path.is_file():
            target = folder / path.relative_to(staged)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
    unstage(staged)


def unstage(staged: Path) -> None:
    """Let go of what was staged."""
    shutil.rmtree(staged, ignore_errors=True)


def approved_files(app: Newsletter, number: int) -> dict[str, bytes]:
    """The very bytes that were approved, by name. Raises NotFound when nothing was, StoreFault when they are lost."""
    with app.database.reading() as db:
        pinned = pinned_files(db, number)
    if not pinned:
        raise NotFound(f"Issue {number} is not approved.")
    if _differing(app.issue_folder(number), pinned):
        repair_issue(app, number)
    wrong = _differing(app.issue_folder(number), pinned)
    if wrong:
        text = f"{app.issue_folder(number)} does not hold what was approved: {', '.join(wrong)}."
        raise StoreFault(f"{text} Put the folder back from a backup, or take the issue back to draft and approve it.")
    return {name: (app.issue_folder(number) / name).read_bytes() for name in pinned}


def repair_approved(app: Newsletter) -> tuple[int, ...]:
    """Finish what a crash left between the word and the files; the numbers of the issues that were mended."""
    found = {int(path.name[1:].partition("-")[0]) for path in _staged(app)}
    return tuple(number for number in sorted(found) if repair_issue(app, number))


def repair_issue(app: Newsletter, number: int) -> bool:
    """Put the approved files of one issue in place if they are still waiting; old leftovers go."""
    with app.database.reading() as db:
        pinned = pinned_files(db, number)
    is_mended = False
    for staged in _staged(app, number):
        wrong = _differing(app.issue_folder(number), pinned)
        if wrong and not set(wrong) & set(_differing(staged, pinned)):
            put_in_place(app, number, staged)
            log.info("approved files put in place", issue=number)
            is_mended = True
        elif _is_left_over(app, staged):
            unstage(staged)
    return is_mended


def _staged(app: Newsletter, number: int | None = None) -> list[Path]:
    name = "[0-9]*" if number is None else app.issue_folder(number).name
    folder = app.data / "issues"
    return sorted(path for path in folder.glob(f".{name}-*") if path.is_dir())


def _is_left_over(app: Newsletter, staged: Path) -> bool:
    """Whether no program can be at it any more: another one may be about to approve."""
    made_at = datetime.fromtimestamp(staged.stat().st_mtime, UTC)
    return datetime.now(UTC) - made_at > _LEFT_OVER


def _differing(folder: Path, pinned: Mapping[str, str]) -> list[str]:
    return [
        name
        for name, wanted in pinned.items()
        if not (folder / name).is_file() or hash_of((folder / name).read_bytes()) != wanted
    ]
