"""Try on old issues: what the last issues would have been under the file, or under a text that was typed."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.config.load import Config
from newsletter.errors import ConfigError, NotFound, Problem, UsageError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.feeds_file import FeedsText, check_text, read_feeds, text_difference
from newsletter.pipeline.in_force import FEEDS
from newsletter.pipeline.looking import look_into
from newsletter.pipeline.rule_findings import findings
from newsletter.pipeline.trying import try_issues
from newsletter.store import issues
from newsletter.web.feeds_file import TRY, save_typed, texts_of
from newsletter.web.feeds_text import DifferenceLine, difference_lines
from newsletter.web.file_lines import FILE_PAGE
from newsletter.web.pages import asking_again, show
from newsletter.web.sessions import field, newsletter_of, signed_in
from newsletter.web.trial_views import TrialView, trial_view
from newsletter.web.workshop import Workshop

COUNTS = (4, 8, 12)
_PATIENCE = 0.8
_AGAIN = 2


@dataclass(frozen=True, slots=True)
class TrialContext:
    """What ``desk/trial.html`` shows; ``trial`` is None while it is made."""

    trial: TrialView | None
    last: int
    counts: tuple[tuple[int, str], ...]
    """How many issues may be tried, each with its address."""
    is_typed: bool
    """Whether a text is tried that is not saved."""
    is_gone: bool
    """Whether the typed text is not kept any more, and the file is tried instead."""
    difference: tuple[DifferenceLine, ...]
    """What a typed text changes in the file as it is."""
    file: str
    """Which file the text is."""
    key: str
    """Under which the typed text is kept."""
    page: str
    """Where the lines of the text that is tried can be read."""
    edit_url: str
    problems: tuple[Problem, ...]
    """Why the text cannot be tried."""
    nothing: str
    """Said where there is no issue yet."""


@signed_in
def trial(request: Request) -> Response:
    """The last issues under the text; while it is made the page comes again by itself."""
    app, params = newsletter_of(request), request.query_params
    last, key = _last(params.get("last", "")), params.get("text", "")
    kept = texts_of(request).get(key)
    file = kept.file if kept else FEEDS
    text = kept.text if kept else read_feeds(app.home).text
    page = f"{FILE_PAGE}?{urlencode({'text': key})}" if kept else FILE_PAGE
    context = TrialContext(
        trial=None,
        last=last,
        counts=tuple((count, _url(count, key)) for count in COUNTS),
        is_typed=kept is not None,
        is_gone=bool(key) and kept is None,
        difference=difference_lines(text_difference(read_feeds(app.home, file).text, text)) if kept else (),
        key=key if kept else "",
        file=file,
        page=page,
        edit_url=f"{page}&edit=1" if kept else f"{page}?edit=1",
        problems=(),
        nothing="",
    )
    return _tried(request, app, text, context)


@signed_in
def post_in_force(request: Request) -> Response:
    """Save the text that was tried."""
    if field(request, "do") != "put in force":
        raise UsageError("This page only puts in force what was tried. Open it again.")
    kept = texts_of(request).get(field(request, "text"))
    if kept is None:
        raise NotFound("What was tried is not kept any more. Open the file, change it again, and try it once more.")
    return save_typed(request, FeedsText(kept.text, kept.base), note=kept.note, file=kept.file)


def _tried(request: Request, app: Newsletter, text: str, context: TrialContext) -> Response:
    try:
        config = check_text(app, text, context.file)
    except ConfigError as fault:
        return _shown(request, context, problems=fault.problems)
    workshop: Workshop[TrialView] = request.app.state.trials
    last, page = context.last, context.page
    key = (context.file, text, config.file_hash, page, last, _stamp(app, last))
    try:
        made = workshop.within(_PATIENCE, key, lambda: _try(app, config, last, page))
    except NotFound as fault:
        return _shown(request, context, nothing=str(fault))
    if made is None:
        return asking_again(_shown(request, context), seconds=_AGAIN)
    return _shown(request, context, made=made)


def _try(app: Newsletter, config: Config, last: int, page: str) -> TrialView:
    with look_into(app.home, environ=app.environ, now=app.now) as shelf:
        found = try_issues(shelf, config, last=last, file=FEEDS)
        return trial_view(found, findings(found, now=shelf.now()), page=page)


def _stamp(app: Newsletter, last: int) -> tuple[object, ...]:
    """What is another one when one of the last issues, or what was decided in it, is."""
    with app.database.reading() as db:
        return tuple((number, *issues.stamp(db, number)) for number in issues.numbers(db)[-last:])


def _shown(
    request: Request,
    context: TrialContext,
    *,
    made: TrialView | None = None,
    problems: tuple[Problem, ...] = (),
    nothing: str = "",
) -> Response:
    context = replace(context, trial=made, problems=problems, nothing=nothing)
    return show(request, "desk/trial.html", {"trying": context}, current="Sources")


def _last(text: str) -> int:
    return int(text) if text in map(str, COUNTS) else COUNTS[0]


def _url(count: int, key: str) -> str:
    return f"{TRY}?{urlencode({'last': count, **({'text': key} if key else {})})}"


ROUTES = [
    Route(TRY, trial, methods=["GET"]),
    Route(TRY, post_in_force, methods=["POST"]),
]
