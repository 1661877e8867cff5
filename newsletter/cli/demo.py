"""demo: a sample community on loopback, gathered over real HTTP, ending in an issue to look at."""

import os
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.common import is_terminal, opened
from newsletter.cli.issues import say_issue
from newsletter.cli.sources import gather_shown, say_failures
from newsletter.cli.speak import DONE, say, warn
from newsletter.errors import UsageError
from newsletter.model.period import Period

if TYPE_CHECKING:
    from newsletter.demo.server import DemoWeb
    from newsletter.pipeline.app import Newsletter
    from newsletter.pipeline.publish import Published

_HISTORY = timedelta(weeks=4)
_ISSUES = 4


@dataclass(slots=True)
class _Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@click.command()
@click.option(
    "--home", type=click.Path(file_okay=False, path_type=Path), help="Where to; a temporary folder if left out."
)
@click.option("--serve", is_flag=True, help="Show the issues and the desk at a local address afterwards, until Ctrl+C.")
def demo(home: Path | None, serve: bool) -> int:
    """A sample community: its sources are read over HTTP on this machine and its issue is built. No network needed."""
    from newsletter.demo.server import DemoWeb

    folder = home or Path(tempfile.mkdtemp(prefix="newsletter-demo-"))
    _check_free(folder)
    with DemoWeb(by_name=True) as web:
        published, site = make_demo(folder, web)
    say_issue(published, as_json=False)
    say(f"All issues         {(site / 'index.html').resolve().as_uri()}")
    say(f"The home           {folder}")
    if serve:
        _serve(folder)
    elif is_terminal():
        warn("“newsletter demo --serve” shows it in a browser.")
    return DONE


def make_demo(folder: Path, web: "DemoWeb") -> "tuple[Published, Path]":
    """Gather ``web`` into the home ``folder`` and build its issues; the newest one, and where the site lies."""
    from newsletter.demo.clock import DEMO_NOW, LAST_LOOK, WEEK
    from newsletter.demo.home import write_home
    from newsletter.demo.server import NETWORK
    from newsletter.pipeline.app import web_settings
    from newsletter.pipeline.times import newest_period

    write_home(folder, web)
    clock = _Clock(LAST_LOOK)
    environ = _environ()
    settings = web_settings(environ | {"NEWSLETTER_ALLOW_NETWORKS": NETWORK}, hosts=web.hosts)
    with opened(folder, environ=environ, now=clock, web=settings) as app:
        say(f"{app.config.newsletter.name}: {len(app.config.sources)} sources of an invented community")
        say_failures(gather_shown(app, since=WEEK.start - _HISTORY))
        clock.now = DEMO_NOW
        return make_issues(app, newest_period(app.config.schedule, clock.now)), app.site


def make_issues(app: "Newsletter", last: Period) -> "Published":
    """The issues of the weeks up to ``last``, so that the archive and "already told" have something to tell."""
    from newsletter.demo.home import CONFIRMED, EDITOR, NOTE
    from newsletter.pipeline.draft import make_draft
    from newsletter.pipeline.publish import publish_site, render_issue
    from newsletter.pipeline.review import add_note, change
    from newsletter.pipeline.times import newest_period

    periods = [last]
    while len(periods) < _ISSUES:
        periods.insert(0, newest_period(app.config.schedule, periods[0].end - timedelta(minutes=1)))
    for period in periods:
        issue = make_draft(app, period)
        if period == last:
            add_note(app, issue.number, text=NOTE, by=EDITOR)
            for name in CONFIRMED:
                change(app, issue.number, action="show figure", target=name, value=True, editor=EDITOR)
        published = render_issue(app, issue.number)
    publish_site(app)
    return published


def demo_editor(app: "Newsletter") -> str:
    """The sample's editor, who is added when missing; the token of a link that signs them in once."""
    from newsletter.demo.home import EDITOR
    from newsletter.pipeline.editors import SIGN_IN, add_editor, all_editors, make_link

    if EDITOR not in [editor.name for editor in all_editors(app)]:
        add_editor(app, EDITOR, role="manager")
    return make_link(app, EDITOR, purpose=SIGN_IN)


def _serve(folder: Path) -> None:
    """The demo's pages and desk, in the week it plays in: its clock goes on from the draft hour."""
    from newsletter.demo.clock import DEMO_NOW
    from newsletter.pipeline.app import system_clock
    from newsletter.web.app import make_web
    from newsletter.web.server import LOOPBACK, listen, serve_web

    began = system_clock()

    def now() -> datetime:
        return DEMO_NOW + (system_clock() - began)

    with opened(folder, environ=_environ(), now=now) as app:
        token = demo_editor(app)
    address = listen(LOOPBACK, 0)
    say(f"\n{address.url}   shows them, until you press Ctrl+C.")
    say(f"{address.url}desk/link/{token}   signs you in to the desk, once.")
    serve_web(make_web(folder, environ=_environ(), now=now), address)


def _environ() -> dict[str, str]:
    """The environment without another newsletter's database."""
    from newsletter.pipeline.app import DATABASE_VARIABLE

    return {name: value for name, value in os.environ.items() if name != DATABASE_VARIABLE}


def _check_free(folder: Path) -> None:
    """The demo writes its own feeds.yaml; another newsletter's home is left alone."""
    from newsletter.pipeline.in_force import FEEDS

    path = folder / FEEDS
    if path.is_file() and "Drumlin" not in path.read_text(encoding="utf-8", errors="replace"):
        raise UsageError(f"{folder} is the home of another newsletter. Name an empty folder with --home.")
