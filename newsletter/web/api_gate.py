"""Who asks the API and what they may: the token, this machine, and how an answer is said."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from newsletter.model.token import ApiToken, Scope
from newsletter.pipeline.api_tokens import token_of
from newsletter.web.api_problem import Mistake, Refused, problem
from newsletter.web.api_query import Parameter, read_query
from newsletter.web.guard import is_from_a_browser, is_this_machine
from newsletter.web.sessions import newsletter_of

JSON = "application/json"
MACHINE = "this machine"
"""Under this name stands what was sent without a token, from the machine itself."""
_PUBLIC, _OWN = "public, max-age=60", "private, no-cache"
_HOW_TOKEN = "Send “Authorization: Bearer TOKEN”; “newsletter tokens add” makes one."


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a program with a token, the machine itself, or anybody."""

    token: ApiToken | None = None
    is_machine: bool = False

    @property
    def name(self) -> str:
        """Under which name stands what they send."""
        return self.token.name if self.token else MACHINE

    @property
    def key(self) -> str:
        """What their posts are counted and remembered under."""
        return self.token.id if self.token else MACHINE

    @property
    def reads_all(self) -> bool:
        """Whether they may read drafts, and items whole."""
        return self.token is not None and "read" in self.token.scopes


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may be answered: who asks, and what stands in the address."""

    request: Request
    asker: Asker
    query: dict[str, Any]


Answering = Callable[[Asked], Response]


def for_programs(
    answering: Answering, *, method: str = "GET", parameters: Sequence[Parameter] = (), scope: Scope | None = None
) -> Callable[[Request], Response]:
    """The handler that asks ``answering`` once the request is known to be in order; ``scope`` is what it needs."""

    @wraps(answering)
    def handler(request: Request) -> Response:
        if request.method == "OPTIONS":
            return _preflight(method, can_read=scope is None)
        try:
            asker = asker_of(request)
            if scope is not None:
                _check_scope(asker, scope)
            _check_accept(request)
            response = answering(Asked(request, asker, read_query(request.query_params, parameters)))
        except Refused as fault:
            response = problem(fault.status, fault.mistakes, headers=fault.headers)
        response.headers.setdefault("vary", "Authorization")
        return response

    handler.for_whom = "anybody"  # type: ignore[attr-defined]
    return handler


def asker_of(request: Request) -> Asker:
    """Who asks (Refused when the token is none of ours, or ran out)."""
    said = request.headers.getlist("authorization")
    scheme, _, secret = said[0].partition(" ") if said else ("", "", "")
    if len(said) == 1 and scheme.lower() == "bearer":
        token = token_of(newsletter_of(request), secret.strip())
        if token is None:
            wrong = Mistake("header Authorization", "The token is not known here, or it ran out.", _HOW_TOKEN)
            raise Refused(401, wrong, headers={"www-authenticate": 'Bearer error="invalid_token"'})
        return Asker(token)
    is_asked_directly = request.scope.get("http_version") != "1.0" and not is_from_a_browser(request.headers)
    is_ours = is_asked_directly and not request.app.state.behind_proxy and is_this_machine(request)
    return Asker(is_machine=is_ours and not said)


def _check_scope(asker: Asker, scope: Scope) -> None:
    if asker.is_machine or (asker.token is not None and scope in asker.token.scopes):
        return
    if asker.token is None:
        wrong = Mistake("header Authorization", "This needs a token.", _HOW_TOKEN)
        raise Refused(401, wrong, headers={"www-authenticate": "Bearer"})
    wrong = Mistake(
        "header Authorization",
        f"The token of {asker.token.name} does not allow “{scope}”.",
        "A manager can make one that does.",
    )
    headers = {"www-authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
    raise Refused(403, wrong, headers=headers)


def _check_accept(request: Request) -> None:
    """Refuse who takes no JSON (RFC 9110, 12.5.1)."""
    said = ",".join(request.headers.getlist("accept")).lower()
    if not said.strip():
        return
    for each in said.split(","):
        name, _, more = each.partition(";")
        is_refused = any(part.strip().replace(" ", "") in ("q=0", "q=0.0", "q=0.00") for part in more.split(";"))
        if name.strip() in (JSON, "application/*", "*/*", "application/problem+json") and not is_refused:
            return
    wrong = Mistake("header Accept", "What is asked for is not to be had.", f"Ask for {JSON}, or leave the header out.")
    raise Refused(406, wrong)


def _preflight(method: str, *, can_read: bool) -> Response:
    """What may be done here; a browser may read from another site's page what is public (Fetch, CORS protocol)."""
    headers = {"allow": "GET, HEAD, OPTIONS" if method == "GET" else f"{method}, OPTIONS", "vary": "Authorization"}
    if can_read:
        headers |= {
            "access-control-allow-origin": "*",
            "access-control-allow-methods": "GET, HEAD",
            "access-control-allow-headers": "If-None-Match, If-Modified-Since",
            "access-control-max-age": "86400",
        }
    return Response(status_code=204, headers=headers)


def answer(
    asked: Asked,
    value: Any,
    *,
    changed_at: datetime | None = None,
    next_url: str | None = None,
    is_public: bool = True,
) -> Response:
    """``value`` as JSON, or 304 when who asks has it; what everybody reads may be kept for a minute.

    ``is_public``: whether everybody reads it who asks without a token.
    """
    body = json_bytes(value)
    headers = {
        "etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "cache-control": _PUBLIC if is_public and asked.asker.token is None else _OWN,
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "ETag, Last-Modified, Link, Retry-After",
    }
    if changed_at is not None:
        headers["last-modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
    if next_url is not None:
        headers["link"] = f'<{next_url}>; rel="next"'
    if _is_known(asked.request, headers["etag"], changed_at):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=JSON, headers=headers)


def json_bytes(value: Any) -> bytes:
    """``value`` as JSON in UTF-8; halves of characters, which no UTF-8 holds, are escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def _is_known(request: Request, etag: str, changed_at: datetime | None) -> bool:
    """Whether who asks has this very answer (RFC 9110, 13.2.2: a tag counts more than a date)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return "*" in tags or etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    since = request.headers.get("if-modified-since")
    if since is None or changed_at is None:
        return False
    try:
        return changed_at.replace(microsecond=0) <= parsedate_to_datetime(since).replace(tzinfo=UTC)
    except ValueError:
        return False
