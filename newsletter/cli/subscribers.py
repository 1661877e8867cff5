"""subscribers: files with readers in and out, the list of them, and erasing one."""

import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.common import caller, exit_code, home_option, is_terminal, opened
from newsletter.cli.speak import say, say_json, warn
from newsletter.errors import NotFound, UsageError

if TYPE_CHECKING:
    from newsletter.model.subscriber import Subscriber
    from newsletter.pipeline.import_readers import Report

_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")
_STATES = ("active", "paused", "bouncing", "waiting", "imported", "left", "removed", "erased")


@click.group(invoke_without_command=True)
@click.pass_context
def subscribers(context: click.Context) -> None:
    """Who gets the newsletter: bring a file in, take one out, list them, erase one."""
    if context.invoked_subcommand is None:
        say(context.get_help())


@subscribers.command("import")
@home_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", metavar="TEXT", help="Where these people come from; kept with each. Else the file's name.")
@click.option("--agreed", metavar="TEXT", default="", help="How they agreed. Without it they get no mail yet.")
@click.option("--dry-run", is_flag=True, help="Only look at the file; nothing is stored.")
@_JSON
def import_(home: Path, file: Path, source: str | None, agreed: str, *, dry_run: bool, as_json: bool) -> int:
    """Bring in the readers of FILE, a table as CSV: which column holds what is found by looking.

    The lines that fail are written to FILE.failed.csv with the reason. An import that was broken off goes on when the
    command is given again. With --agreed, those of the file who wait for that word get mail from now on.
    """
    from newsletter.cli.logs import set_up_logs
    from newsletter.pipeline.import_readers import Wanted, import_readers, with_failures

    set_up_logs()
    with opened(home) as app:
        wanted = Wanted(source or file.name, agreed.strip(), is_trial=dry_run)
        wanted = wanted if dry_run else with_failures(wanted, file)
        report = import_readers(app, file, wanted, may_go_on=_progress)
        if is_terminal():
            warn("")
        if as_json:
            say_json(_record(report))
        else:
            _say_report(report, wanted.agreed, is_trial=dry_run)
        if report.failed and wanted.failed_to:
            warn(f"The lines that failed are in {wanted.failed_to}.")
        return exit_code(app, is_partly=bool(report.failed))


@subscribers.command()
@home_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--state", type=click.Choice(_STATES), help="Only these.")
def export(home: Path, file: Path | None, state: str | None) -> int:
    """Write all readers to FILE, or to the standard output, as CSV that no spreadsheet computes with."""
    from newsletter.cli.logs import set_up_logs
    from newsletter.pipeline.readers_file import export_readers
    from newsletter.store.subscriber_lists import Filter

    set_up_logs()
    with opened(home) as app:
        lines = export_readers(app, Filter(state=state or ""), by=caller())
        if file is None:
            sys.stdout.writelines(lines)
            sys.stdout.flush()
        else:
            _write(file, lines)
            warn(f"{file} holds addresses: keep it where only you read it.")
        return exit_code(app, is_partly=False)


@subscribers.command()
@home_option
@click.argument("address")
def erase(home: Path, address: str) -> int:
    """Take ADDRESS out of everything; the count stays, and no file brings it in again."""
    from newsletter.pipeline.subscribing import erase as erase_reader
    from newsletter.store.subscribers import by_address

    with opened(home) as app:
        with app.database.reading() as db:
            found = by_address(db, address)
        if found is None:
            raise NotFound("There is no reader at this address, so there is nothing to erase.")
        erase_reader(app, found.id, way=f"command line {caller()}")
        say("1 person is erased. The count stays; whoever it was can subscribe anew.")
        return exit_code(app, is_partly=False)


@subscribers.command()
@home_option
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_JSON
def bounces(home: Path, files: tuple[Path, ...], *, as_json: bool) -> int:
    """Count what came back: what is new in the mailbox of feeds.yaml, or each FILE, a mail as it arrived."""
    from newsletter.pipeline.bounce_mailbox import read_bounce_files, read_bounces

    with opened(home) as app:
        found = read_bounce_files(app, files) if files else read_bounces(app)
        if found is None:
            raise UsageError("No mailbox is named. Write “bounce mailbox:” under “delivery:”, or name a file.")
        if as_json:
            say_json({"mails": found.mails_count, "taken": dict(found.taken)})
        else:
            said = ", ".join(f"{count} {name}" for name, count in sorted(found.taken.items()))
            mails = "1 mail" if found.mails_count == 1 else f"{found.mails_count:,} mails"
            say(f"{mails}{f': {said}' if said else ''}.")
        return exit_code(app, is_partly=False)


@subscribers.command("list")
@home_option
@click.option("--state", type=click.Choice(_STATES), help="Only these.")
@_JSON
def list_(home: Path, state: str | None, *, as_json: bool) -> int:
    """How many readers there are, and who."""
    from newsletter.pipeline.reader_choices import today
    from newsletter.store.subscriber_lists import Filter, counts, everybody

    with opened(home) as app, app.database.reading() as db:
        found = counts(db, today(app))
        everyone = (reader for reader, _ in everybody(db, Filter(state=state or ""), today=today(app)))
        if as_json:
            say_json({"counts": asdict(found), "subscribers": [_reader_record(each) for each in everyone]})
            return exit_code(app, is_partly=False)
        for each in everyone:
            sections = "all sections" if each.choice.sections is None else ", ".join(each.choice.sections)
            say(f"{each.address or 'erased':40}  {each.state:8}  {each.choice.rhythm:10}  {sections}")
        paused = f", {found.paused} of them paused" if found.paused else ""
        imported = f", {found.imported} of them brought in and not agreed" if found.imported else ""
        say(f"{found.active} active{paused}; {found.waiting} waiting{imported}; {found.left} left")
        return exit_code(app, is_partly=False)


def _say_report(report: "Report", agreed: str, *, is_trial: bool) -> None:
    columns, names = report.columns, report.columns.headings
    say(f"{report.form.words}")
    for part in ("address", "date", "sections", "rhythm", "state", "left"):
        at = getattr(columns, part)
        if at is not None:
            say(f"  {part:9} {names[at] if at < len(names) else f'column {at + 1}'}")
    if columns.unused:
        say(f"  not kept  {', '.join(columns.unused)}")
    for address, gets, since in report.shown:
        say(f"  {address}  {gets}{f', since {since}' if since else ''}")
    say(report.summary)
    if is_trial:
        say("Nothing is stored: it was only looked at.")
    elif report.new and not agreed:
        say("They get no mail yet. Say how they agreed: the same command with --agreed TEXT.")


def _record(report: "Report") -> dict[str, Any]:
    counts = {name: getattr(report, name) for name in ("lines", "new", "known", "agreed", "left", "unconfirmed")}
    names, columns = report.columns.headings, asdict(report.columns)
    parts = ("address", "date", "sections", "rhythm", "state", "left")
    return {
        **counts,
        "twice": report.twice,
        "failed": report.failed,
        "failed_lines": [{"line": line, "reason": why} for line, why in report.failed_lines],
        "file": {"encoding": report.form.encoding, "delimiter": report.form.delimiter},
        "columns": {
            part: names[at] if at < len(names) else at + 1 for part in parts if (at := columns[part]) is not None
        },
        "first": [{"address": each[0], "gets": each[1], "since": each[2] or None} for each in report.shown],
    }


def _reader_record(reader: "Subscriber") -> dict[str, Any]:
    from newsletter.model.codec import time_text

    return {
        "id": reader.id,
        "address": reader.address,
        "state": reader.state,
        "rhythm": reader.choice.rhythm,
        "sections": None if reader.choice.sections is None else list(reader.choice.sections),
        "paused_until": time_text(reader.paused_until),
        "created_at": time_text(reader.created_at),
        "confirmed_at": time_text(reader.confirmed_at),
        "left_at": time_text(reader.left_at),
        "source": reader.source,
    }


def _progress(report: "Report") -> bool:
    if is_terminal():
        click.echo(f"\r{report.lines:,} lines", nl=False, err=True)
    return True


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write a file that only its owner may read; what was there before stays until the new one is whole."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.touch(mode=0o600)
        with new.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        new.replace(path)
    except OSError as fault:
        new.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {fault.strerror or fault}.") from fault
