"""The preview of an issue: the mail as phones, desktops, dark systems, text readers and screen readers have it."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from newsletter.errors import NotFound, UsageError
from newsletter.model.subscriber import Choice
from newsletter.pipeline.issue_preview import EVERYONE, MailPreview, preview_key, preview_mail
from newsletter.render.card_links import with_cards
from newsletter.render.schemes import Scheme, in_scheme
from newsletter.store import issues
from newsletter.web.assets import asset_url
from newsletter.web.pages import asking_again, go, show
from newsletter.web.preview_views import (
    VIEWS,
    WIDTHS,
    FrameView,
    PreviewContext,
    Tab,
    card_url,
    measured,
    neighbours,
    query_of,
    spoken_of,
    words_for,
)
from newsletter.web.sessions import newsletter_of, signed_in
from newsletter.web.workshop import Workshop

FRAME_RIGHTS = "allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox"
"""What the framed mail may do: lead somewhere when a person clicks. No script, no form, no origin of ours."""
_FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; form-action 'none'; base-uri 'none'; "
    f"frame-ancestors 'self'; sandbox {FRAME_RIGHTS}"
)
HIGHLIGHTS, MONTHLY = Choice("highlights"), Choice("monthly")
_PATIENCE, _LONGEST = 0.7, 60.0
"""Seconds that the page and the frame in it wait for a mail that is being made."""


@signed_in
def page(request: Request) -> Response:
    """The preview page; while the mail is being made it says so and comes again."""
    number, reader, view = number_of(request), _reader(request), request.query_params.get("view", "")
    if view not in ("", *(name for name, _ in VIEWS)):
        raise UsageError(f"There is no view “{view}”. Views: {', '.join(name for name, _ in VIEWS)}.")
    context = _around(request, number, reader, view)
    found = _mail(request, number, reader, seconds=_PATIENCE)
    if found is not None:
        with_pictures = request.query_params.get("pictures") == "shown"
        context = _filled(context, found, number=number, reader=reader, with_pictures=with_pictures)
    response = show(request, "desk/preview.html", {"preview": context}, current="Preview")
    return asking_again(response, seconds=1) if context.is_building else response


@signed_in
def mail(request: Request) -> Response:
    """The mail for a frame, on a light ground."""
    return _framed(request, "light")


@signed_in
def dark_mail(request: Request) -> Response:
    """The mail for a frame, as a dark system shows it."""
    return _framed(request, "dark")


@signed_in
def text(request: Request) -> Response:
    """The plain text of the mail."""
    return PlainTextResponse(_whole_mail(request).parts.text)


@signed_in
def eml(request: Request) -> Response:
    """The very bytes that will be mailed, but for the recipient."""
    found = _whole_mail(request)
    name = f"issue-{found.issue.number}.eml"
    return Response(
        found.eml,
        media_type="message/rfc822",
        headers={"content-disposition": f'attachment; filename="{name}"', "content-security-policy": "sandbox"},
    )


@signed_in
def newest(request: Request) -> Response:
    """The preview of the newest issue."""
    with newsletter_of(request).database.reading() as db:
        found = issues.newest(db)
    if found is None:
        raise NotFound("There is no issue to look at yet. The first draft makes one.")
    return go(f"/desk/issues/{found[0]}/preview")


_BASE = "/desk/issues/{number:int}/preview"
ROUTES = [
    Route("/desk/preview", newest),
    Route(_BASE, page),
    Route(f"{_BASE}/mail", mail),
    Route(f"{_BASE}/mail-dark", dark_mail),
    Route(f"{_BASE}/text", text),
    Route(f"{_BASE}/issue.eml", eml),
]


def number_of(request: Request) -> int:
    """The issue that the address names; NotFound for a number that no database holds."""
    number = int(request.path_params["number"])
    if number > 2**31 - 1:
        raise NotFound(f"There is no issue {number}.")
    return number


def _reader(request: Request) -> Choice:
    asked = request.query_params.get("as", "everyone")
    if asked == "highlights":
        return HIGHLIGHTS
    if asked == "monthly":
        return MONTHLY
    if asked != "everyone":
        words = "Write everyone, highlights or monthly, or name sections with “only”."
        raise UsageError(f"Nobody reads as “{asked}”. {words}")
    sections = tuple(dict.fromkeys(request.query_params.getlist("only")[:50]))
    return Choice(sections=sections or None)


def _mail(request: Request, number: int, reader: Choice, *, seconds: float) -> MailPreview | None:
    app = newsletter_of(request)
    previews: Workshop[MailPreview] = request.app.state.previews
    key = preview_key(app, number, reader)
    return previews.within(seconds, key, lambda: preview_mail(app, number, reader))


def _whole_mail(request: Request) -> MailPreview:
    found = _mail(request, number_of(request), _reader(request), seconds=_LONGEST)
    if found is None:
        raise UsageError("The mail is still being made. Load this again in a minute.")
    return found


def _framed(request: Request, scheme: Scheme) -> Response:
    found, number = _whole_mail(request), number_of(request)
    html = in_scheme(with_cards(found.parts.html, found.titles, lambda each: card_url(number, each)), scheme)
    pictures = "data: https: http:" if request.query_params.get("pictures") == "shown" else "data:"
    return HTMLResponse(html, headers={"content-security-policy": _FRAME_POLICY.format(pictures=pictures)})


def _around(request: Request, number: int, reader: Choice, view: str) -> PreviewContext:
    """The page without the mail."""
    app = newsletter_of(request)
    base = f"/desk/issues/{number}/preview"
    with app.database.reading() as db:
        issues.stamp(db, number)
        before, after = neighbours(issues.numbers(db), number)
    readers = (
        Tab("Everyone", base + query_of(EVERYONE, view=view), reader == EVERYONE),
        Tab("Highlights only", base + query_of(HIGHLIGHTS, view=view), reader == HIGHLIGHTS),
        Tab("Once a month", base + query_of(MONTHLY, view=view), reader == MONTHLY),
    )
    came_from = request.query_params.get("from", "")
    return PreviewContext(
        number=number,
        tabs=tuple(
            Tab(label, base + query_of(reader, view=name), view == name, str(at))
            for at, (name, label) in enumerate(VIEWS, 1)
        ),
        readers=readers,
        section_choice=(),
        reader=words_for(reader, reader.sections or ()),
        view=view,
        older_url=f"/desk/issues/{before}/preview" if before else "",
        newer_url=f"/desk/issues/{after}/preview" if after else "",
        back_url=card_url(number, came_from) if came_from else f"/desk/issues/{number}/",
        script_url=asset_url(app, "preview.js"),
    )


def _filled(
    context: PreviewContext, found: MailPreview, *, number: int, reader: Choice, with_pictures: bool
) -> PreviewContext:
    base, view = f"/desk/issues/{number}/preview", context.view
    chosen = reader.sections or ()
    known = [(each.id, each.title) for each in found.whole.sections]
    frames = []
    for name, label in VIEWS:
        if name in WIDTHS and (view == name or (not view and name != "dark")):
            path = "mail-dark" if name == "dark" else "mail"
            pictures = "shown" if with_pictures else ""
            url = f"{base}/{path}{query_of(reader, pictures=pictures)}"
            frames.append(FrameView(f"The mail: {label}", url, WIDTHS[name], name))
    more: dict[str, Any] = measured(number, found)
    return replace(
        context,
        is_building=False,
        section_choice=tuple((each, title, each in chosen) for each, title in known),
        reader=words_for(reader, [title for each, title in known if each in chosen]),
        frames=tuple(frames),
        text=found.parts.text if view == "text" else "",
        spoken=spoken_of(found.parts.html) if view == "reading" else (),
        eml_url=f"{base}/issue.eml{query_of(reader)}",
        has_pictures=with_pictures,
        pictures_url=base + query_of(reader, view=view, pictures="" if with_pictures else "shown"),
        **more,
    )
