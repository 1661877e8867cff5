"""A desk for tests: a home with a clock that stands still, and browsers that are signed in or not."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.logins import begin_login
from newsletter.pipeline.sign_in import password_by_link
from newsletter.web.app import make_web
from newsletter.web.cookies import form_token
from tests.fakes import FixedClock

BASE = "http://127.0.0.1:8000"
OWN = {"sec-fetch-site": "same-origin"}
"""What a browser says of a form that a page of the same site sends."""
PASSWORD = "five blue herons wade"
FEEDS = """\
newsletter:
  name: Test weekly
  from: Test <test@example.org>
schedule:
  timezone: Europe/Oslo
"""
_HIDDEN = re.compile(
    r'<input type="hidden" name="([^"]+)" value="([^"]*)">|<textarea hidden name="([^"]+)">\n(.*?)</textarea>', re.S
)


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

    def browser(self, *, base: str = BASE, peer: str = "127.0.0.1") -> TestClient:
        """Another browser, without cookies."""
        return TestClient(self.web, base_url=base, client=(peer, 50000), follow_redirects=False)

    def signed_in(self, name: str = "Ines", *, role: str = "manager") -> "Signed":
        """A browser in which ``name``, a new editor, is signed in."""
        add_editor(self.app, name, role=role)
        return self.signed_in_again(name)

    def signed_in_again(self, name: str) -> "Signed":
        """Another browser in which ``name`` is signed in."""
        token = begin_login(self.app, name, agent="test")
        browser = self.browser()
        browser.cookies.set("session-8000", token, domain="127.0.0.1", path="/")
        return Signed(browser, form_token(token))

    def with_password(self, name: str = "Ines", *, role: str = "manager") -> None:
        """A new editor who has chosen :data:`PASSWORD`."""
        assert password_by_link(self.app, add_editor(self.app, name, role=role), PASSWORD)


@dataclass
class Signed:
    """A browser with a session; :meth:`post` sends forms as its pages do."""

    client: TestClient
    csrf: str

    def get(self, path: str) -> Response:
        """Open a page."""
        return self.client.get(path)

    def post(self, path: str, **fields: str) -> Response:
        """Send a form."""
        return self.client.post(path, data={"csrf": self.csrf, **fields}, headers=OWN)


def hidden(page: str) -> dict[str, Any]:
    """The hidden fields of the last form of a page, as a browser would send them; a list where a name comes again."""
    found: dict[str, Any] = {}
    for name, value, other, text in _HIDDEN.findall(page.rpartition("<form")[2]):
        key, said = html.unescape(name or other), html.unescape(value or text)
        found[key] = (
            [*found[key], said] if isinstance(found.get(key), list) else [found[key], said] if key in found else said
        )
    return found


def send(browser: TestClient, page: Response, path: str, **fields: str) -> Response:
    """Fill in the last form of ``page`` and send it."""
    names = {name.replace("_", "-"): value for name, value in fields.items()}
    return browser.post(path, data={**hidden(page.text), **names}, headers=OWN)


def sign_in(browser: TestClient, name: str = "Ines", password: str = PASSWORD) -> Response:
    """Sign in by the form."""
    return send(browser, browser.get("/desk/sign-in"), "/desk/sign-in", name=name, password=password)


@contextmanager
def running_desk(home: Path, feeds: str = FEEDS, **options: Any) -> Iterator[Desk]:
    """The desk of a new home in ``home``."""
    home.mkdir(exist_ok=True)
    (home / "feeds.yaml").write_text(feeds, encoding="utf-8")
    clock = FixedClock()
    web = make_web(home, now=clock, **{"environ": {}, **options})
    with TestClient(web, base_url=BASE, client=("127.0.0.1", 50000), follow_redirects=False) as client:
        yield Desk(web, clock, client)
