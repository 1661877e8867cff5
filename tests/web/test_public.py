"""The public site as it lies on disk: types, what browsers may keep, and what is not shown."""

import base64
import hashlib
from pathlib import Path

import pytest

from newsletter.web.public import find_file
from tests.web.desk import Desk

FILES = {
    "index.html": "<!doctype html><head></head><p>All issues",
    "feed.xml": "<feed/>",
    "feed.json": "{}",
    "calendar.ics": "BEGIN:VCALENDAR",
    "style/site.css": "p {}",
    "style/zone.js": "1",
    "issues/1/index.html": "<!doctype html><head></head><p>Issue 1",
    "issues/1/figures.html": "<!doctype html><head><style>p { color: red }</style></head><style>q {}</style>",
    "issues/1/.index.html.new": "half",
    "odd.bin": "?",
}


@pytest.fixture
def site(desk: Desk) -> Path:
    for name, text in FILES.items():
        path = desk.app.site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return desk.app.site


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("path", "name", "kind"),
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/index.html", "index.html", "text/html; charset=utf-8"),
        ("/feed.xml", "feed.xml", "application/atom+xml; charset=utf-8"),
        ("/feed.json", "feed.json", "application/feed+json; charset=utf-8"),
        ("/calendar.ics", "calendar.ics", "text/calendar; charset=utf-8"),
        ("/style/site.css", "style/site.css", "text/css; charset=utf-8"),
        ("/style/zone.js", "style/zone.js", "text/javascript; charset=utf-8"),
        ("/issues/1/", "issues/1/index.html", "text/html; charset=utf-8"),
        ("/odd.bin", "odd.bin", "application/octet-stream"),
    ],
)
def test_files_have_their_types_and_are_asked_for_again_cheaply(desk: Desk, path: str, name: str, kind: str) -> None:
    found = desk.client.get(path)
    assert found.status_code == 200
    assert found.text == FILES[name]
    assert found.headers["content-type"] == kind
    tag, at = found.headers["etag"], found.headers["last-modified"]
    for known in ({"if-none-match": f'"x", W/{tag}'}, {"if-modified-since": at}, {"if-none-match": "*"}):
        again = desk.client.get(path, headers=known)
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    assert desk.client.get(path, headers={"if-none-match": '"x"', "if-modified-since": at}).status_code == 200
    head = desk.client.head(path)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.usefixtures("site")
def test_a_folder_has_a_slash_and_a_file_has_none(desk: Desk) -> None:
    assert desk.client.get("/issues/1").headers["location"] == "/issues/1/"
    for path in ("/feed.xml/", "/issues/", "/issues", "/issues/2/", "/nothing"):
        assert desk.client.get(path).status_code == 404


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    "path",
    [
        *("/../newsletter.db", "/%2e%2e/newsletter.db", "/issues/%2e%2e/%2e%2e/newsletter.db", "/..%2fnewsletter.db"),
        *("//etc/passwd", "/issues/1/.index.html.new", "/a%00b", "/..%5cnewsletter.db", "/" + "x" * 5000),
    ],
)
def test_nothing_outside_the_site_and_nothing_hidden(desk: Desk, path: str) -> None:
    assert desk.client.get(path).status_code == 404


def test_a_link_that_leads_out_is_not_followed(site: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("secret")
    (site / "out.html").symlink_to(tmp_path / "secret.html")
    assert find_file(site, "out.html") is None
    assert find_file(site, "index.html") == (site / "index.html").resolve()


@pytest.mark.usefixtures("site")
def test_the_style_in_a_pages_head_is_allowed_by_its_hash_and_no_other(desk: Desk) -> None:
    def hashed(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    policy = desk.client.get("/issues/1/figures.html").headers["content-security-policy"]
    assert hashed("p { color: red }") in policy
    assert hashed("q {}") not in policy
    assert "unsafe" not in policy
    assert "sha256" not in desk.client.get("/").headers["content-security-policy"]


def test_no_issue_yet(desk: Desk) -> None:
    page = desk.client.get("/")
    assert page.status_code == 200
    assert "No issue yet" in page.text
    assert desk.client.get("/feed.xml").status_code == 404


def test_styles_and_scripts_are_kept_for_good_under_their_hash(desk: Desk) -> None:
    page = desk.client.get("/desk/sign-in").text
    for kind, part in (
        ("text/css; charset=utf-8", 'href="/static/'),
        ("text/javascript; charset=utf-8", 'src="/static/'),
    ):
        url = "/static/" + page.partition(part)[2].partition('"')[0]
        found = desk.client.get(url)
        assert found.headers["content-type"] == kind
        assert "immutable" in found.headers["cache-control"]
        old = desk.client.get(url.replace(url.split("/")[2], "0" * 16))
        assert old.text == found.text
        assert old.headers["cache-control"] == "no-cache"
        assert desk.client.get(url, headers={"if-none-match": found.headers["etag"]}).status_code == 304
    assert desk.client.get("/static/x/nothing.js").status_code == 404
    assert desk.client.get("/static/x/../app.py").status_code == 404


def test_the_communitys_accent_is_in_the_style(desk: Desk) -> None:
    path = desk.app.home / "feeds.yaml"
    accents = '  accent: "#8a1c4a"\n  accent dark: "#ffb3d1"\n'
    path.write_text(path.read_text().replace("schedule:", f"{accents}schedule:"))
    assert "--accent:#8a1c4a" in desk.client.get("/static/x/desk.css").text
