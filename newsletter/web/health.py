"""How the program is: for machines (/healthz, /readyz, /metrics) and, for managers, a page of the desk."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from newsletter import __version__
from newsletter.errors import NewsletterError, StoreFault
from newsletter.model.check import Check
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.doctor import quick_looks, side_by_side
from newsletter.pipeline.metrics import TYPE, metrics_text
from newsletter.pipeline.reading_times import not_asked_words, reading_times
from newsletter.pipeline.readings_aside import standing_health
from newsletter.store.checkup import condition
from newsletter.store.metering import amounts
from newsletter.web.guard import is_this_machine
from newsletter.web.pages import show
from newsletter.web.sessions import for_anybody, for_managers, newsletter_of
from newsletter.web.trouble import not_now

TOKEN_VARIABLE = "NEWSLETTER_METRICS_TOKEN"
_SILENT = ("failing", "gone", "throttled")
_SHOWN = 8
_SLOW = "integrity"


@dataclass(frozen=True, slots=True)
class Fact:
    """A line: what it is, and how it stands."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class HealthContext:
    """What ``desk/health.html`` shows."""

    checks: Sequence[Check]
    facts: Sequence[Fact]
    silent: Sequence[Fact]
    """Sources that are not read as they should be, and why."""
    silent_count: int


@for_anybody
def alive(request: Request) -> Response:
    """That the process lives; nothing else is asked."""
    return PlainTextResponse("newsletter: ok\n")


@for_anybody
def ready(request: Request) -> Response:
    """Whether it can work: the database answers with the schema of this program, feeds.yaml is in force."""
    app = newsletter_of(request)
    try:
        found = condition(app.database)
    except NewsletterError:
        return PlainTextResponse("the database does not answer\n", 503)
    if not found.is_current:
        return PlainTextResponse(f"the schema is {found.schema or 'missing'}\n", 503)
    return PlainTextResponse("ready\n")


@for_anybody
def metrics(request: Request) -> Response:
    """For who watches: from this machine, or with the token of NEWSLETTER_METRICS_TOKEN."""
    app = newsletter_of(request)
    if not _may_watch(request, app):
        return PlainTextResponse(f"Ask from this machine, or with the token in {TOKEN_VARIABLE}.\n", 403)
    try:
        return Response(metrics_text(app), media_type=TYPE)
    except StoreFault as fault:
        return not_now(request, fault, is_plain=True)


@for_managers
def health(request: Request) -> Response:
    """How everything is, in one page."""
    app = newsletter_of(request)
    looks = [each for each in quick_looks(app.home, app.environ, database=app.database) if each[0] != _SLOW]
    silent = [Fact(s.name, state.state_reason) for s, state in standing_health(app) if state and state.state in _SILENT]
    context = HealthContext(side_by_side(looks), _facts(app), silent[:_SHOWN], len(silent))
    return show(request, "desk/health.html", {"health": context})


ROUTES = [
    Route("/healthz", alive, methods=["GET"]),
    Route("/readyz", ready, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
    Route("/desk/health", health, methods=["GET"]),
]


def _may_watch(request: Request, app: Newsletter) -> bool:
    wanted, told = app.environ.get(TOKEN_VARIABLE, ""), request.headers.get("authorization", "")
    if wanted and secrets.compare_digest(told.encode(), f"Bearer {wanted}".encode()):
        return True
    return is_this_machine(request)


def _facts(app: Newsletter) -> list[Fact]:
    zone, now, state = app.config.schedule.zone, app.now(), condition(app.database)
    times = reading_times(app)
    left = not_asked_words(app, len(times))
    to_read = f"{sum(each.at <= now for each in times)} of {len(times)}{f'; {left}' if left else ''}"
    with app.database.reading() as db:
        found = amounts(db)
    mails = ", ".join(f"{count:,} {name}" for name, count in sorted(found.deliveries.items()))
    sent = f"{found.sent_at.astimezone(zone):%Y-%m-%d %H:%M}" if found.sent_at else "never"
    return [
        Fact("Program", f"{__version__}, schema {state.schema}"),
        Fact(
            "Database", f"{state.size / (1 << 20):,.1f} MiB, {found.items:,} items, {found.aside:,} documents set aside"
        ),
        Fact(
            "Sources to be read now",
            to_read,
        ),
        Fact("An issue was last sent", sent),
        Fact("Mails to readers", mails or "none yet"),
        Fact("Mistakes in feeds.yaml", str(app.problems_total)),
    ]
