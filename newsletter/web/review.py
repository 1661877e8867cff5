"""The first page of the desk: how the newest issue stands."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.pipeline.times import draft_time, next_period
from newsletter.web.frame import standing_of
from newsletter.web.pages import go, show
from newsletter.web.sessions import newsletter_of, signed_in


@dataclass(frozen=True, slots=True)
class ReviewContext:
    """What ``desk/review.html`` shows."""

    number: int | None
    """The newest issue, None when there is none."""
    draft_at: str
    """When the next draft is made."""


@signed_in
def review(request: Request) -> Response:
    """The review page."""
    app = newsletter_of(request)
    standing, schedule = standing_of(app), app.config.schedule
    at = draft_time(schedule, next_period(schedule, app.now())).astimezone(schedule.zone)
    context = ReviewContext(standing.number, f"{at:%A %H:%M}")
    return show(request, "desk/review.html", {"review": context}, current="Review", standing=standing)


@signed_in
def desk(request: Request) -> Response:
    """The desk's address without its "/"."""
    return go("/desk/")


ROUTES = [Route("/desk", desk), Route("/desk/", review)]
