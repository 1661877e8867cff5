"""What the API gives to read: to everybody what readers see, with a token all of it, in the shapes it promises."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.times import week_period
from newsletter.store import items as stored
from newsletter.store import listing
from newsletter.store.tables import sources
from newsletter.web import api_shapes
from newsletter.web.api_document import openapi
from tests.store.samples import post
from tests.web.desk import Desk
from tests.web.everything import Everything, everything
from tests.web.programs import Program, program

SOURCES = list[api_shapes.SourceHealth]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    with everything(tmp_path_factory.mktemp("api") / "home") as made:
        yield made


@pytest.fixture(scope="module")
def anybody(found: Everything) -> Program:
    return Program(found.desk)


@pytest.fixture(scope="module")
def reader(found: Everything) -> Program:
    return program(found.desk, "read", name="reader")


def fits(shape: Any, value: Any) -> None:
    """``value`` has the shape, and nothing beside it."""
    assert TypeAdapter(shape).validate_python(value, strict=True) == value


@pytest.mark.slow
def test_issues_are_public_when_readers_see_them(anybody: Program, reader: Program) -> None:
    seen = anybody.get("/api/issues").json()
    fits(api_shapes.IssueList, seen)
    assert [(each["number"], each["state"], each["page"]) for each in seen["issues"]] == [(1, "approved", "/issues/1/")]
    told = reader.get("/api/issues").json()
    fits(api_shapes.IssueList, told)
    assert [each["number"] for each in told["issues"]] == [2, 1]
    assert anybody.get("/api/issues/2").status_code == 404
    assert anybody.get("/api/issues/latest").json()["number"] == 1
    assert reader.get("/api/issues/latest").json()["number"] == 2
    assert anybody.get("/api/issues/9").status_code == 404


@pytest.mark.slow
def test_an_issue_is_what_lies_on_the_disk(found: Everything, reader: Program) -> None:
    app = found.desk.app
    for number in (1, 2):
        disk = json.loads((app.issue_folder(number) / "issue.json").read_text())
        fits(api_shapes.Issue, disk)
        assert reader.get(f"/api/issues/{number}").json() == disk


@pytest.mark.slow
def test_what_editors_alone_see_is_not_public(anybody: Program, reader: Program) -> None:
    seen, told = anybody.get("/api/issues/1").json(), reader.get("/api/issues/1").json()
    fits(api_shapes.Issue, seen)
    assert (seen["dropped"], seen["warnings"]) == ([], [])
    assert not any(section["runners_up"] for section in seen["sections"])
    for section, other in zip(seen["sections"], told["sections"], strict=True):
        assert [each["title"] for each in section["entries"]] == [each["title"] for each in other["entries"]]
        for entry in section["entries"]:
            assert [part["points"] for part in entry["parts"]] == [entry["score"]]
    assert not any(each["is_held"] for each in seen["statistics"])
    assert any("corrections" in entry for section in seen["sections"] for entry in section["entries"])


@pytest.mark.slow
def test_items_are_cut_for_everybody_and_whole_with_a_token(anybody: Program, reader: Program) -> None:
    seen, told = anybody.get("/api/items?limit=200").json(), reader.get("/api/items?limit=200").json()
    fits(api_shapes.ItemList, seen)
    fits(api_shapes.ItemList, told)
    assert all(len(each["text"]) <= 220 and not each["html"] and not each["links"] for each in seen["items"])
    assert any(len(each["text"]) > 220 for each in told["items"])
    assert {each["id"] for each in seen["items"]} <= {each["id"] for each in told["items"]}
    one = told["items"][0]
    assert reader.get(f"/api/items/{one['id']}").json() == one
    assert anybody.get(f"/api/items/{one['id']}").json() in seen["items"]


@pytest.mark.slow
def test_tips_and_what_was_brought_in_are_no_items(found: Everything, reader: Program) -> None:
    titles = [each["title"] for each in reader.get("/api/items?limit=200").json()["items"]]
    assert "The ferry sails again" not in titles
    assert reader.get("/api/items?kind=inbox").json()["items"] == []
    assert reader.get("/api/items?q=ferry%20sails%20again").json()["items"] == []


@pytest.mark.slow
def test_pages_lead_through_all_of_it_once_while_new_things_come(found: Everything, reader: Program) -> None:
    whole = [each["id"] for each in reader.get("/api/items?limit=200").json()["items"]]
    paged: list[str] = []
    path: str | None = "/api/items?limit=4"
    while path:
        answer = reader.get(path)
        paged += [each["id"] for each in answer.json()["items"]]
        path = answer.json()["next"]
        assert answer.headers.get("link") == (f'<{path}>; rel="next"' if path else None)
    assert paged == whole
    assert len(set(paged)) == len(paged) > 8
    first = reader.get("/api/issues?limit=1").json()
    second = reader.get(first["next"]).json()
    assert [each["number"] for page in (first, second) for each in page["issues"]] == [2, 1]
    assert second["next"] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("q=GAUGE", {"A newer gauge"}),
        ("q=gauge%20nowhere", set()),
        ("q=%3F!", set()),
        ("source=Meetings", {"Contributor sprint"}),
        ("source=meetings", {"Contributor sprint"}),
        ("source=Nobody", set()),
        ("kind=feed&source=Meetings", {"Contributor sprint"}),
        ("kind=gerrit", set()),
        ("since=2999-01-01", set()),
        ("until=2001-01-01", set()),
        ("since=2026-10-13&until=2026-10-13&source=Dev%20list", {"Keels grow wings"}),
        ("since=2026-10-13T09:00:00Z&until=2026-10-13T09:00:00Z", set()),
    ],
)
def test_what_is_asked_for_is_found(reader: Program, query: str, titles: set[str]) -> None:
    answer = reader.get(f"/api/items?{query}")
    assert answer.status_code == 200, answer.text
    assert {each["title"] for each in answer.json()["items"]} == titles


@pytest.mark.slow
def test_items_by_the_section_that_told_them(anybody: Program, reader: Program) -> None:
    told = {each["title"] for each in reader.get("/api/items?section=developer&limit=200").json()["items"]}
    assert "Keels grow wings" in told
    assert len(told) > 1
    seen = {each["title"] for each in anybody.get("/api/items?section=developer&limit=200").json()["items"]}
    assert seen == {"Keels grow wings"}, "which section a draft has for an item is not public"


@pytest.mark.slow
def test_why_a_source_fails_needs_a_token(found: Everything, anybody: Program, reader: Program) -> None:
    with found.desk.app.database.transaction() as db:
        said = {
            "state": "failing",
            "state_reason": "http://intranet:8080 answered 500",
            "checked_at": found.desk.clock(),
        }
        db.execute(sources.update().where(sources.c.name == "Planet").values(**said))
    seen, told = anybody.get("/api/sources").json(), reader.get("/api/sources").json()
    for each in (seen, told):
        fits(SOURCES, each)
    assert "intranet" not in json.dumps(seen)
    assert (seen[0]["state"], told[0]["state_reason"]) == ("failing", "http://intranet:8080 answered 500")


@pytest.mark.slow
def test_who_has_an_answer_is_not_sent_it_again(anybody: Program, reader: Program) -> None:
    for asker, path in ((anybody, "/api/issues/1"), (reader, "/api/items"), (anybody, "/api/openapi.json")):
        first = asker.get(path)
        again = asker.get(path, if_none_match=f'"other", W/{first.headers["etag"]}')
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert asker.get(path, if_none_match='"other"').status_code == 200
        is_public = asker is anybody
        assert first.headers["cache-control"] == ("public, max-age=60" if is_public else "private, no-cache")
        assert first.headers["vary"] == "Authorization"
    issue = anybody.get("/api/issues/1")
    at = issue.headers["last-modified"]
    assert anybody.get("/api/issues/1", if_modified_since=at).status_code == 304
    assert anybody.get("/api/issues/1", if_modified_since="Thu, 01 Jan 1970 00:00:00 GMT").status_code == 200
    assert anybody.get("/api/issues/1", if_modified_since="soon").status_code == 200
    assert anybody.get("/api/issues/1", if_modified_since=at, if_none_match='"other"').status_code == 200


@pytest.mark.slow
def test_a_page_elsewhere_may_read_what_is_public(anybody: Program) -> None:
    answer = anybody.get("/api/issues", origin="https://elsewhere.example")
    assert answer.headers["access-control-allow-origin"] == "*"
    asked = {"origin": "https://elsewhere.example", "access-control-request-method": "GET"}
    allowed = anybody.ask("OPTIONS", "/api/issues", headers=asked)
    assert (allowed.status_code, allowed.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert "authorization" not in allowed.headers["access-control-allow-headers"].lower()
    posts = anybody.ask("OPTIONS", "/api/tips", headers=asked)
    assert (posts.status_code, posts.headers["allow"]) == (204, "POST, OPTIONS")
    assert "access-control-allow-methods" not in posts.headers


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/api/items?limit=0", "query limit"),
        ("/api/items?limit=201", "query limit"),
        ("/api/items?limit=1.0", "query limit"),
        ("/api/items?limit=%D9%A3", "query limit"),
        ("/api/items?limit=1&limit=2", "query limit"),
        ("/api/items?cursor=x", "query cursor"),
        ("/api/issues?cursor=1%0A", "query cursor"),
        ("/api/items?since=yesterday", "query since"),
        ("/api/items?since=2026-02-30", "query since"),
        ("/api/items?since=20261015", "query since"),
        ("/api/items?q=", "query q"),
        (f"/api/items?q={'x' * 101}", "query q"),
        ("/api/items?sourc=Planet", "query sourc"),
        ("/api/sources?x=1", "query x"),
    ],
)
def test_a_mistake_in_the_address_is_told_with_its_place(anybody: Program, path: str, where: str) -> None:
    answer = anybody.get(path)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    fits(api_shapes.Problem, answer.json())
    (mistake,) = answer.json()["errors"]
    assert mistake["where"] == where
    assert mistake["what"]
    assert mistake["how"]


@pytest.mark.slow
def test_every_refusal_has_one_shape(anybody: Program, found: Everything) -> None:
    large = b"x" * (64 * 1024 + 1)
    for answer, status in (
        (anybody.get("/api/nothing"), 404),
        (anybody.get("/api/items/nothing"), 404),
        (anybody.get("/api/items/%00"), 404),
        (anybody.ask("DELETE", "/api/issues"), 405),
        (anybody.ask("PUT", "/api/tips", content=b"x"), 405),
        (anybody.get("/api/tips"), 405),
        (anybody.get("/api/issues", accept="text/html"), 406),
        (anybody.get("/api/issues", authorization="Bearer nothing"), 401),
        (anybody.ask("POST", "/api/tips", content=large), 413),
        (anybody.ask("POST", "/api/tips", content=b"{}"), 401),
        (anybody.get("/api/issues", host="a b"), 400),
    ):
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        fits(api_shapes.Problem, answer.json())
        assert answer.json()["status"] == status
        assert "Go back" not in answer.text
    allowed = anybody.ask("DELETE", "/api/issues").headers["allow"]
    assert sorted(allowed.split(", ")) == ["GET", "HEAD", "OPTIONS"]
    assert anybody.get("/api/issues", authorization="Bearer x").headers["www-authenticate"].startswith("Bearer")
    assert anybody.get("/api/issues", accept="text/html, application/*;q=0.1").status_code == 200
    assert anybody.get("/api/issues", accept="application/json;q=0").status_code == 406


@pytest.mark.slow
def test_the_page_for_people_names_every_address_and_refusal(found: Everything, anybody: Program) -> None:
    page = anybody.get("/api/").text
    for path, methods in openapi()["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page
    assert "curl http://weekly.example.org/api/issues/latest" in page
    assert 'id="status-422"' in page
    assert "`" not in page
    assert anybody.get("/api").headers["location"].endswith("/api/")


def test_where_nobody_reviews_the_draft_is_public(desk: Desk) -> None:
    anybody = Program(desk)
    assert anybody.get("/api/issues").json() == {"issues": [], "next": None}
    assert "There is no issue yet." in anybody.get("/api/issues/latest").json()["detail"]
    make_draft(desk.app, week_period(desk.app.config.schedule, "2011-W08"))
    assert anybody.get("/api/issues").json()["issues"] == [], "a draft that tells nothing is for editors alone"
    assert anybody.get("/api/issues/1").status_code == 404


def test_searches_have_a_limit(desk: Desk) -> None:
    anybody = Program(desk)
    answers = [anybody.get("/api/items?q=x") for _ in range(61)]
    assert [each.status_code for each in answers[-2:]] == [200, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    fits(api_shapes.Problem, answers[-1].json())
    assert anybody.get("/api/items").status_code == 200


def test_items_are_looked_through_part_by_part(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is rare is found over several pages, each of which looks at so many items and no more."""
    monkeypatch.setattr(listing, "_PAGE", 3)
    monkeypatch.setattr(listing, "_MOST_READ", 6)
    made = [post(f"k{at:02}", "Rare" if at == 0 else f"Common {at}") for at in range(20)]
    with desk.app.database.transaction() as db:
        stored.save_items(db, made, now=desk.clock())
    bot, seen, pages = program(desk, "read"), [], 0
    path: str | None = "/api/items?q=rare"
    while path:
        found = bot.get(path).json()
        seen += [each["title"] for each in found["items"]]
        path, pages = found["next"], pages + 1
    assert seen == ["Rare"]
    assert pages == 4
