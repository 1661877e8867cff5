"""Style sheets and scripts, at addresses that name their content, so that browsers may keep them for good."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.pipeline.app import Newsletter
from newsletter.render.press import Press
from newsletter.render.web import tokens_css
from newsletter.web.compact import compact_script, compact_style
from newsletter.web.sessions import for_anybody, newsletter_of

STYLE, MORE, SITE_STYLE = "desk.css", "pages.css", "site.css"
_ALWAYS = ("desk/desk.css", "desk/card.css", "desk/review.css")
_FOLDER = Path(__file__).with_name("static")
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".toml": "text/plain"}
_FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    name: str
    content: bytes
    hash: str

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"/static/{self.hash}/{self.name}"


def style(app: Newsletter) -> Asset:
    """The desk's style sheet: the tokens with the community's accent, the frame and the review page."""
    return _joined(app, STYLE, app.templates.files("desk", ".css"), _ALWAYS)


def more_style(app: Newsletter) -> Asset:
    """The rules of all other pages of the desk, so that the review page does not carry them."""
    sheets = app.templates.files("desk", ".css")
    return _joined(app, MORE, sheets, sorted(sheets.keys() - set(_ALWAYS)))


def site_style(app: Newsletter) -> Asset:
    """The style sheet of public pages that the program serves itself, also before anything was published."""
    return _joined(app, SITE_STYLE, app.templates.files("web", SITE_STYLE), [f"web/{SITE_STYLE}"])


def _joined(app: Newsletter, name: str, files: Mapping[str, Path], names: Sequence[str]) -> Asset:
    """The tokens and the style sheets ``names`` as one, made anew when a file or an accent changes."""
    press = Press(app.templates, app.config.newsletter, app.config.schedule)
    # A page that has MORE has STYLE before it, and with it the tokens.
    tokens = app.templates.files("web", "tokens.css") if name != MORE else {}
    paths = {**tokens, **{each: files[each] for each in names}}
    seen = (press.accents, *((each, path, _stamp(path)) for each, path in paths.items()))
    known = _styles.get((str(app.home), name))
    if known is None or known[0] != seen:
        forgiving = replace(press, templates=app.templates.forgiving())
        head = [tokens_css(forgiving)] if tokens else []
        content = "\n".join((*head, *map(forgiving.templates.text, names)))
        known = _styles[str(app.home), name] = (seen, _styled(name, compact_style(content).encode()))
    return known[1]


_styles: dict[tuple[str, str], tuple[object, Asset]] = {}
"""The style sheets of each home as they were made last, with what they were made from."""


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def find_asset(app: Newsletter, name: str) -> Asset | None:
    """A style sheet, or a file of ``static/`` such as ``desk.js`` or ``vendor/htmx.min.js``."""
    made = {STYLE: style, MORE: more_style, SITE_STYLE: site_style}.get(name)
    return made(app) if made else _packaged().get(name)


def asset_url(app: Newsletter, name: str) -> str:
    """The address of an asset that must be there."""
    found = find_asset(app, name)
    assert found is not None, f"there is no {name} in static/"
    return found.url


@for_anybody
def static(request: Request) -> Response:
    """One asset. A page of an older version gets the newest content, which its browser must not keep."""
    found = find_asset(newsletter_of(request), request.path_params["name"])
    if found is None:
        return Response("There is no such file.", 404, media_type="text/plain")
    is_named = request.path_params["hash"] == found.hash
    headers = {"cache-control": _FOR_GOOD if is_named else "no-cache", "etag": f'"{found.hash}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(found.content, headers=headers, media_type=_TYPES.get(Path(found.name).suffix))


@for_anybody
def no_icon(request: Request) -> Response:
    """Browsers ask for a picture of the site; there is none, and they need not ask again today."""
    return Response(status_code=204, headers={"cache-control": "public, max-age=86400"})


ROUTES = [Route("/favicon.ico", no_icon), Route("/static/{hash}/{name:path}", static)]


@cache
def _packaged() -> dict[str, Asset]:
    """The files of ``static/``, which do not change while the program runs.

    They share one hash, so that a script can name another one beside it and get the one that belongs to it.
    """
    found = {_relative(path): _content(path) for path in sorted(_FOLDER.rglob("*")) if path.is_file()}
    both = _hash(b"".join(name.encode() + content for name, content in found.items()))
    return {name: Asset(name, content, both) for name, content in found.items()}


def _content(path: Path) -> bytes:
    """Our own scripts go out without their margins; the files of others as they are."""
    is_ours = path.suffix == ".js" and path.parent.name != "vendor"
    return compact_script(path.read_text(encoding="utf-8")).encode() if is_ours else path.read_bytes()


def _relative(path: Path) -> str:
    return path.relative_to(_FOLDER).as_posix()


def _styled(name: str, content: bytes) -> Asset:
    return Asset(name, content, _hash(content))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
