"""erase: a person out of everything, as author and as reader."""

from pathlib import Path

import click

from newsletter.cli.common import caller, exit_code, home_option, opened
from newsletter.cli.speak import say, say_json, warn


@click.command()
@home_option
@click.argument("person", nargs=-1, required=True)
@click.option("--yes", "is_sure", is_flag=True, help="Do it. Without it only what would change is said.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def erase(home: Path, person: tuple[str, ...], *, is_sure: bool, as_json: bool) -> int:
    """Take PERSON out of everything: items, issues with their files, readers, tips, what was set aside.

    PERSON is all they go by: "Ada Example" ada@example.org adax. Names become "[name removed]", numbers stay, and no
    source brings the name back. Without --yes nothing is changed.
    """
    from newsletter.cli.logs import set_up_logs
    from newsletter.pipeline.erase import erase_person, look_for_person

    set_up_logs()
    with opened(home) as app:
        by = f"command line {caller()}"
        found = erase_person(app, person, by=by) if is_sure else look_for_person(app, person)
        if as_json:
            record = {"places": dict(found.places), "reader": found.is_reader, "still": list(found.still)}
            say_json({"erased": is_sure and not found.is_open, **record})
            return exit_code(app, is_partly=found.is_open)
        for line in found.lines():
            say(line)
        say(found.said(is_done=is_sure))
        for line in found.remarks(is_done=is_sure):
            warn(line)
        if not is_sure:
            warn("Nothing was changed. If that is the person, say it again with --yes.")
        return exit_code(app, is_partly=found.is_open)
