"""doctor: what is wrong with this installation, and what to do."""

import os
from dataclasses import asdict
from pathlib import Path

import click

from newsletter.cli.common import home_option
from newsletter.cli.speak import DONE, PARTLY, TO_MEND, say, say_json

_MARKS = {"ok": "✓", "warning": "!", "fault": "✗", "not asked": "?"}


@click.command()
@home_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def doctor(home: Path, *, as_json: bool) -> int:
    """What is wrong with this installation, a line each: database, disk, clock, mail server, DNS, site.

    Nothing is sent and nothing is changed. Ends with 1 when something does not work, with 3 when somebody could not
    be asked, else with 0.
    """
    from newsletter.pipeline.doctor import examine

    found = examine(home, os.environ)
    if as_json:
        say_json([asdict(each) for each in found])
    else:
        for each in found:
            say(f"{_MARKS[each.standing]} {each.name:<15} {each.text}")
    standings = {each.standing for each in found}
    return TO_MEND if "fault" in standings else PARTLY if "not asked" in standings else DONE
