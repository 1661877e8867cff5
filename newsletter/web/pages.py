"""Pages of the desk: a template inside the frame, and what is said when something went wrong."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from newsletter.errors import TemplateFault
from newsletter.render.environment import Templates
from newsletter.web.cookies import keep_visitor
from newsletter.web.frame import Standing, frame_of
from newsletter.web.sessions import newsletter_of

_BUILT_IN = Templates()


def show(
    request: Request,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
    current: str = "",
    standing: Standing | None = None,
) -> Response:
    """The page ``template`` ("desk/x.html") with ``context`` and, as ``frame``, what is around it (TemplateFault)."""
    frame = frame_of(request, current=current, standing=standing)
    text = newsletter_of(request).templates.render(template, frame=frame, **(context or {}))
    response = HTMLResponse(text, status)
    keep_visitor(request, response)
    return response


def message(request: Request, status: int, title: str, *lines: str) -> Response:
    """A page that says in words what is the matter and what to do; it holds when the templates have a fault."""
    context = {"frame": frame_of(request), "title": title, "lines": lines}
    templates = newsletter_of(request).templates
    try:
        text = templates.render("desk/message.html", **context)
    except TemplateFault:
        text = _BUILT_IN.render("desk/message.html", **context)
    return HTMLResponse(text, status)


def go(url: str) -> Response:
    """After a form was sent: the page to look at next."""
    return RedirectResponse(url, 303)


def asking_again(response: Response, *, seconds: int) -> Response:
    """The page, which its browser opens again after so many seconds: something is being made for it.

    By a header: a tag that does the same is what accessibility checks refuse.
    """
    response.headers["refresh"] = str(seconds)
    return response
