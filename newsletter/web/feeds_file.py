"""feeds.yaml on the desk: read with its mistakes at their lines, changed, and never saved over another's change."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsletter.config.kind_keys import kind_names
from newsletter.errors import ConfigError, FeedsChanged, NewsletterError, Problem, UsageError
from newsletter.model.settings import DEFAULT_SECTIONS
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.feeds_file import (
    FeedsText,
    Saved,
    check_text,
    feeds_names,
    read_feeds,
    save_files,
    text_difference,
    text_hash,
)
from newsletter.pipeline.in_force import FEEDS
from newsletter.text import one_line
from newsletter.web.assets import asset_url
from newsletter.web.card_words import clock
from newsletter.web.feeds_text import DifferenceLine, LineView, difference_lines, line_views, shown_text, typed_like
from newsletter.web.file_lines import FILE_PAGE, file_page
from newsletter.web.kept_text import KeptTexts
from newsletter.web.pages import go, show
from newsletter.web.sessions import check_complete, editor_of, field, newsletter_of, secret_field, signed_in

HISTORY, TRY = "/desk/sources/history", "/desk/sources/try"
_LONGEST = 400_000
_NOTE_LETTERS = 200
_GONE = "What you tried is not kept any more. This is the file as it is."
_SAID = {
    "saved": "Saved; it is in force.",
    "same": "Nothing was changed: the file says so already.",
    "back": "The older version is in force again.",
}


@dataclass(frozen=True, slots=True)
class ConflictView:
    """The file was changed by somebody else meanwhile."""

    words: str
    at: str
    theirs_hash: str
    difference: tuple[DifferenceLine, ...]
    """What saving mine now would make of theirs."""
    both: str | None
    """Both changes in one text, None where their lines touch."""
    clashes: tuple[tuple[int, str, str], ...]
    """Where they touch: the line, mine, theirs."""
    is_known: bool
    """Whether the text that both were made from is kept, so that the two changes can be told from each other."""


@dataclass(frozen=True, slots=True)
class FileContext:
    """What ``desk/feeds_file.html`` shows."""

    text: str
    base: str
    """The hash of the text that the form was made from."""
    lines: tuple[LineView, ...]
    """Empty while the text is being changed."""
    is_open: bool
    """Whether the text is being changed."""
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    more_count: int
    """How many mistakes are not shown."""
    file: str
    """The name of the file: feeds.yaml, or one that this includes."""
    url: str
    """Where the file is shown as it is."""
    edit_url: str
    files: tuple[tuple[str, str], ...]
    """All files there are, each with its address; empty when there is one."""
    is_checked: bool
    """Whether a typed text was looked at and is well."""
    in_force: str
    """Since when an older version is in force, as the file on disk has mistakes; empty when the file is in force."""
    sections: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    key: str
    """Under which a text that is not saved is kept; empty for the file as it is."""
    conflict: ConflictView | None
    note: str
    said: str
    script_url: str


@signed_in
def feeds_file(request: Request) -> Response:
    """The file as it is on disk, or a text that waits to be saved: to read or, with ``?edit=1``, to change."""
    app, params = newsletter_of(request), request.query_params
    key = params.get("text", "")
    kept = texts_of(request).get(key)
    name = kept.file if kept else params.get("file", FEEDS)
    is_open = params.get("edit") == "1"
    if kept is None:
        found = read_feeds(app.home, name)
        context = _context(request, name, found, is_open=is_open)
        return _shown(request, replace(context, said=_GONE if key else _SAID.get(params.get("said", ""), "")))
    context = _context(request, name, FeedsText(kept.text, kept.base), is_open=is_open)
    return _shown(request, replace(context, key=key, note=kept.note))


@signed_in
def post_feeds_file(request: Request) -> Response:
    """Check, try or save what was typed; nothing typed is lost."""
    check_complete(request, "text", "base", "do")
    app, do = newsletter_of(request), field(request, "do")
    name = field(request, "file") or FEEDS
    text, base = _typed(request, read_feeds(app.home, name)), field(request, "base")
    note = one_line(field(request, "note", at_most=_NOTE_LETTERS))
    if do == "try":
        return go(f"{TRY}?text={texts_of(request).keep(text, base, note, file=name)}")
    if do == "check":
        context = _context(request, name, FeedsText(text, base), is_open=True)
        return _shown(request, replace(context, note=note, is_checked=True))
    if do != "save":
        raise UsageError(f"There is no “{do}” on this page. Open it again.")
    return save_typed(request, FeedsText(text, base), note=note, file=name)


def save_typed(
    request: Request,
    typed: FeedsText,
    *,
    note: str = "",
    file: str = FEEDS,
    save: Callable[[], Saved] | None = None,
) -> Response:
    """Save what was typed, or show the page on which it can be mended, with the text as it was typed.

    ``save`` saves more than this text where more belongs to it.
    """
    app, by = newsletter_of(request), editor_of(request).name
    try:
        saved = save() if save else save_files(app, {file: typed}, by=by, note=note)
    except ConfigError:
        return _shown(request, replace(_context(request, file, typed, is_open=True), note=note), status=422)
    except FeedsChanged as fault:
        context = _context(request, fault.file, FeedsText(fault.mine, typed.hash), is_open=True)
        return _shown(request, replace(context, note=note, conflict=_conflict(app, fault)), status=409)
    return go(file_page(file, said="saved" if saved.is_new else "same"))


@signed_in
def post_check(request: Request) -> Response:
    """What is wrong with the text that is being typed, as a part of the page."""
    check_complete(request, "text")
    app = newsletter_of(request)
    name = field(request, "file") or FEEDS
    problems, warnings, more = _look(app, name, _typed(request, read_feeds(app.home, name)))
    shown = {"problems": problems, "warnings": warnings, "more_count": more, "is_checked": True, "file_name": name}
    return HTMLResponse(app.templates.render("desk/_feeds_problems.html", **shown))


def texts_of(request: Request) -> KeptTexts:
    """What editors typed and did not save yet, to try it."""
    found: KeptTexts = request.app.state.kept_texts
    return found


def _typed(request: Request, now: FeedsText) -> str:
    text = secret_field(request, "text")
    if len(text) > _LONGEST:
        raise UsageError(
            f"The file has {len(text):,} characters; {_LONGEST:,} are the most here. Change it on the disk."
        )
    return typed_like(text, now.text)


def _look(app: Newsletter, name: str, text: str) -> tuple[tuple[Problem, ...], tuple[Problem, ...], int]:
    """The mistakes in ``text``, its warnings, and how many mistakes are not among them."""
    if name == FEEDS and text_hash(text.encode("utf-8", "surrogatepass")) == app.config.file_hash:
        return (), app.config.warnings_at(app.now()), 0
    try:
        return (), check_text(app, text, name).warnings_at(app.now()), 0
    except ConfigError as fault:
        return fault.problems, (), fault.total - len(fault.problems)


def _context(request: Request, name: str, found: FeedsText, *, is_open: bool) -> FileContext:
    app = newsletter_of(request)
    problems, warnings, more = _look(app, name, found.text)
    files = feeds_names(app.home)
    return FileContext(
        text=shown_text(found.text),
        base=found.hash,
        lines=() if is_open else line_views(found.text, (*problems, *warnings), file=name),
        is_open=is_open,
        problems=problems,
        warnings=warnings,
        more_count=more,
        is_checked=False,
        file=name,
        url=file_page(name),
        edit_url=file_page(name, edit="1"),
        files=tuple((each, file_page(each)) for each in files) if len(files) > 1 else (),
        in_force=_in_force(app),
        sections=tuple((each.id, each.title) for each in app.config.sections or DEFAULT_SECTIONS),
        kinds=kind_names(),
        key="",
        conflict=None,
        note="",
        said="",
        script_url=asset_url(app, "feeds_file.js"),
    )


def _in_force(app: Newsletter) -> str:
    return clock(app.in_force_since, app.config.schedule.zone, app.now()) if app.problems else ""


def _conflict(app: Newsletter, fault: FeedsChanged) -> ConflictView:
    return ConflictView(
        words=str(fault),
        at=clock(fault.made_at, app.config.schedule.zone, app.now()),
        theirs_hash=text_hash(fault.theirs.encode("utf-8")),
        difference=difference_lines(text_difference(fault.theirs, fault.mine)),
        both=fault.both if fault.both is not None and _is_well(app, fault.file, fault.both) else None,
        is_known=fault.both is not None or bool(fault.clashes),
        clashes=tuple((line, own.rstrip("\r\n"), theirs.rstrip("\r\n")) for line, _, own, theirs in fault.clashes),
    )


def _is_well(app: Newsletter, name: str, text: str) -> bool:
    try:
        check_text(app, text, name)
    except NewsletterError:
        return False
    return True


def _shown(request: Request, context: FileContext, *, status: int = 200) -> Response:
    return show(request, "desk/feeds_file.html", {"file": context}, status=status, current="Sources")


ROUTES = [
    Route(FILE_PAGE, feeds_file, methods=["GET"]),
    Route(FILE_PAGE, post_feeds_file, methods=["POST"]),
    Route(f"{FILE_PAGE}/check", post_check, methods=["POST"]),
]
