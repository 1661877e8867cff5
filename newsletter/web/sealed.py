"""Sealed: what a page carries through a browser from one step to the next, and nobody can change on the way."""

import secrets
from datetime import timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import Request

from newsletter.web.cookies import form_token, visitor_token
from newsletter.web.sessions import newsletter_of, session_of

LASTS = timedelta(minutes=10)


class Seal:
    """Made anew at each start: a step that was begun before a restart is begun again."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def close(self, request: Request, purpose: str, value: Any) -> str:
        """``value`` for this browser alone, for ten minutes."""
        until = (newsletter_of(request).now() + LASTS).timestamp()
        return self._serializer(purpose).dumps([_whose(request), until, value])

    def open(self, request: Request, purpose: str, text: str) -> Any | None:
        """What was sealed for this browser; None when it was not, or too long ago."""
        try:
            whose, until, value = self._serializer(purpose).loads(text)
        except (BadData, ValueError, TypeError):
            return None
        is_good = whose == _whose(request) and newsletter_of(request).now().timestamp() < until
        return value if is_good else None

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._key, salt=purpose)


def seal_of(request: Request) -> Seal:
    """The seal of the running program."""
    found: Seal = request.app.state.seal
    return found


def _whose(request: Request) -> str:
    session = session_of(request)
    return session.csrf if session else form_token(visitor_token(request))
