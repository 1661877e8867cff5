"""render_issue and publish_site: an issue becomes files, all issues become the public site."""

import fcntl
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from newsletter.config.kind_keys import ALLOW_FOLDERS
from newsletter.config.load import Config, read_whole
from newsletter.edit.changes import fold
from newsletter.edit.corrections import correct
from newsletter.model.correction import Correction
from newsletter.model.evidence import Evidence
from newsletter.model.issue import Issue, IssueState
from newsletter.model.item import Item
from newsletter.model.period import Period
from newsletter.model.unnamed import Unnamed
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import SNAPSHOT
from newsletter.pipeline.evidence import read_evidence
from newsletter.pipeline.going_public import due_ones, hidden_numbers, is_public, mark_public
from newsletter.pipeline.in_force import FEEDS
from newsletter.pipeline.other_runs import snapshot_at
from newsletter.pipeline.proofs import PAGE
from newsletter.pipeline.site_shelf import (
    KeptIssue,
    are_there,
    dates_of,
    files_of,
    has_dates,
    page_stamps,
    read_shelf,
    stamp_of,
    surroundings,
    write_shelf,
)
from newsletter.pipeline.snapshot import Snapshot, write_rendered, write_whole
from newsletter.pipeline.targets import files_there, forget_stale, further_files, target_names
from newsletter.pipeline.uncollected import uncollected
from newsletter.render.calendar import issue_calendar
from newsletter.render.email import EmailParts, message, render_email
from newsletter.render.environment import Templates
from newsletter.render.feed import ISSUES_IN_FEED
from newsletter.render.press import Press
from newsletter.render.records import issue_record
from newsletter.render.river import RiverItem
from newsletter.render.web import issue_line, render_figures_page, render_issue_page, render_site
from newsletter.store import corrections, issues, items, stories
from newsletter.store.database import Db
from newsletter.store.editors import first_editor_at
from newsletter.store.issues import StoredIssue
from newsletter.store.items import StoredItem

LOCK = "site.lock"
PLANET = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Rendering:
    """An issue as it stands now, its files, and what they were made with."""

    stored: StoredIssue
    issue: Issue
    files: Mapping[str, bytes]
    snapshot: Snapshot
    press: Press
    parts: EmailParts
    config: Config
    remarks: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    """Those of ``files`` that targets of other packages made."""


@dataclass(frozen=True, slots=True)
class Published:
    """An issue that was rendered: where it lies, how large its mail is, what there is to say about it."""

    issue: Issue
    folder: Path
    mail_size: int
    remarks: tuple[str, ...] = ()


def render_issue(app: Newsletter, number: int, *, out: Path | None = None) -> Published:
    """Write the files of issue ``number`` into ``out``, or into its own folder. Raises NotFound.

    The files of an issue that was approved stay as they are: those are the ones that go out.
    """
    made = render_files(app, number)
    folder, remarks = out or app.issue_folder(number), made.remarks
    if out is None and made.stored.state != "draft":
        remarks = (f"Issue {number} is {made.stored.state}: its files stay as they were approved.", *remarks)
    else:
        for name, content in made.files.items():
            write_whole(folder / name, content)
        forget_stale(folder, made.config, made.further)
    if out is None and made.stored.state == "draft":
        write_rendered(folder / SNAPSHOT, made.snapshot)
        with app.database.transaction() as db:
            stories.mark_told(db, made.issue)
    return Published(made.issue, folder, len(made.files["email.html"]), remarks)


def render_files(
    app: Newsletter,
    number: int,
    *,
    state: IssueState | None = None,
    more: Sequence[Correction] = (),
    with_items: bool = False,
) -> Rendering:
    """The files of issue ``number`` as it stands; nothing is written. Raises NotFound.

    In ``state`` if one is given, and with corrections ``more`` that are not stored yet; the snapshot holds its
    candidates ``with_items`` only.
    """
    with app.database.reading() as db:
        stored, changes = issues.issue(db, number), issues.changes(db, number)
        corrected = corrections.corrections_of(db, number)
    issue = fold(stored.issue, changes)
    issue = replace(issue, state=state or issue.state)
    folder = app.issue_folder(number)
    snapshot = snapshot_at(app, folder / SNAPSHOT, with_items=with_items)
    templates = app.templates.forgiving()
    config = config_of(snapshot.feeds)
    press, evidence = press_of(templates, config), read_evidence(folder / SNAPSHOT, config)
    parts = render_email(press, issue)
    shown = correct(issue, (*corrected, *more))
    files = issue_files(press, issue, evidence, corrected=shown, parts=parts)
    further = further_files(press, shown, config)
    snapshot = replace(snapshot, changes=changes, templates=templates.hashes())
    remarks = (*templates.misspelt(), *(templates.remarks or ()), *further.remarks)
    every = {**files, **further.files}
    return Rendering(stored, issue, every, snapshot, press, parts, config, remarks, tuple(further.files))


def issue_files(
    press: Press,
    issue: Issue,
    evidence: Sequence[Evidence],
    *,
    corrected: Issue | None = None,
    parts: EmailParts | None = None,
) -> dict[str, bytes]:
    """The files of an issue by name; the same input gives the same bytes.

    ``corrected`` is the issue with its corrections: what is read on the web is made of it, what is mailed never.
    ``parts`` is the mail, if it was rendered already.
    """
    shown = corrected or issue
    parts = parts or render_email(press, issue)
    record = json.dumps(issue_record(shown), ensure_ascii=False, indent=1)
    return {
        "issue.html": render_issue_page(press, shown),
        "email.html": parts.html.encode(),
        "email.txt": parts.text.encode(),
        "issue.eml": message(press, issue, parts),
        PAGE: render_figures_page(press, issue, evidence),
        "events.ics": issue_calendar(press, shown),
        "issue.json": f"{record}\n".encode(),
    }


def press_of(templates: Templates, config: Config) -> Press:
    """What all pages and mails of one issue share."""
    return Press(templates, config.newsletter, config.schedule)


@lru_cache(maxsize=2)
def config_of(feeds: bytes) -> Config:
    """The configuration that an issue was made with; secrets it names are not needed any more, no source is read."""
    environ = _AnyName(lambda: "-", {ALLOW_FOLDERS: Path("/").anchor})
    return read_whole(feeds, file=FEEDS, environ=environ, base=Path(), how="past")


class _AnyName(defaultdict[str, str]):
    def get(self, key: str, default: str | None = None) -> str:  # type: ignore[override]
        return self[key]

    def __contains__(self, key: object) -> bool:
        return True


@uncollected()
def publish_site(app: Newsletter) -> Path:
    """Write the static site of all issues and of everything read lately; files that are no longer part of it go.

    Where somebody reviews, readers see no draft made since the first editor was added, and an approved issue from its
    hour on. A draft that tells nothing is for editors alone everywhere: it would be the latest issue of all readers.
    """
    with _alone(app):
        while True:
            hidden = _write_site(app)
            with app.database.transaction() as db:
                mark_public(app, db)
                # An hour that came meanwhile, here or in another process, is not written over with what was before.
                if hidden_numbers(app, db) == hidden:
                    return app.site


@contextmanager
def _alone(app: Newsletter) -> Iterator[None]:
    """Be the only one who writes the site: two at once would sweep away each other's new files."""
    app.data.mkdir(parents=True, exist_ok=True)
    with (app.data / LOCK).open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def publish_due(app: Newsletter) -> tuple[int, ...]:
    """Bring the approved issues whose hour has come before readers, each once; their numbers.

    Whoever looks does it: twice does no harm, and what a crash left undone is due at the next look.
    """
    with app.database.reading() as db:
        due = due_ones(app, db)
    if due:
        publish_site(app)
    return tuple(each.number for each in due)


def _write_site(app: Newsletter) -> frozenset[int]:
    """Write the files of the site as it is now; the approved issues that it hides."""
    now = app.now()
    press, shelf = press_of(app.templates.forgiving(), app.config), read_shelf(app)
    with app.database.reading() as db:
        hidden = hidden_numbers(app, db)
        since = first_editor_at(db)
        told, stamps = _told(app, db, press, shelf, hidden=hidden, since=since)
        read = items.items_between(db, Period(now - PLANET, now + timedelta(seconds=1)))
    kept = {each.number: shelf[each.number] for each in told if _is_kept(app, shelf, each.number, stamps)}
    pages = {issue.number: app.issue_folder(issue.number) / PAGE for issue in told if issue.number not in kept}
    figures = {number: page.read_bytes() for number, page in pages.items() if page.is_file()}
    lines = {number: each.line for number, each in kept.items()}
    files = dict(render_site(press, told, _river(app, read), figures=figures, is_served=since is not None, lines=lines))
    for number in pages:
        there = files_there(app.issue_folder(number), app.config)
        files |= {f"issues/{number}/{name}": data for name, data in there.items()}
    for name, content in files.items():
        _write_if_new(app.site / name, content)
    _sweep(app.site, {*files, *(name for each in kept.values() for name in each.files)})
    made = {
        issue.number: _keep(app, press, issue, stamps[issue.number], files) for issue in told if issue.number in pages
    }
    if made or kept.keys() != shelf.keys():
        write_shelf(app, {**kept, **made})
    return hidden


Stamps = Mapping[int, tuple[str, str]]
"""By the number of an issue: what it was, and what its pages follow from."""


def _is_kept(app: Newsletter, shelf: Mapping[int, KeptIssue], number: int, stamps: Stamps) -> bool:
    """Whether the pages of an issue are those that lie there."""
    known = shelf.get(number)
    return known is not None and known.pages == stamps[number][1] and are_there(app.site, known.files)


def _keep(app: Newsletter, press: Press, issue: Issue, stamp: tuple[str, str], files: Mapping[str, bytes]) -> KeptIssue:
    folder = f"issues/{issue.number}/"
    names = [name for name in files if name.startswith(folder)]
    return KeptIssue(*stamp, issue_line(press, issue), dates_of(issue), files_of(app.site, names))


def _told(
    app: Newsletter,
    db: Db,
    press: Press,
    shelf: Mapping[int, KeptIssue],
    *,
    hidden: frozenset[int],
    since: datetime | None,
) -> tuple[list[Issue], Stamps]:
    """The issues that readers see, corrected, the newest first; of old ones that did not change only the dates.

    ``since`` is when somebody could review, None: never.
    """
    shown = [each for each in issues.outlines(db) if each.number not in hidden and is_public(each, since)]
    shown.sort(key=lambda each: (each.publish_on, each.number), reverse=True)
    contents = {each.number: f"{each.stamp} {_stamps_beside(app, each.number)}" for each in shown}
    old = {each.number for each in shown[ISSUES_IN_FEED:] if each.state != "draft"}
    light = {number for number in old if number in shelf and shelf[number].content == contents[number]}
    found = {each.number: _whole(db, each.number) for each in shown if each.number not in light}
    shown = [each for each in shown if each.number in light or not _is_nothing(found[each.number])]
    found |= {number: shelf[number].dates for number in light}
    sources = found[shown[0].number].sources_count if shown else 0
    around = (since is not None, sources, has_dates(list(found.values())), app.config.delivery.also_write)
    common = surroundings(press, hashes=app.templates.hashes(), around=around)
    pages = page_stamps([(each.number, each.publish_on, contents[each.number]) for each in shown], common)
    stamps = {number: (contents[number], page) for number, page in pages.items()}
    for number in light:
        if not _is_kept(app, shelf, number, stamps):
            found[number] = _whole(db, number)
    return [found[each.number] for each in shown], stamps


def _stamps_beside(app: Newsletter, number: int) -> str:
    """What differs when a file that is published as it lies beside an issue was written anew."""
    folder = app.issue_folder(number)
    return " ".join(stamp_of(folder / name) for name in (PAGE, *target_names(app.config)))


def _whole(db: Db, number: int) -> Issue:
    """An issue as its editors left it, corrected, without what no reader sees."""
    issue = correct(
        fold(issues.issue(db, number).issue, issues.changes(db, number)), corrections.corrections_of(db, number)
    )
    sections = tuple(replace(each, runners_up=()) for each in issue.sections)
    return replace(issue, sections=sections, dropped=(), warnings=())


def _is_nothing(issue: Issue) -> bool:
    return issue.is_empty and issue.state == "draft"


def _river(app: Newsletter, read: Sequence[StoredItem]) -> list[RiverItem]:
    names = {source.id: source.name for source in app.config.sources}
    unnamed = Unnamed(app.config.newsletter.leave_out_names)
    return [
        RiverItem(_unsigned(each.item, unnamed), names.get(each.item.source_id, each.item.source_id), each.effective_at)
        for each in read
        if not (each.item.is_tip or each.item.is_brought)
    ]


def _unsigned(item: Item, unnamed: Unnamed) -> Item:
    return replace(item, author=None) if unnamed.hides(item.author) else item


def _write_if_new(path: Path, content: bytes) -> None:
    """Leave a file that is the same alone: whoever copies the site copies only what changed."""
    if not path.is_file() or path.read_bytes() != content:
        write_whole(path, content)


def _sweep(folder: Path, files: AbstractSet[str]) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(folder).as_posix() not in files:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
