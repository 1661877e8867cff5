"""run and schedule: the newsletter that runs itself, and what it will do next."""

import os
from pathlib import Path

import click

from newsletter.cli.common import exit_code, home_option, opened
from newsletter.cli.logs import set_up_logs
from newsletter.cli.speak import DONE, say


@click.command()
@home_option
def run(home: Path) -> int:
    """Everything in one process: reads sources when they are due and drafts at its hour. Stop it with Ctrl+C."""
    from newsletter.jobs.schedule import run_until_stopped

    set_up_logs(with_libraries=True)
    run_until_stopped(home, environ=os.environ)
    return DONE


@click.command()
@home_option
def schedule(home: Path) -> int:
    """The next ten runs, in the newsletter's time zone."""
    from newsletter.jobs.schedule import next_runs

    with opened(home) as app:
        zone = app.config.schedule.zone
        for at, what in next_runs(app, count=10):
            say(f"{at.astimezone(zone):%a %Y-%m-%d %H:%M} {zone.key}  {what}")
        return exit_code(app, is_partly=False)
