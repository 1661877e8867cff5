"""Who may sign in, for managers: the list, new editors, new links, and the end of it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import NewsletterError, UsageError
from newsletter.model.editor import ROLES, Editor
from newsletter.pipeline.editors import LINK_LASTS, add_editor, all_editors, make_link, remove_editor
from newsletter.web.pages import go, show
from newsletter.web.sessions import editor_of, field, for_managers, newsletter_of

_PATH = "/desk/editors"


@dataclass(frozen=True, slots=True)
class EditorsContext:
    """What ``desk/editors.html`` shows."""

    editors: tuple[Editor, ...]
    me: str
    """The manager who looks."""
    roles: tuple[str, ...] = ROLES
    link: str = ""
    """A new one-time link, shown this once, to be handed on."""
    link_for: str = ""
    days: int = LINK_LASTS.days
    """How long it works."""
    trouble: str = ""
    name: str = ""
    """What was typed before there was trouble; so is ``address``."""
    address: str = ""


@for_managers
def editors(request: Request) -> Response:
    """Everybody who may sign in."""
    return _page(request)


@for_managers
def add(request: Request) -> Response:
    """Let somebody sign in."""
    name, address = field(request, "name"), field(request, "mail")
    try:
        token = add_editor(newsletter_of(request), name, role=field(request, "role"), address=address)
    except NewsletterError as fault:
        return _page(request, trouble=str(fault), name=name, address=address)
    return _page(request, link=_url(request, token), link_for=name)


@for_managers
def link(request: Request) -> Response:
    """A new link for somebody; what they have now ends when it is used."""
    name = field(request, "name")
    return _page(request, link=_url(request, make_link(newsletter_of(request), name)), link_for=name)


@for_managers
def remove(request: Request) -> Response:
    """Take somebody's right to sign in away; a manager cannot do so to themselves."""
    name = field(request, "name")
    if name == editor_of(request).name:
        raise UsageError("You cannot remove yourself: another manager does, or “newsletter editors remove”.")
    remove_editor(newsletter_of(request), name)
    return go(_PATH)


ROUTES = [
    Route(_PATH, editors, methods=["GET"]),
    Route(_PATH, add, methods=["POST"]),
    Route(f"{_PATH}/link", link, methods=["POST"]),
    Route(f"{_PATH}/remove", remove, methods=["POST"]),
]


def _url(request: Request, token: str) -> str:
    """The link as the manager's own browser reaches the desk."""
    return f"{request.url.scheme}://{request.headers['host']}/desk/link/{token}"


def _page(request: Request, *, trouble: str = "", **values: str) -> Response:
    everybody = tuple(all_editors(newsletter_of(request)))
    context = EditorsContext(everybody, editor_of(request).name, trouble=trouble, **values)  # type: ignore[arg-type]
    return show(request, "desk/editors.html", {"editors": context}, status=400 if trouble else 200)
