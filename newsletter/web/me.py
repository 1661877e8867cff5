"""An editor's own page: where they are signed in, their password, and the codes of their device."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import NewsletterError, UsageError
from newsletter.model.editor import Editor, Login
from newsletter.pipeline import second_step
from newsletter.pipeline.logins import begin_login, end_other_logins, end_own_login, logins_of
from newsletter.pipeline.passwords import SHORTEST
from newsletter.pipeline.sign_in import change_password, check_password
from newsletter.web.cookies import keep_session
from newsletter.web.pages import go, show
from newsletter.web.sealed import seal_of
from newsletter.web.sessions import (
    Session,
    editor_of,
    field,
    newsletter_of,
    secret_field,
    session_of,
    signed_in,
    use_session,
)
from newsletter.web.tries import tries_of

_DEVICE, _OWN = "device", "own password"
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place where the editor is signed in."""

    id: str
    name: str
    """Browser and system, as far as the browser says."""
    since: str
    seen: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class MeContext:
    """What ``desk/me.html`` shows."""

    editor: Editor
    places: tuple[Place, ...]
    shortest: int = SHORTEST
    """How many characters a password has at least."""
    trouble: str = ""
    """Why the last form did nothing."""
    done: str = ""
    """What the last form did."""


@dataclass(frozen=True, slots=True)
class DeviceContext:
    """What ``desk/device.html`` shows while a device is being connected, and afterwards."""

    picture: str = ""
    """The square code, as an address that holds the picture itself."""
    secret: str = ""
    """The same to type in."""
    sealed: str = ""
    """What carries the secret to the next step."""
    codes: tuple[str, ...] = ()
    """The recovery codes, once it is done."""
    trouble: str = ""
    """Why the last code was not taken."""


@signed_in
def me(request: Request) -> Response:
    """One's own page."""
    return _page(request)


@signed_in
def end_place(request: Request) -> Response:
    """Sign out in one other place."""
    end_own_login(newsletter_of(request), editor_of(request).name, field(request, "id"))
    return go("/desk/me#places")


@signed_in
def end_others(request: Request) -> Response:
    """Sign out everywhere else."""
    end_other_logins(newsletter_of(request), editor_of(request).name, but=_session(request).id)
    return go("/desk/me#places")


@signed_in
def password(request: Request) -> Response:
    """Change the password; this browser stays signed in, in a session of its own."""
    app, editor = newsletter_of(request), editor_of(request)
    try:
        tries_of(request).take(request, editor.name, what=_OWN)
        new = secret_field(request, "password")
        if new != secret_field(request, "password-again"):
            raise UsageError("The two new passwords differ. Nothing was changed.")
        change_password(app, editor, old=secret_field(request, "old-password"), new=new)
    except NewsletterError as fault:
        return _page(request, trouble=str(fault))
    tries_of(request).forget(editor.name, what=_OWN)
    token = begin_login(app, editor.name, agent=request.headers.get("user-agent", ""))
    use_session(request, token)
    response = _page(request, done="The password is changed. You are signed out everywhere else.")
    keep_session(request, response, token)
    return response


@signed_in
def device(request: Request) -> Response:
    """Begin to connect a device: its secret is stored only when a code shows that it arrived."""
    try:
        _ask_password(request)
    except NewsletterError as fault:
        return _page(request, trouble=str(fault))
    return _device_page(request, second_step.new_secret())


@signed_in
def device_code(request: Request) -> Response:
    """The first code of a device."""
    secret = seal_of(request).open(request, _DEVICE, field(request, "sealed", at_most=2000))
    if not isinstance(secret, str):
        return _page(request, trouble="That took too long. Begin again.")
    codes = second_step.turn_on(newsletter_of(request), editor_of(request), secret=secret, code=field(request, "code"))
    if codes is None:
        return _device_page(request, secret, trouble="This code is not the device's. Look at its clock and try again.")
    return show(request, "desk/device.html", {"device": DeviceContext(codes=codes)})


@signed_in
def device_off(request: Request) -> Response:
    """Ask for the password alone again."""
    try:
        _ask_password(request)
    except NewsletterError as fault:
        return _page(request, trouble=str(fault))
    second_step.turn_off(newsletter_of(request), editor_of(request))
    return go("/desk/me#device")


ROUTES = [
    Route("/desk/me", me, methods=["GET"]),
    Route("/desk/me/end", end_place, methods=["POST"]),
    Route("/desk/me/end-others", end_others, methods=["POST"]),
    Route("/desk/me/password", password, methods=["POST"]),
    Route("/desk/me/device", device, methods=["POST"]),
    Route("/desk/me/device/code", device_code, methods=["POST"]),
    Route("/desk/me/device/off", device_off, methods=["POST"]),
]


def browser_name(agent: str) -> str:
    """Browser and system in two words, from what a browser says of itself."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "A browser")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return f"{browser} on {system}" if system else browser


def _session(request: Request) -> Session:
    session = session_of(request)
    assert session is not None
    return session


def _ask_password(request: Request) -> None:
    """What makes a session stronger or weaker needs the password, not only an open browser (UsageError, Busy)."""
    editor = editor_of(request)
    tries_of(request).take(request, editor.name, what=_OWN)
    if check_password(newsletter_of(request), editor.name, secret_field(request, "password")) is None:
        raise UsageError("The password is not right. Nothing was changed.")
    tries_of(request).forget(editor.name, what=_OWN)


def _page(request: Request, *, trouble: str = "", done: str = "") -> Response:
    session, app = _session(request), newsletter_of(request)
    places = tuple(
        _place(request, login, is_here=login.id == session.id) for login in logins_of(app, session.editor.name)
    )
    context = MeContext(session.editor, places, trouble=trouble, done=done)
    return show(request, "desk/me.html", {"me": context}, status=400 if trouble else 200)


def _place(request: Request, login: Login, *, is_here: bool) -> Place:
    zone = newsletter_of(request).config.schedule.zone

    def shown(at: datetime) -> str:
        return f"{at.astimezone(zone):%d %b %H:%M}".lstrip("0")

    return Place(login.id, browser_name(login.agent), shown(login.created_at), shown(login.seen_at), is_here)


def _device_page(request: Request, secret: str, *, trouble: str = "") -> Response:
    import segno  # For this page alone.

    address = second_step.device_address(newsletter_of(request), editor_of(request), secret)
    context = DeviceContext(
        picture=segno.make(address, error="m", micro=False).png_data_uri(scale=5, border=4),
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        sealed=seal_of(request).close(request, _DEVICE, secret),
        trouble=trouble,
    )
    return show(request, "desk/device.html", {"device": context}, status=400 if trouble else 200)
