"""What all commands share: the home, exit codes, and how things are said."""

import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from newsletter.cli.speak import DONE, PARTLY, TO_MEND, warn

if TYPE_CHECKING:
    from newsletter.pipeline.app import Newsletter

SOMEBODY = "an editor"
"""Who wrote into feeds.yaml, where no name is known."""
_Function = TypeVar("_Function", bound=Callable[..., Any])


def home_option(function: _Function) -> _Function:
    """Give a command ``--home``."""
    return click.option(
        "--home",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(),
        show_default="this folder",
        help="The folder with feeds.yaml.",
    )(function)


def period_options(function: _Function) -> _Function:
    """Give a command ``--week``, ``--from`` and ``--to``."""
    function = click.option("--to", "last", metavar="DAY", help="Last day of the period, for example 2011-02-24.")(
        function
    )
    function = click.option("--from", "first", metavar="DAY", help="First day of the period.")(function)
    return click.option("--week", metavar="WEEK", help="The week the period ends in, for example 2011-W08.")(function)


@contextmanager
def opened(home: Path, **options: Any) -> "Iterator[Newsletter]":
    """The newsletter of ``home``; mistakes in feeds.yaml are counted, and the last good version is used."""
    # A command that is only asked for its help needs neither.
    from newsletter.pipeline.app import open_newsletter

    with open_newsletter(home, **{"environ": os.environ, **options}) as app:
        if app.problems:
            warn(_mistakes_said(app))
        for problem in app.config.warnings:
            warn(str(problem))
        yield app


def _mistakes_said(app: "Newsletter") -> str:
    """One line: how many mistakes there are, who tells them, and since when the version holds that is used."""
    count = "1 mistake" if app.problems_total == 1 else f"{app.problems_total} mistakes"
    said = f"{count} in feeds.yaml; “newsletter check” tells {'it' if app.problems_total == 1 else 'them'}."
    if app.in_force_since is None:
        return said
    since = app.in_force_since.astimezone(app.config.schedule.zone)
    return f"{said} The last good version, of {since:%Y-%m-%d %H:%M}, holds meanwhile."


def exit_code(app: "Newsletter", *, is_partly: bool) -> int:
    """0 when all is well, 3 when some sources failed, 1 when feeds.yaml has something to mend."""
    if app.problems:
        return TO_MEND
    return PARTLY if is_partly else DONE


def is_terminal() -> bool:
    """Whether somebody looks at stderr."""
    return sys.stderr.isatty()


def caller(*, unknown: str = "") -> str:
    """Who calls, for the log and for notes; ``unknown`` is said of who has no name, else their number."""
    with suppress(KeyError, OSError):
        return getpass.getuser()
    return unknown or str(os.getuid())
