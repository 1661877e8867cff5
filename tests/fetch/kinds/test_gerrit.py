import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from newsletter.errors import BadStatus, NotReadable, Throttled
from newsletter.fetch.gerrit import change_item, read_page
from newsletter.fetch.gerrit_server import MOST_OWNERS, MOST_PAGES, NO_CHANGE
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.gerrit import Gerrit
from newsletter.model.item import Item, Person, item_id
from newsletter.model.source import FetchState
from tests.corpus import CORPUS, expected, needs_corpus
from tests.replaying import replayed

DATA = Path(__file__).resolve().parents[2] / "data" / "gerrit"
BASE = "https://review.lantern.example"
THURSDAY = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)


def row(number: int, *, updated: str = "", status: str = "MERGED", owner: int = 1, **values: Any) -> dict[str, Any]:
    updated = updated or f"2026-03-02 10:{number % 60:02}:00.000000000"
    return {
        "_number": number,
        "project": "lantern/wick",
        "subject": f"Change number {number}",
        "status": status,
        "created": "2026-02-01 10:00:00.000000000",
        "updated": updated,
        **({"submitted": updated} if status == "MERGED" else {}),
        "owner": {"_account_id": owner, "name": f"Person {owner}"},
        **values,
    }


class SmallGerrit:
    """An Http with a Gerrit server behind it: states, owners, projects, times, pages of at most ``limit``."""

    def __init__(self, *rows: dict[str, Any], limit: int = 500, now: datetime | None = THURSDAY) -> None:
        self.rows, self.limit, self.now = list(rows), limit, now
        self.asked: list[dict[str, list[str]]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []

    @property
    def queries(self) -> list[str]:
        return [each["q"][0] for each in self.asked]

    async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
        parts = urlsplit(url)
        asked = parse_qs(parts.query, strict_parsing=True)
        self.asked.append(asked)
        self.headers.append(dict(headers or {}))
        self.paths.append(parts.path)
        found = [each for each in self.rows if any(self.fits(each, q) for q in asked["q"][0].split(" OR "))]
        found.sort(key=lambda each: (each["updated"], each["_number"]), reverse=True)
        start, count = int(asked.get("S", ["0"])[0]), min(self.limit, int(asked["n"][0]))
        page = [dict(each) for each in found[start : start + count]]
        if page and start + count < len(found):
            page[-1]["_more_changes"] = True
        date = {"Date": format_datetime(self.now, usegmt=True)} if self.now else {}
        return Reply(url, 200, b")]}'\n" + json.dumps(page).encode(), date)

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        raise AssertionError("a change is not downloaded")

    @staticmethod
    def fits(change: dict[str, Any], query: str) -> bool:
        after = query.partition('after:"')[2].rstrip('"')
        words = query.partition(" after:")[0].split()
        states = {"status:merged": "MERGED", "status:open": "NEW", "status:abandoned": "ABANDONED"}
        checks: dict[str, Callable[[str], bool]] = {
            "status": lambda word: change["status"] == states[word],
            "owner": lambda word: word == f"owner:{change['owner']['_account_id']}",
            "project": lambda word: word == f'project:"{change["project"]}"',
            "age": lambda word: True,
        }
        return change["updated"] >= after and all(checks[word.partition(":")[0]](word) for word in words)


async def batches(kind: Gerrit, http: Http, state: FetchState | None = None) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, state or FetchState("reviews"))]


async def fetch(kind: Gerrit, http: Http, state: FetchState | None = None) -> tuple[list[Item], FetchState]:
    """What comes, and the state to go on from; the cursor has been through JSON as in the store."""
    state = state or FetchState("reviews")
    found = await batches(kind, http, state)
    cursor = json.loads(json.dumps(found[-1].cursor))
    return [item for batch in found for item in batch.items], replace(state, cursor=cursor)


def numbers(items: list[Item]) -> list[int]:
    return [item.review.number for item in items if item.review]


# Reading an answer


def test_a_change_becomes_an_item() -> None:
    page = read_page((DATA / "merged.json").read_bytes(), "review.lantern.example")
    assert (page.count, page.has_more, len(page.changes)) == (5, True, 3)
    item = change_item(page.changes[0], "reviews", BASE)
    assert item.id == item_id("reviews", "812")
    assert (item.kind, item.form, item.project, item.labels) == ("gerrit", "review", "wick", ("night-mode",))
    assert item.title == "Dim the wick when nobody looks"
    assert item.url == f"{BASE}/c/lantern/wick/+/812"
    assert item.author == Person("Mira Oduya", "1007@review.lantern.example")
    assert item.published_at == datetime(2026, 3, 4, 16, 58, 3, tzinfo=UTC)
    assert item.updated_at == datetime(2026, 3, 4, 17, 20, 11, 250000, tzinfo=UTC)
    assert item.text == (
        "The wick burned at full height all night.\nNow it follows the door.\n\nSee also the long thread on the list."
    )
    review = item.review
    assert review is not None
    assert (review.state, review.project, review.number) == ("merged", "lantern/wick", 812)
    assert review.created_at == datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
    assert review.merged_at == item.published_at
    assert (review.lines_added, review.lines_removed, review.files_count) == (41, 310, 3)
    assert review.is_first_contribution is None


def test_what_a_change_does_not_tell_stays_unknown() -> None:
    _, abandoned, bare = read_page((DATA / "merged.json").read_bytes(), "review.lantern.example").changes
    item = change_item(abandoned, "reviews", BASE)
    assert item.title == "Say which oil <b>burns</b> and which does not"
    assert item.published_at == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
    assert item.author == Person("", "1012@review.lantern.example")
    item = change_item(bare, "reviews", BASE)
    assert (item.title, item.published_at, item.updated_at, item.text) == ("Change 801", None, None, "")
    assert item.author == Person("Tove", "")
    assert item.review is not None
    assert (item.review.state, item.review.lines_added, item.review.files_count) == ("open", None, None)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Sign in</html>", b")]}'", b'{"a": 1}', b'"3.9.2"', b"\xff\xfe", b"[" * 100_000, b")]}'\n[1,"],
)
def test_another_answer_is_not_readable(body: bytes) -> None:
    with pytest.raises(NotReadable, match="this is not an answer of Gerrit's changes API"):
        read_page(body, "review.lantern.example")


@pytest.mark.parametrize("value", [None, True, -1, 10**400, 1.5, "x", [], {}, [[]], "\x00", "2026-13-45 99:00:00"])
def test_fields_of_the_wrong_sort_are_unknown(value: Any) -> None:
    names = ("subject", "status", "created", "updated", "submitted", "insertions", "deletions", "owner", "hashtags")
    odd = {"_number": 5, "project": "p", **dict.fromkeys((*names, "revisions", "labels", "current_revision"), value)}
    for each in (odd, {**odd, "_number": value}, {**odd, "project": value}, {**odd, "revisions": {"a": value}}):
        for change in read_page(json.dumps([each]).encode(), "host").changes:
            assert "\x00" not in change_item(change, "reviews", BASE).title


# Recorded answers


DOCUMENTS = sorted(name for name in expected("gerrit") if name.startswith("rest/"))


@needs_corpus
def test_every_recorded_document_is_read_or_skipped_with_a_reason() -> None:
    skipped = [name for names in json.loads((DATA / "skipped.json").read_text("utf-8")).values() for name in names]
    assert sorted([*DOCUMENTS, *skipped]) == sorted(expected("gerrit"))
    assert len(DOCUMENTS) == 4


@needs_corpus
@pytest.mark.parametrize("name", DOCUMENTS)
def test_recorded_answers_give_their_facts(name: str) -> None:
    facts = expected("gerrit")[name]["expect"]
    page = read_page((CORPUS / "gerrit" / name).read_bytes(), "review.openstack.org")
    assert page.has_more == facts["more_changes"]
    assert len(page.changes) == facts["count"]
    states = {"NEW": "open", "MERGED": "merged", "ABANDONED": "abandoned"}
    for change, fact in zip(page.changes, facts["changes"], strict=True):
        item = change_item(change, "reviews", "https://review.openstack.org")
        review = item.review
        assert review is not None
        assert item.author is not None
        found = {
            "number": review.number,
            "project": review.project,
            "subject": item.title,
            "created_utc": told(review.created_at),
            "updated_utc": told(item.updated_at),
            "submitted_utc": told(review.merged_at),
            "owner": item.author.name or None,
            "insertions": review.lines_added,
            "deletions": review.lines_removed,
        }
        assert found == {key: fact[key] for key in found}
        assert review.state == states[fact["status"]]
        assert item.author.key == f"{fact['owner_account']}@review.openstack.org"
        assert str(review.number) in str(item.url)
        assert item.native_keys == (str(fact["number"]),)
    asserted = facts.get("peer_asserts")
    if asserted:
        one = next(each for each in page.changes if each.number == asserted["number"])
        assert (told(one.created_at), told(one.merged_at)) == (asserted["created_utc"], asserted["merged_utc"])


def told(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


# Asking


async def test_only_what_is_taken_is_asked_for() -> None:
    http = SmallGerrit(row(1), row(2, status="NEW"), row(3, status="ABANDONED"))
    assert numbers((await fetch(Gerrit(BASE), http))[0]) == [1]
    assert numbers((await fetch(Gerrit(BASE, take=("open",)), http))[0]) == [2]
    assert numbers((await fetch(Gerrit(BASE, take=("merged", "abandoned")), http))[0]) == [1, 3]
    assert http.queries == ["status:merged", "status:open", "status:merged", "status:abandoned"]


async def test_projects_are_asked_for_together() -> None:
    http = SmallGerrit(row(1, project="lantern/oil"), row(2), row(3, project="other"))
    names = ("lantern/oil", "lantern/wick", *(f"lantern/{number}" for number in range(30)))
    items, _ = await fetch(Gerrit(BASE, names), http)
    assert numbers(items) == [1, 2]
    assert len(http.queries) == 2
    assert http.queries[0].startswith('status:merged project:"lantern/oil" OR status:merged project:"lantern/wick" OR ')


async def test_pages_are_read_to_the_end_and_given_oldest_first() -> None:
    http = SmallGerrit(*(row(number) for number in range(1, 8)), limit=3)
    items, _ = await fetch(Gerrit(BASE), http)
    assert numbers(items) == [1, 2, 3, 4, 5, 6, 7]
    assert [each.get("S") for each in http.asked] == [None, ["3"], ["6"]]


async def test_batches_are_bounded_and_each_has_a_cursor_to_go_on_from() -> None:
    rows = [
        row(number, updated=f"2026-03-02 {number // 60:02}:{number % 60:02}:00.000000000") for number in range(1200)
    ]
    http = SmallGerrit(*rows)
    found = await batches(Gerrit(BASE), http)
    assert [len(batch.items) for batch in found] == [500, 500, 200]
    killed_after_the_first = FetchState("reviews", json.loads(json.dumps(found[0].cursor)))
    rest, _ = await fetch(Gerrit(BASE), http, killed_after_the_first)
    assert numbers(rest) == list(range(500, 1200))


async def test_the_second_time_only_what_is_new_comes() -> None:
    http = SmallGerrit(row(1), row(2), row(3, updated="2026-03-02 10:02:00.000000000"))
    _, state = await fetch(Gerrit(BASE), http)
    again = await batches(Gerrit(BASE), http, state)
    assert http.queries[-1] == 'status:merged after:"2026-03-02 10:02:00"'
    assert [(batch.items, batch.is_unchanged) for batch in again] == [((), True)]
    http.rows.append(row(4, updated="2026-03-02 10:02:00.000000000"))
    http.rows.append(row(5))
    items, state = await fetch(Gerrit(BASE), http, state)
    assert numbers(items) == [4, 5]
    assert (await fetch(Gerrit(BASE), http, state))[0] == []


async def test_the_first_time_reaches_back_as_far_as_it_should() -> None:
    http = SmallGerrit(row(1, updated="2026-01-01 00:00:00.000000000"), row(2))
    items, _ = await fetch(Gerrit(BASE), http, FetchState("reviews", since=datetime(2026, 2, 1, 12, 30, tzinfo=UTC)))
    assert numbers(items) == [2]
    assert http.queries == ['status:merged after:"2026-02-01 12:30:00"']


async def test_other_projects_start_anew() -> None:
    http = SmallGerrit(row(1), row(2, project="lantern/oil"))
    _, state = await fetch(Gerrit(BASE, ("lantern/wick",)), http)
    items, _ = await fetch(Gerrit(BASE, ("lantern/oil",)), http, state)
    assert numbers(items) == [2]


async def test_a_change_from_the_future_does_not_hide_what_follows() -> None:
    http = SmallGerrit(row(1), row(2, updated="2031-01-01 00:00:00.000000000"))
    _, state = await fetch(Gerrit(BASE), http)
    http.rows.append(row(3))
    items, _ = await fetch(Gerrit(BASE), http, state)
    assert 3 in numbers(items)


async def test_pages_without_end_are_left() -> None:
    class Endless(SmallGerrit):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            self.asked.append({})
            made = self.rows or [row(len(self.asked))]
            return Reply(url, 200, json.dumps([*made[:-1], {**made[-1], "_more_changes": True}]).encode())

    same = Endless(row(1))
    found = await batches(Gerrit(BASE), same)
    assert [numbers(list(batch.items)) for batch in found] == [[1]]
    assert len(same.asked) == 2
    assert "repeats a page" in found[0].warnings[0]
    new = Endless()
    found = await batches(Gerrit(BASE), new)
    assert len(new.asked) == MOST_PAGES
    assert "the older ones were left out" in found[0].warnings[0]


async def test_a_token_is_sent_to_the_signed_in_address_only() -> None:
    http = SmallGerrit(row(1))
    await fetch(Gerrit(BASE), http)
    await fetch(Gerrit(BASE, token="ada:geheim"), http)
    await fetch(Gerrit(BASE, token="geheim"), http)
    assert http.paths == ["/changes/", "/a/changes/", "/a/changes/"]
    assert [each.get("Authorization") for each in http.headers] == [None, "Basic YWRhOmdlaGVpbQ==", "Bearer geheim"]


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://review.example.org", "https://review.example.org"),
        ("https://review.example.org/", "https://review.example.org"),
        ("https://gerrit.example.org/r/", "https://gerrit.example.org/r"),
        ("https://review.example.org/q/status:open+-is:wip", "https://review.example.org"),
        ("https://gerrit.example.org/r/c/core/+/77", "https://gerrit.example.org/r"),
        ("https://review.example.org/#/c/501070/", "https://review.example.org"),
        ("https://review.example.org/dashboard/self", "https://review.example.org"),
    ],
)
def test_any_page_of_the_server_names_it(url: str, base: str) -> None:
    assert Gerrit(url).base == base


async def test_what_the_server_refuses_is_not_hidden() -> None:
    class Refusing(SmallGerrit):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            raise Throttled("later")

    with pytest.raises(Throttled):
        await batches(Gerrit(BASE), Refusing())


# First-time contributors


async def test_the_oldest_merged_change_of_a_person_is_the_first() -> None:
    old = row(1, owner=7, updated="2020-01-01 00:00:00.000000000")
    http = SmallGerrit(old, row(10, owner=7), row(11, owner=8), row(12, owner=8), row(13, owner=9))
    state = FetchState("reviews", since=datetime(2026, 1, 1, tzinfo=UTC))
    kind = Gerrit(BASE, take=("merged", "first-time contributor"))
    items, state = await fetch(kind, http, state)
    firsts = {item.review.number: item.review.is_first_contribution for item in items if item.review}
    assert firsts == {10: False, 11: True, 12: False, 13: True}
    asked = len(http.asked)
    http.rows += [row(20, owner=9), row(11, owner=8, updated="2026-03-03 00:00:00.000000000")]
    items, _ = await fetch(kind, http, state)
    assert {item.review.number: item.review.is_first_contribution for item in items if item.review} == {
        20: False,
        11: True,
    }
    assert len(http.asked) == asked + 1


async def test_taken_alone_only_first_changes_come() -> None:
    old = row(1, owner=7, updated="2020-01-01 00:00:00.000000000")
    http = SmallGerrit(old, row(10, owner=7), row(11, owner=8))
    state = FetchState("reviews", since=datetime(2026, 1, 1, tzinfo=UTC))
    items, _ = await fetch(Gerrit(BASE, take=("first-time contributor",)), http, state)
    assert numbers(items) == [11]


async def test_whoever_has_many_merged_changes_is_not_asked_for_all() -> None:
    http = SmallGerrit(*(row(number, owner=7) for number in range(1, 40)))
    items, _ = await fetch(Gerrit(BASE, take=("merged", "first-time contributor")), http)
    assert {item.review.is_first_contribution for item in items if item.review} == {False}
    assert len(http.asked) == 2


async def test_the_number_of_people_asked_for_is_bounded() -> None:
    http = SmallGerrit(*(row(number, owner=number) for number in range(1, 101)))
    items, state = await fetch(Gerrit(BASE, take=("merged", "first-time contributor")), http)
    found = [item.review.is_first_contribution for item in items if item.review]
    assert (found.count(True), found.count(None)) == (MOST_OWNERS, 100 - MOST_OWNERS)
    assert len(state.cursor["firsts"]) == MOST_OWNERS


async def test_a_change_without_an_owner_or_a_time_is_taken_as_it_is() -> None:
    class Bare(SmallGerrit):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            return Reply(url, 200, b'[{"_number": 1, "project": "p", "status": "MERGED"}]')

    kind = Gerrit(BASE, take=("merged", "first-time contributor"))
    (item,), state = await fetch(kind, Bare())
    assert item.review
    assert (item.author, item.published_at, item.review.is_first_contribution) == (None, None, None)
    assert state.cursor["queries"] == {}


async def test_a_server_that_does_not_tell_about_people_is_believed_once() -> None:
    class Silent(SmallGerrit):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            if "owner" in url:
                self.asked.append({"q": ["owner"]})
                raise BadStatus(403, "the server answers 403 Forbidden")
            return await super().get(url, known=known, headers=headers)

    http = Silent(row(1, owner=1), row(2, owner=2))
    found = await batches(Gerrit(BASE, take=("merged", "first-time contributor")), http)
    assert {item.review.is_first_contribution for item in found[0].items if item.review} == {None}
    assert len(http.asked) == 2
    assert found[0].warnings == (
        "the server does not tell who contributes for the first time (the server answers 403 Forbidden)",
    )


# Waiting


def waiting(number: int, **values: Any) -> dict[str, Any]:
    return row(number, status="NEW", **values)


async def test_what_waits_is_summed_up_in_one_item() -> None:
    http = SmallGerrit(
        *(waiting(number, owner=number) for number in range(1, 7)),
        waiting(20, work_in_progress=True),
        waiting(21, labels={"Code-Review": {"rejected": {"_account_id": 4}}}),
        waiting(22, labels={"Verified": {"disliked": {"_account_id": 4}, "value": -1}}),
        row(30),
    )
    kind = Gerrit(BASE, ("lantern/wick",), ("waiting more than 14 days",))
    items, state = await fetch(kind, http)
    assert http.queries == ['status:open age:14d project:"lantern/wick"']
    assert [item.title for item in items] == ["Six changes wait for a reviewer for more than 14 days"]
    (item,) = items
    assert item.links == tuple(f"{BASE}/c/lantern/wick/+/{number}" for number in range(1, 7))
    first, _, second, *_ = item.text.splitlines()
    assert first.startswith("The oldest one, “Change number 1” (Person 1), waits since ")
    assert second == "- wick: Change number 1 (Person 1)"
    assert item.html.count("<li>") == 6
    assert item.url == f"{BASE}/q/status%3Aopen%20-is%3Awip%20age%3A14d"
    assert (item.form, item.review, item.project) == ("review", None, "wick")
    assert item.published_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert [batch.is_unchanged for batch in await batches(kind, http, state)] == [True]
    http.rows.append(waiting(7))
    items, _ = await fetch(kind, http, state)
    assert [(each.id == item.id, each.title.split()[0]) for each in items] == [(True, "Seven")]


async def test_each_week_has_its_own_list_of_what_waits() -> None:
    http = SmallGerrit(waiting(1))
    kind = Gerrit(BASE, take=("waiting more than 1 day",))
    (this,), state = await fetch(kind, http)
    http.now = datetime(2026, 3, 9, 0, 0, 1, tzinfo=UTC)
    (following,), _ = await fetch(kind, http, state)
    assert this.title == "One change waits for a reviewer for more than 1 day"
    assert this.id != following.id
    assert following.published_at == datetime(2026, 3, 9, tzinfo=UTC)


async def test_a_server_without_a_clock_gives_a_list_without_a_date() -> None:
    (item,), _ = await fetch(Gerrit(BASE, take=("waiting more than 14 days",)), SmallGerrit(waiting(1), now=None))
    assert item.published_at is None


async def test_when_nothing_waits_there_is_no_item() -> None:
    found = await batches(Gerrit(BASE, take=("waiting more than 14 days",)), SmallGerrit(row(1)))
    assert [(batch.items, batch.is_unchanged) for batch in found] == [((), True)]


async def test_subjects_are_text_in_the_list_of_what_waits() -> None:
    http = SmallGerrit(waiting(1, subject='<script>alert("x")</script>', project='a"b/<c>'))
    (item,), _ = await fetch(Gerrit(BASE, take=("waiting more than 14 days",)), http)
    assert "<script" not in item.html
    assert "<c>" not in item.html


async def test_many_that_wait_are_counted_all_and_listed_in_part() -> None:
    (item,), _ = await fetch(
        Gerrit(BASE, take=("waiting more than 14 days",)), SmallGerrit(*(waiting(number) for number in range(1, 81)))
    )
    assert item.title.startswith("80 changes wait")
    assert len(item.links) == 50


# Registered, recognised, and over real HTTP


def test_it_is_registered_with_its_keys_and_words() -> None:
    info = find_kinds()["gerrit"]
    assert (info.word, info.keys, info.can_read) == ("gerrit", ("url", "projects", "take", "token"), True)
    assert "waiting more than N days" in Gerrit.take_words


@pytest.mark.parametrize(
    ("body", "is_gerrit"),
    [
        (b")]}'\n[]", True),
        (b"<!DOCTYPE html><html><title>Gerrit Code Review</title>", True),
        (b'<html><script src="/polygerrit_ui/app.js">', True),
        (b"<html><title>A blog</title>", False),
        (b"[]", False),
    ],
)
def test_a_server_is_recognised_by_what_it_answers(body: bytes, is_gerrit: bool) -> None:
    assert Gerrit.recognises(Reply(BASE, 200, body)) is is_gerrit


@needs_corpus
@pytest.mark.filterwarnings("ignore")  # of the server that plays
async def test_recorded_changes_over_http_page_by_page() -> None:
    async with replayed(gerrit_limit=1) as web:
        kind = Gerrit(f"{web.base}/gerrit/", take=("merged", "open"))
        items, state = await fetch(kind, web.http)
        assert numbers(items) == [604103, 605080, 604064]
        assert await fetch(kind, web.http, state) == ([], state)
        chosen = Gerrit(f"{web.base}/gerrit", ("openstack/cinder", "openstack/networking-calico"), ("open", "merged"))
        assert numbers((await fetch(chosen, web.http))[0]) == [604103, 605080]
        (summed,), _ = await fetch(Gerrit(f"{web.base}/gerrit", take=("waiting more than 14 days",)), web.http)
        assert summed.title == "Two changes wait for a reviewer for more than 14 days"
        assert summed.published_at is not None


@needs_corpus
@pytest.mark.filterwarnings("ignore")  # of the server that plays
async def test_pages_without_end_over_http() -> None:
    async with replayed() as web:
        found = await batches(Gerrit(f"{web.base}/hostile/gerrit-paging-loop"), web.http)
        assert [numbers(list(batch.items)) for batch in found] == [[1]]
        with pytest.raises(BadStatus, match="401"):
            await batches(Gerrit(f"{web.base}/gerrit", token="ada:geheim"), web.http)


async def test_a_record_that_is_no_change_is_set_aside_and_the_others_are_read() -> None:
    server = SmallGerrit(row(1), row(2), row(3))
    server.rows[1]["project"] = ""
    batches = [batch async for batch in Gerrit(BASE).fetch(server, FetchState("a"))]
    assert [item.native_keys for batch in batches for item in batch.items] == [("1",), ("3",)]
    [aside] = [each for batch in batches for each in batch.aside]
    assert aside.address.startswith(f"{BASE}/changes/?q=")
    assert json.loads(aside.data)["_number"] == 2
    assert aside.reason == NO_CHANGE
