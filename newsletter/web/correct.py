"""Correcting an issue that is out: the web says what was wrong, dated; those who got it can be told."""

from dataclasses import dataclass

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
from newsletter.pipeline.send_acts import send_erratum
from newsletter.render.schemes import in_scheme
from newsletter.store import corrections, issues
from newsletter.web.delivery_views import mailing_url
from newsletter.web.delivery_words import LOOKS, people
from newsletter.web.pages import go, show
from newsletter.web.preview import FRAME_RIGHTS, number_of
from newsletter.web.sessions import check_complete, editor_of, field, for_managers, newsletter_of, signed_in

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
    made: tuple[CorrectionView, ...]
    is_done: bool
    count: int
    """How many got the issue by mail and are still there."""
    reach: str
    """The same in words."""
    is_over: bool
    """Whether the issue does not go out any more, so that its errata can."""
    may_send: bool


def _reach(app: Newsletter, number: int, count: int) -> str:
    """Who got the issue, in words; the readers of a service that sends in our place it counts itself."""
    found = readers_of(app, number)
    return found.said.removeprefix("the ") if found.service else people(count)


@signed_in
def form(request: Request) -> Response:
    """Choose an entry, then say what is right; below stands what was corrected before."""
    number, app, params = number_of(request), newsletter_of(request), request.query_params
    issue, wanted, count = _issue(request, number), params.get("entry", ""), got_it(app, number)
    context = CorrectContext(
        number=number,
        entries=tuple((each.id, each.title) for each in issue.entries),
        chosen=find_entry(issue, wanted) if wanted else None,
        made=_made(app, number, asked=params.get("ask", "")),
        is_done=params.get("said") == "done",
        count=count,
        reach=_reach(app, number, count),
        is_over=is_over(app, number),
        may_send=editor_of(request).is_manager,
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


def _different(new: str, old: str) -> str | None:
    """What was written, None when it is what stands there already."""
    return None if " ".join(new.split()) == " ".join(old.split()) else new
