"""A desk for tests: a home with a clock that stands still, and clients that are signed in or not."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.testclient import TestClient

from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.logins import begin_login
from newsletter.web.app import make_web
from newsletter.web.cookies import form_token
from tests.fakes import FixedClock

BASE = "http://127.0.0.1:8000"
OWN = {"sec-fetch-site": "same-origin"}
"""What a browser says of a form that a page of the same site sends."""
FEEDS = """\
newsletter:
  name: Test weekly
  from: Test <test@example.org>
schedule:
  timezone: Europe/Oslo
"""


@dataclass
class Desk:
    """The application of one home, running."""

    web: Starlette
    clock: FixedClock
    client: TestClient
    """A browser in which nobody is signed in."""

    @property
    def app(self) -> Newsletter:
        """The newsletter behind it."""
        found: Newsletter = self.web.state.current.get()
        return found

    def browser(self, *, base: str = BASE) -> TestClient:
        """Another browser, without cookies."""
        return TestClient(self.web, base_url=base, client=("127.0.0.1", 50000), follow_redirects=False)

    def signed_in(self, name: str = "Ines", *, role: str = "manager") -> "Signed":
        """A browser in which ``name``, a new editor, is signed in."""
        add_editor(self.app, name, role=role)
        return self.signed_in_again(name)

    def signed_in_again(self, name: str) -> "Signed":
        """Another browser in which ``name`` is signed in."""
        token = begin_login(self.app, name, agent="test")
        browser = self.browser()
        browser.cookies.set("session-8000", token)
        return Signed(browser, form_token(token))


@dataclass
class Signed:
    """A browser with a session; :meth:`post` sends forms as its pages do."""

    client: TestClient
    csrf: str

    def get(self, path: str):  # type: ignore[no-untyped-def]
        """Open a page."""
        return self.client.get(path)

    def post(self, path: str, **fields: str):  # type: ignore[no-untyped-def]
        """Send a form."""
        return self.client.post(path, data={"csrf": self.csrf, **fields}, headers=OWN)


@contextmanager
def running_desk(
    home: Path, feeds: str = FEEDS, *, environ: Mapping[str, str] | None = None, **options: bool
) -> Iterator[Desk]:
    """The desk of a new home in ``home``."""
    home.mkdir(exist_ok=True)
    (home / "feeds.yaml").write_text(feeds, encoding="utf-8")
    clock = FixedClock()
    web = make_web(home, environ=environ or {}, now=clock, **options)
    with TestClient(web, base_url=BASE, client=("127.0.0.1", 50000), follow_redirects=False) as client:
        yield Desk(web, clock, client)
