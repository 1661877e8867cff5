"""What is shown when somebody else was first, or the item is gone: nothing that was typed is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from newsletter.edit.desk import Desk
from newsletter.errors import ChangedMeanwhile
from newsletter.text import one_line
from newsletter.web.card_words import clock
from newsletter.web.pages import show
from newsletter.web.sessions import newsletter_of


@dataclass(frozen=True, slots=True)
class Side:
    """One thing as both have it."""

    label: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Again:
    """What “Use mine” sends, and where."""

    action: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ConflictContext:
    """``conflict`` of ``desk/conflict.html``."""

    title: str
    said: str
    who: str
    """Who was first; empty when the item is gone."""
    when: str
    sides: tuple[Side, ...]
    back: str
    """Where what stands now is shown."""
    action: str
    """Where “Use mine” sends; empty when there is nothing to send again."""
    fields: tuple[tuple[str, str], ...]
    seen: int


def conflict(
    request: Request,
    desk: Desk,
    fault: ChangedMeanwhile,
    sides: Sequence[Side],
    *,
    back: str,
    again: Again | None = None,
) -> Response:
    """Both texts side by side, with “Use mine” and “Use theirs”."""
    app = newsletter_of(request)
    context = ConflictContext(
        title="Changed meanwhile",
        said=str(fault),
        who=one_line(fault.editor),
        when=clock(fault.made_at, app.config.schedule.zone, app.now()),
        sides=tuple(sides),
        back=back,
        action=again.action if again else "",
        fields=tuple(again.fields.items()) if again else (),
        seen=desk.last_number,
    )
    return show(request, "desk/conflict.html", {"conflict": context}, status=409, current="Review")


def gone(request: Request, desk: Desk, typed: Sequence[tuple[str, str]]) -> Response:
    """The item is not there any more: what was typed can be copied."""
    number = desk.issue.number
    context = ConflictContext(
        title="The item is gone",
        said="That item is not in the draft any more: somebody dropped it, or joined it to another one.",
        who="",
        when="",
        sides=tuple(Side(label, text, "") for label, text in typed if text),
        back=f"/desk/issues/{number}/dropped",
        action="",
        fields=(),
        seen=desk.last_number,
    )
    return show(request, "desk/conflict.html", {"conflict": context}, status=404, current="Review")
