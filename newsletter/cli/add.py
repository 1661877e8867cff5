"""add: a source by its address alone."""

from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.common import SOMEBODY, caller, home_option, opened
from newsletter.cli.logs import set_up_logs
from newsletter.cli.speak import DONE, TO_MEND, complain, say, say_json, warn

if TYPE_CHECKING:
    from newsletter.pipeline.adding import Probe
    from newsletter.pipeline.app import Newsletter

_QUIET = " What is there now counts as seen; what appears from now on is news."
_ALL_NEWS = " There is no issue yet, so what it holds now may be news in the first one."


@click.command()
@home_option
@click.argument("address", metavar="ADDRESS")
@click.option("--yes", is_flag=True, help="Write it without asking.")
@click.option("--name", default="", help="What readers know it by; its own title if left out.")
@click.option("--section", default="", help="The id of the section its items go to.")
@click.option("--kind", default="", help="How to read it; found by looking if left out.")
@click.option(
    "--since", metavar="DAY", help="What is dated from this day on is news; else only what appears from now on."
)
@click.option("--by", "editor", default="", help="Who adds it, for the note in the file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document; written only with --yes.")
def add(home: Path, address: str, yes: bool, as_json: bool, **words: str | None) -> int:
    """Look what lies at ADDRESS, show its newest items, and write it into feeds.yaml.

    Finds the feed behind a page, and asks which when there are several. What is there already counts as seen,
    once a first issue was made.
    """
    from newsletter.pipeline.adding import probe

    set_up_logs()
    _since(words)  # a day that is none is told before anybody is asked
    with opened(home) as app:
        if not as_json:
            warn(f"Looking at {address} … A slow server may take a minute.")
        found, is_listed = probe(app, address, kind=words["kind"] or ""), False
        if found.needs_choice and not yes and not as_json:
            found = _choose(app, found)
            is_listed = True
        if as_json and not yes:
            say_json(_record(found))
            return DONE
        if found.needs_choice:
            return _say_choices(found, as_json=as_json, is_listed=is_listed)
        if not as_json:
            _say_found(found)
        if found.is_there:
            return complain(f"“{found.is_there}” reads this address already. Nothing was written.", TO_MEND)
        if not yes and not _is_wanted(app, found, words):
            say("Nothing was written.")
            return DONE
        return _write(app, found, words, as_json=as_json)


def _write(app: "Newsletter", found: "Probe", words: dict[str, str | None], *, as_json: bool) -> int:
    from newsletter.pipeline.adding import add as add_source

    added = add_source(
        app,
        found,
        by=_by(words),
        name=words["name"] or "",
        settings=_settings(words),
        fresh_from=_since(words),
    )
    if as_json:
        say_json(_record(found) | {"is_written": True, "name": added.name, "lines": added.lines})
    else:
        say(f"“{added.name}” is in feeds.yaml.{_QUIET if added.is_quiet else _ALL_NEWS}")
    for warning in added.saved.warnings:
        warn(str(warning))
    return DONE


def _by(words: dict[str, str | None]) -> str:
    return words["editor"] or caller(unknown=SOMEBODY)


def _since(words: dict[str, str | None]) -> datetime | None:
    from newsletter.pipeline.times import parse_day

    return datetime.combine(parse_day(words["since"]), time(), tzinfo=UTC) if words["since"] else None


def _settings(words: dict[str, str | None]) -> dict[str, str]:
    return {"section": words["section"]} if words["section"] else {}


def _is_wanted(app: "Newsletter", found: "Probe", words: dict[str, str | None]) -> bool:
    """Show the lines and ask; no answer is a no."""
    from newsletter.pipeline.adding import noted, source_lines

    say()
    lines = source_lines(found, name=words["name"] or "", settings=_settings(words))
    for line in noted(app, lines, by=_by(words)):
        say(f"  {line}")
    try:
        return click.confirm("Write this into feeds.yaml?", default=False)
    except click.Abort:
        say()
        return False


def _choose(app: "Newsletter", found: "Probe") -> "Probe":
    """Which of the feeds of a page; without an answer none is chosen."""
    from newsletter.pipeline.adding import probe

    say(f"{found.page} names {len(found.choices)} feeds:")
    for number, choice in enumerate(found.choices, 1):
        say(f"  {number}  {choice.title or 'no title'}  {choice.url}")
    try:
        number = click.prompt("Which", type=click.IntRange(1, len(found.choices)), default=1)
    except click.Abort:
        return found
    return probe(app, found.choices[number - 1].url)


def _say_choices(found: "Probe", *, as_json: bool, is_listed: bool) -> int:
    if as_json:
        say_json(_record(found))
    elif not is_listed:
        for choice in found.choices:
            say(f"  {choice.title or 'no title'}  {choice.url}")
    return complain(f"{found.page} names {len(found.choices)} feeds. Add one of them by its own address.", TO_MEND)


def _say_found(found: "Probe") -> None:
    from newsletter.pipeline.rhythm import rhythm_words
    from newsletter.render.words import counted

    if found.page:
        say(f"{found.page} is a page; it names {found.address}.")
    newest = f", the newest of {found.newest_at:%Y-%m-%d}" if found.newest_at else ""
    said = f"read as {found.reader}: {counted(found.items_count, 'item')}, {rhythm_words(found.per_week)}{newest}."
    say(f"{found.title or found.address}: {said}")
    for item in found.newest:
        at = f"{item.published_at:%Y-%m-%d}" if item.published_at else "no date   "
        why = "" if item.published_at else next((f"  ({each})" for each in item.warnings if "date" in each), "")
        say(f"  {at}  {item.title or item.url or 'no title'}{why}")
    for overlap in found.overlaps:
        say(f"“{overlap.name}” carries {overlap.shared} of these {overlap.of} items as well.")
    for warning in found.warnings:
        warn(warning)


def _record(found: "Probe") -> dict[str, Any]:
    from newsletter.render.records import item_record

    return {
        "address": found.address,
        "page": found.page or None,
        "kind": found.kind or None,
        "reader": found.reader or None,
        "title": found.title or None,
        "name": found.name or None,
        "items_count": found.items_count,
        "newest_at": f"{found.newest_at:%Y-%m-%dT%H:%M:%SZ}" if found.newest_at else None,
        "per_week": found.per_week,
        "newest": [item_record(item, source_name=found.name) for item in found.newest],
        "choices": [{"url": choice.url, "title": choice.title} for choice in found.choices],
        "same_items": [{"source": each.name, "shared": each.shared, "of": each.of} for each in found.overlaps],
        "is_there": found.is_there or None,
        "warnings": list(found.warnings),
        "is_written": False,
    }
