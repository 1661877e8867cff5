"""opml import, export: subscription lists in and out."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.common import SOMEBODY, caller, home_option, opened
from newsletter.cli.speak import DONE, say, warn

if TYPE_CHECKING:
    from newsletter.pipeline.opml import Listing

_SHOWN = 20


@click.group(invoke_without_command=True)
@click.pass_context
def opml(context: click.Context) -> None:
    """Subscription lists (OPML): import the feeds of one, or export the feeds of feeds.yaml."""
    if context.invoked_subcommand is None:
        say(context.get_help())


@opml.command("import")
@home_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what it would bring and write nothing.")
@click.option("--by", "editor", default="", help="Who imports, for the notes in the file.")
def import_(home: Path, file: Path, dry_run: bool, editor: str) -> int:
    """Write the feeds of FILE into feeds.yaml; those that are there already are told and stay as they are."""
    from newsletter.pipeline.opml import import_list, read_listing
    from newsletter.render.words import counted

    with opened(home) as app:
        if dry_run:
            _say_listing(read_listing(app, file))
            say("Nothing was written.")
            return DONE
        done = import_list(app, file, by=editor or caller(unknown=SOMEBODY))
        _say_listing(done.listing)
        seen = " What they hold now counts as seen." if done.is_quiet else ""
        say(f"{counted(len(done.listing.new), 'source')} written into feeds.yaml.{seen}")
    return DONE


def _say_listing(found: "Listing") -> None:
    from newsletter.render.words import counted

    for source in found.new:
        section = f"  → {source.section}" if source.section else ""
        say(f"+ {source.name}  {source.address}{section}")
    for url, name in found.there[:_SHOWN]:
        say(f"= {url} is there already, as “{name}”")
    if (more := len(found.there) - _SHOWN) > 0:
        say(f"= and {counted(more, 'more that is', 'more that are')} there already")
    for written in found.left_out[:_SHOWN]:
        warn(f"Left out: {written}. It has no address that begins with http:// or https://.")
    if (more := len(found.left_out) - _SHOWN) > 0:
        warn(f"Left out: {counted(more, 'more entry', 'more entries')} without an address.")
    for url in found.lists:
        warn(f"{url} is another list. Add it as a source of kind “opml” to have its feeds read.")


@opml.command()
@home_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(home: Path, file: Path) -> int:
    """Write the feeds of feeds.yaml into FILE, or onto stdout for “-”, as OPML 2.0 with a folder for each section."""
    from newsletter.pipeline.opml import export_list
    from newsletter.render.words import counted

    with opened(home) as app:
        found = export_list(app)
    if str(file) == "-":
        click.echo(found.content, nl=False)
    else:
        file.write_bytes(found.content)
        say(f"{counted(found.count, 'feed')} written into {file}.")
    if found.left_out:
        warn(f"No feeds, and so not in the list: {', '.join(found.left_out)}.")
    return DONE
