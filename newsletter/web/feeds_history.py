"""The history of feeds.yaml: who changed what and when, and the way back."""

from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import NotFound
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.feeds_file import (
    FeedsText,
    by_whom,
    differences,
    go_back_to,
    read_feeds,
    version_text,
    versions,
    whole_hash,
)
from newsletter.store.feeds_versions import FeedsVersion
from newsletter.web.card_words import clock
from newsletter.web.feeds_file import HISTORY, save_typed
from newsletter.web.feeds_text import DifferenceLine, difference_lines
from newsletter.web.pages import show
from newsletter.web.sessions import check_complete, editor_of, field, newsletter_of, signed_in

_SHOWN = 50
_LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version in the list."""

    number: int
    at: str
    by: str
    """By whom, or where, as it stands in a sentence."""
    note: str
    is_now: bool
    """Whether the file on the disk is this one."""
    url: str


@dataclass(frozen=True, slots=True)
class HistoryContext:
    """What ``desk/feeds_history.html`` shows; ``opened`` is the version that is looked at, with its ``changes``."""

    versions: tuple[VersionView, ...]
    opened: VersionView | None
    changes: tuple[tuple[str, tuple[DifferenceLine, ...]], ...]
    """By the name of each file that it changed, what is different."""
    asks: bool
    """Whether it is asked if the file shall be that version again."""
    base: str
    """The hash of the file as it is, with all that it includes."""
    older_url: str


@signed_in
def history(request: Request) -> Response:
    """Every version, the newest first; one of them opened."""
    app, params = newsletter_of(request), request.query_params
    every = versions(app)
    # A version is known by all its files; while the file on the disk has mistakes it is none of them.
    now = 0 if app.problems else next((each.number for each in every if each.hash == app.config.file_hash), 0)
    opened = _opened(every, params.get("version", ""))
    older = [each for each in every if each.number < _number(params.get("before", ""))] or list(every)
    shown = older[:_SHOWN]
    is_more = len(older) > len(shown)
    context = HistoryContext(
        versions=tuple(_view(app, each, now) for each in shown),
        opened=_view(app, opened, now) if opened else None,
        changes=_changes(app, opened.number) if opened else (),
        base=whole_hash(app.home),
        asks=opened is not None and params.get("ask") == "back",
        older_url=f"{HISTORY}?before={shown[-1].number}" if is_more else "",
    )
    return show(request, "desk/feeds_history.html", {"history": context}, current="Sources")


@signed_in
def post_back(request: Request) -> Response:
    """Make an older version the file again, as a new version; what is wrong with it by now is shown."""
    check_complete(request, "base")
    number = int(request.path_params["number"])
    app, base = newsletter_of(request), field(request, "base")
    text, by = version_text(app, number), editor_of(request).name
    save = partial(go_back_to, app, number, by, base_hash=base)
    # Going back needs the hash of all files; the page that shows mistakes saves one, and needs that of the one.
    own = read_feeds(app.home).hash
    typed = FeedsText(text, own if whole_hash(app.home) == base else base)
    return save_typed(request, typed, note=f"back to version {number}", save=save)


def _opened(every: tuple[FeedsVersion, ...], text: str) -> FeedsVersion | None:
    if not text:
        return None
    number = _number(text)
    found = next((each for each in every if each.number == number), None)
    if found is None:
        raise NotFound("There is no version of that number. Open the history again.")
    return found


def _changes(app: Newsletter, number: int) -> tuple[tuple[str, tuple[DifferenceLine, ...]], ...]:
    return tuple((name, difference_lines(lines)) for name, lines in differences(app, number))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else 0


def _view(app: Newsletter, version: FeedsVersion, now: int) -> VersionView:
    return VersionView(
        number=version.number,
        at=clock(version.at, app.config.schedule.zone, app.now()),
        by=by_whom(version.by),
        note=version.note,
        is_now=version.number == now,
        url=f"{HISTORY}?version={version.number}#version",
    )


ROUTES = [
    Route(HISTORY, history, methods=["GET"]),
    Route(f"{HISTORY}/{{number:int}}", post_back, methods=["POST"]),
]
