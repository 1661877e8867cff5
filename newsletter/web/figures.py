"""The statistics cards: each figure with its last weeks, its proof, and whether readers see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.edit.desk import Desk
from newsletter.errors import ChangedMeanwhile, NotFound, UsageError
from newsletter.model.issue import Statistic
from newsletter.pipeline.review import Wish, act, open_desk
from newsletter.render.figures import statistic_view
from newsletter.text import one_line
from newsletter.web.card import back_of
from newsletter.web.conflicts import Again, Side, conflict
from newsletter.web.frame import standing_at
from newsletter.web.pages import go, show
from newsletter.web.sessions import check_complete, editor_of, field, newsletter_of, signed_in

_HEIGHT = 40
_STEP, _WIDTH = 20, 16
_JUMP = 3


@dataclass(frozen=True, slots=True)
class BarView:
    """One week's bar in the drawing, which is 40 high."""

    x: int
    y: int
    height: int
    is_now: bool


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure as its card shows it."""

    id: str
    """For anchors."""
    name: str
    """As it is stored; forms carry it."""
    title: str
    value: str
    before: str
    change: str
    """+12, −3, or empty when the week before is unknown."""
    bars: tuple[BarView, ...]
    weeks: str
    """The same as numbers; empty without a line."""
    proof: str | None
    note: str
    is_held: bool
    because: str
    """Why readers do not see it."""
    is_far_off: bool
    """Whether it is more than three times off."""


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """``page`` of ``desk/figures.html``."""

    issue: int
    here: str
    figures: tuple[FigureView, ...]
    held_count: int
    seen: int
    is_draft: bool


@signed_in
def figures(request: Request) -> Response:
    """The figures; a form shows or hides one, or says something beside it."""
    app, number = newsletter_of(request), request.path_params["number"]
    here = f"/desk/issues/{number}/figures"
    if request.method == "POST":
        return _changed(request, here)
    desk = open_desk(app, number)
    found = tuple(map(figure_view, desk.issue.statistics))
    held = sum(each.is_held for each in found)
    page = FiguresPage(number, here, found, held, desk.last_number, desk.issue.state == "draft")
    return show(request, "desk/figures.html", {"page": page}, current="Review", standing=standing_at(app, desk))


ROUTES = [Route("/desk/issues/{number:int}/figures", figures, methods=["GET", "POST"])]


def figure_view(figure: Statistic) -> FigureView:
    """The card of one figure."""
    view = statistic_view(figure)
    change = None if figure.last is None else figure.value - figure.last
    said = "" if change is None else f"{'+' if change > 0 else '−' if change < 0 else '±'}{abs(change):,}"
    return FigureView(
        id=view.id,
        name=figure.name,
        title=view.name,
        value=view.value,
        before=view.before,
        change=said,
        bars=_bars((*figure.past, figure.value)) if figure.past else (),
        weeks=", ".join(f"{value:,}" for value in (*figure.past, figure.value)) if figure.past else "",
        proof=view.proof,
        note=view.note,
        is_held=figure.is_held,
        because=one_line(figure.held_because),
        is_far_off=_is_far_off(figure),
    )


def _is_far_off(figure: Statistic) -> bool:
    if not figure.last or figure.value < 0:
        return False
    return figure.value > _JUMP * figure.last or figure.value * _JUMP < figure.last


def _bars(values: Sequence[int]) -> tuple[BarView, ...]:
    shown = values[-8:]
    highest = max(*shown, 1)
    heights = [max(1, round(max(value, 0) * _HEIGHT / highest)) for value in shown]
    last = len(shown) - 1
    return tuple(BarView(at * _STEP, _HEIGHT - high, high, at == last) for at, high in enumerate(heights))


def _changed(request: Request, here: str) -> Response:
    app, number = newsletter_of(request), request.path_params["number"]
    name, note = field(request, "figure"), field(request, "note", at_most=500)
    desk = open_desk(app, number)
    figure = next((each for each in desk.issue.statistics if each.name == name), None)
    if figure is None:
        raise NotFound("That figure is not in the draft any more. Load the page again.")
    wish = _wish(request, name, note)
    said = field(request, "seen")
    seen = int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None
    try:
        if wish[0] != "figure note" or note != one_line(figure.note):
            act(app, number, [wish], editor=editor_of(request).name, seen=seen)
    except ChangedMeanwhile as fault:
        desk = open_desk(app, number)
        return conflict(request, desk, fault, _sides(desk, name, note), back=here, again=_again(here, request, note))
    return go(back_of(request, here))


def _wish(request: Request, name: str, note: str) -> Wish:
    what = field(request, "what")
    if what in ("show", "hide"):
        return "show figure", name, what == "show"
    if what == "note":
        check_complete(request, "note")
        return "figure note", name, note
    raise UsageError("Press one of the buttons beside the figure.")


def _sides(desk: Desk, name: str, note: str) -> tuple[Side, ...]:
    theirs = next((one_line(each.note) for each in desk.issue.statistics if each.name == name), "")
    return (Side("Note", note, theirs),)


def _again(here: str, request: Request, note: str) -> Again:
    return Again(here, {"figure": field(request, "figure"), "what": field(request, "what"), "note": note})
