"""Programs that ask the API of a desk: with a token, without one, from this machine or from elsewhere."""

from dataclasses import dataclass
from typing import Any

from httpx2 import Response

from newsletter.pipeline.api_tokens import add_token
from tests.web.desk import Desk

AWAY = "203.0.113.9"


@dataclass
class Program:
    """Asks and sends; ``token`` is empty for none."""

    desk: Desk
    token: str = ""
    peer: str = AWAY
    base: str = "http://weekly.example.org"

    def get(self, path: str, **headers: str) -> Response:
        """Ask."""
        return self.ask("GET", path, headers=headers)

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Response:
        """Ask by any method."""
        own = {"authorization": f"Bearer {self.token}"} if self.token else {}
        said = {**own, **{name.replace("_", "-"): value for name, value in (headers or {}).items()}}
        return self.desk.browser(base=self.base, peer=self.peer).request(method, path, headers=said, **more)

    def post(self, path: str, value: Any, **headers: str) -> Response:
        """Send JSON."""
        return self.ask("POST", path, headers=headers, json=value)


def program(desk: Desk, *scopes: str, name: str = "release bot") -> Program:
    """A program elsewhere whose new token allows ``scopes``."""
    return Program(desk, add_token(desk.app, name, scopes=scopes))
