"""A home whose issue is handed over to a service on loopback: for tests of what is there, and when."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import approve
from newsletter.pipeline.deliveries import deliveries_of
from newsletter.pipeline.due import draft_if_due
from newsletter.pipeline.sending import send_due
from tests.campaign_services import serving
from tests.loopback import atom
from tests.pipeline.conftest import Home, gather_due
from tests.stand_in.stand_in import frozen

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
TITLE = "Braces {{ .Subscriber.Email }} and {% now %} and *|EMAIL|* and https://a.example@TrackLink"
HOUR = datetime(2026, 10, 16, 10, 0, tzinfo=UTC)
KEYS = {"LISTMONK_KEY": "tok", "BUTTONDOWN_KEY": "bd-key", "MAILCHIMP_KEY": "0123-us21"}
WAYS = {
    "listmonk": "  by: listmonk\n  address: {service}\n  api user: news\n  api key: from LISTMONK_KEY\n"
    "  lists: [3, 5]\n",
    "buttondown": "  by: buttondown\n  address: {service}\n  api key: from BUTTONDOWN_KEY\n",
    "mailchimp": "  by: mailchimp\n  address: {service}\n  api key: from MAILCHIMP_KEY\n  audience: abc123\n",
}
STATES = {
    "listmonk": {"draft": "draft", "scheduled": "scheduled", "sending": "running", "sent": "finished"},
    "buttondown": {"draft": "draft", "scheduled": "scheduled", "sending": "in_flight", "sent": "sent"},
    "mailchimp": {"draft": "save", "scheduled": "schedule", "sending": "sending", "sent": "sent"},
}
every_service = pytest.mark.parametrize("name", sorted(WAYS))


_APPROVED: dict[tuple[str, str], dict[str, bytes]] = {}
"""The files of a home whose issue was just approved, by its delivery and the headline: that takes a second."""


class Desk:
    """A home whose issue is handed over, and the service."""

    def __init__(self, home: Home, service: Any, name: str) -> None:
        self.home, self.service, self.name = home, service, name
        self.way = ""

    def write(self, more: str = "", *, way: str | None = None) -> None:
        self.way = (way or WAYS[self.name]) + more
        text = self.way.replace("{service}", self.service.base)
        self.home.write(f"  site: https://news.example.org\n{PLANET}delivery:\n{text}")

    def approve(self, title: str = TITLE) -> None:
        """Draft issue 1 and approve it."""
        data, key = self.home.folder / "data", (self.way, title)
        if not (self.home.folder / "templates").exists():
            if key not in _APPROVED:
                self._approve(title)
                frozen(data / "newsletter.db")
                files = [path for path in data.rglob("*") if path.is_file()]
                _APPROVED[key] = {path.relative_to(data).as_posix(): path.read_bytes() for path in files}
                return
            for name, content in _APPROVED[key].items():
                (data / name).parent.mkdir(parents=True, exist_ok=True)
                (data / name).write_bytes(content)
            return
        self._approve(title)

    def _approve(self, title: str) -> None:
        self.home.web["/planet.xml"] = atom(("one", title, "2026-10-12T09:00:00Z", "The bridge over the river opens."))
        with self.home.opened() as app:
            gather_due(app)
            assert draft_if_due(app)
            approve(app, 1, editor="Ines")

    def look(self) -> Any:
        """What the service of the newsletter does now and then."""
        with self.home.opened() as app:
            return send_due(app, rest=lambda seconds: self.home.clock.move(seconds=seconds))

    def state(self, kind: str = "issue") -> tuple[str, ...]:
        """Of the mailing, and of its campaigns as they are known here."""
        with self.home.opened() as app:
            found = deliveries_of(app, 1, kind)
            return (found.mailing.state, *(each.state for each in found.campaigns))

    def there(self) -> str:
        """The state of the one campaign, as the service calls it, in our words."""
        said = self.service.only()["status"]
        return next(ours for ours, theirs in STATES[self.name].items() if theirs == said)

    @contextmanager
    def app(self) -> Iterator[Newsletter]:
        with self.home.opened() as app:
            yield app


@contextmanager
def desk_at(home: Home, name: str) -> Iterator[Desk]:
    with serving(name, home.clock) as service:
        home.environ = {**home.environ, **KEYS}
        desk = Desk(home, service, name)
        desk.write()
        yield desk
        assert service.violations == []
