"""Adding a source: an address is looked at, shown with what it gives, and written into feeds.yaml."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import ConfigError, FeedsChanged, SpliceFault, UsageError
from newsletter.pipeline.adding import Probe, add, noted, probe, source_lines
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.rhythm import rhythm_words
from newsletter.render.words import counted, day_month
from newsletter.text import host_of, one_line, without_controls
from newsletter.web.pages import asking_again, go, show
from newsletter.web.sessions import check_complete, editor_of, field, newsletter_of, signed_in
from newsletter.web.source_views import PATH, Shown, shown_items, source_url, web_address, week_ago
from newsletter.web.sources import standing, tasks_of
from newsletter.web.tasks import Task

_LOOK = "look"
_LONGEST = 2_000
_FORGOTTEN = "What was found is forgotten by now. Look at the address once more."


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the feeds that a page names."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Found:
    """What lies at the address."""

    address: str
    address_url: str
    page: str
    title: str
    kind: str
    reader: str
    facts: str
    name: str
    items: tuple[Shown, ...]
    same: tuple[str, ...]
    """Sources that carry the same items, each in a sentence."""
    warnings: tuple[str, ...]
    is_there: str
    is_there_url: str
    lines: tuple[str, ...]
    """What would be written."""


@dataclass(frozen=True, slots=True)
class AddContext:
    """What ``desk/source_add.html`` shows."""

    address: str
    look: str
    """The name of what was looked at, for the form that adds."""
    is_asking: bool = False
    problem: str = ""
    page: str = ""
    choices: tuple[Choice, ...] = ()
    found: Found | None = None
    sections: tuple[tuple[str, str], ...] = ()
    name: str = ""
    section: str = ""
    is_recent: bool = False
    """Whether the last 7 days are to be news."""


@signed_in
def page(request: Request) -> Response:
    """What was found at an address; nobody is asked by opening it."""
    params = request.query_params
    address = one_line(without_controls(params.get("address", "")))[:_LONGEST]
    return _page(request, params.get("look", ""), address)


@signed_in
def look(request: Request) -> Response:
    """Begin to look at an address."""
    check_complete(request, "address")
    app, address = newsletter_of(request), field(request, "address", at_most=_LONGEST)
    name = tasks_of(request).begin(Task(_LOOK, address), lambda: probe(app, address))
    return go(f"{PATH}/add?{urlencode({'address': address, 'look': name})}")


@signed_in
def post(request: Request) -> Response:
    """Write what was found into feeds.yaml."""
    check_complete(request, "look", "name", "section")
    app = newsletter_of(request)
    address, key = field(request, "address", at_most=_LONGEST), field(request, "look")
    name, section = field(request, "name"), field(request, "section")
    task = tasks_of(request).known(key, _LOOK)
    if task is None or not task.is_done or not isinstance(task.result, Probe):
        return _page(request, key, address, problem=_FORGOTTEN, status=409)
    settings = {"section": section} if section else {}
    fresh_from = week_ago(app.now()) if field(request, "news") == "week" else None
    try:
        by = editor_of(request).name
        added = add(app, task.result, by=by, name=name, settings=settings, fresh_from=fresh_from)
    except (ConfigError, FeedsChanged, SpliceFault, UsageError) as fault:
        return _page(request, key, address, problem=str(fault), status=422)
    after = request.app.state.current.get().config.sources
    return go(source_url(next(each.id for each in after if each.name == added.name), said="added"))


ROUTES = [
    Route(f"{PATH}/add", page, methods=["GET"]),
    Route(f"{PATH}/look", look, methods=["POST"]),
    Route(f"{PATH}/add", post, methods=["POST"]),
]


def _page(request: Request, key: str, address: str, *, problem: str = "", status: int = 200) -> Response:
    app = newsletter_of(request)
    task = tasks_of(request).known(key, _LOOK)
    if key and task is None:
        problem = problem or _FORGOTTEN
    context = _context(request, app, key, task, address=address, problem=problem)
    frame = standing(app, ("Add a source", host_of(context.address) or "paste any address"))
    response = show(request, "desk/source_add.html", {"add": context}, current="Sources", standing=frame, status=status)
    return asking_again(response, seconds=2) if context.is_asking else response


def _context(
    request: Request, app: Newsletter, key: str, task: Task | None, *, address: str, problem: str
) -> AddContext:
    if task is None:
        return AddContext(address, "", problem=problem)
    address = task.about
    if not task.is_done:
        return AddContext(address, key, is_asking=True)
    if task.problem or not isinstance(task.result, Probe):
        return AddContext(address, "", problem=problem or task.problem)
    found: Probe = task.result
    if found.needs_choice:
        choices = tuple(Choice(each.url, each.title or each.url) for each in found.choices)
        return AddContext(address, key, problem=problem, page=found.page or found.address, choices=choices)
    section = field(request, "section")
    return AddContext(
        address,
        key,
        problem=problem,
        found=_found(app, found, by=editor_of(request).name),
        sections=tuple((each.id, each.title) for each in app.config.sections),
        name=field(request, "name") or found.name,
        section=section,
        is_recent=field(request, "news") == "week",
    )


def _found(app: Newsletter, found: Probe, *, by: str) -> Found:
    zone, now = app.config.schedule.zone, app.now()
    newest = f", the newest of {day_month(found.newest_at.astimezone(zone).date())}" if found.newest_at else ""
    there = next((each.id for each in app.config.sources if each.name == found.is_there), "")
    return Found(
        address=found.address,
        address_url=web_address(found.address),
        page=found.page,
        title=found.title,
        kind=found.kind,
        reader=found.reader,
        facts=f"{counted(found.items_count, 'item')}, {rhythm_words(found.per_week)}{newest}",
        name=found.name,
        items=shown_items(found.newest, zone, now),
        same=tuple(f"“{each.name}” carries {each.shared} of these {each.of} items as well." for each in found.overlaps),
        warnings=found.warnings,
        is_there=found.is_there,
        is_there_url=source_url(there) if there else "",
        lines=noted(app, source_lines(found), by=by),
    )
