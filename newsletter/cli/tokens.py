"""tokens: which programs may use the API, and for what."""

from datetime import datetime
from pathlib import Path

import click

from newsletter.cli.common import exit_code, home_option, opened
from newsletter.cli.speak import say, say_json
from newsletter.model.codec import time_text
from newsletter.model.token import SCOPES, ApiToken
from newsletter.text import one_line


@click.group(invoke_without_command=True)
@click.pass_context
def tokens(context: click.Context) -> None:
    """Which programs may use the API: add, list or remove a token."""
    if context.invoked_subcommand is None:
        say(context.get_help())


@tokens.command()
@home_option
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    required=True,
    help="read: drafts and whole items; tip: send tips; hot: put items into the draft. May be given several times.",
)
@click.option("--until", metavar="DAY", help="The last day it holds; for good if left out.")
def add(home: Path, name: str, scopes: tuple[str, ...], until: str | None) -> int:
    """Make a token for the program NAME; it is printed this once and kept nowhere."""
    from newsletter.pipeline.api_tokens import add_token, end_of_day

    with opened(home) as app:
        secret = add_token(app, name, scopes=scopes, expires_at=end_of_day(app, until or ""))
        say(f"The token of {one_line(name)}; it is shown this once. Who has it may do what it allows:")
        say(secret)
        return exit_code(app, is_partly=False)


@tokens.command("list")
@home_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(home: Path, as_json: bool) -> int:
    """Every token, what it allows, and when it was used last; never the token itself."""
    from newsletter.pipeline.api_tokens import all_tokens

    with opened(home) as app:
        found, now, zone = all_tokens(app), app.now(), app.config.schedule.zone
        if as_json:
            say_json([_record(each, now) for each in found])
        elif not found:
            say("There is no token. Write: newsletter tokens add NAME --scope tip")
        for each in () if as_json else found:
            used = f"used {each.used_at.astimezone(zone):%Y-%m-%d}" if each.used_at else "never used"
            end = f"until {each.expires_at.astimezone(zone):%Y-%m-%d}" if each.expires_at else "for good"
            say(f"{each.name:24}  {', '.join(each.scopes):14}  {end if each.holds(now) else 'ran out':17}  {used}")
        return exit_code(app, is_partly=False)


@tokens.command()
@home_option
@click.argument("name")
def remove(home: Path, name: str) -> int:
    """Withdraw the token of NAME, at once and everywhere."""
    from newsletter.pipeline.api_tokens import remove_token

    with opened(home) as app:
        gone = remove_token(app, name)
        say(f"The token of {gone.name} opens nothing any more. What was sent with it stays.")
        return exit_code(app, is_partly=False)


def _record(token: ApiToken, now: datetime) -> dict[str, object]:
    return {
        "name": token.name,
        "scopes": list(token.scopes),
        "created_at": time_text(token.created_at),
        "created_by": token.created_by or None,
        "expires_at": time_text(token.expires_at),
        "used_at": time_text(token.used_at),
        "holds": token.holds(now),
    }
