"""Files of readers, for managers: brought in after a look at them, taken out after a second question."""

from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from newsletter.errors import NewsletterError, NotFound, UsageError
from newsletter.pipeline.import_readers import Report
from newsletter.pipeline.reader_choices import today
from newsletter.pipeline.reader_uploads import drop_upload, find_upload, keep_upload
from newsletter.pipeline.readers_file import export_readers
from newsletter.store.subscriber_lists import counts
from newsletter.web.bringing import Bringer, Bringing
from newsletter.web.guard import MAX_FILE, UPLOAD
from newsletter.web.pages import asking_again, go, show
from newsletter.web.sessions import editor_of, field, for_managers, form_of, newsletter_of
from newsletter.web.subscribers import PATH


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What ``desk/subscriber_import.html`` shows."""

    most: str
    """The largest file that may be sent."""
    problem: str = ""
    source: str = ""
    bringing: Bringing | None = None
    columns: tuple[tuple[str, str], ...] = ()
    """What stands in which column."""
    report: Report | None = None
    is_done: bool = False
    has_failed_file: bool = False


@dataclass(frozen=True, slots=True)
class ExportContext:
    """What ``desk/subscriber_export.html`` shows."""

    count: int


@for_managers
def upload_form(request: Request) -> Response:
    """Choose a file."""
    return _form(request)


@for_managers
def upload(request: Request) -> Response:
    """Keep the file that was sent, then look at it."""
    app, sent = newsletter_of(request), form_of(request).get("file")
    source = field(request, "source")
    try:
        if not isinstance(sent, UploadFile):
            raise UsageError("Choose a file first.")
        kept = keep_upload(app, sent.file, name=sent.filename or "", source=source)
    except NewsletterError as fault:
        return _form(request, problem=str(fault), source=source)
    return go(f"{UPLOAD}/{kept.id}")


@for_managers
def one(request: Request) -> Response:
    """A file: what it holds, how far it is, or what came of it."""
    app = newsletter_of(request)
    bringing = _bringer(request).look(app, find_upload(app, request.path_params["id"]))
    is_done = bringing.is_done  # before what came of it, which the thread writes first
    report = bringing.report if is_done else None
    columns: tuple[tuple[str, str], ...] = ()
    if report:
        found, names = report.columns, report.columns.headings
        parts = (
            *(("address", found.address), ("since", found.date), ("sections", found.sections)),
            *(("rhythm", found.rhythm), ("state", found.state), ("left", found.left)),
        )
        columns = tuple((part, _column(at, names)) for part, at in parts if at is not None)
        columns += (("not kept", ", ".join(found.unused)),) if found.unused else ()
    has_failed = is_done and bringing.upload.failed_path.is_file()
    problem, source = bringing.problem if is_done else "", bringing.upload.source
    context = ImportContext(_most(), problem, source, bringing, columns, report, is_done, has_failed)
    response = show(request, "desk/subscriber_import.html", {"file": context}, current="Subscribers")
    return response if is_done else asking_again(response, seconds=2)


@for_managers
def act(request: Request) -> Response:
    """Bring the file in, stop that, or forget the file."""
    app, number, wish = newsletter_of(request), request.path_params["id"], field(request, "do")
    if wish == "stop":
        _bringer(request).stop(number)
    elif wish == "forget":
        _bringer(request).stop(number)
        _bringer(request).forget(number)
        drop_upload(app, number)
        return go(PATH)
    elif wish == "bring":
        _bringer(request).bring(app, find_upload(app, number), agreed=field(request, "agreed", at_most=1_000))
    else:
        raise UsageError("Say what is to be done with the file.")
    return go(f"{UPLOAD}/{number}")


@for_managers
def failed(request: Request) -> Response:
    """The lines that failed, as a file with the reasons."""
    found = find_upload(newsletter_of(request), request.path_params["id"])
    if not found.failed_path.is_file():
        raise NotFound("No line of this file failed.")
    return FileResponse(found.failed_path, media_type="text/csv; charset=utf-8", filename="failed.csv")


@for_managers
def ask_export(request: Request) -> Response:
    """Whether all addresses are to leave the program."""
    app = newsletter_of(request)
    with app.database.reading() as db:
        found = counts(db, today(app))
    context = ExportContext(found.all - found.erased)
    return show(request, "desk/subscriber_export.html", {"export": context}, current="Subscribers")


@for_managers
def export(request: Request) -> Response:
    """All readers as a file; who took it out is in the log."""
    lines = export_readers(newsletter_of(request), by=editor_of(request).name)
    name = f"subscribers-{today(newsletter_of(request))}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


ROUTES = [
    Route(UPLOAD, upload_form, methods=["GET"]),
    Route(UPLOAD, upload, methods=["POST"]),
    Route(f"{UPLOAD}/{{id}}", one, methods=["GET"]),
    Route(f"{UPLOAD}/{{id}}", act, methods=["POST"]),
    Route(f"{UPLOAD}/{{id}}/failed.csv", failed, methods=["GET"]),
    Route(f"{PATH}/export", ask_export, methods=["GET"]),
    Route(f"{PATH}/export", export, methods=["POST"]),
]


def _column(at: int, names: tuple[str, ...]) -> str:
    return names[at] if at < len(names) and names[at] else f"column {at + 1}"


def _bringer(request: Request) -> Bringer:
    found: Bringer = request.app.state.bringer
    return found


def _most() -> str:
    return f"{MAX_FILE // 1024 // 1024} MB"


def _form(request: Request, *, problem: str = "", source: str = "") -> Response:
    context = ImportContext(_most(), problem, source)
    status = 400 if problem else 200
    return show(request, "desk/subscriber_import.html", {"file": context}, current="Subscribers", status=status)
