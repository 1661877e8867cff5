"""What is answered while the database is away: nothing of where it lies, and when to ask again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from newsletter.store.database import Database
from newsletter.store.link import link_to
from tests.services import free_port
from tests.web.desk import OWN, Desk, Signed, running_desk

pytestmark = pytest.mark.slow
_LINK = "x" * 43
_OPEN = ("/api/issues", "/api/items", f"/u/{_LINK}", f"/r/{_LINK}", f"/c/{_LINK}", f"/desk/link/{_LINK}", "/metrics")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with running_desk(tmp_path) as found:
        yield found


def take_away(desk: Desk) -> str:
    """The database of ``desk`` is a server that does not answer; its name."""
    found = Database(f"postgresql+psycopg://newsletter@127.0.0.1:{free_port()}/innermost")
    link_to(found.name).is_found()  # it answered before
    desk.web.state.current._app = replace(desk.app, database=found)
    return found.name


def is_neutral(text: str) -> bool:
    return not any(word in text for word in ("postgres", "127.0.0.1:", "innermost", "NEWSLETTER_", "mistake of the"))


@pytest.mark.parametrize("path", _OPEN)
def test_a_stranger_reads_nothing_of_a_database_that_is_away(desk: Desk, path: str) -> None:
    name = take_away(desk)
    with capture_logs() as logs:
        answer = desk.client.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert is_neutral(answer.text), answer.text
    assert any(name in each.get("trouble", "") for each in logs)


def test_a_wrong_token_and_forms_are_answered_alike(desk: Desk) -> None:
    signed: Signed = desk.signed_in()
    take_away(desk)
    with capture_logs():
        answers = [
            desk.client.get("/api/items", headers={"authorization": f"Bearer newsletter_{_LINK}"}),
            desk.client.post("/api/tips", json={"title": "x"}),
            desk.client.post(f"/u/{_LINK}", data={"List-Unsubscribe": "One-Click"}),
            signed.get("/desk/"),
            signed.client.get("/desk/", headers={"x-desk": "1"}),
            signed.post("/desk/subscribers/import", text="a@example.org"),
            signed.client.post("/desk/subscribers/import", content=b"x" * (2 << 20), headers=OWN),
            signed.get("/desk/health"),
        ]
    assert [(each.status_code, each.headers.get("retry-after"), is_neutral(each.text)) for each in answers] == [
        (503, "60", True)
    ] * len(answers), [each.text for each in answers]


def test_who_watches_gets_plain_text(desk: Desk) -> None:
    take_away(desk)
    with capture_logs():
        answer = desk.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "<" not in answer.text


def test_programs_get_a_problem(desk: Desk) -> None:
    take_away(desk)
    with capture_logs():
        answer = desk.client.get("/api/issues")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["status"], answer.json()["title"]) == (503, "Not at the moment")
