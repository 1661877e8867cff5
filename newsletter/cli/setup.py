"""init and check: a home to start from, and whether its feeds.yaml is well."""

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.common import home_option, opened
from newsletter.cli.logs import set_up_logs
from newsletter.cli.sources import say_report
from newsletter.cli.speak import DONE, PARTLY, TO_MEND, complain, say, warn
from newsletter.errors import ConfigError, WrongState

if TYPE_CHECKING:
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
    say(f"{path} is written. Put your sources in, then:")
    say(f"  newsletter check --home {folder}")
    say(f"  newsletter build --home {folder}")
    return DONE


@click.command()
@home_option
@click.option("--online", is_flag=True, help="Read each source once as well; nothing is stored.")
def check(home: Path, online: bool) -> int:
    """Read feeds.yaml and tell every mistake as file:line."""
    from newsletter.config.load import load_config
    from newsletter.pipeline.in_force import FEEDS, feeds_file, last_good_at

    path = feeds_file(home)
    before = last_good_at(home)
    try:
        config = load_config(path, os.environ, try_sources=True)
    except ConfigError as fault:
        return _say_mistakes(home, fault, before)
    for warning in config.warnings:
        warn(str(warning))
    say(
        f"{FEEDS} is well: {_count(len(config.sources), 'source')}, {_count(len(config.sections), 'section')}, "
        f"{_count(len(config.rules), 'rule')}."
    )
    return _check_online(home) if online else DONE


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


def _check_online(home: Path) -> int:
    from newsletter.pipeline.gather import check_online

    set_up_logs()
    with opened(home) as app:
        reports = check_online(app, on_report=_say_looked)
    failed = [report for report in reports if report.is_failed]
    if failed:
        return complain(f"{_count(len(failed), 'source')} of {len(reports)} could not be read.", PARTLY)
    return DONE


def _say_looked(report: "SourceReport") -> None:
    """What a source holds, or why it cannot be read."""
    state = report.state
    if report.is_failed or state.state.startswith("not readable"):
        say_report(report)
    else:
        warn(f"✓ {report.source.name:<28} {state.reader}, {_count(report.new_count, 'item')}  ({report.seconds:.1f} s)")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
