"""One card alone on a page, and what its forms send."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsletter.edit.changes import MOST_LETTERS
from newsletter.edit.desk import Card, Desk
from newsletter.errors import ChangedMeanwhile, NotFound, UsageError, WrongState
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.blurbs import read_proposals
from newsletter.pipeline.originals import keep_mine, take_original
from newsletter.pipeline.presence import at_cards, leave_card, open_card
from newsletter.pipeline.review import Wish, act, open_desk
from newsletter.pipeline.same_story import keep_apart, merge, split
from newsletter.text import one_line, without_controls
from newsletter.web.card_views import Typed, card_view
from newsletter.web.conflicts import Again, Side, conflict, gone
from newsletter.web.event_fields import LABELS, field_texts, read_fields
from newsletter.web.frame import standing_at
from newsletter.web.pages import go, message, show
from newsletter.web.sessions import (
    check_complete,
    editor_of,
    field,
    form_of,
    is_by_script,
    newsletter_of,
    own_path,
    signed_in,
)

_MOST_TITLE = 300
GONE = "That item is not in the draft any more. Somebody dropped it, or a new draft has no place for it."


@dataclass(frozen=True, slots=True)
class PageContext:
    """``page`` of ``desk/card.html``: where the card stands in its section."""

    place: int
    count: int
    previous: str
    """The entry before it, or empty."""
    next: str


@signed_in
def item(request: Request) -> Response:
    """The card alone on a page; whoever opens it sits down at it, unless somebody is there."""
    app, number, name = _asked(request)
    desk = open_desk(app, number)
    if desk.card(name) is None:
        raise NotFound(GONE)
    if desk.issue.state == "draft" and request.method == "GET":
        open_card(app, number, name, editor=editor_of(request).name)
    return _page(request, desk, _card(desk, name))


@signed_in
def text(request: Request) -> Response:
    """Title and text: save, back to the original, keep mine, or take what a model proposes."""
    app, number, name = _asked(request)
    title, body = _typed(request, "title"), _typed(request, "text", lines=True)
    desk = open_desk(app, number)
    card, editor = desk.card(name), editor_of(request).name
    if card is None:
        return gone(request, desk, (("Title", title), ("Text", body)))
    what, seen = field(request, "what"), _seen(request)
    try:
        if what == "original":
            take_original(app, number, name, editor=editor, seen=seen)
        elif what == "mine":
            keep_mine(app, number, name, editor=editor, seen=seen)
        elif what == "proposal":
            act(app, number, [_proposal(app, number, name)], editor=editor, seen=seen)
        else:
            return _save_text(request, desk, card, title, body)
    except ChangedMeanwhile as fault:
        return conflict(request, open_desk(app, number), fault, (), back=_card_url(number, name))
    return _back(request, _card_url(number, name))


def _save_text(request: Request, desk: Desk, card: Card, title: str, body: str) -> Response:
    app, number, name = _asked(request)
    check_complete(request, "title", "text")
    errors = _text_errors(title, body)
    if errors:
        if is_by_script(request):
            return message(request, 400, "Not saved", *errors)
        return _page(request, desk, card, typed=Typed(title=title, text=body, errors=errors), status=400)
    entry = card.entry
    pairs = (("title", title, one_line(entry.title)), ("summary", body, entry.summary.strip()))
    wishes: list[Wish] = [(action, name, mine) for action, mine, known in pairs if mine != known]
    try:
        if wishes:
            act(app, number, wishes, editor=editor_of(request).name, seen=_seen(request))
    except ChangedMeanwhile as fault:
        desk, back = open_desk(app, number), _card_url(number, name)
        entry = found.entry if (found := desk.card(name)) else entry
        pairs = (("Title", title, one_line(entry.title)), ("Text", body, entry.summary.strip()))
        sides = tuple(Side(*each) for each in pairs if each[1] != each[2])
        again = Again(f"{back}/text", {"title": title, "text": body, "what": "save"})
        return conflict(request, desk, fault, sides, back=back, again=again)
    return _back(request, _card_url(number, name))


def _text_errors(title: str, body: str) -> tuple[str, ...]:
    found = []
    if not title:
        found.append("The title is empty. Write one; “Drop” takes the item out of the issue.")
    if len(title) > _MOST_TITLE:
        found.append(f"The title has {len(title):,} letters; {_MOST_TITLE} is the most. Shorten it.")
    if len(body) > MOST_LETTERS:
        found.append(f"The text has {len(body):,} letters; {MOST_LETTERS:,} is the most. Nothing is stored yet.")
    return tuple(found)


def _proposal(app: Newsletter, number: int, name: str) -> Wish:
    found = next((each for each in read_proposals(app, number) if each.entry_id == name), None)
    if found is None:
        raise NotFound("Nothing is proposed for this item any more.")
    return "blurb", name, {"text": found.text, "model": found.model}


@signed_in
def event(request: Request) -> Response:
    """The date: as the form has it, or none."""
    app, number, name = _asked(request)
    typed = {each: _typed(request, each) for each in LABELS}
    desk = open_desk(app, number)
    card = desk.card(name)
    if card is None:
        return gone(request, desk, tuple((LABELS[each], text) for each, text in typed.items()))
    is_none = field(request, "what") == "none"
    if not is_none:
        check_complete(request, *LABELS)
    read = read_fields(typed)
    if read.errors and not is_none and is_by_script(request):
        return message(request, 400, "Not saved", *(f"{LABELS[each]}: {said}" for each, said in read.errors.items()))
    if read.errors and not is_none:
        shown = Typed(event=typed, event_errors=read.errors)
        return _page(request, desk, card, typed=shown, status=400)
    value = {"none": True} if is_none else dict(read.value)
    try:
        act(app, number, [("event", name, value)], editor=editor_of(request).name, seen=_seen(request))
    except ChangedMeanwhile as fault:
        desk, back = open_desk(app, number), _card_url(number, name)
        theirs = field_texts((desk.card(name) or card).entry.event)
        sides = tuple(Side(LABELS[each], typed[each], theirs[each]) for each in LABELS if typed[each] != theirs[each])
        again = Again(f"{back}/event", {**typed, "what": "none" if is_none else "save"})
        return conflict(request, desk, fault, sides, back=back, again=again)
    return _back(request, _card_url(number, name))


@signed_in
def one_story(request: Request) -> Response:
    """The entry and those named by ``other`` tell one thing, now and later."""
    app, number, name = _asked(request)
    for other in _others(request):
        merge(app, number, entry=name, other=other, editor=editor_of(request).name)
    return _back(request, _card_url(number, name))


@signed_in
def apart(request: Request) -> Response:
    """The entry and those named by ``other`` are two stories, however alike they look."""
    app, number, name = _asked(request)
    _check_draft(open_desk(app, number))
    for other in _others(request):
        keep_apart(app, number, entry=name, other=other, editor=editor_of(request).name)
    return _back(request, _card_url(number, name))


@signed_in
def split_story(request: Request) -> Response:
    """The items that were ticked go out of the story."""
    app, number, name = _asked(request)
    chosen = [str(each) for each in form_of(request).getlist("item") if isinstance(each, str)]
    if not chosen:
        raise UsageError("Nothing was ticked, so nothing was split. Go back and tick what goes out of the story.")
    split(app, number, entry=name, editor=editor_of(request).name, items=chosen)
    return _back(request, _card_url(number, name))


@signed_in
def remark(request: Request) -> Response:
    """A word to the other editor."""
    app, number, name = _asked(request)
    said = field(request, "text", at_most=1_000)
    if not said:
        raise UsageError("The note is empty. Go back and write a word or two.")
    if open_desk(app, number).card(name) is None:
        raise NotFound(GONE)
    act(app, number, [("remark", name, {"text": said})], editor=editor_of(request).name)
    return _back(request, _card_url(number, name))


@signed_in
def hold(request: Request) -> Response:
    """A page says that the card is still open in it, or, with ``leave``, that it no longer is."""
    app, number, name = _asked(request)
    editor, page = editor_of(request).name, field(request, "page", at_most=40)
    if field(request, "leave"):
        leave_card(app, number, name, editor=editor, page=page)
        return Response(status_code=204)
    desk = open_desk(app, number)
    if desk.card(name) is None:
        raise NotFound(GONE)
    at = open_card(app, number, name, editor=editor, page=page)
    if not is_by_script(request):
        return _back(request, _card_url(number, name))
    return JSONResponse({"mine": at.editor == editor, "editor": at.editor, "seen": desk.last_number})


@signed_in
def take_over(request: Request) -> Response:
    """Sit down at the card although somebody else is there; their page learns it within half a minute."""
    app, number, name = _asked(request)
    if open_desk(app, number).card(name) is None:
        raise NotFound(GONE)
    open_card(app, number, name, editor=editor_of(request).name, take_over=True)
    return _back(request, _card_url(number, name))


_ITEM = "/desk/issues/{number:int}/items/{entry}"
ROUTES = [
    Route(_ITEM, item),
    *(
        Route(f"{_ITEM}/{name}", handler, methods=["POST"])
        for name, handler in (
            ("text", text),
            ("event", event),
            ("merge", one_story),
            ("apart", apart),
            ("split", split_story),
            ("remark", remark),
            ("hold", hold),
            ("take-over", take_over),
        )
    ),
]


def back_of(request: Request, otherwise: str) -> str:
    """The page of the desk that a form names to come back to."""
    wanted = form_of(request).get("back")
    return own_path(wanted) if isinstance(wanted, str) and wanted else otherwise


def _back(request: Request, otherwise: str) -> Response:
    return go(back_of(request, otherwise))


def _asked(request: Request) -> tuple[Newsletter, int, str]:
    return newsletter_of(request), request.path_params["number"], request.path_params["entry"]


def _card_url(number: int, name: str) -> str:
    return f"/desk/issues/{number}/items/{name}"


def _card(desk: Desk, name: str) -> Card:
    found = desk.card(name)
    assert found is not None
    return found


def _page(request: Request, desk: Desk, card: Card, *, typed: Typed | None = None, status: int = 200) -> Response:
    app, number = newsletter_of(request), desk.issue.number
    at = at_cards(app, number)
    view = card_view(app, desk, card, at, editor=editor_of(request).name, typed=typed)
    if typed is not None and view.at is not None:
        # What was typed is shown even when somebody else sat down meanwhile: it must not be lost.
        view = replace(view, at=None)
    context = {"card": view, "page": _place(desk, card), "back": "", "is_alone": True}
    standing = standing_at(app, desk)
    return show(request, "desk/card.html", context, status=status, current="Review", standing=standing)


def _place(desk: Desk, card: Card) -> PageContext:
    section = desk.section(card.section)
    ids = [each.entry.id for each in (*section.cards, *section.below)] if section else [card.entry.id]
    at = ids.index(card.entry.id)
    return PageContext(at + 1, len(ids), ids[at - 1] if at else "", ids[at + 1] if at + 1 < len(ids) else "")


def _typed(request: Request, name: str, *, lines: bool = False) -> str:
    """What was typed into a field, however long, without characters nobody sees."""
    value = form_of(request).get(name)
    said = without_controls(value if isinstance(value, str) else "").strip()
    return said if lines else " ".join(said.split())


def _seen(request: Request) -> int | None:
    said = field(request, "seen")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


def _others(request: Request) -> Sequence[str]:
    found = [each for each in form_of(request).getlist("other") if isinstance(each, str) and each]
    if not found:
        raise UsageError("Mark the other item first: press Space at it, then m at this one.")
    return list(dict.fromkeys(found))


def _check_draft(desk: Desk) -> None:
    if desk.issue.state != "draft":
        raise WrongState(f"Issue {desk.issue.number} is {desk.issue.state}; only a draft can be changed.")
