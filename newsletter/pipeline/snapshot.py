"""What a draft was made from, whole: enough to make it again, byte for byte, or under other rules."""

import gzip
import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from newsletter import __version__
from newsletter.errors import NotFound
from newsletter.model.codec import from_json, to_json
from newsletter.model.issue import Change, Reminder
from newsletter.model.item import Item
from newsletter.model.period import Period

MODEL = "rules-1"
"""The version of what decides sections beside the rules of feeds.yaml."""
RULE = "rule-1"
"""The version of what ranks stories while nothing was learned."""

_INPUT, _ITEMS, _FEEDS = "input.json", "items.jsonl.gz", "feeds.yaml"
_POOLS = ("candidates", "waiting", "told_before")
_CHANGES, _TEMPLATES = "changes.jsonl", "templates.json"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that may enter, in the revision that was seen, and when it counts as said."""

    item: Item
    revision: str
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class DraftInput:
    """All that a draft follows from, feeds.yaml apart. ``pairs`` are two item ids each."""

    number: int
    period: Period
    publish_at: datetime
    candidates: tuple[Candidate, ...] = ()
    waiting: tuple[Candidate, ...] = ()
    """Items before the period that statistics count: what waits for review."""
    told_before: tuple[Candidate, ...] = ()
    """Items that the last issues told: what is said again joins them, and nothing else comes of them."""
    known_stories: Mapping[str, str] | None = None
    merge: tuple[tuple[str, str], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    told: Mapping[str, Any] | None = None
    """By story id: issue number and reply count of the newest telling before this issue."""
    let_go: Mapping[str, Any] | None = None
    """As ``told``, of stories that an editor dropped out of an earlier issue."""
    snoozed: Mapping[str, Any] | None = None
    """By story id: the issue out of which an editor put it off to this one."""
    past_statistics: Mapping[str, Any] | None = None
    earlier_contributors: tuple[str, ...] = ()
    """People (Person.identity) among the candidates who had a change merged before the period."""
    has_history: bool = False
    """Whether changes merged before the period were read, so that a first contribution can be told."""
    active_projects: tuple[str, ...] | None = None
    """Of the projects that sources are asked for, those of which something was read in the weeks before; None when
    that was not looked up."""
    reminders: tuple[Reminder, ...] = ()
    """What issues before this one told that has a day ahead, as it is known now."""
    bursts: Mapping[str, Any] | None = None
    """By source id: how many of a flood's stories enter, and the words for it."""
    source_ids: Mapping[str, str] | None = None
    """By source name: the id it has in this database, where that is not the slug of the name."""
    program: str = __version__
    model: str = MODEL
    """Which model guessed where nobody decided; "rules-1" stands for the built-in rules alone."""
    guesses: Mapping[str, Any] | None = None
    """By the id of a story's lead: what a learned model guessed (SectionGuess). The model itself is not kept."""
    ranking: str = RULE
    """Which model said what stories are worth; "rule-1" stands for the readable rule."""
    worths: Mapping[str, Any] | None = None
    """By the id of a story's lead: the parts (ScorePart) that a learned model gave it."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A DraftInput with the file, the changes and the templates it was rendered with."""

    draft_input: DraftInput
    feeds: bytes
    changes: tuple[Change, ...] = ()
    templates: Mapping[str, str] | None = None


def write_snapshot(folder: Path, snapshot: Snapshot) -> None:
    """Write ``snapshot`` into ``folder``; each file is whole or the old one."""
    folder.mkdir(parents=True, exist_ok=True)
    found = snapshot.draft_input
    lines = [_line(pool, each) for pool in _POOLS for each in getattr(found, pool)]
    head = to_json(replace(found, candidates=(), waiting=(), told_before=()))
    # Defaults are written out as well: a later version may have others.
    head |= {name: getattr(found, name) for name in ("program", "model", "ranking", "seed")}
    write_whole(folder / _ITEMS, gzip.compress("".join(lines).encode(), 1, mtime=0))
    write_whole(folder / _FEEDS, snapshot.feeds)
    write_rendered(folder, snapshot)
    write_whole(folder / _INPUT, (_dump(head) + "\n").encode())


def write_rendered(folder: Path, snapshot: Snapshot) -> None:
    """Of the snapshot in ``folder``, write only what it was rendered with: changes and templates."""
    write_whole(folder / _CHANGES, "".join(_dump(to_json(each)) + "\n" for each in snapshot.changes).encode())
    write_whole(folder / _TEMPLATES, (_dump(dict(sorted((snapshot.templates or {}).items()))) + "\n").encode())


def read_snapshot(folder: Path, *, with_items: bool = True) -> Snapshot:
    """The snapshot in ``folder`` (NotFound when it is not there or not whole); its thousands of items if asked."""
    try:
        head = json.loads((folder / _INPUT).read_bytes())
        lines = gzip.decompress((folder / _ITEMS).read_bytes()).decode().splitlines() if with_items else []
        changes = (folder / _CHANGES).read_text(encoding="utf-8").splitlines()
        templates = json.loads((folder / _TEMPLATES).read_bytes())
        feeds = (folder / _FEEDS).read_bytes()
    except FileNotFoundError as fault:
        if folder.exists():
            raise _unreadable(folder, fault) from fault
        raise NotFound(_elsewhere(folder)) from fault
    except (OSError, ValueError, EOFError) as fault:
        raise _unreadable(folder, fault) from fault
    try:
        return _snapshot(head, lines, changes, templates, feeds)
    except (KeyError, TypeError, ValueError) as fault:
        said = f"The snapshot {folder} holds what this version does not understand: {fault}."
        raise NotFound(f"{said} Draft and render the issue again.") from fault


def _snapshot(
    head: Any, lines: Sequence[str], changes: Sequence[str], templates: Mapping[str, str], feeds: bytes
) -> Snapshot:
    rows = [json.loads(line) for line in lines]
    pools: dict[str, Any] = {pool: tuple(_candidate(row) for row in rows if row["pool"] == pool) for pool in _POOLS}
    return Snapshot(
        replace(from_json(DraftInput, head), **pools),
        feeds,
        tuple(from_json(Change, json.loads(line)) for line in changes),
        templates,
    )


def mentions(folder: Path, item_id: str) -> bool:
    """Whether the snapshot in ``folder`` holds that item; False when it cannot be read. Nothing is taken apart."""
    try:
        return f'"id":"{item_id}"'.encode() in gzip.decompress((folder / _ITEMS).read_bytes())
    except (OSError, ValueError, EOFError):
        return False


def read_feeds(folder: Path) -> bytes:
    """The feeds.yaml that the issue of this snapshot was made with (NotFound)."""
    try:
        return (folder / _FEEDS).read_bytes()
    except OSError as fault:
        raise _unreadable(folder, fault) from fault


def _unreadable(folder: Path, fault: Exception) -> NotFound:
    return NotFound(f"The snapshot {folder} cannot be read: {fault}. Draft and render the issue again.")


def _elsewhere(folder: Path) -> str:
    return (
        f"The snapshot {folder} is not there. The issue was made in another home on this database, or its folder is "
        f"lost. Go on with it in that home, or copy {folder.parent} from there or out of a backup."
    )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a crash, sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two who write it at once take nothing from each other.
    new = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    try:
        new.write_bytes(content)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _line(pool: str, each: Candidate) -> str:
    return _dump({"pool": pool, **{item.name: to_json(getattr(each, item.name)) for item in fields(each)}}) + "\n"


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(from_json(Item, row["item"]), row["revision"], datetime.fromisoformat(row["effective_at"]))


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
