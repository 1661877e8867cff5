"""run, schedule and serve: the newsletter that runs itself, what it will do next, and its desk."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from newsletter.cli.common import exit_code, home_option, opened
from newsletter.cli.logs import set_up_logs
from newsletter.cli.speak import DONE, say, say_json
from newsletter.errors import UsageError


def _address_options(function: Callable[..., int]) -> Callable[..., int]:
    """Where to listen, and whether a proxy speaks for those who call."""
    for option in (
        click.option("--behind-proxy", is_flag=True, help="A proxy on another machine says who calls and over what."),
        click.option(
            "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes any free one."
        ),
        click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0 is everywhere."),
    ):
        function = option(function)
    return function


@click.command()
@home_option
@_address_options
def run(home: Path, host: str, port: int, behind_proxy: bool) -> int:
    """Everything in one process: the schedule, the desk and the public pages, sending. Stop it with Ctrl+C."""
    from newsletter.jobs.service import run_until_stopped
    from newsletter.web.app import make_web
    from newsletter.web.server import listen, serving_web

    set_up_logs(with_libraries=True)

    @contextmanager
    def pages() -> Iterator[str]:
        web = make_web(home, environ=os.environ, behind_proxy=behind_proxy)
        with serving_web(web, listen(host, port)) as url:
            yield url

    run_until_stopped(home, environ=os.environ, beside=pages)
    return DONE


@click.command()
@home_option
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="So many workers.")
def worker(home: Path, processes: int) -> int:
    """Takes jobs from the queue that NEWSLETTER_QUEUE_URL names, until Ctrl+C; on as many machines as wanted."""
    from newsletter.jobs.service import import_broker
    from newsletter.pipeline.in_force import QUEUE_VARIABLE

    if not os.environ.get(QUEUE_VARIABLE):
        raise UsageError(f"Name the queue: set {QUEUE_VARIABLE} to amqp://USER:PASSWORD@HOST:5672.")
    import_broker()
    from newsletter.jobs.worker import supervise, work_until_stopped

    set_up_logs(with_libraries=True)
    with opened(home):
        pass
    if processes > 1:
        supervise(home, environ=os.environ, processes=processes)
    else:
        work_until_stopped(home, environ=os.environ)
    return DONE


@click.command()
@home_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def schedule(home: Path, as_json: bool) -> int:
    """What is done next and what waits for somebody, about ten lines, in the newsletter's time zone."""
    from newsletter.jobs.next_runs import next_runs

    with opened(home) as app:
        zone, runs = app.config.schedule.zone, next_runs(app, count=10)
        if as_json:
            say_json([_record(at, at.astimezone(zone), what) for at, what in runs])
        else:
            for at, what in runs:
                say(f"{_hour(at.astimezone(zone))} {zone.key}  {what}")
        return exit_code(app, is_partly=False)


def _record(at: datetime, local: datetime, what: str) -> dict[str, str]:
    return {"at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "local": local.isoformat("T", "seconds"), "what": what}


def _hour(local: datetime) -> str:
    """The hour, with the short name of its time where the clock shows it twice that night."""
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%a %Y-%m-%d %H:%M}{f' {local:%Z}' if is_twice else ''}"


@click.command()
@home_option
@_address_options
def serve(home: Path, host: str, port: int, behind_proxy: bool) -> int:
    """The desk for editors and the public pages, until Ctrl+C."""
    from newsletter.web.app import make_web
    from newsletter.web.server import listen, serve_web

    with opened(home) as app:
        code = exit_code(app, is_partly=False)
    address = listen(host, port)
    web = make_web(home, environ=os.environ, behind_proxy=behind_proxy)
    say(f"{address.url}       the public pages\n{address.url}desk/  the desk. Stop it with Ctrl+C.")
    serve_web(web, address)
    return code
