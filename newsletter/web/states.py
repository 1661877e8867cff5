"""What the desk shows when there is no ordinary draft to review, and the lines above one that is not ordinary."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.edit.bursts import HELD
from newsletter.edit.changes import act_of, effective
from newsletter.edit.desk import Desk
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.joining import JOIN, join_next
from newsletter.pipeline.missed import missed_words
from newsletter.pipeline.readings_aside import standing_health
from newsletter.pipeline.times import draft_time, next_period
from newsletter.web.making import Maker, Progress
from newsletter.web.pages import asking_again, go, show
from newsletter.web.sessions import editor_of, newsletter_of, signed_in

QUIET = 6
"""So few entries make a week a quiet one."""
_SILENT = ("failing", "gone", "throttled")
_NAMED = 30


@dataclass(frozen=True, slots=True)
class Notice:
    """A line above the draft: what is the matter, and the acts it offers (label and address; a POST when ``posts``)."""

    text: str
    label: str = ""
    url: str = ""
    posts: bool = False
    batch: str = ""
    """The act that an undoing is about."""
    sign: str = "!"
    look: str = "warning"
    names: str = ""
    """What it is about, for who asks."""


@dataclass(frozen=True, slots=True)
class FirstContext:
    """What ``desk/first.html`` shows."""

    sources: int
    answered: int
    """How many sources gave an answer in the last day."""
    draft_at: str
    progress: Progress | None = None


def nothing_yet(request: Request) -> Response:
    """The first page while there is no issue: when the draft is made, or how to get a first source."""
    return _first(request)


@signed_in
def make(request: Request) -> Response:
    """Make the draft of the newest whole week now."""
    _maker(request).start(request.app.state.current.get)
    return go("/desk/making")


@signed_in
def making(request: Request) -> Response:
    """How far the draft is; the page asks again by itself until it is done."""
    progress = _maker(request).progress
    if progress is None:
        return go("/desk/")
    if progress.is_done and progress.number:
        return go(f"/desk/issues/{progress.number}/")
    response = _first(request, progress=progress)
    return response if progress.is_done else asking_again(response, seconds=2)


@signed_in
def join(request: Request) -> Response:
    """Let a quiet week wait for the next one."""
    number = int(request.path_params["number"])
    join_next(newsletter_of(request), number, editor=editor_of(request).name)
    return go(f"/desk/issues/{number}/")


ROUTES = [
    Route("/desk/make", make, methods=["POST"]),
    Route("/desk/making", making),
    Route("/desk/issues/{number:int}/join", join, methods=["POST"]),
]


def notices_of(app: Newsletter, desk: Desk) -> tuple[Notice, ...]:
    """What an editor should know before they begin with a draft."""
    found: list[Notice] = []
    troubled = [source.name for source, state in standing_health(app) if state and state.state in _SILENT]
    if troubled and desk.issue.state == "draft":
        names = ", ".join(troubled[:_NAMED]) + (f" and {len(troubled) - _NAMED} more" if len(troubled) > _NAMED else "")
        who = "1 source did not answer" if len(troubled) == 1 else f"{len(troubled)} sources did not answer"
        it = "it" if len(troubled) == 1 else "them"
        text = f"{who}; the draft is complete without {it}."
        found.append(Notice(text, f"Look at {it}", "/desk/sources", names=f"{names}."))
    found += _held(desk)
    if app.problems:
        found.append(Notice(f"feeds.yaml has {len(app.problems)} to mend; the last good version is in force."))
    if desk.issue.state == "draft":
        if missed := missed_words(app, desk.issue.number):
            found.append(Notice(missed))
        found += _quiet(desk)
    return tuple(found)


def _held(desk: Desk) -> Iterator[Notice]:
    """What is held of a flood, each source for itself."""
    reasons = Counter(each.reason for each in desk.issue.dropped if each.reason.startswith(HELD))
    for reason, count in sorted(reasons.items()):
        it = "1 story is" if count == 1 else f"{count} stories are"
        text = f"{it} {reason}."
        yield Notice(text, "Look at them", f"/desk/issues/{desk.issue.number}/dropped", look="warning")


def _quiet(desk: Desk) -> list[Notice]:
    number, count = desk.issue.number, len(desk.issue.entries)
    end = desk.issue.period.end.isoformat()
    joined = next((each for each in effective(desk.changes) if each.action == JOIN and each.value == end), None)
    if joined:
        text = "This week waits for the next one: the next draft covers both."
        return [
            Notice(
                text,
                "Take that back",
                f"/desk/issues/{number}/undo",
                posts=True,
                batch=str(act_of(joined)),
                sign="✓",
                look="kept",
            )
        ]
    if count > QUIET:
        return []
    said = "Nothing was told this week." if not count else f"Only {count} items this week."
    said = "Only 1 item this week." if count == 1 else said
    return [Notice(said, "Join with next week", f"/desk/issues/{number}/join", posts=True, sign="?", look="open")]


def _maker(request: Request) -> Maker:
    maker: Maker = request.app.state.maker
    return maker


def _first(request: Request, *, progress: Progress | None = None) -> Response:
    app = newsletter_of(request)
    schedule, now = app.config.schedule, app.now()
    health = standing_health(app)
    at = draft_time(schedule, next_period(schedule, now)).astimezone(schedule.zone)
    context = FirstContext(
        sources=len(health),
        answered=sum(1 for _, state in health if state and state.checked_at and (now - state.checked_at).days < 1),
        draft_at=f"{at:%A %H:%M}",
        progress=progress,
    )
    return show(request, "desk/first.html", {"first": context}, current="Review")
