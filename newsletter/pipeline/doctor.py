"""examine: everything that can be wrong with an installation, looked at side by side, in a few seconds."""

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from newsletter.config.load import Config
from newsletter.deliver.dns_ask import Dns, NoAnswer, SystemDns
from newsletter.errors import ConfigError, NewsletterError, NotFound
from newsletter.model.check import Check, not_asked
from newsletter.pipeline import doctor_here as here
from newsletter.pipeline import doctor_mail as mail
from newsletter.pipeline.app import DATABASE_VARIABLE
from newsletter.pipeline.doctor_jobs import jobs_check, runs_check, workers_check
from newsletter.pipeline.doctor_queue import queue_check
from newsletter.pipeline.in_force import QUEUE_VARIABLE, config_in_force
from newsletter.pipeline.plugins import every_plugin
from newsletter.pipeline.send_right import holder_at
from newsletter.store.database import Database

PATIENCE_SECONDS = 5.0
Look = tuple[str, mail.Look]


def examine(home: Path, environ: Mapping[str, str], *, dns: Dns | None = None) -> list[Check]:
    """Every check, in a fixed order; one that takes longer than five seconds is given up."""
    config = _config(home, environ)
    looks = quick_looks(home, environ)
    if config is not None:
        looks += [("time zones", partial(here.zone_check, config.schedule.zone.key))]
        looks += _outside(config, environ, dns or SystemDns())
    if environ.get(QUEUE_VARIABLE):
        opening = partial(here.opened, home, environ) if _has_database(home, environ) else None
        looks.append(("queue", partial(queue_check, environ[QUEUE_VARIABLE], opening)))
    return side_by_side(looks)


def quick_looks(home: Path, environ: Mapping[str, str], *, database: Database | None = None) -> list[Look]:
    """What this machine alone can tell; ``database`` is the one that is open already."""
    looks: list[Look] = [("feeds.yaml", partial(here.feeds_check, home, environ))]
    if database is not None:
        looks += _of_database(lambda: nullcontext(database), home, environ)
    elif _has_database(home, environ):
        looks += _of_database(partial(here.opened, home, environ), home, environ)
    looks += [("plug-in", partial(here.plugin_check, each)) for each in every_plugin()]
    return [*looks, ("disk", partial(here.disk_check, home)), ("permissions", partial(here.permission_check, home))]


def _has_database(home: Path, environ: Mapping[str, str]) -> bool:
    return bool(environ.get(DATABASE_VARIABLE)) or (home / "data" / "newsletter.db").is_file()


def _of_database(opening: here.Opening, home: Path, environ: Mapping[str, str]) -> list[Look]:
    workers: list[Look] = [("workers", partial(workers_check, opening))] if environ.get(QUEUE_VARIABLE) else []
    return [
        ("database", partial(here.database_check, opening)),
        ("integrity", partial(here.integrity_check, opening)),
        ("database clock", partial(here.database_clock_check, opening)),
        ("right to send", partial(here.right_check, opening)),
        ("kept", partial(here.keep_check, opening)),
        ("jobs", partial(jobs_check, opening)),
        ("runs", partial(runs_check, opening, holder_at(home, environ).mark)),
        *workers,
    ]


def side_by_side(looks: Sequence[Look], *, seconds: float = PATIENCE_SECONDS) -> list[Check]:
    """What each of ``looks`` finds, in their order; none is waited for longer than ``seconds``."""
    found: dict[int, Check] = {}

    def look(number: int) -> None:
        name, ask = looks[number]
        try:
            check = ask()
        except NoAnswer as wrong:
            check = not_asked(name, f"It could not be asked: {wrong}.")
        except (NewsletterError, OSError) as wrong:
            check = here.said_by(name, wrong)
        found[number] = check

    # Threads that nobody waits for: a name server that never answers must not keep the program from ending.
    threads = [threading.Thread(target=look, args=(each,), daemon=True) for each in range(len(looks))]
    for thread in threads:
        thread.start()
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    late = f"It could not be asked within {seconds:.0f} s."
    return [found.get(number) or not_asked(name, late) for number, (name, _) in enumerate(looks)]


def _outside(config: Config, environ: Mapping[str, str], dns: Dns) -> list[Look]:
    return [
        ("clock", partial(mail.clock_check, config, environ)),
        ("mail server", partial(mail.server_check, config)),
        *mail.record_looks(config, dns),
        ("site", partial(mail.site_check, config)),
    ]


def _config(home: Path, environ: Mapping[str, str]) -> Config | None:
    try:
        return config_in_force(home, environ)[0]
    except (ConfigError, NotFound):
        return None
