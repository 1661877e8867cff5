"""What the public site remembers of issues that did not change: their pages stay as they lie, and few words are read.

Without it the site of ten years would be read and rendered anew each time that one issue becomes public. An issue is
known by its state, draft, changes and corrections (`content`), its pages also by all that stands around it (`pages`).
Whatever is not as it was is made again; so is everything when the file cannot be read.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import newsletter
from newsletter.model.codec import from_json, to_json
from newsletter.model.issue import Issue
from newsletter.model.item import CANCELLED
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.snapshot import write_whole
from newsletter.render.contexts import IssueLine
from newsletter.render.press import Press

_FILE = "site-pages.json"


@dataclass(frozen=True, slots=True)
class KeptIssue:
    """An issue as the site has it: its line in the archive, its dates, and its files with size and time of writing."""

    content: str
    pages: str
    line: IssueLine
    dates: Issue
    """The issue with nothing but the entries that the calendar of all issues is made of."""
    files: Mapping[str, Any]


def read_shelf(app: Newsletter) -> dict[int, KeptIssue]:
    """What is remembered, by number; nothing when it cannot be read."""
    try:
        found = json.loads((app.data / _FILE).read_bytes())
        return {int(number): from_json(KeptIssue, each) for number, each in found.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def write_shelf(app: Newsletter, kept: Mapping[int, KeptIssue]) -> None:
    """Remember this and nothing else."""
    text = json.dumps({str(number): to_json(each) for number, each in sorted(kept.items())}, separators=(",", ":"))
    path = app.data / _FILE
    write_whole(path, text.encode())
    # The program alone reads it.
    path.chmod(0o600)


def forget_shelf(app: Newsletter) -> None:
    """Remember nothing: whatever is public is read and made again."""
    (app.data / _FILE).unlink(missing_ok=True)


def dates_of(issue: Issue) -> Issue:
    """``issue`` with the entries that say when something is, and nothing else that is long."""
    sections = (
        replace(
            each,
            entries=tuple(entry for entry in each.entries if entry.event or CANCELLED in entry.labels),
            runners_up=(),
        )
        for each in issue.sections
    )
    return replace(issue, sections=tuple(sections), statistics=(), dropped=(), deadlines=(), projects=(), warnings=())


def has_dates(issues: Sequence[Issue]) -> bool:
    """Whether anything of them stands in a calendar."""
    return any(entry.event for issue in issues for entry in issue.entries)


def surroundings(press: Press, *, hashes: Mapping[str, str], around: Sequence[object]) -> str:
    """What all pages of issues have in common, as one word."""
    # A set comes in another order in each process.
    schedule = (replace(press.schedule, skip=frozenset()), sorted(press.schedule.skip))
    parts = (newsletter.__version__, _program(), press.newsletter, schedule, sorted(hashes.items()), *around)
    return _word(parts)


def page_stamps(shown: Sequence[tuple[int, object, str]], common: str) -> dict[int, str]:
    """For each issue (number, day, content), in the order of the site: what its pages follow from."""
    ends = (None, *shown, None)
    return {
        number: _word((common, content, before and before[:2], after and after[:2]))
        for before, (number, _, content), after in zip(ends, shown, ends[2:], strict=False)
    }


def files_of(site: Path, names: Sequence[str]) -> dict[str, list[int]]:
    """Size and time of writing of these files of the site; a missing one has neither."""
    return {name: _of_file(site / name) for name in names}


def are_there(site: Path, files: Mapping[str, Any]) -> bool:
    """Whether all of these files lie there as they were written."""
    return bool(files) and all(found and _of_file(site / name) == list(found) for name, found in files.items())


def stamp_of(path: Path) -> str:
    """What differs between two versions of a file, as far as the disk tells."""
    return " ".join(map(str, _of_file(path)))


def _of_file(path: Path) -> list[int]:
    try:
        found = path.stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]


@cache
def _program() -> str:
    """What differs between two versions of what renders: in a checkout the version stays while files change."""
    folder = Path(newsletter.__file__).parent
    return _word(
        [(path.name, *_of_file(path)) for name in ("render", "model") for path in sorted((folder / name).glob("*.py"))]
    )


def _word(value: object) -> str:
    return hashlib.blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
