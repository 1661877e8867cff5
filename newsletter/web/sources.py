"""The Sources page: how every source is, and on a page of its own what it brought, its settings and its lines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import ConfigError, FeedsChanged, NewsletterError, SpliceFault, UsageError
from newsletter.model.source import Source
from newsletter.pipeline import source_acts as acts
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.in_force import last_good_at
from newsletter.pipeline.source_board import called, counts_of, source_board, standing_of_source
from newsletter.pipeline.source_value import Suggestion
from newsletter.store import issues
from newsletter.text import one_line, without_controls
from newsletter.web.frame import Standing
from newsletter.web.pages import asking_again, go, show
from newsletter.web.sessions import check_complete, editor_of, field, form_of, newsletter_of, signed_in
from newsletter.web.source_form import Typed, fields_of, typed_in
from newsletter.web.source_page import ASKED, SourceContext, source_context
from newsletter.web.source_views import PATH, BrokenFile, SourceRow, broken_file, source_row, source_url, version_words
from newsletter.web.source_words import count_words
from newsletter.web.tasks import Task, Tasks

PAGE = 50
_SAID = {
    "removed": "Its lines are out of the file. What it brought stays in the issues; the history has the lines.",
}


@dataclass(frozen=True, slots=True)
class SourcesContext:
    """What ``desk/sources.html`` shows."""

    rows: tuple[SourceRow, ...]
    total: int
    """How many sources there are."""
    found: int
    """How many of them the search found."""
    text: str
    more_url: str
    more_count: int
    broken: BrokenFile | None
    said: str


@signed_in
def sources(request: Request) -> Response:
    """All sources, those in trouble first."""
    app, params = newsletter_of(request), request.query_params
    text = one_line(without_controls(params.get("q", "")))[:200]
    board = source_board(app)
    found = called(board, text)
    first = min(_number(params.get("from", "")), len(found))
    zone, now = app.config.schedule.zone, app.now()
    left = len(found) - first - PAGE
    context = SourcesContext(
        rows=tuple(source_row(each, zone, now) for each in found[first : first + PAGE]),
        total=len(board),
        found=len(found),
        text=text,
        more_url=f"{PATH}?{urlencode({**({'q': text} if text else {}), 'from': str(first + PAGE)})}"
        if left > 0
        else "",
        more_count=min(left, PAGE),
        broken=broken_file(app),
        said=_SAID.get(params.get("said", ""), ""),
    )
    version = version_words(app, last_good_at(app.home))
    line = (*count_words(counts_of(board)), *([version] if version else []))
    return show(request, "desk/sources.html", {"sources": context}, current="Sources", standing=standing(app, line))


@signed_in
def source(request: Request) -> Response:
    """One source."""
    return _page(request, _id(request))


@signed_in
def post(request: Request) -> Response:
    """One act on a source."""
    app, do = newsletter_of(request), field(request, "do")
    each = standing_of_source(app, _id(request)).health
    found = each.source
    if do == "save":
        return _save(request, app, found)
    if do in ASKED:
        return go(source_url(found.id, task=_begin(request, app, found, do)))
    if do == "remove":
        return _remove(request, app, found)
    act = partial(_take, request, each.suggestion) if do == "suggested" else _ACTS.get(do)
    if act is None:
        raise UsageError(f"There is no “{do}” on this page. Open it again.")
    try:
        act(app, found, by=editor_of(request).name)
    except (ConfigError, FeedsChanged, SpliceFault) as fault:
        return _page(request, found.id, problem=_told(app, fault), status=409)
    return go(source_url(found.id, said=do))


ROUTES = [
    Route(PATH, sources, methods=["GET"]),
    Route(f"{PATH}/{{id}}", source, methods=["GET"]),
    Route(f"{PATH}/{{id}}", post, methods=["POST"]),
]

_ACTS: Mapping[str, Callable[..., object]] = {
    "pause": acts.pause,
    "go on": acts.go_on,
}


def standing(app: Newsletter, line: tuple[str, ...]) -> Standing:
    """The frame's status line for pages about sources."""
    with app.database.reading() as db:
        newest = issues.newest(db)
    return Standing(newest[0] if newest else None, words=line)


def new_tasks() -> Tasks:
    """For what is asked of sources beside the pages: a look at an address, a test, a reading."""
    mistake = "The program made a mistake; its log says which. Nothing was stored. Try it again."
    return Tasks(3, kept=64, patience=1.5, mistake=mistake)


def tasks_of(request: Request) -> Tasks:
    """What is being asked beside the pages."""
    found: Tasks = request.app.state.source_tasks
    return found


def _begin(request: Request, app: Newsletter, found: Source, do: str) -> str:
    make = acts.test_source if do == "test" else acts.read_now
    return tasks_of(request).begin(Task(do, found.id), lambda: make(app, found))


def _take(request: Request, suggestion: Suggestion | None, app: Newsletter, found: Source, *, by: str) -> None:
    """Write what is suggested, if it is still what the page showed: a button that is pressed twice does it once."""
    shown = field(request, "key"), field(request, "value", at_most=2_000)
    if suggestion and (suggestion.key, suggestion.value) == shown:
        acts.take(app, found, suggestion, by=by)


def _remove(request: Request, app: Newsletter, found: Source) -> Response:
    if field(request, "sure") != "yes":
        return go(source_url(found.id, ask="remove"))
    try:
        acts.remove(app, found, by=editor_of(request).name)
    except (ConfigError, FeedsChanged, SpliceFault) as fault:
        return _page(request, found.id, problem=_told(app, fault), status=409)
    return go(f"{PATH}?said=removed")


def _save(request: Request, app: Newsletter, found: Source) -> Response:
    """Write what was typed into the file, or show it again with what is wrong."""
    check_complete(request, "base")
    text = acts.source_text(app, found)
    fields, _ = fields_of(found, text.settings, app.config.sections)
    typed = typed_in(form_of(request), fields)
    if not typed.changes:
        return go(source_url(found.id, said="same"))
    try:
        by = editor_of(request).name
        acts.change_source(app, found, typed.changes, by=by, base_hash=field(request, "base"))
    except FeedsChanged as fault:
        return _page(request, found.id, problem=str(fault), typed=typed, status=409)
    except (ConfigError, SpliceFault, UsageError) as fault:
        return _page(request, found.id, problem=_told(app, fault), typed=typed, status=422)
    name = typed.changes.get("name") or found.name
    after = request.app.state.current.get().config.sources
    return go(source_url(next((each.id for each in after if each.name == name), found.id), said="save"))


def _told(app: Newsletter, fault: NewsletterError) -> str:
    """Why nothing was written. Lines are not named: they would be those of a file that is not there."""
    if not isinstance(fault, ConfigError):
        return str(fault)
    if app.problems and fault.total <= app.problems_total:
        return "The file on the disk has mistakes, which have to be mended first. They are named below."
    return "\n".join(each.text for each in fault.problems)


def _page(
    request: Request, source_id: str, *, problem: str = "", typed: Typed | None = None, status: int = 200
) -> Response:
    app = newsletter_of(request)
    each = standing_of_source(app, source_id)
    context: SourceContext = source_context(app, each, typed=typed)
    params = request.query_params
    is_running = False
    task = None
    for what in ASKED:
        task = task or tasks_of(request).known(params.get("task", ""), what, source_id)
    if task:
        context, is_running = context.with_task(app, task), not task.is_done
    elif params.get("task"):
        problem = problem or "What was asked is forgotten, as the program was started anew. Ask once more."
    context = replace(
        context,
        problem=problem,
        is_conflict=status == 409 and typed is not None,
        asks_removal=params.get("ask") == "remove",
        said=context.said_of(params.get("said", "")),
    )
    response = show(
        request,
        "desk/source.html",
        {"source": context},
        current="Sources",
        status=status,
        standing=standing(app, (each.health.source.name, each.word)),
    )
    return asking_again(response, seconds=2) if is_running else response


def _id(request: Request) -> str:
    """The id that the address names; "~" stands before one that is a page of its own as well."""
    return str(request.path_params["id"]).removeprefix("~")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0
