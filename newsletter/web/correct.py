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
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.corrections import check_out, correct_entry, corrections_of
from newsletter.pipeline.delivery_board import errata_of, got_it, is_over
from newsletter.pipeline.readers import readers_of
from newsletter.pipeline.send_acts import send_erratum
from newsletter.render.schemes import in_scheme
from newsletter.store import corrections, issues
from newsletter.text import without_controls
from newsletter.web.delivery_views import mailing_url
from newsletter.web.delivery_words import LOOKS, people
from newsletter.web.event_fields import LABELS, field_texts, read_fields
from newsletter.web.pages import go, show
from newsletter.web.preview import FRAME_RIGHTS, number_of
from newsletter.web.sessions import check_complete, editor_of, field, for_managers, form_of, newsletter_of, signed_in

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
    sent: str = ""
    """Who got that mail, in words; empty while nobody does."""
    sent_url: str = ""
    is_asked: bool = False
    """Whether the question with the number of people is asked."""


@dataclass(frozen=True, slots=True)
class CorrectContext:
    """What ``desk/correct.html`` shows."""

    number: int
    entries: tuple[tuple[str, str], ...]
    """Id and title of every entry."""
    chosen: Entry | None
    texts: Mapping[str, str]
    """What its fields hold: the entry as it is, or what was sent and could not be stored."""
    fields: tuple[tuple[str, str, str], ...]
    """Name, label and text of each field of its date; none when it has no date."""
    error: str
    """Why nothing was stored."""
    made: tuple[CorrectionView, ...]
    is_done: bool
    reach: str
    """Who got the issue by mail and is still there, in words; empty when nobody is."""
    is_over: bool
    """Whether the issue does not go out any more, so that its errata can."""
    may_send: bool


def _reach(app: Newsletter, number: int) -> str:
    """Who got the issue, in words; the readers of a service that sends in our place it counts itself."""
    found, count = readers_of(app, number), got_it(app, number)
    if found.service:
        return found.said.removeprefix("the ")
    return people(count) if count else ""


@signed_in
def form(request: Request) -> Response:
    """Choose an entry, then say what is right; below stands what was corrected before."""
    number = number_of(request)
    issue, wanted = _issue(request, number), request.query_params.get("entry", "")
    return _page(request, issue, find_entry(issue, wanted) if wanted else None)


@signed_in
def post(request: Request) -> Response:
    """Store a correction; the pages of the web are written again. What cannot be stored comes back as it was typed."""
    number = number_of(request)
    check_complete(request, "title", "summary", "url")
    issue = _issue(request, number)
    entry = find_entry(issue, field(request, "entry"))
    try:
        correct_entry(newsletter_of(request), number, entry=entry.id, correction=_correction(request, entry))
    except UsageError as fault:
        return _page(request, issue, entry, error=str(fault))
    return go(f"/desk/issues/{number}/correct?said=done#made")


def _correction(request: Request, entry: Entry) -> Correction:
    return Correction(
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


def _page(request: Request, issue: Issue, chosen: Entry | None, *, error: str = "") -> Response:
    """The page; with ``error`` its fields hold what was sent."""
    app, params = newsletter_of(request), request.query_params
    texts: dict[str, str] = {}
    dated: dict[str, str] = {}
    if chosen:
        texts = {"title": chosen.title, "summary": chosen.summary, "url": chosen.url or "", "note": ""}
        dated = field_texts(chosen.event) if chosen.event else {}
    if error:
        texts, dated = ({name: _typed(request, name, text) for name, text in each.items()} for each in (texts, dated))
    context = CorrectContext(
        number=issue.number,
        entries=tuple((each.id, each.title) for each in issue.entries),
        chosen=chosen,
        texts=texts,
        fields=tuple((name, LABELS[name], text) for name, text in dated.items()),
        error=error,
        made=_made(app, issue.number, asked=params.get("ask", "")),
        is_done=params.get("said") == "done",
        reach=_reach(app, issue.number),
        is_over=is_over(app, issue.number),
        may_send=editor_of(request).is_manager,
    )
    status = 400 if error else 200
    return show(request, "desk/correct.html", {"correct": context}, status=status, current="Archive")


def _typed(request: Request, name: str, otherwise: str) -> str:
    """What a form holds in a field, however long."""
    value = form_of(request).get(name)
    return without_controls(value) if isinstance(value, str) else otherwise


@signed_in
def erratum(request: Request) -> Response:
    """The mail about one correction, for a frame."""
    number, which = number_of(request), int(request.path_params["which"])
    path = newsletter_of(request).issue_folder(number) / f"erratum-{which}.html"
    if not path.is_file():
        raise NotFound(f"Issue {number} has no mail about a correction {which}.")
    html = in_scheme(path.read_text(encoding="utf-8"), "light")
    return HTMLResponse(html, headers={"content-security-policy": _POLICY})


@for_managers
def send(request: Request) -> Response:
    """Mail one correction to those who got the issue; it names their number first."""
    number, which = number_of(request), int(request.path_params["which"])
    if field(request, "sure") != "yes":
        raise UsageError("Sending names the number of people first. Press the button of the page that asks.")
    if which not in errata_of(newsletter_of(request), number):
        send_erratum(newsletter_of(request), number, which, by=editor_of(request).name)
    return go(f"/desk/deliveries/{number}?mail=erratum-{which}")


_BASE = "/desk/issues/{number:int}/correct"
ROUTES = [
    Route(_BASE, form, methods=["GET"]),
    Route(_BASE, post, methods=["POST"]),
    Route(f"{_BASE}/{{which:int}}", erratum, methods=["GET"]),
    Route(f"{_BASE}/{{which:int}}", send, methods=["POST"]),
]


def _made(app: Newsletter, number: int, *, asked: str) -> tuple[CorrectionView, ...]:
    """What was corrected so far, the newest first, and who was told."""
    made, mailed, zone = [], errata_of(app, number), app.config.schedule.zone
    for each in reversed(corrections_of(app, number)):
        which, at = each.correction.number, each.correction.made_at.astimezone(zone)
        is_there = (app.issue_folder(number) / f"erratum-{which}.html").is_file()
        sent = mailed.get(which)
        made.append(
            CorrectionView(
                which,
                f"{at.day} {at:%B %Y, %H:%M}",
                each.correction.editor,
                each.correction.note,
                each.before.title,
                each.after.title,
                f"/desk/issues/{number}/correct/{which}" if is_there else "",
                sent=f"Its mail is {LOOKS[sent.state][2]}" if sent else "",
                sent_url=mailing_url(sent) if sent else "",
                is_asked=asked == str(which),
            )
        )
    return tuple(made)


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
