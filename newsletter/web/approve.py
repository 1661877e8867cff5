"""The approve page: what to look at first, to whom it goes and when, and the one button."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.edit.check import Check
from newsletter.edit.checks import stopping, summary_of
from newsletter.edit.mail_checks import SUBJECT_ON_PHONES
from newsletter.errors import ChangedMeanwhile, NotAllowed, NotFound, UsageError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import TWO, approve, take_back, who_approved
from newsletter.pipeline.checking import Looked, check_issue, checks_of_look, look_at, look_key
from newsletter.pipeline.going_public import is_shown_as_draft
from newsletter.pipeline.link_check import check_links
from newsletter.pipeline.readers import readers_of
from newsletter.pipeline.review import act, open_desk
from newsletter.pipeline.send_hour import change_hour, send_now
from newsletter.pipeline.send_right import why_put_back
from newsletter.pipeline.times import publish_time, send_time
from newsletter.pipeline.trial_mail import send_tests
from newsletter.render.press import Press
from newsletter.render.views import mail_subject
from newsletter.render.words import period_words, whole_subject
from newsletter.text import one_line, without_controls
from newsletter.web.approve_views import ApproveContext, TypedHour, hour_in, on_phones, subject_count
from newsletter.web.assets import asset_url
from newsletter.web.pages import asking_again, go, show
from newsletter.web.preview import number_of
from newsletter.web.preview_views import act_id, check_views
from newsletter.web.sealed import seal_of
from newsletter.web.sessions import editor_of, field, form_of, newsletter_of, signed_in
from newsletter.web.workshop import Workshop

_TOLD = "told on the approve page"
_LOOKS = 0.1
"""Seconds that a page waits for its issue to be rendered and looked at before it comes without the checks."""
_LOOKS_LONG = 60.0
"""The same for a page that answers a form: what was typed would be gone when the page comes again."""
_WAIT = 4.0
"""Seconds that one waits for links before the page comes without them."""


@signed_in
def page(request: Request) -> Response:
    """The approve page."""
    context = _context(request, number_of(request), wait=_LOOKS)
    response = show(request, "desk/approve.html", {"approve": context}, current="Review")
    if context.is_looking:
        return asking_again(response, seconds=1)
    return asking_again(response, seconds=3) if context.is_asking else response


@signed_in
def post(request: Request) -> Response:
    """One act of the approve page; after it, the page again with what came of it."""
    wished = field(request, "do")
    do = _ACTS.get(wished)
    if do is None:
        raise UsageError(f"There is no “{wished}” on this page. Open it again.")
    number = number_of(request)
    try:
        said, anchor = do(request, number)
    except UsageError as fault:
        if do is not _subject:
            raise
        context = replace(_context(request, number), subject_error=str(fault))
        return show(request, "desk/approve.html", {"approve": context}, status=400, current="Review")
    told = said if said in _SAID or not said else seal_of(request).close(request, _TOLD, said)
    query = f"?{urlencode({'said': told})}" if told else ""
    return go(f"/desk/issues/{number}/approve{query}#{anchor}")


@signed_in
def send_time_page(request: Request) -> Response:
    """The hour of an issue is on its approve page."""
    return go(f"/desk/issues/{number_of(request)}/approve#goes")


@signed_in
def post_send_time(request: Request) -> Response:
    """Another hour, this once."""
    number, typed = number_of(request), _typed_hour(request)
    try:
        change_hour(
            newsletter_of(request),
            number,
            at=typed.at,
            note=typed.note,
            editor=editor_of(request).name,
            seen=seen_of(request),
        )
    except (UsageError, ChangedMeanwhile) as fault:
        # What was typed comes back: an hour is chosen again in a moment, a note is not written again so soon.
        context = replace(_context(request, number), typed=replace(typed, error=str(fault)))
        status = 409 if isinstance(fault, ChangedMeanwhile) else 400
        return show(request, "desk/approve.html", {"approve": context}, status=status, current="Review")
    return go(f"/desk/issues/{number}/approve?said=hour#goes")


_BASE = "/desk/issues/{number:int}"
ROUTES = [
    Route(f"{_BASE}/approve", page, methods=["GET"]),
    Route(f"{_BASE}/approve", post, methods=["POST"]),
    Route(f"{_BASE}/send-time", send_time_page, methods=["GET"]),
    Route(f"{_BASE}/send-time", post_send_time, methods=["POST"]),
]


def seen_of(request: Request) -> int | None:
    """The last change that the page of a form showed; None when it does not say."""
    text = field(request, "seen")
    if text and not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise UsageError("The page does not say what it showed. Open it again.")
    return int(text) if text else None


def _typed_hour(request: Request) -> TypedHour:
    """What the form of the hour holds, however long; without characters nobody sees."""
    at, note = (form_of(request).get(name) for name in ("at", "note"))
    hour, said = (without_controls(each).strip() if isinstance(each, str) else "" for each in (at, note))
    return TypedHour(one_line(hour)[:40], said)


def _approve(request: Request, number: int) -> tuple[str, str]:
    app, editor = newsletter_of(request), _manager(request)
    if open_desk(app, number).issue.state == "approved" and editor in who_approved(app, number):
        return "shown" if is_shown_as_draft(app, number) else "approved", "done"  # the form came twice
    _refuse_stopped(app, number)
    found = approve(app, number, editor=editor, seen=seen_of(request))
    if not found.is_approved:
        return "first", "done"
    shown = "shown" if is_shown_as_draft(app, number) else "approved"
    return ("out" if found.send_at <= app.now() else shown), "done"


def _approve_now(request: Request, number: int) -> tuple[str, str]:
    """Approve, and let it out at once: its hour is now."""
    app, editor = newsletter_of(request), _manager(request)
    _refuse_stopped(app, number)
    seen = send_now(app, number, editor=editor, seen=seen_of(request)).last_number
    found = approve(app, number, editor=editor, seen=seen, is_now=True)
    return ("out" if found.is_approved else "first"), "done"


def _refuse_stopped(app: Newsletter, number: int) -> None:
    stops = stopping(check_issue(app, number))
    if stops:
        raise UsageError(f"{stops[0].text}. {stops[0].detail} Mend it, then approve.")


def _take_back(request: Request, number: int) -> tuple[str, str]:
    take_back(newsletter_of(request), number, editor=_manager(request))
    return "back", "done"


def _subject(request: Request, number: int) -> tuple[str, str]:
    subject = field(request, "subject", at_most=300)
    if not subject:
        raise UsageError("A mail needs a subject. Write one.")
    _change(request, number, "title", "issue", subject)
    return "subject", "subject"


def _mend(request: Request, number: int) -> tuple[str, str]:
    """What a check offers, and nothing else: it must still be offered."""
    wished = form_of(request).get("check")
    for check in check_issue(newsletter_of(request), number):
        if check.act and check.act.kind != "look" and act_id(check.act) == wished:
            _change(request, number, check.act.kind, check.act.target, check.act.value)
            return "mended", "checks"
    raise NotFound("This is mended already, or nothing offers it any more. Load the page again.")


def _test(request: Request, number: int) -> tuple[str, str]:
    to = field(request, "to") or editor_of(request).address or ""
    if not to:
        raise UsageError("Where should the test go? Write your mail address beside the button.")
    return " ".join(send_tests(newsletter_of(request), number, to=to)), "done"


def _test_readers(request: Request, number: int) -> tuple[str, str]:
    return " ".join(send_tests(newsletter_of(request), number)), "done"


def _links(request: Request, number: int) -> tuple[str, str]:
    app, state = newsletter_of(request), request.app.state
    at = app.now().isoformat()
    state.asking[number] = at
    found = state.link_checks.within(_WAIT, (number, at), lambda: check_links(app, number, again=True))
    if found is not None:
        state.asking.pop(number, None)
    return "", "checks"


_ACTS: Mapping[str, Callable[[Request, int], tuple[str, str]]] = {
    "approve": _approve,
    "approve now": _approve_now,
    "take back": _take_back,
    "subject": _subject,
    "mend": _mend,
    "test": _test,
    "test readers": _test_readers,
    "links": _links,
}
_SAID = {
    "approved": "Approved. The files are pinned: these very bytes go out. Readers see nothing of it before its hour.",
    "shown": "Approved. The files are pinned: these very bytes go out. On the web it stands already.",
    "out": "Approved, and public now.",
    "first": "Your word is kept. Another person has to approve it, too.",
    "back": "Taken back: it is a draft again.",
    "subject": "The subject is changed.",
    "mended": "Mended.",
    "hour": "It goes out at another hour, this once. What the issue covers stays as it was.",
    "short": "It is short now: highlights, what is due, and dates.",
    "whole": "It is whole again.",
}


def _said(request: Request) -> str:
    """What came of the last act, in words: the desk's own, and no link's from elsewhere."""
    said = request.query_params.get("said", "")
    return _SAID.get(said) or str(seal_of(request).open(request, _TOLD, said[:2_000]) or "")


def _manager(request: Request) -> str:
    editor = editor_of(request)
    if not editor.is_manager:
        raise NotAllowed("A manager approves. “newsletter editors list” names them.")
    return editor.name


def _change(request: Request, number: int, action: str, target: str, value: Any) -> None:
    wish = (action, target, value)
    act(newsletter_of(request), number, [wish], editor=editor_of(request).name, seen=seen_of(request))


def _is_asking(request: Request, number: int) -> bool:
    """Whether links are being asked; a finished asking is forgotten."""
    asking: dict[int, str] = request.app.state.asking
    if number not in asking:
        return False
    done = request.app.state.link_checks.is_done((number, asking[number]))
    if done:
        asking.pop(number, None)
    return not done


def _checks(request: Request, number: int, wait: float) -> tuple[Check, ...] | None:
    """The checks of the issue as it is now; None while it is being rendered."""
    app = newsletter_of(request)
    looks: Workshop[Looked] = request.app.state.looks
    key = look_key(app, number)
    looked = looks.within(wait, key, lambda: look_at(app, number, key))
    return None if looked is None else checks_of_look(app, looked)


def _context(request: Request, number: int, *, wait: float = _LOOKS_LONG) -> ApproveContext:
    app, editor = newsletter_of(request), editor_of(request)
    desk, found = open_desk(app, number), _checks(request, number, wait)
    checks, is_looking = found or (), found is None
    schedule, issue = app.config.schedule, desk.issue
    at, by = send_time(schedule, issue), who_approved(app, number)
    views = check_views(number, checks, {each.id: each.title for each in issue.entries})
    mailed = mail_subject(Press(app.templates, app.config.newsletter), issue)
    is_stopped = bool(stopping(checks))
    return ApproveContext(
        number=number,
        state=issue.state,
        period=period_words(issue.period, schedule.zone),
        subject=issue.title,
        subject_count=subject_count(issue.title),
        mail_subject=mailed,
        is_cut=mailed != whole_subject(issue.title, mailed),
        on_phones=on_phones(mailed),
        phones_show=SUBJECT_ON_PHONES,
        summary="" if is_looking else summary_of(checks),
        looks=tuple(each for each in views if each.style != "kept"),
        good=tuple(each for each in views if each.style == "kept"),
        is_stopped=is_stopped,
        readers=readers_of(app, number),
        sends=hour_in(schedule.zone, at),
        hour=f"{at.astimezone(schedule.zone):%Y-%m-%dT%H:%M}",
        zone=schedule.zone.key,
        is_moved=at != publish_time(schedule, issue.period),
        is_past=at <= app.now(),
        is_shown=is_shown_as_draft(app, number),
        seen=desk.last_number,
        needs_two=schedule.approval == TWO,
        approved_by=by,
        is_mine=editor.name.casefold() in {each.casefold() for each in by},
        may_approve=editor.is_manager,
        is_short=issue.is_short,
        is_asking=_is_asking(request, number),
        is_looking=is_looking,
        is_sure="sure" in request.query_params and not (is_stopped or is_looking),
        said=_said(request),
        my_address=editor.address or "",
        test_readers=app.config.delivery.test_readers,
        script_url=asset_url(app, "preview.js"),
        put_back=why_put_back(app),
    )
