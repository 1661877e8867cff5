"""How commands speak and end: lines, JSON, exit codes."""

import json
from typing import Any

import click

DONE, TO_MEND, WRONG_USAGE, PARTLY = 0, 1, 2, 3
"""Exit codes: all well; the user has something to mend; wrong usage; some sources failed."""


def say(text: str = "") -> None:
    """A line for the user, on stdout."""
    click.echo(text)


def warn(text: str) -> None:
    """A line on stderr."""
    click.echo(text, err=True)


def say_json(value: Any) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def complain(text: str, code: int) -> int:
    """Say what is wrong on stderr; gives ``code`` back."""
    click.echo(text, err=True)
    return code
