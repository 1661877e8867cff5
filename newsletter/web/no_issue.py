"""What the desk shows before there is any issue."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from newsletter.pipeline.times import draft_time, next_period
from newsletter.web.frame import Standing
from newsletter.web.pages import show
from newsletter.web.sessions import newsletter_of


@dataclass(frozen=True, slots=True)
class NoIssue:
    """What ``desk/no_issue.html`` shows."""

    draft_at: str
    """When the next draft is made."""


def no_issue(request: Request) -> Response:
    """The page that says when the first draft is made."""
    app = newsletter_of(request)
    schedule = app.config.schedule
    at = draft_time(schedule, next_period(schedule, app.now())).astimezone(schedule.zone)
    return show(
        request,
        "desk/no_issue.html",
        {"no_issue": NoIssue(f"{at:%A %H:%M}")},
        current="Review",
        standing=Standing(),
    )
