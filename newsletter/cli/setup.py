"""init and check: a home to start from, and whether its feeds.yaml is well."""

import gc
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.common import home_option, opened
from newsletter.cli.logs import set_up_logs
from newsletter.cli.sources import say_report
from newsletter.cli.speak import DONE, PARTLY, TO_MEND, complain, say, say_json, warn
from newsletter.errors import ConfigError, NewsletterError, Problem, WrongState

if TYPE_CHECKING:
    from newsletter.config.load import Config
    from newsletter.pipeline.gather import SourceReport


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> int:
    """Make a home: a folder with a commented feeds.yaml to start from."""
    from newsletter.config.starter import starter_text
    from newsletter.pipeline.in_force import FEEDS

    path = folder / FEEDS
    if path.exists():
        raise WrongState(f"{path} is there already and stays as it is. Choose another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(starter_text(folder.resolve().name), encoding="utf-8")
    say(f"{path} is written. Now put your sources in, then look and build:")
    say(f"  newsletter add ADDRESS --home {folder}")
    say(f"  newsletter check --home {folder}")
    say(f"  newsletter build --home {folder}")
    return DONE


@click.command()
@home_option
@click.option("--online", is_flag=True, help="Read each source once as well; nothing is stored.")
@click.option("--quick", is_flag=True, help="Look at the file alone, not at past issues and readings.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def check(home: Path, *, online: bool, quick: bool, as_json: bool) -> int:
    """Read feeds.yaml and tell every mistake as file:line.

    Where issues were made, the last four are tried with its rules: one that drops nearly everything, or never decides
    a section, is told as well, and so is a watched page on which nothing is found any more.
    """
    # So short a run ends before the collector would have found anything.
    gc.disable()
    try:
        return _check(home, online=online, quick=quick, as_json=as_json)
    finally:
        gc.enable()


def _check(home: Path, *, online: bool, quick: bool, as_json: bool) -> int:
    from newsletter.config.load import NO_SOURCE, load_config
    from newsletter.pipeline.in_force import FEEDS, feeds_file, last_good_at

    path = feeds_file(home)
    before = last_good_at(home)
    try:
        config = load_config(path, os.environ, how="try")
    except ConfigError as fault:
        return _json_mistakes(fault) if as_json else _say_mistakes(home, fault, before)
    past, unfit = () if quick else _past(home, config), _unfit()
    if as_json:
        return _json_well(home, config, past, unfit, online=online)
    for said in unfit:
        warn(said)
    for warning in (warned := _warnings(config, past)):
        # Where there is no source, the last line says so.
        if warning.text != NO_SOURCE:
            warn(str(warning))
    for mistake in (mistakes := [each for each in past if not each.is_warning]):
        say(str(mistake))
    if mistakes:
        say(f"{len(mistakes)} to mend; {FEEDS} is in force meanwhile.")
        return TO_MEND
    empty = next((each for each in warned if each.text == NO_SOURCE), None)
    say(_well(config) if empty is None else _without_source(empty))
    return _check_online(home) if online else DONE


def _warnings(config: "Config", past: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return (*config.warnings_at(datetime.now(UTC)), *(each for each in past if each.is_warning))


def _without_source(warning: Problem) -> str:
    return (
        f"{warning.file} is well: there is no source in it yet; "
        f'write one under "sources:" on line {warning.line}, or: newsletter add ADDRESS'
    )


def _well(config: "Config") -> str:
    return (
        f"feeds.yaml is well: {_count(len(config.sources), 'source')}, {_count(len(config.sections), 'section')}, "
        f"{_count(len(config.rules), 'rule')}."
    )


def _unfit() -> tuple[str, ...]:
    """Packages that bring something that cannot be used; where feeds.yaml names it, that was told with its line."""
    from newsletter.pipeline.plugins import troubles

    return tuple(str(each) for each in troubles())


def _past(home: Path, config: "Config") -> tuple[Problem, ...]:
    """What past issues and readings say of the file; nothing is loaded for it where there are none."""
    from newsletter.pipeline.in_force import has_past

    if not has_past(home, os.environ):
        return ()
    from newsletter.pipeline.past_findings import find_in_past

    gc.enable()
    set_up_logs()
    try:
        return find_in_past(home, config, os.environ)
    except NewsletterError as fault:
        warn(f"Past issues and readings were not looked at: {fault}")
        return ()


def _json_mistakes(fault: ConfigError) -> int:
    say_json({"is_well": False, "total": fault.total, "mistakes": list(map(_problem_record, fault.problems))})
    return TO_MEND


def _json_well(home: Path, config: "Config", past: tuple[Problem, ...], unfit: tuple[str, ...], *, online: bool) -> int:
    mistakes = [each for each in past if not each.is_warning]
    found = {
        "is_well": not mistakes,
        "total": len(mistakes),
        "mistakes": list(map(_problem_record, mistakes)),
        "warnings": list(map(_problem_record, _warnings(config, past))),
        "plugins": list(unfit),
        "sources": len(config.sources),
        "sections": len(config.sections),
        "rules": len(config.rules),
    }
    reports = _look(home) if online else ()
    if online:
        found["online"] = [_look_record(report) for report in reports]
    say_json(found)
    if mistakes:
        return TO_MEND
    return PARTLY if any(report.is_failed for report in reports) else DONE


def _problem_record(problem: Problem) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line, "text": problem.text}


def _look_record(report: "SourceReport") -> dict[str, Any]:
    state, sight = report.state, report.sight
    return {
        "name": report.source.name,
        "line": report.source.address_line or report.source.line,
        "kind": report.source.kind or None,
        "reader": state.reader or None,
        "state": state.state,
        "state_reason": state.state_reason or None,
        "items_count": report.new_count,
        "newest_title": (sight.newest_title or None) if sight else None,
        "newest_at": f"{sight.newest_at:%Y-%m-%dT%H:%M:%SZ}" if sight and sight.newest_at else None,
        "per_week": sight.per_week if sight else None,
        "warnings": list(report.warnings),
    }


def _say_mistakes(home: Path, fault: ConfigError, before: datetime | None) -> int:
    """Every mistake, and what holds meanwhile: a source that cannot be read stops no other."""
    from newsletter.config.load import load_config
    from newsletter.config.problems import closing_line
    from newsletter.pipeline.in_force import config_in_force, feeds_file

    for problem in fault.problems:
        say(str(problem))
    try:
        load_config(feeds_file(home), os.environ)
    except ConfigError:
        zone = config_in_force(home, os.environ)[0].schedule.zone if before else None
        say(closing_line(fault.problems, before.astimezone(zone) if before else None, total=fault.total))
    else:
        said = f", {len(fault.problems)} of {fault.total} shown" if fault.total > len(fault.problems) else ""
        say(f"{fault.total} to mend{said}; the other sources are read meanwhile.")
    return TO_MEND


def _look(home: Path, *, is_said: bool = False) -> "tuple[SourceReport, ...]":
    from newsletter.pipeline.gather import check_online

    gc.enable()
    set_up_logs()
    with opened(home) as app:
        return check_online(app, on_report=_say_looked if is_said else None)


def _check_online(home: Path) -> int:
    reports = _look(home, is_said=True)
    failed = [report for report in reports if report.is_failed]
    if failed:
        return complain(f"{_count(len(failed), 'source')} of {len(reports)} could not be read.", PARTLY)
    return DONE


def _say_looked(report: "SourceReport") -> None:
    """What a source holds, or why it cannot be read: with its line, as every mistake."""
    from newsletter.pipeline.rhythm import rhythm_words

    state, sight = report.state, report.sight
    if report.problem:
        say(report.problem)
    elif report.is_failed or state.state.startswith("not readable"):
        say_report(report)
    if report.is_failed or state.state.startswith("not readable"):
        return
    what = [f"read as {state.reader}", _count(report.new_count, "item")]
    if sight and sight.newest_at:
        what += [rhythm_words(sight.per_week), f"the newest of {sight.newest_at:%Y-%m-%d}: {sight.newest_title}"]
    say(f"✓ {report.source.name:<28} {', '.join(what)}")
    for text in report.warnings:
        warn(f"    {text}")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
