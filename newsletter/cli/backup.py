"""backup, restore and export: a newsletter in one file, back from it, and everything in open formats."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.common import exit_code, home_option, opened
from newsletter.cli.logs import set_up_logs
from newsletter.cli.speak import DONE, say, say_json, warn
from newsletter.errors import NewsletterError
from newsletter.render.words import counted

if TYPE_CHECKING:
    from newsletter.pipeline.backup_file import Manifest

_file = click.argument("file", type=click.Path(path_type=Path))
_json = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.command()
@home_option
@_file
@_json
def backup(home: Path, file: Path, *, as_json: bool) -> int:
    """Write the whole newsletter to FILE, also while it runs; only you may read the file.

    It holds feeds.yaml, templates, all rows of the database, the files of issues. Not in it, as they are made or
    fetched again: the public site, the folder of mails, files that wait to be brought in.
    """
    from newsletter.pipeline.backup import write_backup

    set_up_logs()
    made = write_backup(home, file)
    for remark in made.remarks:
        warn(remark)
    if as_json:
        say_json({"file": str(file), "size": made.size, **_record(made.manifest), "remarks": list(made.remarks)})
    else:
        say(f"{file} holds {_contents(made.manifest)}: {made.size / (1 << 20):.1f} MiB.")
        warn("It holds addresses and secrets: keep it where only you read it.")
    return DONE


@click.command()
@home_option
@_file
@click.option("--force", is_flag=True, help="Move what is in the home into a folder of its own first.")
@click.option("--check", "is_check", is_flag=True, help="Only compare every byte; nothing is put back.")
@_json
def restore(home: Path, file: Path, *, force: bool, is_check: bool, as_json: bool) -> int:
    """Put the newsletter in FILE back, into an empty home; nothing goes out of it before “newsletter send”."""
    from newsletter.pipeline.restore import check_backup
    from newsletter.pipeline.restore import restore as put_back

    set_up_logs()
    if is_check:
        manifest = check_backup(file)
        if as_json:
            say_json(_record(manifest))
        else:
            say(f"{file} is whole: {_contents(manifest)}, of {manifest.made_at:%Y-%m-%d %H:%M} UTC.")
        return DONE
    with _nobody_runs(home, is_forced=force):
        done = put_back(file, home, by_force=force)
    _make_site(home)
    if as_json:
        held = {"mailings": done.held.mailings, "uncertain": done.held.uncertain}
        moved = str(done.moved_to) if done.moved_to else None
        say_json({"home": str(home), **_record(done.manifest), "held": held, "moved_to": moved})
        return DONE
    say(f"{home} is the newsletter of {done.manifest.made_at:%Y-%m-%d %H:%M} UTC: {_contents(done.manifest)}.")
    if done.moved_to:
        say(f"What was there before lies in {done.moved_to}.")
    if done.held.mailings:
        said = counted(done.held.mailings, "issue or erratum was", "issues or errata were")
        say(f"{said} to go out or going out. {'It waits' if done.held.mailings == 1 else 'They wait'} for your word.")
    if done.held.uncertain:
        mails = counted(done.held.uncertain, "mail")
        say(f"{mails} may have gone out after the copy was made: see “newsletter deliveries ISSUE”.")
    say("It sends nothing by itself before “newsletter send ISSUE”. Everybody has to sign in to the desk again.")
    return DONE


def _nobody_runs(home: Path, *, is_forced: bool) -> AbstractContextManager[None]:
    """Nobody runs a home that is moved aside."""
    from newsletter.jobs.lock import only_one
    from newsletter.pipeline.in_force import FEEDS

    return only_one(home) if is_forced and (home / FEEDS).is_file() else nullcontext()


def _make_site(home: Path) -> None:
    """The public site is not in a backup; it is made of what is."""
    from newsletter.pipeline.publish import publish_site

    try:
        with opened(home) as app:
            publish_site(app)
    except NewsletterError as fault:
        warn(f"The public site is not made yet: {fault}")


def _record(manifest: "Manifest") -> dict[str, object]:
    from newsletter.model.codec import time_text

    return {
        "newsletter": manifest.newsletter,
        "made_at": time_text(manifest.made_at),
        "program": manifest.program,
        "schema": manifest.schema,
        "database": manifest.database,
        "rows": {each.name: each.rows for each in manifest.tables},
        "files": sum(name.startswith("home/") for name, *_ in manifest.parts),
    }


def _contents(manifest: "Manifest") -> str:
    from newsletter.render.words import counted

    found = (("issues", "issue"), ("items", "item"), ("subscribers", "reader"))
    return ", ".join(counted(manifest.count(table), word) for table, word in found)


@click.command()
@home_option
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--with-readers", is_flag=True, help="The addresses of readers as well.")
@_json
def export(home: Path, folder: Path, *, with_readers: bool, as_json: bool) -> int:
    """Write everything into DIR in formats that other programs read: HTML, JSON, CSV, OPML."""
    from newsletter.cli.common import caller
    from newsletter.pipeline.export import export as write_out

    set_up_logs()
    with opened(home) as app:
        done = write_out(app, folder, with_readers=with_readers, by=caller())
        if as_json:
            say_json({"folder": str(folder), "counts": dict(done.counts)})
        else:
            for name, count in done.counts.items():
                say(f"{name:18} {count:>9,}")
            say(f"{folder / 'README.txt'} says what each is.")
            if with_readers:
                warn(f"{folder} holds addresses: keep it where only you read it.")
        return exit_code(app, is_partly=False)
