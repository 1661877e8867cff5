"""aside: what could not be read and waits for somebody to look at it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.common import exit_code, home_option, opened
from newsletter.cli.logs import set_up_logs
from newsletter.cli.speak import say, say_json, warn
from newsletter.errors import UsageError
from newsletter.model.aside import SetAside
from newsletter.model.codec import time_text
from newsletter.render.words import counted

if TYPE_CHECKING:
    from newsletter.pipeline.aside import AsideReport
    from newsletter.store.queue import Job

_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_all_option = click.option("--all", "is_all", is_flag=True, help="Everything that is set aside.")
_ids_argument = click.argument("ids", metavar="[ID]...", nargs=-1)


@click.group(invoke_without_command=True)
@home_option
@_json_option
@click.pass_context
def aside(context: click.Context, home: Path, as_json: bool) -> int | None:
    """What could not be read, with the reason: list it, read it again after a fix, or drop it."""
    return _list(home, as_json=as_json) if context.invoked_subcommand is None else None


@aside.command("list")
@home_option
@_json_option
def list_(home: Path, as_json: bool) -> int:
    """Everything that is set aside, the oldest first."""
    return _list(_home(home), as_json=as_json)


@aside.command()
@home_option
@_ids_argument
@_all_option
@_json_option
def replay(home: Path, ids: tuple[str, ...], is_all: bool, as_json: bool) -> int:
    """Read it again; what can be read now is stored and no longer set aside."""
    from newsletter.pipeline.aside import replay_aside
    from newsletter.pipeline.job_aside import chosen_jobs, try_jobs_again

    _check(ids, is_all=is_all)
    set_up_logs()
    with opened(_home(home)) as app:
        jobs, ids = chosen_jobs(app, ids, is_all=is_all)
        try_jobs_again(app, jobs)
        for job in jobs:
            warn(f"✓ {job.id}  {job.name}  tried again by the next “newsletter run”")
        reports = replay_aside(app, ids, is_all=is_all, on_replayed=_say_replayed) if ids or is_all else ()
        failed = sum(bool(report.reason) for report in reports)
        if as_json:
            say_json([*({"id": job.id, "job": job.name} for job in jobs), *map(_replay_record, reports)])
        elif reports or not jobs:
            say(f"{len(reports) - failed} read, {failed} still set aside.")
        return exit_code(app, is_partly=failed > 0)


@aside.command()
@home_option
@_ids_argument
@_all_option
@_json_option
def drop(home: Path, ids: tuple[str, ...], is_all: bool, as_json: bool) -> int:
    """Let go of it; the same bytes are not set aside again for a time."""
    from newsletter.pipeline.aside import drop_from_aside
    from newsletter.pipeline.job_aside import chosen_jobs, drop_jobs

    _check(ids, is_all=is_all)
    with opened(_home(home)) as app:
        jobs, ids = chosen_jobs(app, ids, is_all=is_all)
        drop_jobs(app, jobs)
        count = len(jobs) + (drop_from_aside(app, ids, is_all=is_all) if ids or is_all else 0)
        if as_json:
            say_json({"dropped": count})
        else:
            say(f"{count} dropped.")
        return exit_code(app, is_partly=False)


def _home(home: Path) -> Path:
    """The home named behind the step, else the one named before it."""
    before = click.get_current_context().parent
    return home if home != Path() or before is None else Path(before.params.get("home", home))


def _check(ids: tuple[str, ...], *, is_all: bool) -> None:
    if bool(ids) == is_all:
        raise UsageError("Name the ids that “newsletter aside” shows (their beginning is enough), or write --all.")


def _list(home: Path, *, as_json: bool) -> int:
    from newsletter.pipeline.aside import everything_aside
    from newsletter.pipeline.job_aside import all_jobs_aside

    with opened(home) as app:
        found, jobs = everything_aside(app), all_jobs_aside(app)
        if as_json:
            say_json([*(_record(each, name) for each, name in found), *map(_job_record, jobs)])
            return exit_code(app, is_partly=False)
        for each, name in found:
            _say(each, name)
        for job in jobs:
            _say_job(job)
        count = len(found) + len(jobs)
        say("1 is set aside." if count == 1 else f"{count or 'Nothing'} {'are' if count else 'is'} set aside.")
        return exit_code(app, is_partly=False)


def _say(each: SetAside, name: str) -> None:
    often = f", seen {counted(each.seen_count, 'time')}" if each.seen_count > 1 else ""
    tries = f", read again in vain {counted(each.tries, 'time')}" if each.tries else ""
    say(f"{each.id}  {each.set_aside_at:%Y-%m-%d %H:%M}  {name}  {_size(each.size)}{often}{tries}")
    say(f"              {each.aside.reason}" + (f" ({each.note})" if each.note else ""))
    say(f"              {each.aside.address}")


def _say_job(job: "Job") -> None:
    at = f"{job.aside_at:%Y-%m-%d %H:%M}" if job.aside_at else ""
    say(f"{job.id}  {at}  job: {job.name}  tried {counted(job.attempts, 'time')}")
    say(f"              {job.reason}")
    say(f"              {json.dumps(dict(job.args), ensure_ascii=False)}")


def _job_record(job: "Job") -> dict[str, Any]:
    return {
        "id": job.id,
        "job": job.name,
        "args": dict(job.args),
        "reason": job.reason,
        "set_aside_at": time_text(job.aside_at) if job.aside_at else None,
        "tries": job.attempts,
    }


def _size(size: int) -> str:
    if size < 1 << 10:
        return f"{size} bytes"
    return f"{size / (1 << 10):.1f} KiB" if size < 1 << 20 else f"{size / (1 << 20):.1f} MiB"


def _record(each: SetAside, name: str) -> dict[str, Any]:
    return {
        "id": each.id,
        "source": name,
        "reader": each.aside.reader or None,
        "address": each.aside.address,
        "final_url": each.aside.final_url or None,
        "reason": each.aside.reason,
        "note": each.note or None,
        "size": each.size,
        "is_document": each.aside.is_document,
        "set_aside_at": time_text(each.set_aside_at),
        "seen_at": time_text(each.seen_at),
        "seen_count": each.seen_count,
        "tries": each.tries,
        "state": each.state,
    }


def _replay_record(report: "AsideReport") -> dict[str, Any]:
    return {
        "id": report.id,
        "source": report.source_name,
        "is_read": not report.reason,
        "new": report.new_count,
        "changed": report.changed_count,
        "set_aside": report.left_count,
        "reason": report.reason or None,
        "notes": list(report.notes),
    }


def _say_replayed(report: "AsideReport") -> None:
    """One line about one of them, on stderr."""
    if report.reason:
        warn(f"× {report.id}  {report.source_name}  {report.reason}")
        return
    left = f", {counted(report.left_count, 'record')} set aside on their own" if report.left_count else ""
    warn(f"✓ {report.id}  {report.source_name}  {report.new_count} new, {report.changed_count} changed{left}")
    for note in report.notes:
        warn(f"                {note}")
