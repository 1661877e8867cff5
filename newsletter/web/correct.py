"""Correcting an issue that is out: the web says what was wrong, dated; those who got it can be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsletter.edit.changes import fold
from newsletter.edit.corrections import correct, find_entry
from newsletter.errors import NotFound, UsageError
from newsletter.model.correction import Correction
from newsletter.model.issue import Entry, Issue
from newsletter.pipeline.corrections import check_out, correct_entry, corrections_of
from newsletter.pipeline.readers import readers_of
from newsletter.render.schemes import in_scheme
from newsletter.store import corrections, issues
from newsletter.web.event_fields import LABELS, field_texts, read_fields
from newsletter.web.pages import go, show
from newsletter.web.preview import FRAME_RIGHTS, number_of
from newsletter.web.sessions import check_complete, editor_of, field, form_of, newsletter_of, signed_in

_MOST = 2_000
_POLICY = (
    f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox {FRAME_RIGHTS}"
)


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """A correction that was made."""

    number: int
    at: str
    editor: str
    note: str
    before: str
    after: str
    mail_url: str
    """The mail that says so, framed; empty when it is not there."""


@dataclass(frozen=True, slots=True)
class CorrectContext:
    """What ``desk/correct.html`` shows."""

    number: int
    entries: tuple[tuple[str, str], ...]
    """Id and title of every entry."""
    chosen: Entry | None
    fields: tuple[tuple[str, str, str], ...]
    """Name, label and text of each field of its date; none when it has no date."""
    made: tuple[CorrectionView, ...]
    is_done: bool
    reach: str


@signed_in
def form(request: Request) -> Response:
    """Choose an entry, then say what is right; below stands what was corrected before."""
    number, app = number_of(request), newsletter_of(request)
    issue = _issue(request, number)
    wanted = request.query_params.get("entry", "")
    made = []
    for each in reversed(corrections_of(app, number)):
        at = each.correction.made_at.astimezone(app.config.schedule.zone)
        name = f"erratum-{each.correction.number}"
        is_there = (app.issue_folder(number) / f"{name}.html").is_file()
        url = f"/desk/issues/{number}/correct/{each.correction.number}" if is_there else ""
        shown = f"{at.day} {at:%B %Y, %H:%M}"
        texts = (each.correction.editor, each.correction.note, each.before.title, each.after.title)
        made.append(CorrectionView(each.correction.number, shown, *texts, url))
    count = readers_of(app, number).count
    chosen = find_entry(issue, wanted) if wanted else None
    dated = field_texts(chosen.event) if chosen and chosen.event else {}
    context = CorrectContext(
        number=number,
        entries=tuple((each.id, each.title) for each in issue.entries),
        chosen=chosen,
        fields=tuple((name, LABELS[name], text) for name, text in dated.items()),
        made=tuple(made),
        is_done=request.query_params.get("said") == "done",
        reach="1 reader" if count == 1 else f"{count:,} readers",
    )
    return show(request, "desk/correct.html", {"correct": context}, current="Archive")


@signed_in
def post(request: Request) -> Response:
    """Store a correction; the pages of the web are written again."""
    number = number_of(request)
    check_complete(request, "title", "summary", "url")
    name = field(request, "entry")
    entry = find_entry(_issue(request, number), name)
    made = Correction(
        number=0,
        entry=entry.id,
        made_at=newsletter_of(request).now(),
        editor=editor_of(request).name,
        note=field(request, "note", at_most=_MOST, lines=True),
        title=_different(field(request, "title", at_most=_MOST), entry.title),
        summary=_different(field(request, "summary", at_most=_MOST, lines=True), entry.summary),
        url=_different(field(request, "url", at_most=_MOST), entry.url or "") or None,
        event=_event(request, entry),
    )
    correct_entry(newsletter_of(request), number, entry=entry.id, correction=made)
    return go(f"/desk/issues/{number}/correct?said=done#made")


@signed_in
def erratum(request: Request) -> Response:
    """The mail about one correction, for a frame."""
    number, which = number_of(request), int(request.path_params["which"])
    path = newsletter_of(request).issue_folder(number) / f"erratum-{which}.html"
    if not path.is_file():
        raise NotFound(f"Issue {number} has no mail about a correction {which}.")
    html = in_scheme(path.read_text(encoding="utf-8"), "light")
    return HTMLResponse(html, headers={"content-security-policy": _POLICY})


_BASE = "/desk/issues/{number:int}/correct"
ROUTES = [
    Route(_BASE, form, methods=["GET"]),
    Route(_BASE, post, methods=["POST"]),
    Route(f"{_BASE}/{{which:int}}", erratum),
]


def _issue(request: Request, number: int) -> Issue:
    """The issue as the web shows it now (NotFound); WrongState while it can be changed."""
    with newsletter_of(request).database.reading() as db:
        stored = issues.issue(db, number)
        issue = fold(stored.issue, issues.changes(db, number))
        found = correct(issue, corrections.corrections_of(db, number))
    check_out(newsletter_of(request), found)
    return found


def _event(request: Request, entry: Entry) -> Mapping[str, Any] | None:
    """What the fields of the date say, None when they say what stands there or are not in the form (UsageError)."""
    if entry.event is None or any(name not in form_of(request) for name in LABELS):
        return None
    typed = {name: field(request, name, at_most=_MOST) for name in LABELS}
    if typed == {name: " ".join(text.split()) for name, text in field_texts(entry.event).items()}:
        return None
    read = read_fields(typed)
    if read.errors:
        raise UsageError(" ".join(f"{LABELS[name]}: {said}" for name, said in read.errors.items()))
    return read.value


def _different(new: str, old: str) -> str | None:
    """What was written, None when it is what stands there already."""
    return None if " ".join(new.split()) == " ".join(old.split()) else new
