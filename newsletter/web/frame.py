"""The frame of all desk pages: where one can go, how the issue stands, who is signed in."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from newsletter.edit.desk import Desk
from newsletter.model.editor import Editor
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.review import open_desk
from newsletter.pipeline.times import publish_time
from newsletter.render.press import Press
from newsletter.store import issues
from newsletter.web.assets import asset_url, more_style, style
from newsletter.web.sessions import csrf_of, newsletter_of, session_of

NAV: list[tuple[str, str]] = [
    ("Review", "/desk/"),
    ("Sources", "/desk/sources"),
    ("Preview", "/desk/preview"),
    ("Subscribers", "/desk/subscribers"),
    ("Deliveries", "/desk/deliveries"),
    ("Archive", "/desk/archive"),
]
"""The pages named at the top, in order. Who adds a page adds its line here."""
STATES = {
    "draft": "Draft",
    "approved": "Approved",
    "sending": "Being sent",
    "stopped": "Stopped",
    "sent": "Sent",
}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Standing:
    """How the issue stands; what is None is not said."""

    number: int | None = None
    state: str = ""
    kept: int | None = None
    open: int | None = None
    minutes: int | None = None
    """How long the open ones take, about."""
    sends_at: datetime | None = None
    saved_at: datetime | None = None
    words: tuple[str, ...] = ()
    """What the line says instead, on a page about something else."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the frame."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What ``desk/layout.html`` shows around a page."""

    name: str
    """The newsletter and the number of its newest issue."""
    language: str
    nav: tuple[Link, ...]
    """Empty for who is not signed in."""
    state: str
    """The first word of the status line, empty when there is no line."""
    facts: tuple[str, ...]
    """The rest of it."""
    who: Editor | None
    csrf: str
    """What each form carries in a hidden field of that name."""
    style_url: str
    more_style_url: str
    """The rules of all pages but the review page."""
    script_url: str


def frame_of(request: Request, *, current: str = "", standing: Standing | None = None) -> Frame:
    """The frame of a page; ``current`` is the word of NAV it belongs to, ``standing`` what is known already."""
    app, session = newsletter_of(request), session_of(request)
    press = Press(app.templates, app.config.newsletter, app.config.schedule)
    shown = (standing or standing_of(app)) if session else Standing()
    return Frame(
        name=f"{press.name} {shown.number}" if shown.number else press.name,
        language=press.language,
        nav=tuple(Link(label, url, label == current) for label, url in NAV) if session else (),
        state=_first_word(shown) if session else "",
        facts=shown.words[1:] or tuple(_facts(app, shown)),
        who=session.editor if session else None,
        csrf=csrf_of(request),
        style_url=style(app).url,
        more_style_url=more_style(app).url,
        script_url=asset_url(app, "desk.js"),
    )


def standing_of(app: Newsletter) -> Standing:
    """How the newest issue stands."""
    with app.database.reading() as db:
        newest = issues.newest(db)
    return standing_at(app, open_desk(app, newest[0])) if newest else Standing()


def standing_at(app: Newsletter, desk: Desk) -> Standing:
    """How the issue of ``desk`` stands; what is left to decide is said of a draft only."""
    issue, is_draft = desk.issue, desk.issue.state == "draft"
    sends_at = issue.send_at or publish_time(app.config.schedule, issue.period)
    return Standing(
        issue.number,
        issue.state,
        kept=desk.kept_count if is_draft else None,
        open=desk.open_count if is_draft else None,
        minutes=desk.minutes_left if is_draft else None,
        sends_at=sends_at if issue.state in ("draft", "approved") else None,
        saved_at=desk.saved_at,
    )


def _first_word(standing: Standing) -> str:
    return standing.words[0] if standing.words else STATES.get(standing.state, "No draft yet")


def _facts(app: Newsletter, standing: Standing) -> list[str]:
    about = f" (about {standing.minutes} min)" if standing.minutes else ""
    found = [
        "" if standing.kept is None else f"{standing.kept} kept",
        "" if standing.open is None else f"{standing.open} open{about}",
        _sending(app, standing),
        _saved(app, standing.saved_at) if standing.saved_at else "",
    ]
    return [fact for fact in found if fact]


def _saved(app: Newsletter, at: datetime) -> str:
    """When something was saved last; with the day when that was not today."""
    zone = app.config.schedule.zone
    local, today = at.astimezone(zone), app.now().astimezone(zone).date()
    return f"saved {local:%H:%M}" if local.date() == today else f"saved {local.day} {local:%b %H:%M}"


def _sending(app: Newsletter, standing: Standing) -> str:
    if standing.sends_at is None:
        return ""
    zone = app.config.schedule.zone
    local = standing.sends_at.astimezone(zone)
    city = zone.key.rpartition("/")[2].replace("_", " ")
    hour = f"{_DAYS[local.weekday()]} {local:%H:%M} {city}"
    minutes = round((standing.sends_at - app.now()).total_seconds() / 60)
    return f"sends {hour} in {_span(minutes)}" if minutes >= 0 else f"was due {hour}, {_span(-minutes)} ago"


def _span(minutes: int) -> str:
    if minutes < 120:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} days"
