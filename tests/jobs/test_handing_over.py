"""The service that is left alone hands an issue over to who sends in our place, and lets it stop there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from newsletter.jobs.schedule import Runner
from newsletter.jobs.service import make_queue
from newsletter.pipeline import campaign_acts
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.send_acts import stop
from newsletter.pipeline.send_right import NotTheSender
from tests.pipeline.campaign_desk import Desk, desk_at
from tests.pipeline.conftest import Home
from tests.pipeline.conftest import home as home


@contextmanager
def service(desk: Desk) -> Iterator[Callable[[], None]]:
    """Gives what looks at the mails, and does what it asked for."""
    shop, queue, asked = make_queue(Surroundings(desk.home.folder, desk.home.environ, desk.home.clock, {}))
    with shop.opened():
        runner = Runner(shop.current, asked)

        def look() -> None:
            runner.look_at_mails()
            queue.drain()
            desk.home.clock.move(seconds=15)

        yield look


def test_it_is_handed_over_before_its_hour_and_a_stop_reaches_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk_at(home, "listmonk") as desk:
        desk.approve()
        with service(desk) as look:
            look()
            assert desk.state() == ("scheduled", "scheduled")
            stop_while_another_sends(desk, monkeypatch)
            assert (desk.state(), desk.there()) == (("stopped", "scheduled"), "scheduled")
            look()
            assert (desk.state(), desk.there()) == (("stopped", "draft"), "draft")


def stop_while_another_sends(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person stops it on the desk while the right to tell the service is another process's."""

    def busy(*_: object, **__: object) -> None:
        raise NotTheSender("Another process of this newsletter sends.")

    with monkeypatch.context() as patched, desk.app() as app:
        patched.setattr(campaign_acts, "sending_alone", busy)
        stop(app, 1, by="Ines")
