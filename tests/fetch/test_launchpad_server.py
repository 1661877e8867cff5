from typing import Any

import pytest

from newsletter.errors import BadStatus, Gone, NotReadable
from newsletter.fetch import launchpad_server
from newsletter.fetch.launchpad_server import MOST_LOOKED_UP, LaunchpadServer
from tests.fakes import FakeHttp

BASE = "https://api.launchpad.net"


def person(number: int) -> str:
    return f"{BASE}/1.0/~person{number}"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"id": 3}, True),
        ([1], False),
        (b"Object: <Bug>", False),
        (BadStatus(401, "no"), False),
        (BadStatus(404, "no"), False),
        (Gone("gone"), False),
    ],
)
async def test_what_is_not_there_or_not_for_everybody_is_nothing(answer: Any, found: bool) -> None:
    server = LaunchpadServer(FakeHttp({f"{BASE}/1.0/bugs/3": answer}), BASE)
    assert (await server.entry(f"{BASE}/1.0/bugs/3") is not None) is found


async def test_a_server_in_trouble_is_told() -> None:
    server = LaunchpadServer(FakeHttp({f"{BASE}/1.0/bugs/3": BadStatus(500, "no")}), BASE)
    with pytest.raises(BadStatus):
        await server.entry(f"{BASE}/1.0/bugs/3")


@pytest.mark.parametrize("link", ["", "/", "https://elsewhere.example/1.0/bugs/3", f"{BASE}/\ud83d", "ftp://x"])
async def test_nothing_is_asked_for_elsewhere(link: str) -> None:
    http = FakeHttp()
    assert await LaunchpadServer(http, BASE).entry(link) is None
    assert http.requests == []


async def test_names_are_learnt_once_and_a_few_dozen_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    http = FakeHttp({person(number): {"display_name": f"Person\n{number}"} for number in range(1, 100)})
    server = LaunchpadServer(http, BASE)
    await server.meet([person(0), person(1), person(1), "/", f"{BASE}/1.0/nova"])
    assert server.people == {"person0": "", "person1": "Person 1"}
    await server.meet(person(number) for number in range(100))
    assert len(http.requests) == MOST_LOOKED_UP
    monkeypatch.setattr(launchpad_server, "_MOST_NAMES", 3)
    await server.meet([])
    assert len(server.people) == 3


@pytest.mark.parametrize(
    ("page", "total"),
    [
        ({"entries": [], "total_size": 7}, 7),
        ({"entries": []}, None),
        ({"entries": [], "total_size_link": "https://elsewhere.example/count"}, None),
        ({"entries": [], "total_size_link": f"{BASE}/count"}, 12),
        ({"entries": [], "total_size_link": f"{BASE}/word"}, None),
    ],
)
async def test_how_many_there_are(page: Any, total: int | None) -> None:
    http = FakeHttp({f"{BASE}/1.0/nova/releases?ws.size=1": page, f"{BASE}/count": b"12", f"{BASE}/word": b'"many"'})
    assert await LaunchpadServer(http, BASE).total("nova/releases") == total


async def test_an_answer_without_entries_is_not_launchpads() -> None:
    http = FakeHttp({f"{BASE}/1.0/nova/releases?ws.size=1": [1]})
    with pytest.raises(NotReadable, match="does not answer as Launchpad does"):
        await LaunchpadServer(http, BASE).total("nova/releases")


def test_addresses_are_quoted() -> None:
    server = LaunchpadServer(FakeHttp(), BASE)
    assert server.url("ubuntu/+source/a b", {"status": ["Won't Fix", "New"]}) == (
        f"{BASE}/1.0/ubuntu/+source/a%20b?status=Won%27t+Fix&status=New"
    )
