"""Names out of the files of a home: each is replaced whole, and the hashes of what was approved go with it."""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from newsletter.model.erased import Erased
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import SNAPSHOT
from newsletter.pipeline.erase_mail import clean_mails
from newsletter.pipeline.snapshot import write_whole
from newsletter.store.approvals import replace_pinned
from newsletter.store.copies import BEFORE

MARK = "erased.json"
"""Beside a snapshot: that names were taken out of the issue, so that nobody wonders about its bytes."""
_LARGEST = 512 << 20
_GZIP = b"\x1f\x8b"
_MAIL = (".eml", ".mbox")
_STYLES: tuple[dict[str, Any], ...] = tuple(
    {"ensure_ascii": ascii_only, "indent": indent, "separators": separators}
    for ascii_only in (True, False)
    for indent, separators in ((None, (",", ":")), (None, None), (1, None), (2, None))
)


Telling = Callable[[str], None]
"""Who wants to hear what is being gone through."""


def untold(words: str) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Look:
    """How files are gone through: whether nothing is written, whom to tell where it is, and what was clean before."""

    is_trial: bool = True
    told: Telling = untold
    clean: dict[Path, tuple[int, int, int]] = field(default_factory=dict)


def clean_files(app: Newsletter, erased: Erased, *, look: Look) -> Counter[str]:
    """Replace names in the files that the program keeps; how many files of each folder of ``data`` named somebody."""
    counts: Counter[str] = Counter()
    folder: tuple[str, ...] = ()
    for path in list(_files(app)):
        if (inside := path.relative_to(app.data)).parts[:2] != folder:
            folder = inside.parts[:2]
            look.told(f"files in data/{'/'.join(folder)}")
        try:
            stamp = _stamp(path)
            if look.clean.get(path) == stamp:
                continue
            data = path.read_bytes()
        except FileNotFoundError:
            continue  # it was passing
        clean = _cleaned(path, data, erased)
        if clean == data:
            look.clean[path] = stamp
            continue
        counts[inside.parts[0]] += 1
        if not look.is_trial:
            _replace(app, path, data, clean)
    return counts


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def still_holding(app: Newsletter, erased: Erased) -> list[str]:
    """Where a name may stand that is not the program's to change: for the person who erases to look after."""
    found = []
    for path in sorted(app.home.rglob("*")):
        if (top := path.relative_to(app.home).parts[0]) == "data":
            continue
        try:
            found += _may_hold(path, app.home / top, erased)
        except FileNotFoundError:
            continue  # it was passing
        except OSError:
            found.append(f"{path} (cannot be read)")
    for folder in (app.data, app.data / "backups"):
        found += [f"{path} (a copy of the database)" for path in sorted(folder.glob(f"*{BEFORE}*"))]
    return list(dict.fromkeys(found))


def _may_hold(path: Path, top: Path, erased: Erased) -> list[str]:
    if not path.is_file():
        return []
    if top.name.startswith("before-restore-"):
        return [f"{top} (what was there before a restore)"]
    if path.stat().st_size > _LARGEST:
        return [f"{path} (too large to look into)"]
    return [str(path)] if _cleaned(path, data := path.read_bytes(), erased) != data else []


def _files(app: Newsletter) -> Iterator[Path]:
    for path in sorted(app.data.rglob("*")):
        name = path.relative_to(app.data).parts[0]
        is_database = name.startswith("newsletter.db") or path.suffix in (".db", ".key", ".lock")
        if is_database or name == "backups" or not path.is_file() or path.is_symlink():
            continue
        yield path


def _cleaned(path: Path, data: bytes, erased: Erased) -> bytes | None:
    """The bytes of a file without those names; None when it goes whole: a mail to one of them."""
    suffixes = path.suffixes
    if data.startswith(_GZIP):
        try:
            plain = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            return data
        clean = _cleaned(path.with_suffix(""), plain, erased)
        return data if clean == plain or clean is None else gzip.compress(clean, 1, mtime=0)
    if path.suffix in _MAIL or data.startswith((b"From ", b"Return-Path:", b"Received:", b"Delivered-To:")):
        return None if path.suffix == ".eml" and _goes_to(data, erased) else clean_mails(data, erased)
    if b"\0" in data[:8_192]:
        return data
    text = data.decode("utf-8", "surrogateescape")
    if not erased.may_name(text):
        return data
    if suffixes and suffixes[-1] in (".json", ".jsonl") and (document := _json(text, erased)) is not None:
        return document.encode("utf-8", "surrogateescape")
    return erased.text(text).encode("utf-8", "surrogateescape")


def _goes_to(data: bytes, erased: Erased) -> bool:
    head = BytesHeaderParser().parsebytes(data[: 64 << 10])
    return any(erased.spans(str(value)) for value in (*head.get_all("To", []), *head.get_all("Delivered-To", [])))


def _json(text: str, erased: Erased) -> str | None:
    """A JSON document, or one a line, cleaned value by value; None when it is none."""
    try:
        return _document(text, erased)
    except ValueError:
        pass
    lines = []
    for line in text.splitlines(keepends=True):
        try:
            lines.append(_document(line, erased) if line.strip() and erased.may_name(line) else line)
        except ValueError:
            return None
    return "".join(lines)


def _document(text: str, erased: Erased) -> str:
    held = json.loads(text)
    clean = erased.value(held)
    if clean == held:
        return text
    body = text.rstrip("\r\n")
    style = next((each for each in _STYLES if json.dumps(held, **each) == body), _STYLES[0])
    return json.dumps(clean, **style) + text[len(body) :]


def _replace(app: Newsletter, path: Path, data: bytes, clean: bytes | None) -> None:
    inside = path.relative_to(app.data).parts
    if clean is None:
        path.unlink(missing_ok=True)
        return
    if inside[0] == "issues" and len(inside) > 2 and inside[1].isdigit():
        # First the hashes, then the bytes: killed between them, the next run comes to the same bytes and goes on.
        with app.database.transaction() as db:
            if not path.is_file() or path.read_bytes() != data:
                return  # somebody wrote it anew: it is read again, for something was found
            _mark(app, inside[1])
            replace_pinned(db, int(inside[1]), "/".join(inside[2:]), before=data, after=clean)
    mode = path.stat().st_mode & 0o777
    write_whole(path, clean)
    path.chmod(mode)


def _mark(app: Newsletter, issue: str) -> None:
    path = app.data / "issues" / issue / SNAPSHOT / MARK
    if path.parent.is_dir() and not path.exists():
        write_whole(path, json.dumps({"at": app.now().date().isoformat()}).encode())


def note_of(folder: Path) -> str:
    """What to know of an issue out of which names were taken; empty when none were."""
    try:
        at = json.loads((folder / SNAPSHOT / MARK).read_bytes())["at"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return (
        f"A person was erased from this issue on {at}: names were replaced in its files and in its snapshot, each by "
        "itself. What is made from the snapshot now may be shortened or ordered in another way."
    )
