"""make_web: the desk and the public pages as one ASGI application. All that must wait for bytes is in this file."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsletter.errors import NewsletterError
from newsletter.pipeline.app import system_clock
from newsletter.pipeline.current import CurrentNewsletter, Surroundings
from newsletter.web import (
    api_pages,
    approve,
    archive,
    archive_zip,
    assets,
    auth,
    card,
    correct,
    deliveries,
    editors,
    erase,
    feeds_file,
    feeds_history,
    figures,
    guard,
    health,
    keys,
    late,
    learning,
    leave,
    links,
    lists,
    me,
    oidc,
    preferences,
    preview,
    public,
    review,
    search,
    source_add,
    sources,
    states,
    subscribe,
    subscriber,
    subscriber_choice,
    subscriber_files,
    subscribers,
    tip_form,
    tips,
    tokens,
    trial,
    trouble,
    useful,
)
from newsletter.web.api_limits import ApiLimits
from newsletter.web.bringing import Bringer
from newsletter.web.kept_text import KeptTexts
from newsletter.web.making import Maker
from newsletter.web.sealed import Seal
from newsletter.web.sessions import session_of, who_may
from newsletter.web.subscribe_limits import SubscribeLimits
from newsletter.web.tries import Tries
from newsletter.web.warm import warm_up
from newsletter.web.workshop import Workshop

PAGES = (
    assets,
    auth,
    links,
    oidc,
    me,
    editors,
    tokens,
    keys,
    review,
    states,
    preview,
    approve,
    late,
    correct,
    search,
    card,
    lists,
    figures,
    tips,
    archive,
    archive_zip,
    tip_form,
    subscribe,
    preferences,
    leave,
    useful,
    health,
    subscribers,
    subscriber,
    subscriber_choice,
    subscriber_files,
    erase,
    deliveries,
    feeds_file,
    feeds_history,
    trial,
    learning,
    source_add,
    sources,
    api_pages,
    public,
)
"""The modules with pages; each has ROUTES. The public site comes last: it answers everything else."""
_LONGEST_NUMBER = 9
_PATIENCE_SECONDS = 30
_PATIENCE_FOR_FILE = 300
_FIELDS = 5_000


class _Number(Convertor[int]):
    """The number of an issue in an address; longer ones, which no database takes, are no address of ours."""

    regex = rf"[0-9]{{1,{_LONGEST_NUMBER}}}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("int", _Number())


def make_web(
    home: Path,
    *,
    environ: Mapping[str, str],
    now: Callable[[], datetime] = system_clock,
    web_settings: Any = None,
    behind_proxy: bool = False,
) -> Starlette:
    """The application for ``home``, which is opened when the server starts and closed when it ends.

    ``behind_proxy``: what X-Forwarded-Proto and -For say counts from any address, not only from this machine.
    """
    options = {} if web_settings is None else {"web": web_settings}
    current = CurrentNewsletter(Surroundings(home, environ, now, options))
    app = Starlette(
        routes=checked_routes([route for page in PAGES for route in page.ROUTES]),
        middleware=[Middleware(_Gate, behind_proxy=behind_proxy)],
        exception_handlers={NewsletterError: trouble.at_hand, HTTPException: trouble.by_status},
        lifespan=_lifespan(current),
    )
    app.state.current = current
    app.state.tries, app.state.seal = Tries(), Seal()
    app.state.sign_in_again, app.state.send_again = auth.sign_in_again, auth.send_again
    app.state.maker = Maker()
    app.state.hour_watch = public.HourWatch()
    app.state.tip_limiter = tip_form.new_limiter()
    app.state.api_limits, app.state.behind_proxy = ApiLimits(), behind_proxy
    app.state.subscribing = SubscribeLimits()
    app.state.bringer = Bringer()
    app.state.kept_texts, app.state.trials = KeptTexts(), Workshop(4)
    app.state.previews, app.state.looks = Workshop(), Workshop(2)
    app.state.link_checks, app.state.asking, app.state.final_counts = Workshop(), {}, {}
    app.state.learner = learning.Learner()
    app.state.source_tasks, app.state.erasures = sources.new_tasks(), erase.new_tasks()
    return app


def checked_routes(routes: list[Route]) -> list[Route]:
    """``routes``, each of which must say for whom it is: nothing is open because somebody forgot to close it."""
    for route in routes:
        assert who_may(route.endpoint), f"{route.path} does not say who may call it"
    return routes


def _lifespan(current: CurrentNewsletter) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(current.open)
        try:
            await run_in_threadpool(warm_up, current.get())
            yield
        finally:
            await run_in_threadpool(current.close)

    return lifespan


class _Gate:
    """Every request passes here first: its host, its origin and its form; every answer gets its headers."""

    def __init__(self, app: ASGIApp, *, behind_proxy: bool) -> None:
        self._app, self._behind_proxy = app, behind_proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                guard.add_headers(scope["path"], MutableHeaders(scope=message))
            await send(message)

        request = Request(scope, receive)
        try:
            answer = self._look_at(request) or await _read_form(request)
            if answer is not None:
                await (await run_in_threadpool(answer, request))(scope, receive, send_guarded)
            else:
                await self._app(scope, receive, send_guarded)
        except ClientDisconnect:
            return
        except Exception as fault:
            if has_begun:
                raise
            response = await run_in_threadpool(trouble.failed, request, fault)
            await response(scope, receive, send_guarded)
        finally:
            # Files that were sent lie on the disk until then.
            if hasattr(request.state, "form"):
                await request.state.form.close()

    def _look_at(self, request: Request) -> Callable[[Request], Response] | None:
        """What to answer at once, None when the request may go on."""
        headers = request.headers
        problem = guard.host_problem(headers)
        if problem:
            return lambda request: trouble.no_host(request, problem)
        scheme, client = guard.told_by_proxy(request.scope, headers, behind_proxy=self._behind_proxy)
        request.scope["scheme"] = scheme
        request.state.client = client
        request.state.is_local = guard.is_loopback(guard.host_name(headers["host"]))
        is_open = request.method in guard.SAFE_METHODS or guard.takes_foreign_forms(request.url.path)
        if not (is_open or guard.is_from_our_pages(headers)):
            return trouble.foreign
        return None


async def _read_form(request: Request) -> Callable[[Request], Response] | None:
    """Put the form that was sent into the request's state; what to answer when that cannot be."""
    if request.method in guard.SAFE_METHODS:
        return None
    body, is_file = bytearray(), request.url.path == guard.UPLOAD
    is_signed_in = is_file and await run_in_threadpool(session_of, request) is not None
    limit = guard.max_body(request.url.path, is_signed_in=is_signed_in)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS if limit <= guard.MAX_BODY else _PATIENCE_FOR_FILE):
            async for part in request.stream():
                body += part
                if len(body) > limit:
                    return trouble.too_large
    except TimeoutError:
        return trouble.too_slow

    if guard.is_api(request.url.path):
        request.state.body = bytes(body)
        return None

    async def replay() -> Message:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    is_open = guard.takes_foreign_forms(request.url.path)
    if "multipart/" in request.headers.get("content-type", "") and not body.rstrip().endswith(b"--"):
        return None if is_open else trouble.no_form  # it was cut: what is missing would count as emptied
    try:
        form = await Request(request.scope, replay).form(max_files=20, max_fields=_FIELDS)
    except (HTTPException, UnicodeError):
        return None if is_open else trouble.no_form
    request.state.form = form
    if not all(_is_text(name) and _is_text(value) for name, value in form.multi_items()):
        return trouble.no_form
    return None


def _is_text(value: object) -> bool:
    """Whether ``value`` can be written down, or is a file, which no handler reads.

    Some charsets make halves of characters out of bytes.
    """
    try:
        if isinstance(value, str):
            value.encode()
    except UnicodeEncodeError:
        return False
    return True
