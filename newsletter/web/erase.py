"""Erasing a person everywhere, for managers: first what names them, then the button."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import NewsletterError, UsageError
from newsletter.pipeline.erase import Erasure, erase_person, look_for_person
from newsletter.text import without_controls
from newsletter.web.pages import show
from newsletter.web.sessions import editor_of, field, for_managers, form_of, newsletter_of
from newsletter.web.subscribers import PATH as SUBSCRIBERS

PATH = f"{SUBSCRIBERS}/erase-person"
_MOST = 4_000


@dataclass(frozen=True, slots=True)
class EraseContext:
    """What ``desk/erase.html`` shows."""

    who: str = ""
    """What was typed: names and addresses, one a line."""
    found: Erasure | None = None
    is_done: bool = False
    problem: str = ""


@for_managers
def page(request: Request) -> Response:
    """The form."""
    return _show(request, EraseContext())


@for_managers
def post(request: Request) -> Response:
    """Look for a person, or erase them; the latter only from the page that showed what it changes."""
    app, who, do = newsletter_of(request), _typed(request), field(request, "do")
    try:
        if len(who) > _MOST:
            raise UsageError(f"That is much for one person; {_MOST:,} letters are the most.")
        if do == "erase":
            if field(request, "sure") != "yes":
                raise UsageError("Erasing cannot be undone. Look first, then press the button of the page that asks.")
            done = erase_person(app, who.splitlines(), by=f"desk {editor_of(request).name}")
            return _show(request, EraseContext(found=done, is_done=True))
        return _show(request, EraseContext(who, look_for_person(app, who.splitlines())))
    except NewsletterError as fault:
        return _show(request, EraseContext(who[:_MOST], problem=str(fault)), status=400)


ROUTES = [
    Route(PATH, page, methods=["GET"]),
    Route(PATH, post, methods=["POST"]),
]


def _typed(request: Request) -> str:
    text = form_of(request).get("who")
    return "\n".join(without_controls(line).strip() for line in text.splitlines()) if isinstance(text, str) else ""


def _show(request: Request, context: EraseContext, *, status: int = 200) -> Response:
    return show(request, "desk/erase.html", {"erase": context}, status=status, current="Subscribers")
