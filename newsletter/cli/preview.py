"""preview: one source or file looked at, nothing stored."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.common import home_option, opened
from newsletter.cli.logs import set_up_logs
from newsletter.cli.speak import say, warn
from newsletter.model.item import Item

if TYPE_CHECKING:
    from newsletter.pipeline.preview import Previewed

_SHOWN = 20


@click.command()
@home_option
@click.argument("address", metavar="ADDRESS-OR-FILE")
@click.option("--kind", help="How to read it; found by looking if left out.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines, one item a line.")
def preview(home: Path, address: str, kind: str | None, as_json: bool) -> int:
    """Read one source, file or folder, store nothing, print its items: the newest 20, or all with --json.

    The name of a source of feeds.yaml stands for its address with all its settings.
    """
    from newsletter.pipeline.preview import announced_events
    from newsletter.render.records import item_record

    set_up_logs()
    found = _found(home, address, kind or "")
    if as_json:
        for item in found.items:
            record = item_record(item, source_name=found.name, events=announced_events(item))
            click.echo(json.dumps(record, ensure_ascii=False))
    else:
        _say_previewed(found)
    for text in found.warnings:
        warn(text)
    return 0


def _found(home: Path, address: str, kind: str) -> "Previewed":
    """What lies at an address or in a file; else what the source of that name gives, if there is a home."""
    from newsletter.pipeline.preview import preview_address, preview_source

    is_name = "://" not in address and not Path(address).exists()
    if kind or not is_name or not (home / "feeds.yaml").is_file():
        return preview_address(address, kind=kind)
    with opened(home) as app:
        return preview_source(app, address)


def _say_previewed(found: "Previewed") -> None:
    from newsletter.render.words import counted

    shown = found.newest(_SHOWN, now=datetime.now(UTC))
    for item in shown:
        if found.lists_sources:
            folders = f"  ({', '.join(item.labels)})" if item.labels else ""
            say(f"{item.title or 'no title'}  {item.url}{folders}")
        else:
            say(f"{_when(item)}  {item.title}" + (f"  ({item.author.name})" if item.author else ""))
    count = len(found.items)
    one, many = ("source that it names", "sources that it names") if found.lists_sources else ("item", "items")
    if len(shown) < count:
        say(f"{len(shown)} of {count} shown; --json prints all.")
    asked = "None of them was asked, nothing was stored." if found.lists_sources else "Nothing was stored."
    say(f"{counted(count, one, many)}, read as “{found.reader}”. {asked}")


def _when(item: Item) -> str:
    """The day of an item; of an event its start, as it is said where it takes place."""
    from newsletter.pipeline.preview import moment_of
    from newsletter.render.words import zone_of, zone_words

    at = moment_of(item)
    if at is None:
        return "no date   "
    if item.event is None or at is not item.event.starts_at or not isinstance(at, datetime):
        return f"{at:%Y-%m-%d}"
    local = at.astimezone(zone_of(item.event.timezone)) if at.tzinfo else at
    return f"{local:%Y-%m-%d %H:%M}" + (f" {zone_words(local).strip(', ')}" if local.tzinfo else "")
