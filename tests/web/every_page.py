"""Every address of the desk that shows a page, each with examples; a route that is not named here fails a test."""

from collections.abc import Mapping

from tests.web.everything import Everything

_ISSUE = "/desk/issues/{number:int}"
_DRAFT, _OLD = "/desk/issues/2", "/desk/issues/1"
_CARDS = ("kept", "thread", "gauge", "robot", "sprint", "market", "helm", "valve")

PAGES: Mapping[str, tuple[str, ...]] = {
    "/archive/search": ("/archive/search", "/archive/search?q=bridge", "/archive/search?q=brigde"),
    "/desk/archive": ("/desk/archive", "/desk/archive?q=bridge", "/desk/archive?q=brigde"),
    "/desk/archive/{number:int}": ("/desk/archive/1", "/desk/archive/2"),
    "/desk/deliveries": ("/desk/deliveries", "/desk/deliveries?ask=take-over&said=stop", "/desk/deliveries?before=1"),
    "/desk/deliveries/{number:int}": (
        "/desk/deliveries/1",
        "/desk/deliveries/1?ask=stop",
        "/desk/deliveries/1?ask=hour&reader=nobody@example.org&show=1",
    ),
    "/desk/editors": ("/desk/editors",),
    "/desk/health": ("/desk/health",),
    f"{_ISSUE}/": (f"{_DRAFT}/", f"{_DRAFT}/?section=general&below=1", f"{_DRAFT}/?at={{gauge}}", f"{_OLD}/"),
    f"{_ISSUE}/approve": (f"{_DRAFT}/approve", f"{_DRAFT}/approve?sure=1", f"{_OLD}/approve"),
    f"{_ISSUE}/below": (f"{_DRAFT}/below",),
    f"{_ISSUE}/correct": (f"{_OLD}/correct", f"{_OLD}/correct?entry={{old}}"),
    f"{_ISSUE}/correct/{{which:int}}": (f"{_OLD}/correct/1",),
    f"{_ISSUE}/dropped": (f"{_DRAFT}/dropped", f"{_DRAFT}/dropped?q=nothing"),
    f"{_ISSUE}/figures": (f"{_DRAFT}/figures", f"{_OLD}/figures"),
    f"{_ISSUE}/history": (f"{_DRAFT}/history", f"{_OLD}/history"),
    f"{_ISSUE}/items/{{entry}}": tuple(f"{_DRAFT}/items/{{{name}}}" for name in _CARDS),
    f"{_ISSUE}/late": (f"{_DRAFT}/late", f"{_DRAFT}/late?url=https://bridge.example/", f"{_DRAFT}/late?url=x"),
    f"{_ISSUE}/preview": tuple(
        f"{_DRAFT}/preview{query}"
        for query in ("", "?view=desktop", "?view=dark&pictures=shown", "?view=text", "?view=reading", "?as=highlights")
    ),
    f"{_ISSUE}/preview/mail": (f"{_DRAFT}/preview/mail?pictures=shown",),
    f"{_ISSUE}/preview/mail-dark": (f"{_DRAFT}/preview/mail-dark?pictures=shown",),
    f"{_ISSUE}/search": (f"{_DRAFT}/search", f"{_DRAFT}/search?q=bridge", f"{_DRAFT}/search?q=nothing"),
    f"{_ISSUE}/short": (f"{_DRAFT}/short",),
    f"{_ISSUE}/snoozed": (f"{_DRAFT}/snoozed",),
    f"{_ISSUE}/tips": (f"{_DRAFT}/tips",),
    "/desk/keys": ("/desk/keys",),
    "/desk/link/{token}": ("/desk/link/{enter}", "/desk/link/{password}", "/desk/link/used"),
    "/desk/me": ("/desk/me",),
    "/desk/sign-in": ("/desk/sign-in", "/desk/sign-in?next=/desk/me"),
    "/desk/oidc": ("/desk/oidc",),
    "/desk/oidc/back": ("/desk/oidc/back",),
    "/desk/sources": ("/desk/sources", "/desk/sources?q=planet", "/desk/sources?q=nothing&said=removed"),
    "/desk/sources/add": ("/desk/sources/add", "/desk/sources/add?address=https://nowhere.example/&look=x"),
    "/desk/sources/{id}": ("/desk/sources/planet?said=save", "/desk/sources/dev-list?ask=remove"),
    "/desk/sources/file": ("/desk/sources/file", "/desk/sources/file?edit=1", "/desk/sources/file?text=gone"),
    "/desk/sources/history": ("/desk/sources/history", "/desk/sources/history?version=1&ask=back"),
    "/desk/sources/try": ("/desk/sources/try", "/desk/sources/try?last=8&text=gone"),
    "/desk/subscribers": ("/desk/subscribers", "/desk/subscribers?state=left&show=1", "/desk/subscribers?q=nobody"),
    "/desk/subscribers/{number:int}": ("/desk/subscribers/1", "/desk/subscribers/3?show=1"),
    "/desk/subscribers/export": ("/desk/subscribers/export",),
    "/desk/subscribers/import": ("/desk/subscribers/import",),
    "/desk/subscribers/import/{id}": ("/desk/subscribers/import/{upload}",),
    "/tip": ("/tip", "/tip?sent"),
    "/subscribe": ("/subscribe", "/subscribe?sent"),
    "/c/{token}": ("/c/{asks}", "/c/{stale}", "/c/nothing"),
    "/r/{token}": ("/r/{reads}", "/r/{paused}?said=paused", "/r/{left}", "/r/{stale}"),
    "/r/{token}/erase": ("/r/{reads}/erase",),
    "/u/{token}": ("/u/{leaves}", "/u/{gone}"),
    "/useful/{number:int}/{answer}": ("/useful/1/yes", "/useful/1/no", "/useful/9/no"),
    "/{path:path}": ("/", "/issues/1/", "/planet/", "/nothing", "/issues/1/figures.html", "/issues/1/why.html"),
}
"""Pages by the path of their route; words in braces are filled in."""
OTHERS: Mapping[str, str] = {
    "/favicon.ico": "/favicon.ico",
    "/static/{hash}/{name:path}": "/static/0/desk.js",
    "/healthz": "/healthz",
    "/metrics": "/metrics",
    "/readyz": "/readyz",
    "/desk": "/desk",
    "/desk/": "/desk/",
    "/desk/archive.zip": "/desk/archive.zip",
    "/desk/making": "/desk/making",
    "/desk/preview": "/desk/preview",
    "/desk/session": "/desk/session",
    "/desk/subscribers/import/{id}/failed.csv": "/desk/subscribers/import/{upload}/failed.csv",
    "/r/{token}/data.json": "/r/{reads}/data.json",
    f"{_ISSUE}/preview/issue.eml": f"{_DRAFT}/preview/issue.eml",
    f"{_ISSUE}/preview/text": f"{_DRAFT}/preview/text",
    f"{_ISSUE}/send-time": f"{_DRAFT}/send-time",
}
"""Addresses that answer with something else than a page, or lead on."""
PARTS: Mapping[str, str] = {f"{_ISSUE}/size": f"{_DRAFT}/size"}
"""Addresses that answer with a part of a page, for scripts."""
MAILS = (f"{_ISSUE}/preview/mail", f"{_ISSUE}/preview/mail-dark", f"{_ISSUE}/correct/{{which:int}}")
"""Pages that are mails, shown in frames: they have no landmarks."""
BOTH = ("/tip", "/subscribe", "/r/{token}")
"""Pages that are looked at signed in and signed out."""
SIGNED_OUT = ("/desk/sign-in", "/desk/link/{token}", "/desk/oidc", "/desk/oidc/back")
"""Pages for who is not signed in."""


def filled(path: str, found: Everything, **more: str) -> str:
    """``path`` with what stands in braces filled in."""
    return path.format_map({**found.cards, **found.links, "old": found.old, "enter": "x", "password": "x", **more})


def paths_of(found: Everything) -> list[str]:
    """Every example of every page."""
    return [filled(path, found) for examples in PAGES.values() for path in examples]
