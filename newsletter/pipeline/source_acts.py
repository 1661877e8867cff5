"""What an editor does about one source: its lines in feeds.yaml changed, it is read now, or tested alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.config.merge import split_lines
from newsletter.config.splice import (
    change,
    item_written,
    remove_source,
    rename_in_rules,
    rename_source,
    settings_of,
)
from newsletter.errors import NotFound, SpliceFault, UsageError
from newsletter.model.item import Item
from newsletter.model.source import Source
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.feeds_file import FeedsText, Saved, feeds_names, read_feeds, save_feeds, save_files
from newsletter.pipeline.gather import Job, SourceReport, due_sources, gather_sources, read_alone
from newsletter.pipeline.preview import Previewed
from newsletter.pipeline.rhythm import dates_of, per_week
from newsletter.pipeline.source_value import Suggestion

SHOWN = 5


@dataclass(frozen=True, slots=True)
class SourceText:
    """A source as it stands in the file on disk: its lines with the number of the first, and its settings as written.

    ``file`` is the name of that file, ``hash`` the hash of all of it, for saving. ``trouble`` says why there are no
    lines.
    """

    file: str
    hash: str
    first: int = 0
    lines: tuple[str, ...] = ()
    settings: tuple[tuple[str, object], ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Tested:
    """What one reading of a source from its beginning gave; ``problem`` says why it gave nothing."""

    reader: str
    newest: tuple[Item, ...]
    items_count: int
    per_week: float | None
    seconds: float
    warnings: tuple[str, ...]
    problem: str


def source_text(app: Newsletter, source: Source) -> SourceText:
    """The lines of a source in its file as it is on disk, which may not be the one in force."""
    file = source.file
    try:
        base = read_feeds(app.home, file)
    except NotFound:
        return SourceText(file, "", trouble=f"It stood in {file}, which feeds.yaml does not include any more.")
    try:
        first, last, settings = item_written(base.text, "sources", source.name)
    except NotFound:
        return SourceText(file, base.hash, trouble="It does not stand in the file as it is on the disk now.")
    except SpliceFault as fault:
        return SourceText(file, base.hash, trouble=str(fault))
    lines = [line.rstrip("\r\n") for line in split_lines(base.text)][first - 1 : last]
    return SourceText(file, base.hash, first, tuple(lines), settings)


def change_source(
    app: Newsletter, source: Source, settings: Mapping[str, str | None], *, by: str, note: str = "", base_hash: str = ""
) -> Saved:
    """Write ``settings`` (None: taken out) at a source; a new name is written into its rules as well.

    ``base_hash`` is that of the file the change was made from; without it the file as it is now. Raises ConfigError,
    FeedsChanged, NotFound, SpliceFault: then nothing is changed.
    """
    name, base = source.name, read_feeds(app.home, source.file)
    text, rest = base.text, dict(settings)
    new_name = rest.pop("name", name)
    if not new_name:
        raise UsageError("A source needs a name.")
    if new_name != name:
        text = rename_source(text, name, new_name)
    text = change(text, ("sources", new_name), rest)
    said = note or f"changed “{name}”: {', '.join(settings)}"
    wanted = {source.file: FeedsText(text, base_hash or base.hash)}
    if new_name != name:
        wanted |= _renamed_elsewhere(app, source, new_name)
    return save_files(app, wanted, by=by, note=said)


def _renamed_elsewhere(app: Newsletter, source: Source, new_name: str) -> dict[str, FeedsText]:
    """The other files whose rules name the source, with its new name."""
    found = {}
    for file in feeds_names(app.home):
        there = read_feeds(app.home, file)
        text = there.text if file == source.file else rename_in_rules(there.text, source.name, new_name)
        if text != there.text:
            found[file] = FeedsText(text, there.hash)
    return found


def pause(app: Newsletter, source: Source, *, by: str) -> Saved:
    """Ask it no more until somebody says so."""
    return change_source(app, source, {"paused": "yes"}, by=by, note=f"paused “{source.name}”")


def go_on(app: Newsletter, source: Source, *, by: str) -> Saved:
    """Ask it again, also where all sources are paused by default."""
    defaults = dict(settings_of(read_feeds(app.home).text, ("defaults",)))
    value = "no" if "paused" in defaults else None
    return change_source(app, source, {"paused": value}, by=by, note=f"“{source.name}” goes on")


def take(app: Newsletter, source: Source, suggestion: Suggestion, *, by: str) -> Saved:
    """Write what is suggested (UsageError when there is nothing to write)."""
    if not suggestion.key:
        raise UsageError(f"About “{source.name}” nothing is to be written: {suggestion.words}.")
    note = f"“{source.name}”: {suggestion.key}: {suggestion.value}, as suggested"
    return change_source(app, source, {suggestion.key: suggestion.value}, by=by, note=note)


def remove(app: Newsletter, source: Source, *, by: str) -> Saved:
    """Take its lines out of the file; what it brought stays in the store and in the issues."""
    base = read_feeds(app.home, source.file)
    text, note = remove_source(base.text, source.name), f"removed “{source.name}”"
    return save_feeds(app, text, base_hash=base.hash, by=by, note=note, name=source.file)


def read_now(app: Newsletter, source: Source) -> SourceReport:
    """Read it now, due or not, and store what is new."""
    return gather_sources(app, [_job(app, source)])[0]


def _job(app: Newsletter, source: Source) -> Job:
    """The source with its state; another one may have this one's id as its name."""
    return next(job for job in due_sources(app, [source.id]) if job[0].id == source.id)


def test_source(app: Newsletter, source: Source) -> Tested:
    """Read it once from its beginning, as it is set up; nothing is stored."""
    now = app.now()
    report, items = read_alone(app, source)
    state = report.state
    return Tested(
        reader=state.reader,
        newest=tuple(reversed(Previewed("", state.reader, items).newest(SHOWN, now=now))),
        items_count=len(items),
        per_week=per_week(dates_of(items), now),
        seconds=report.seconds,
        warnings=report.warnings,
        problem=state.state_reason if state.state not in ("ok", "unchanged") else "",
    )
