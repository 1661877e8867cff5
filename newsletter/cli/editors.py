"""editors: who may sign in to the desk, with which role."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.common import exit_code, home_option, opened
from newsletter.cli.speak import say, say_json, warn
from newsletter.errors import UsageError
from newsletter.model.codec import time_text
from newsletter.model.editor import ROLES, Editor
from newsletter.text import is_web_url, one_line

if TYPE_CHECKING:
    from newsletter.pipeline.app import Newsletter

DEFAULT_PORT = 8000
_SITE = click.option(
    "--site", metavar="ADDRESS", help="Where the desk answers, for the link; else “site:” of feeds.yaml."
)


@click.group(invoke_without_command=True)
@click.pass_context
def editors(context: click.Context) -> None:
    """Who may sign in to the desk: add, list, remove, or make a new link for one."""
    if context.invoked_subcommand is None:
        say(context.get_help())


@editors.command()
@home_option
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="A manager may also approve and send.")
@click.option("--mail", metavar="ADDRESS", help="For reminders, and for sign-in by another service.")
@_SITE
def add(home: Path, name: str, role: str, mail: str | None, site: str | None) -> int:
    """Let NAME sign in; prints a link with which NAME chooses a password."""
    from newsletter.pipeline.editors import add_editor

    _check_site(site)
    with opened(home) as app:
        _say_link(app, one_line(name), add_editor(app, name, role=role, address=mail), site)
        return exit_code(app, is_partly=False)


@editors.command("list")
@home_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(home: Path, as_json: bool) -> int:
    """Everybody who may sign in."""
    from newsletter.pipeline.editors import all_editors

    with opened(home) as app:
        found = all_editors(app)
        if as_json:
            say_json([_record(editor) for editor in found])
        elif not found:
            say("Nobody may sign in yet. Write: newsletter editors add NAME --role manager")
        for editor in () if as_json else found:
            how = "password and code" if editor.has_totp else "password" if editor.has_password else "no password yet"
            say(f"{editor.name:24}  {editor.role:8}  {editor.address or '-':28}  {how}")
        return exit_code(app, is_partly=False)


@editors.command()
@home_option
@click.argument("name")
def remove(home: Path, name: str) -> int:
    """Take NAME's right to sign in away, at once and everywhere."""
    from newsletter.pipeline.editors import remove_editor

    with opened(home) as app:
        remove_editor(app, name)
        say(f"{one_line(name)} is signed out everywhere and may not sign in any more. What they did stays as it is.")
        return exit_code(app, is_partly=False)


@editors.command()
@home_option
@click.argument("name")
@_SITE
def link(home: Path, name: str, site: str | None) -> int:
    """A new link for NAME to choose a password; the old password and all sessions end when it is used."""
    from newsletter.pipeline.editors import make_link

    _check_site(site)
    with opened(home) as app:
        _say_link(app, one_line(name), make_link(app, name), site)
        return exit_code(app, is_partly=False)


def link_url(app: "Newsletter", token: str, site: str | None = None) -> str:
    """The address of a one-time link at ``site``, else where feeds.yaml says the site is, else on this machine."""
    base = site or app.config.newsletter.site or f"http://127.0.0.1:{DEFAULT_PORT}"
    return f"{base.rstrip('/')}/desk/link/{token}"


def _check_site(site: str | None) -> None:
    if site and not is_web_url(site):
        raise UsageError(f"“{site}” is no web address. Write it as https://news.example.org.")


def _say_link(app: "Newsletter", name: str, token: str, site: str | None) -> None:
    from newsletter.pipeline.editors import LINK_LASTS

    say(f"With this link {name} chooses a password. It works once, for {LINK_LASTS.days} days:")
    say(link_url(app, token, site))
    if site is None and app.config.newsletter.site:
        warn("It leads to “site:” of feeds.yaml. Does the desk answer elsewhere, say so: --site http://127.0.0.1:8000")


def _record(editor: Editor) -> dict[str, object]:
    return {
        "name": editor.name,
        "role": editor.role,
        "initials": editor.initials,
        "mail": editor.address,
        "created_at": time_text(editor.created_at),
        "has_password": editor.has_password,
        "has_totp": editor.has_totp,
    }
