"""Erasing a person everywhere, for managers: first what names them, then the button."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import NewsletterError, UsageError
from newsletter.pipeline.erase import Erasure, checked, erase_person, look_for_person
from newsletter.text import without_controls
from newsletter.web.pages import asking_again, go, show
from newsletter.web.sessions import editor_of, field, for_managers, form_of, newsletter_of
from newsletter.web.subscribers import PATH as SUBSCRIBERS
from newsletter.web.tasks import Task, Tasks

PATH = f"{SUBSCRIBERS}/erase-person"
_MOST, _AGAIN = 4_000, 2
_ERASE = "erase a person"
_MISTAKE = "The program made a mistake; its log says which. An erasure that was begun goes on with the next clean-up."
_FORGOTTEN = "What came of it is not kept any more. Look again: a second look or erasure does no harm."


@dataclass(frozen=True, slots=True)
class EraseContext:
    """What ``desk/erase.html`` shows."""

    who: str = ""
    """What was typed: names and addresses, one a line."""
    found: Erasure | None = None
    is_done: bool = False
    problem: str = ""
    now: str = ""
    """What is gone through just now, while it lasts."""


@for_managers
def page(request: Request) -> Response:
    """The form; or how far a look or an erasure is, and what came of it."""
    key = request.query_params.get("work", "")
    task = _tasks(request).known(key)
    if task is None or task.who != editor_of(request).name:
        return _show(request, EraseContext(problem=_FORGOTTEN if key else ""))
    return _worked(request, task)


@for_managers
def post(request: Request) -> Response:
    """Look for a person, or erase them; the latter only from the page that showed what it changes."""
    app, who, is_erasing = newsletter_of(request), _typed(request), field(request, "do") == "erase"
    by = editor_of(request).name
    try:
        if len(who) > _MOST:
            raise UsageError(f"That is much for one person; {_MOST:,} letters are the most.")
        names = checked(who.splitlines())
        if is_erasing and field(request, "sure") != "yes":
            raise UsageError("Erasing cannot be undone. Look first, then press the button of the page that asks.")
    except NewsletterError as fault:
        return _show(request, EraseContext(who[:_MOST], problem=str(fault)), status=400)
    # What was typed is not kept once it erases.
    task = Task(_ERASE, "", by) if is_erasing else Task("look for a person", who, by)

    def make() -> Erasure:
        if is_erasing:
            return erase_person(app, names, by=f"desk {by}", told=task.tell)
        return look_for_person(app, names, told=task.tell)

    key = _tasks(request).begin(task, make)
    return _worked(request, task) if task.is_done else go(f"{PATH}?{urlencode({'work': key})}")


ROUTES = [
    Route(PATH, page, methods=["GET"]),
    Route(PATH, post, methods=["POST"]),
]


def new_tasks() -> Tasks:
    """For looks and erasures, one after the other beside the pages: in a home of years they take a while."""
    return Tasks(1, kept=8, patience=2, mistake=_MISTAKE)


def _tasks(request: Request) -> Tasks:
    found: Tasks = request.app.state.erasures
    return found


def _worked(request: Request, task: Task) -> Response:
    if not task.is_done:
        return asking_again(_show(request, EraseContext(now=task.now)), seconds=_AGAIN)
    if task.problem:
        return _show(request, EraseContext(task.about, problem=task.problem), status=400)
    return _show(request, EraseContext(task.about, task.result, task.what == _ERASE))


def _typed(request: Request) -> str:
    text = form_of(request).get("who")
    return "\n".join(without_controls(line).strip() for line in text.splitlines()) if isinstance(text, str) else ""


def _show(request: Request, context: EraseContext, *, status: int = 200) -> Response:
    return show(request, "desk/erase.html", {"erase": context}, status=status, current="Subscribers")
