"""Search on the desk: everything of one issue, the dropped and put off ones too."""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.edit.desk import Desk
from newsletter.model.issue import Entry
from newsletter.pipeline.review import open_desk
from newsletter.render import words
from newsletter.text import one_line, without_accents, without_controls
from newsletter.web.frame import standing_at
from newsletter.web.pages import show
from newsletter.web.review_page import base_of
from newsletter.web.review_views import Row
from newsletter.web.rows import RowMaker
from newsletter.web.sessions import newsletter_of, signed_in

_MOST = 50
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found, and the section it stands in."""

    row: Row
    where: str


@dataclass(frozen=True, slots=True)
class SearchContext:
    """What ``desk/search.html`` shows."""

    number: int
    base: str
    words: str
    said: str
    hits: tuple[Hit, ...]
    seen: int
    is_closed: bool


@signed_in
def search(request: Request) -> Response:
    """What holds all the words that are asked for."""
    app, number = newsletter_of(request), request.path_params["number"]
    desk = open_desk(app, number)
    asked = one_line(without_controls(request.query_params.get("q", "")))[:_LONGEST]
    today, is_closed = app.now().astimezone(app.config.schedule.zone).date(), desk.issue.state != "draft"
    base = base_of(number)
    found = list(_hits(desk, RowMaker(base, "", today, is_closed, {}), without_accents(asked).split()))
    more = f"; the first {_MOST} are shown" if len(found) > _MOST else ""
    nothing = "Nothing holds these words. Try fewer, or the beginning of one."
    said = f"{words.counted(len(found), 'item')} found{more}." if found else nothing if asked else ""
    context = SearchContext(number, base, asked, said, tuple(found[:_MOST]), desk.last_number, is_closed)
    return show(request, "desk/search.html", {"search": context}, current="Review", standing=standing_at(app, desk))


ROUTES = [Route("/desk/issues/{number:int}/search", search)]


def _hits(desk: Desk, maker: RowMaker, asked: list[str]) -> Iterable[Hit]:
    if not asked:
        return
    titles = {section.id: one_line(section.title) for section in desk.sections}
    for card in desk.cards():
        if _holds(_text_of(card.entry), asked):
            yield Hit(maker.row(card), titles.get(card.section, card.section))
    known = {entry.story_id: entry for each in desk.drafted.sections for entry in (*each.entries, *each.runners_up)}
    for gone, is_snoozed in (*((each, False) for each in desk.dropped), *((each, True) for each in desk.snoozed)):
        entry = known.get(gone.story_id)
        text = f"{gone.title} {gone.reason} {_text_of(entry) if entry else ''}"
        if _holds(text, asked):
            yield Hit(maker.gone(gone, is_snoozed=is_snoozed), "not in the issue")


def _text_of(entry: Entry) -> str:
    parts = (entry.title, entry.summary, entry.author, entry.source, entry.project, *entry.labels)
    return " ".join(part for part in parts if part)


def _holds(text: str, asked: list[str]) -> bool:
    folded = without_accents(text)
    return all(word in folded for word in asked)
