"""What every request must be and every answer must carry: own host, own forms, a small body, strict headers.

All of it decides only; ``app.py`` does what is decided.
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request

MAX_BODY = 1024 * 1024
"""The most bytes a form may have."""
MAX_FILE = 16 * 1024 * 1024
"""The same for a file of readers; larger ones are brought in from the command line."""
MAX_POST = 64 * 1024
"""The same for what is posted to the API."""
UPLOAD = "/desk/subscribers/import"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
DESK_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""No script or style but our files. A handler that shows something else (a preview) sets a policy of its own."""
_EVERYWHERE = {
    "content-security-policy": DESK_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_ON_THE_DESK = {"cache-control": "no-store", "cross-origin-resource-policy": "same-origin"}
_SECRET_LINK = re.compile(r"/(?:desk/link|u|r|c|again)/")
_UNSUBSCRIBE = re.compile(r"/u/[A-Za-z0-9_-]+")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


def is_desk(path: str) -> bool:
    """Whether ``path`` belongs to the editors."""
    return path == "/desk" or path.startswith("/desk/")


def is_api(path: str) -> bool:
    """Whether ``path`` belongs to the API, which speaks JSON also when it refuses."""
    return path == "/api" or path.startswith("/api/")


def shown_path(path: str) -> str:
    """``path`` for the log: the secret of a link stays out of it."""
    found = _SECRET_LINK.match(path)
    return f"{found.group()}…" if found else path


def takes_foreign_forms(path: str) -> bool:
    """Whether a form for ``path`` may come from anywhere.

    Mail programs unsubscribe by a POST of their own (RFC 8058, 3.1), with a token that only the mail has. The form to
    subscribe may stand on any page; one that comes from elsewhere is shown again and does nothing yet. What is posted
    to the API is no form: no page of another site can send it with a token, and without one no browser may.
    """
    return path == "/subscribe" or is_api(path) or _UNSUBSCRIBE.fullmatch(path) is not None


def max_body(path: str, *, is_signed_in: bool) -> int:
    """The most bytes that a form for ``path`` may have: who is signed in may send a file of readers."""
    if is_api(path):
        return MAX_POST
    return MAX_FILE if path == UPLOAD and is_signed_in else MAX_BODY


def add_headers(path: str, headers: MutableHeaders) -> None:
    """Put the headers of protection on an answer; those a handler set itself stay."""
    for name, value in (_EVERYWHERE | (_ON_THE_DESK if is_desk(path) else {})).items():
        headers.setdefault(name, value)


def host_problem(headers: Headers) -> str | None:
    """What is wrong with the name a request calls us by: there must be exactly one, and it must be a name."""
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        return "The request names no host, several, or one that cannot be."
    return None


def is_from_our_pages(headers: Headers) -> bool:
    """Whether a request that changes something was sent by a page of this very site.

    Browsers of today say so in Sec-Fetch-Site (W3C Fetch Metadata); older ones send Origin (RFC 6454).
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(headers.get("origin", ""))
    return origin.scheme in ("http", "https") and origin.netloc.lower() == headers.get("host", "").lower()


def is_loopback(address: str | None) -> bool:
    """Whether ``address`` (or a name such as localhost) is this machine."""
    if address in ("localhost", "testclient"):
        return address == "localhost"
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def is_this_machine(request: Request) -> bool:
    """Whether a request comes from this machine itself, by its own name.

    What a proxy on this machine hands on is somebody else's: it names the site, or whom it speaks for.
    """
    is_handed_on = any(name in request.headers for name in ("x-forwarded-for", "x-forwarded-host", "forwarded", "via"))
    return is_loopback(request.state.client) and request.state.is_local and not is_handed_on


def is_from_a_browser(headers: Headers) -> bool:
    """Whether a page in a browser sent it: then it may be any page that somebody on this machine looks at."""
    return any(name in headers for name in ("origin", "sec-fetch-site", "sec-fetch-mode", "referer"))


def host_name(host: str) -> str:
    """The name in a Host header, without its port."""
    return (urlsplit(f"//{host}").hostname or "").rstrip(".")


def told_by_proxy(scope: Mapping[str, object], headers: Headers, *, behind_proxy: bool) -> tuple[str, str]:
    """Scheme and client address; what a proxy says of them counts only when it is on this machine, or named to us.

    Of several addresses the last counts: the nearest proxy wrote it.
    """
    client = scope.get("client")
    peer = str(client[0]) if isinstance(client, Sequence) and client else ""
    scheme = str(scope.get("scheme") or "http")
    if not (behind_proxy or is_loopback(peer)):
        return scheme, peer
    said_scheme = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
    said_peer = ",".join(headers.getlist("x-forwarded-for")).rpartition(",")[2].strip()
    return said_scheme if said_scheme in ("http", "https") else scheme, _address(said_peer) or peer


def network_of(address: str) -> str:
    """What counts as one caller: an IPv4 address, or a network of 64 bits, which one household has to itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found)


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
