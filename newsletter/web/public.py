"""The public site: the files that publishing wrote, as they lie in HOME/data/site."""

import base64
import hashlib
import re
import threading
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from newsletter.errors import DatabaseAway, NewsletterError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.publish import publish_due
from newsletter.web.guard import is_api, is_desk
from newsletter.web.pages import message
from newsletter.web.sessions import for_anybody, newsletter_of
from newsletter.web.trouble import not_found

_LOOK_EVERY = timedelta(minutes=1)
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".xml": "application/atom+xml; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".svg": "image/svg+xml",
    ".zip": "application/zip",
    ".eml": "message/rfc822",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{style}; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_OWN_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)

log = structlog.get_logger()


class HourWatch:
    """Looks once a minute, when somebody asks for a page, whether the hour of an approved issue has come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: datetime | None = None

    def look(self, app: Newsletter) -> None:
        """Bring before readers what is due; others who ask meanwhile do not wait for it. Raises nothing."""
        now = app.now()
        if (self._next is not None and now < self._next) or not self._lock.acquire(blocking=False):
            return
        try:
            self._next = now + _LOOK_EVERY
            publish_due(app)
        except DatabaseAway:
            return
        except (NewsletterError, OSError) as fault:
            log.error("site not written", trouble=str(fault))
        finally:
            self._lock.release()


@for_anybody
def site(request: Request) -> Response:
    """A file of the public site; a folder is its index.html."""
    app = newsletter_of(request)
    request.app.state.hour_watch.look(app)
    root = app.site
    path = find_file(root, request.path_params["path"])
    if path is None:
        return _nothing(request, root)
    if path.is_dir():
        return RedirectResponse(f"/{path.relative_to(root.resolve()).as_posix()}/", 308)
    response = FileResponse(
        path, media_type=_TYPES.get(path.suffix, "application/octet-stream"), stat_result=path.stat()
    )
    response.headers["cache-control"] = "public, max-age=0, must-revalidate"
    response.headers["content-security-policy"] = _POLICY.format(style=_style_hashes(path))
    if _is_known(request, response):
        kept = {name: response.headers[name] for name in ("etag", "last-modified", "cache-control")}
        return Response(status_code=304, headers=kept)
    return response


class _Public(Route):
    """A route that leaves the addresses of editors and of programs alone."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it is for a request."""
        is_other = is_desk(scope["path"]) or is_api(scope["path"])
        return (Match.NONE, {}) if is_other else super().matches(scope)


ROUTES = [_Public("/{path:path}", site)]


def find_file(root: Path, path: str) -> Path | None:
    """The file for ``path``, or the folder when its last "/" is missing; nothing outside ``root``, nothing hidden."""
    parts = [part for part in path.split("/") if part]
    if any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
        return None
    try:
        found, top = root.joinpath(*parts).resolve(), root.resolve()
        if found != top and top not in found.parents:
            return None
        if found.is_dir():
            index = found / "index.html"
            return None if not index.is_file() else index if path.endswith("/") or not parts else found
        return found if found.is_file() and not path.endswith("/") else None
    except OSError:
        # For example a name longer than the disk takes.
        return None


def _nothing(request: Request, root: Path) -> Response:
    path = request.url.path
    if (root / "index.html").is_file() or path not in ("/", "/index.html"):
        return not_found(request)
    return message(request, 200, "No issue yet", "The first issue appears here after it was made.")


def _is_known(request: Request, response: Response) -> bool:
    """Whether the caller has this very file (RFC 9110, 13.2.2: a tag counts more than a date)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return "*" in tags or response.headers["etag"] in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    return request.headers.get("if-modified-since") == response.headers["last-modified"]


def _style_hashes(path: Path) -> str:
    """The style that a page which stands alone carries in its head, named by its hash (CSP 3)."""
    if path.suffix != ".html":
        return ""
    head = path.read_bytes().partition(b"</head>")[0]
    hashes = (base64.b64encode(hashlib.sha256(style).digest()).decode() for style in _OWN_STYLE.findall(head))
    return "".join(f" 'sha256-{found}'" for found in hashes)
