"""A desk that a real browser can reach: one uvicorn in a thread, and pages of editors who are signed in."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page
from starlette.applications import Starlette

from newsletter.errors import UsageError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.editors import add_editor
from newsletter.web.app import make_web
from tests.fakes import FixedClock
from tests.web import live


@dataclass
class RealDesk:
    """A desk that listens on loopback."""

    web: Starlette
    clock: FixedClock
    url: str
    """Where it is, without a "/" at the end."""

    @property
    def app(self) -> Newsletter:
        """The newsletter behind it."""
        found: Newsletter = self.web.state.current.get()
        return found

    def signed_in(self, browser: Browser, name: str = "Ines", **options: object) -> Page:
        """A page of a new browser context in which ``name`` is signed in."""
        context = browser.new_context(**options)  # type: ignore[arg-type]
        self.sign_in(context, name)
        page = context.new_page()
        page.set_default_timeout(10_000)
        return page

    def sign_in(self, context: BrowserContext, name: str) -> None:
        """Put a session of ``name``, who is added if need be, into a browser context."""
        with suppress(UsageError):
            # Who is there already needs no adding.
            add_editor(self.app, name, role="manager")
        live.sign_in(context, self.app, self.url, name)


@contextmanager
def real_desk(home: Path, now: FixedClock) -> Iterator[RealDesk]:
    """The desk of ``home`` until the block ends."""
    web = make_web(home, environ={}, now=now)
    with live.live(web) as url:
        yield RealDesk(web, now, url)
