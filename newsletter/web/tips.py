"""Tips on the desk: what readers sent, what became of it, and taking or declining one."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import UsageError
from newsletter.pipeline.review import open_desk
from newsletter.pipeline.tips import WaitingTip, decline_tip, take_tip, waiting_tips
from newsletter.render.press import safe_url
from newsletter.text import shorten
from newsletter.web.pages import go, show
from newsletter.web.sessions import editor_of, field, newsletter_of, signed_in

_STATES = {"new": ("open", "?"), "taken": ("kept", "✓"), "declined": ("dropped", "×")}
_LONG = 1_200


@dataclass(frozen=True, slots=True)
class TipRow:
    """A tip as ``desk/tips.html`` shows it."""

    id: str
    title: str
    text: str
    url: str | None
    credit: str
    program: str
    """The token it was sent with, empty when a person sent it."""
    came: str
    state: str
    look: str
    sign: str
    said: str
    """Who decided, and for which issue."""
    host: str
    """Where its link leads."""
    batch: int
    """The act that takes the decision back; 0 when it cannot be taken back here."""
    entry_id: str
    """Its card in this issue; may be empty."""


@dataclass(frozen=True, slots=True)
class TipsContext:
    """What ``desk/tips.html`` shows."""

    number: int
    rows: tuple[TipRow, ...]
    new_count: int
    sections: tuple[tuple[str, str], ...]
    """Id and title of each section that takes items."""
    is_draft: bool


@signed_in
def tips(request: Request) -> Response:
    """The list of tips, new ones first."""
    app, number = newsletter_of(request), int(request.path_params["number"])
    found = waiting_tips(app, number)
    zone = app.config.schedule.zone
    context = TipsContext(
        number,
        tuple(_row(tip, number, f"{tip.came_at.astimezone(zone):%a %d %b %H:%M}") for tip in found),
        sum(tip.state == "new" for tip in found),
        tuple((each.id, each.title) for each in app.config.sections if not each.show),
        open_desk(app, number).issue.state == "draft",
    )
    return show(request, "desk/tips.html", {"tips": context}, current="Review")


@signed_in
def decide(request: Request) -> Response:
    """Take a tip, or say no to it."""
    app, number, editor = newsletter_of(request), int(request.path_params["number"]), editor_of(request).name
    tip_id, decision = field(request, "tip"), field(request, "decision")
    if decision == "take":
        section = field(request, "section")
        if section and all(each.id != section for each in app.config.sections):
            raise UsageError(f"There is no section “{shorten(section, 40)}”. Choose one of the list.")
        take_tip(app, number, tip_id, section=section or None, editor=editor)
    elif decision == "decline":
        decline_tip(app, number, tip_id, reason=field(request, "reason"), editor=editor)
    else:
        raise UsageError("Say whether the tip is taken or declined.")
    return go(f"/desk/issues/{number}/tips#main")


ROUTES = [
    Route("/desk/issues/{number:int}/tips", tips),
    Route("/desk/issues/{number:int}/tips", decide, methods=["POST"]),
]


def _row(tip: WaitingTip, number: int, came: str) -> TipRow:
    look, sign = _STATES[tip.state]
    is_here, url = tip.issue == number, safe_url(tip.item.url)
    return TipRow(
        id=tip.item.id,
        title=tip.item.title,
        text=shorten(tip.item.text, _LONG),
        url=url,
        credit=tip.credit,
        program=tip.program,
        came=came,
        state=tip.state,
        look=look,
        sign=sign,
        said=f"{tip.state} by {tip.decided_by or 'an editor'}, issue {tip.issue}" if tip.issue else "",
        host=shorten(urlsplit(url).hostname or "", 60) if url else "",
        batch=tip.batch if is_here else 0,
        entry_id=tip.entry_id if is_here else "",
    )
