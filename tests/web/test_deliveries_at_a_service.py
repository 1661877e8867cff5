"""The Deliveries page where a service sends in our place: what it counts, and no reader of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.testclient import TestClient

from newsletter.pipeline.send_acts import stop
from newsletter.web.app import make_web
from tests.pipeline.campaign_desk import Desk as Sender
from tests.pipeline.campaign_desk import desk_at
from tests.pipeline.conftest import Home
from tests.pipeline.conftest import home as home
from tests.web.desk import BASE, Desk, Signed


@contextmanager
def signed_in(sender: Sender) -> Iterator[Signed]:
    clock = sender.home.clock
    web = make_web(sender.home.folder, environ=sender.home.environ, now=clock)
    with TestClient(web, base_url=BASE, client=("127.0.0.1", 50000), follow_redirects=False) as client:
        yield Desk(web, clock, client).signed_in()


def test_a_campaign_stands_on_the_page_with_its_place_at_the_service(home: Home) -> None:
    with desk_at(home, "listmonk") as sender:
        sender.approve("The bridge opens")
        sender.look()
        with signed_in(sender) as ines:
            page = ines.get("/desk/deliveries").text
            assert "It goes to the readers at listmonk" in page
            assert "listmonk, lists 3, 5: <b>scheduled there for" in page
            assert f'<a href="{sender.service.base}' in page
            assert "No mail server is named" not in page
            assert "nobody" not in page
            assert " 0 " not in page.partition("<main")[2]
            opened = ines.get("/desk/deliveries/1?ask=stop").text
            assert "The readers at listmonk will not get issue 1." in opened
            assert "Stop it for the readers at listmonk" in opened
            assert "The readers at listmonk, fixed" in opened
            with sender.app() as app:
                stop(app, 1, by="Ines")
            page = ines.get("/desk/deliveries").text
            assert "Ines stopped it." in page
            assert "a draft there" in page
            assert "did not get it" not in page
