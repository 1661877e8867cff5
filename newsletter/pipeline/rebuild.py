"""rebuild: an issue again from its snapshot, compared byte for byte."""

from dataclasses import dataclass, replace
from pathlib import Path

from newsletter import __version__
from newsletter.edit.changes import fold
from newsletter.edit.corrections import correct
from newsletter.errors import NotFound
from newsletter.model.issue import Issue, IssueState
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import SNAPSHOT
from newsletter.pipeline.erase_files import note_of
from newsletter.pipeline.making import make_issue
from newsletter.pipeline.publish import config_of, issue_files, press_of
from newsletter.pipeline.snapshot import Snapshot, read_snapshot, write_whole
from newsletter.pipeline.targets import further_files
from newsletter.store import issues
from newsletter.store.corrections import corrections_of


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Which files came out the same and which did not, and what may explain a difference."""

    same: tuple[str, ...]
    differing: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def rebuild_issue(app: Newsletter, number: int, *, out: Path | None = None) -> Rebuilt:
    """Make issue ``number`` from its snapshot and compare it with the files beside it. Raises NotFound."""
    folder = app.issue_folder(number)
    with app.database.reading() as db:
        # What is on disk was made when the issue was approved, whatever became of it since.
        state: IssueState = "draft" if issues.issue(db, number).state == "draft" else "approved"
        corrected = corrections_of(db, number)
    snapshot = read_snapshot(folder / SNAPSHOT)
    config = config_of(snapshot.feeds)
    made = make_issue(snapshot.draft_input, config)
    issue: Issue = fold(made.issue, snapshot.changes)
    templates = app.templates.forgiving()
    issue = replace(issue, state=state)
    press, shown = press_of(templates, config), correct(issue, corrected)
    files = issue_files(press, issue, made.evidence, corrected=shown)
    missing = [name for name in files if not (folder / name).is_file()]
    if missing:
        raise NotFound(f"{folder} lacks {', '.join(missing)}. Render the issue first: newsletter render {number}.")
    further = further_files(press, shown, config)
    # A target that failed when the issue was made left no file to compare with.
    files |= {name: data for name, data in further.files.items() if (folder / name).is_file()}
    if out is not None:
        for name, content in files.items():
            write_whole(out / name, content)
    same = tuple(name for name, content in files.items() if (folder / name).read_bytes() == content)
    differing = tuple(name for name in files if name not in same)
    remarks = [*([note] if (note := note_of(folder)) else [])]
    remarks += _explanations(snapshot, templates.hashes()) if differing else []
    return Rebuilt(same, differing, (*remarks, *further.remarks))


def _explanations(snapshot: Snapshot, hashes: dict[str, str]) -> tuple[str, ...]:
    """What is not as it was when the snapshot was taken."""
    remarks = []
    known = snapshot.templates or {}
    changed = sorted(name for name in known.keys() | hashes.keys() if known.get(name) != hashes.get(name))
    if changed:
        remarks.append(f"These templates have changed since: {', '.join(changed)}.")
    if snapshot.draft_input.program != __version__:
        remarks.append(f"It was made by version {snapshot.draft_input.program}; this is {__version__}.")
    return tuple(remarks)
