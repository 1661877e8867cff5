import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsletter.errors import BadStatus, NotReadable
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.askbot import MOST_LISTS, MOST_QUESTIONS, Askbot
from newsletter.fetch.rest import PAGE_REPEATED
from newsletter.model.item import Item
from newsletter.model.source import FetchState
from tests.corpus import CORPUS, needs_corpus
from tests.fakes import FakeHttp, Request

BASE = "https://ask.lantern.example"
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def row(number: int, hours: float = 0, **values: Any) -> dict[str, Any]:
    moved_at = int((MONDAY + timedelta(hours=hours)).timestamp())
    return {
        "id": number,
        "title": f"Question {number}?",
        "url": f"{BASE}/question/{number}/x/",
        "summary": f"<p>Summary {number}</p>",
        "tags": ["wick"],
        "author": {"username": "Mira", "id": 3},
        "answer_count": 1,
        "accepted_answer_id": None,
        "added_at": str(moved_at - 3600),
        "last_activity_at": str(moved_at),
        **values,
    }


class Site(FakeHttp):
    """A site with pages of ``size`` questions, and a page for each question."""

    def __init__(self, *rows: dict[str, Any], size: int = 20) -> None:
        super().__init__()
        self.rows, self.size = list(rows), size
        self.show()

    def show(self) -> None:
        ordered = sorted(self.rows, key=lambda each: int(each["last_activity_at"]), reverse=True)
        pages = max(1, -(-len(ordered) // self.size))
        for page in range(pages):
            part = ordered[page * self.size : (page + 1) * self.size]
            url = f"{BASE}/api/v1/questions/?page={page + 1}&sort=activity-desc"
            self.answers[url] = {"count": len(ordered), "pages": pages, "questions": part}
        for each in self.rows:
            self.answers[each["url"]] = (
                f"<h1>{each['title']}</h1>"
                f"<div class='js-question'><div class='post-body'>Whole {each['id']}</div></div>"
                "<div class='user-info'><a href='/users/3/m/'>m</a></div>"
                "<div class='user-info'><a href='/users/4/t/'>t</a></div>"
            )

    def take_urls(self) -> list[str]:
        found, self.requests = self.urls, []
        return [url.removeprefix(BASE) for url in found]


async def batches(kind: Askbot, http: FakeHttp, state: FetchState | None = None) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, state or FetchState("ask"))]


async def fetch(kind: Askbot, http: FakeHttp, state: FetchState | None = None) -> tuple[list[Item], FetchState]:
    found = await batches(kind, http, state)
    return [item for batch in found for item in batch.items], after(found[-1])


def after(batch: Batch) -> FetchState:
    return replace(FetchState("ask"), cursor=json.loads(json.dumps(batch.cursor)))


def numbers(items: list[Item]) -> list[int]:
    return [int(item.native_keys[0].removeprefix("question/")) for item in items]


async def test_questions_come_once_and_again_when_something_happened() -> None:
    http = Site(row(1, 3), row(2, 1), row(3, 2))
    items, state = await fetch(Askbot(BASE), http)
    assert numbers(items) == [2, 3, 1]
    assert [(item.text, item.thread and item.thread.people_count) for item in items] == [
        ("Whole 2", 2),
        ("Whole 3", 2),
        ("Whole 1", 2),
    ]
    http.take_urls()
    (same,) = await batches(Askbot(BASE), http, state)
    assert (same.is_unchanged, same.items) == (True, ())
    assert len(http.take_urls()) == 1
    http.rows[1] = row(2, 9, answer_count=4, accepted_answer_id=77)
    http.show()
    (grown,), _ = await fetch(Askbot(BASE), http, after(same))
    assert (grown.id, grown.labels) == (items[0].id, ("wick", "answered"))
    assert grown.thread is not None
    assert grown.thread.reply_count == 4
    assert http.take_urls() == ["/api/v1/questions/?page=1&sort=activity-desc", "/question/2/x/"]


async def test_only_pages_that_can_hold_news_are_asked_for() -> None:
    http = Site(*(row(number, number) for number in range(1, 41)), size=10)
    state = FetchState("ask", since=MONDAY + timedelta(hours=25))
    items, state = await fetch(Askbot(BASE), http, state)
    assert numbers(items) == list(range(25, 41))
    assert sum("api" in url for url in http.take_urls()) == 2


async def test_cut_off_in_the_middle_it_goes_on_where_it_was() -> None:
    http = Site(*(row(number, number) for number in range(1, 41)))
    first = (await batches(Askbot(BASE), http))[0]
    assert numbers(list(first.items)) == list(range(1, 26))
    rest, state = await fetch(Askbot(BASE), http, after(first))
    assert numbers(rest) == list(range(26, 41))
    assert (await fetch(Askbot(BASE), http, state))[0] == []


async def test_the_number_of_pages_of_questions_is_bounded() -> None:
    http = Site(*(row(number, number) for number in range(1, MOST_QUESTIONS + 6)), size=500)
    items, _ = await fetch(Askbot(BASE), http)
    assert [item.text for item in items[4:6]] == ["Summary 5", "Whole 6"]
    assert sum(url.startswith("/question/") for url in http.take_urls()) == MOST_QUESTIONS


@pytest.mark.parametrize("trouble", [BadStatus(500, "no"), b"<h1>Error</h1>"])
async def test_a_question_whose_page_cannot_be_read_is_told_by_its_list(trouble: Any) -> None:
    http = Site(row(1), row(2, 1, url="https://elsewhere.example.org/question/2/"))
    http.answers[f"{BASE}/question/1/x/"] = trouble
    items, _ = await fetch(Askbot(BASE), http)
    assert [item.text for item in items] == ["Summary 1", "Summary 2"]
    assert not any("elsewhere" in url for url in http.urls)


async def test_pages_without_end_end() -> None:
    same = {"pages": 9, "questions": [row(1)]}
    http = FakeHttp({f"{BASE}/api/v1/questions/?page={page}&sort=activity-desc": same for page in (1, 2)})
    found = await batches(Askbot(BASE), http)
    assert PAGE_REPEATED in found[0].warnings
    many = {
        f"{BASE}/api/v1/questions/?page={page}&sort=activity-desc": {"pages": 999, "questions": [row(page, -page)]}
        for page in range(1, 100)
    }
    http = FakeHttp(many)
    found = await batches(Askbot(BASE), http)
    assert sum("api" in url for url in http.urls) == MOST_LISTS
    assert "pages of questions at once" in found[0].warnings[0]


async def test_a_record_that_is_no_question_is_set_aside() -> None:
    http = Site(row(1))
    url = f"{BASE}/api/v1/questions/?page=1&sort=activity-desc"
    http.answers[url] = {"pages": 1, "questions": [{"id": "?"}, row(1)]}
    found = await batches(Askbot(BASE), http)
    assert [len(batch.items) for batch in found] == [1, 0]
    assert [(each.address, each.data) for each in found[-1].aside] == [(url, b'{"id": "?"}')]


async def test_another_answer_is_not_readable() -> None:
    def other(_: Request) -> Any:
        return {"items": []}

    with pytest.raises(NotReadable, match="not an answer of Askbot's API"):
        await batches(Askbot(BASE), FakeHttp({Askbot(BASE).list_url: other}))


async def test_tags_and_what_is_taken() -> None:
    rows = (row(1, 1, tags=["Oil"]), row(2, 2, answer_count=0), row(3, 3, tags=[]))
    http = Site(*rows)
    assert numbers((await fetch(Askbot(BASE, tagged=("oil", "wick")), http))[0]) == [1, 2]
    assert numbers((await fetch(Askbot(BASE, take=("unanswered",)), http))[0]) == [2]
    assert Askbot(BASE, tagged=("oil",)).list_url.endswith("&tags=oil")


@pytest.mark.parametrize(
    "url", [BASE, f"{BASE}/", f"{BASE}/en/questions/", f"{BASE}/questions/scope:all/", f"{BASE}/api/v1/questions/"]
)
def test_any_page_of_the_site_names_it(url: str) -> None:
    assert Askbot(url).base == BASE


def test_where_it_is_known() -> None:
    kinds = find_kinds()
    assert reader_by_shape(f"{BASE}/api/v1/questions/", kinds) == "askbot"
    assert reader_by_shape(f"{BASE}/en/questions/scope:all/sort:activity-desc/", kinds) == "askbot"
    assert reader_by_shape(BASE, kinds) is None
    assert Askbot.recognises(Reply(BASE, 200, b"<html><script>askbot['data'] = {};"))
    assert Askbot.recognises(Reply(BASE, 200, b'{"count": 2, "pages": 1, "questions": []}'))
    assert not Askbot.recognises(Reply(BASE, 200, b"<html>ask"))
    assert (kinds["askbot"].word, kinds["askbot"].keys) == ("questions", ("url", "tagged", "take"))


@needs_corpus
async def test_recorded_answers_and_pages() -> None:
    folder = CORPUS / "askbot" / "perceval"
    base = "https://ask.openstack.org"
    question = json.loads((folder / "api_24396_openstack.json").read_bytes())
    http = FakeHttp(
        {
            Askbot(base).list_url: {"pages": 1, "questions": [question]},
            question["url"]: folder / "html_24396_multipage_4_openstack.html",
        }
    )
    (item,), _ = await fetch(Askbot(f"{base}/en/questions/"), http)
    assert item.thread is not None
    assert (item.thread.reply_count, item.thread.people_count) == (31, 1)
    assert len(item.text) > 2000
    assert "xinxin-shu" not in item.text
