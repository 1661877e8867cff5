"""What the guard decides, and that every answer carries what it must."""

import pytest
from starlette.datastructures import Headers

from newsletter.web import guard
from tests.web.desk import OWN, Desk

HOST = "news.example.org"


def headers(**values: str) -> Headers:
    return Headers({name.replace("_", "-"): value for name, value in values.items()})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "same-origin", "origin": f"https://{HOST}"}, True),
        ({"origin": f"https://{HOST}"}, True),
        ({"origin": f"https://{HOST.upper()}"}, True),
        ({}, False),
        ({"sec_fetch_site": "same-site", "origin": "https://evil.example.org"}, False),
        ({"sec_fetch_site": "cross-site", "origin": f"https://{HOST}"}, False),
        ({"sec_fetch_site": "none"}, False),
        ({"origin": "null"}, False),
        ({"origin": f"https://{HOST}:444"}, False),
        ({"origin": "https://news.example.org.evil.example"}, False),
        ({"origin": f"file://{HOST}"}, False),
        ({"referer": f"https://{HOST}/desk/"}, False),
    ],
)
def test_whose_page_sent_it(said: dict[str, str], expected: bool) -> None:
    assert guard.is_from_our_pages(headers(host=HOST, **said)) is expected


@pytest.mark.parametrize("host", ["a.example", "localhost:8000", "127.0.0.1:80", "[::1]:8000", "x"])
def test_hosts_that_can_be(host: str) -> None:
    assert guard.host_problem(headers(host=host)) is None


@pytest.mark.parametrize("host", ["", "a b", "a.example/evil", "a@b", "a:99999999", "a\\b", "-a", '"'])
def test_hosts_that_cannot_be(host: str) -> None:
    assert guard.host_problem(headers(host=host))


def test_two_hosts_are_none() -> None:
    raw = [(b"host", b"a.example"), (b"host", b"b.example")]
    assert guard.host_problem(Headers(raw=raw))
    assert guard.host_problem(Headers(raw=[]))


@pytest.mark.parametrize(
    ("peer", "behind", "expected"),
    [
        ("127.0.0.1", False, ("https", "203.0.113.9")),
        ("::1", False, ("https", "203.0.113.9")),
        ("198.51.100.7", True, ("https", "203.0.113.9")),
        ("198.51.100.7", False, ("http", "198.51.100.7")),
    ],
)
def test_a_proxy_is_believed_on_this_machine_only_or_when_named(
    peer: str, behind: bool, expected: tuple[str, str]
) -> None:
    said = headers(x_forwarded_proto="https", x_forwarded_for="10.0.0.1, 203.0.113.9")
    scope = {"client": (peer, 1), "scheme": "http"}
    assert guard.told_by_proxy(scope, said, behind_proxy=behind) == expected


def test_nonsense_from_a_proxy_is_left_aside() -> None:
    said = headers(x_forwarded_proto="javascript", x_forwarded_for="' or 1=1")
    assert guard.told_by_proxy({"client": ("::1", 1), "scheme": "http"}, said, behind_proxy=True) == ("http", "::1")
    assert guard.told_by_proxy({}, headers(), behind_proxy=False) == ("http", "")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("somebody", "somebody"),
    ],
)
def test_what_counts_as_one_caller(address: str, network: str) -> None:
    assert guard.network_of(address) == network


@pytest.mark.parametrize("path", ["/", "/desk/", "/desk/sign-in", "/nothing", "/desk/nothing", "/healthz", "/desk/me"])
def test_every_answer_is_guarded(desk: Desk, path: str) -> None:
    for browser in (desk.client, desk.signed_in().client):
        found = browser.get(path).headers
        policy = found["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "unsafe" not in policy
        assert "*" not in policy
        assert found["x-content-type-options"] == "nosniff"
        assert found["referrer-policy"] == "same-origin"
        assert found["cross-origin-opener-policy"] == "same-origin"
        assert (found.get("cache-control") == "no-store") == guard.is_desk(path)


def test_a_page_has_no_script_or_style_of_its_own(desk: Desk) -> None:
    ines = desk.signed_in()
    for path in ("/desk/", "/desk/me"):
        text = ines.get(path).text
        assert "<style" not in text
        assert " style=" not in text
        assert text.count("<script") == text.count('<script src="/static/') == 1


def test_a_wrong_host_reaches_nothing(desk: Desk) -> None:
    assert desk.client.get("/desk/", headers={"host": "a b"}).status_code == 400


def test_a_foreign_form_reaches_nothing(desk: Desk) -> None:
    ines = desk.signed_in()
    answer = ines.client.post("/desk/sign-out", data={"csrf": ines.csrf}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert "came from elsewhere" in answer.text
    assert ines.get("/desk/").status_code == 200


@pytest.mark.slow
def test_a_form_may_be_large_but_not_larger(desk: Desk) -> None:
    ines = desk.signed_in()
    for text in ("x" * guard.MAX_BODY, "\0" * guard.MAX_BODY):
        answer = ines.post("/desk/me/end", id=text)
        assert answer.status_code == 413
        assert "nothing was stored" in answer.text
        assert answer.headers["connection"] == "close"
    pieces = (b"csrf=" + ines.csrf.encode(), *(b"&a=" + b"y" * 65_000 for _ in range(20)))
    sent = ines.client.post(
        "/desk/me/end", content=iter(pieces), headers=OWN | {"content-type": "application/x-www-form-urlencoded"}
    )
    assert sent.status_code == 413
    assert ines.post("/desk/me/end", id="x" * 900_000).status_code == 400


def test_bytes_that_are_no_form(desk: Desk) -> None:
    ines = desk.signed_in()
    kind = {"content-type": "multipart/form-data; boundary=x"}
    assert ines.client.post("/desk/me/end", content=b"no form", headers=OWN | kind).status_code == 400
    assert ines.client.post("/desk/me/end", content=b"{}", headers=OWN).status_code == 403
