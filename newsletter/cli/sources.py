"""gather, sources: reading sources and saying how they are."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.common import exit_code, home_option, is_terminal, opened
from newsletter.cli.logs import set_up_logs
from newsletter.cli.speak import say, say_json, warn
from newsletter.render.words import counted

if TYPE_CHECKING:
    from newsletter.pipeline.app import Newsletter
    from newsletter.pipeline.gather import SourceReport
    from newsletter.pipeline.source_value import SourceHealth

_WARNINGS_SHOWN = 3
SIGNS = {"ok": "✓", "unchanged": "✓", "moved": "!", "throttled": "~", "failing": "×", "gone": "×", "paused": "-"}


@click.command()
@home_option
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--since", metavar="DAY", help="How far back a first reading goes, for example 2011-02-01.")
def gather(home: Path, names: tuple[str, ...], since: str | None) -> int:
    """Read the sources that are due (or those named) into the store."""
    from newsletter.pipeline.times import parse_day

    start = datetime.combine(parse_day(since), time(), tzinfo=UTC) if since else None
    with opened(home) as app:
        reports = gather_shown(app, names=names, since=start)
        if not reports:
            say("No source is due. Name one to read it now.")
        say_failures(reports)
        return exit_code(app, is_partly=any(report.is_failed for report in reports))


@click.command()
@home_option
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def sources(home: Path, as_json: bool) -> int:
    """The health of every source."""
    from newsletter.pipeline.source_value import health_of_sources
    from newsletter.render.records import source_record

    with opened(home) as app:
        found = health_of_sources(app)
        records = [source_record(each.source, each.state) for each in found]
        if as_json:
            say_json(records)
        else:
            _say_table(records, {each.source.name: _worth(each) for each in found})
        return exit_code(app, is_partly=False)


def _worth(each: "SourceHealth") -> str:
    """What a source brings, what of it was kept, and what could be done about it."""
    parts = []
    if each.per_week:
        parts.append(f"{each.per_week:.0f} a week" if each.per_week >= 1 else "less than 1 a week")
    if each.kept and each.shown:
        parts.append(f"{each.kept} of {each.shown} kept")
    if each.suggestion and each.suggestion.words not in each.words:
        parts.append(f"suggestion: {each.suggestion.words}")
    return " · ".join(parts)


def _say_table(records: list[dict[str, Any]], worth: dict[str, str]) -> None:
    from newsletter.render.words import counted

    well = sum(record["state"] in ("ok", "unchanged") and record["checked_at"] is not None for record in records)
    new = sum(map(_is_new, records))
    unread = f" · {new} not read yet" if new else ""
    say(f"{counted(len(records), 'source')} · {well} well{unread} · {len(records) - well - new} with a word to say")
    width = max((len(record["name"]) for record in records), default=0)
    for record in sorted(records, key=lambda each: (each["state"] in ("ok", "unchanged"), each["name"].casefold())):
        is_new = _is_new(record)
        sign, count = "·" if is_new else SIGNS.get(record["state"], "?"), counted(record["items_count"], "item")
        line = f"{sign} {record['name']:<{width}}  {'new' if is_new else record['state']:<9} {count:>12}"
        said = (record["state_reason"], worth.get(record["name"]))
        line += "".join(f"  {each}" for each in said if each)
        say(line)


def _is_new(record: dict[str, Any]) -> bool:
    """Whether nothing is known of a source, as it was never read."""
    return record["state"] == "ok" and record["checked_at"] is None


def gather_shown(
    app: "Newsletter", *, names: tuple[str, ...] = (), since: datetime | None = None
) -> "tuple[SourceReport, ...]":
    """Gather with one line a source, and a bar on a terminal."""
    from newsletter.pipeline.gather import SourceReport, due_sources, gather_sources

    due = due_sources(app, names)
    if due:
        set_up_logs()
    with _bar(len(due)) as advance:

        def report(found: SourceReport) -> None:
            advance()
            say_report(found)

        return gather_sources(app, due, since=since, on_report=report)


@contextmanager
def _bar(total: int) -> Iterator[Any]:
    if not is_terminal() or total < 2:
        with nullcontext():
            yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reading sources", total=total)
        yield lambda: progress.advance(task)


def say_report(report: "SourceReport") -> None:
    """One line about one source, on stderr."""
    if report.busy:
        warn(f"~ {report.source.name:<28} {report.busy}; try it again in a while")
        return
    sign = SIGNS.get(report.state.state, "?")
    what = f"{report.new_count} new" if report.new_count else "nothing new"
    if report.changed_count:
        what += f", {report.changed_count} changed"
    if report.state.state not in ("ok", "unchanged"):
        what = f"{report.state.state}: {report.state.state_reason}" + (f" ({what})" if report.new_count else "")
    if report.aside_count:
        what += f", {report.aside_count} set aside"
    warn(f"{sign} {report.source.name:<28} {what}  ({report.seconds:.1f} s)")
    for text in report.warnings[:_WARNINGS_SHOWN]:
        warn(f"    {text}")
    if (more := len(report.warnings) - _WARNINGS_SHOWN) > 0:
        warn(f"    and {counted(more, 'warning')} more")


def say_failures(reports: "Iterable[SourceReport]") -> None:
    """Which sources have something to mend, each with its line in feeds.yaml."""
    for report in reports:
        if report.problem:
            warn(report.problem)
