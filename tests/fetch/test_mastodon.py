import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsletter.fetch.feed import parse_feed
from newsletter.fetch.feed_items import Naming
from newsletter.fetch.mastodon import Status, age_of, is_public, read_statuses, sort_of, status_item
from newsletter.fetch.rest import Record
from newsletter.model.item import Person, item_id
from tests.corpus import CORPUS, expected, needs_corpus

SKIPPED: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "kinds" / "skipped_mastodon.toml").read_text(encoding="utf-8")
)
HOST = "social.lantern.example"
BASE = f"https://{HOST}"


def row(number: int = 7, **values: Any) -> dict[str, Any]:
    """A status, hand-made after the documentation."""
    return {
        "id": str(number),
        "created_at": "2026-03-02T10:00:00.000Z",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "visibility": "public",
        "language": "en-GB",
        "uri": f"{BASE}/users/lamp/statuses/{number}",
        "url": f"{BASE}/@lamp/{number}",
        "edited_at": None,
        "content": f"<p>Light number {number}</p>",
        "account": {"id": "1", "username": "lamp", "acct": "lamp", "display_name": "The Lamp", "bot": False},
        **values,
    }


def made(**values: Any) -> Status:
    (status,), _ = read_statuses([row(**values)])
    return status


def recorded(path: str) -> list[dict[str, Any]]:
    """The statuses among the answers of a recorded exchange."""
    exchanges = json.loads((CORPUS / "mastodon" / path).read_bytes())
    bodies = [
        body for each in exchanges for body in (each["body"] if isinstance(each["body"], list) else [each["body"]])
    ]
    return [
        body for body in bodies if isinstance(body, dict) and {"created_at", "account", "id", "content"} <= set(body)
    ]


@needs_corpus
def test_recorded_statuses_give_their_facts() -> None:
    count = 0
    for path, document in expected("mastodon").items():
        if not path.startswith("api/"):
            continue
        # The rest of the facts are about earlier texts, which have no id.
        wanted = [each for each in document["expect"]["statuses"] if each["id"]]
        statuses, odd = read_statuses(recorded(path))
        assert odd == ()
        assert len(statuses) == len(wanted)
        for status, facts in zip(statuses, wanted, strict=True):
            item = status_item(status, "s", "localhost")
            assert set(facts) - set(SKIPPED["facts"]) == {
                *("id", "author", "created_utc", "edited_utc", "link", "reply_to"),
            }
            assert facts["id"] == status.number
            assert item.author is not None
            assert item.author.key == f"{facts['author']}@localhost"
            assert item.published_at == datetime.fromisoformat(facts["created_utc"])
            assert item.updated_at == (facts["edited_utc"] and datetime.fromisoformat(facts["edited_utc"]))
            assert item.url == item.native_keys[0] == facts["link"]
            assert ("reply" in item.labels) is (facts["reply_to"] is not None)
            assert is_public(status)
            count += 1
    assert count == 14


@needs_corpus
def test_the_recorded_feed_gives_its_facts_under_the_names_the_api_gives() -> None:
    data = (CORPUS / "mastodon" / "account.rss").read_bytes()
    naming = Naming("s", "https://mastodon.social/@pdxjohnny.rss", datetime(2026, 1, 1, tzinfo=UTC))
    items = parse_feed(data, naming).items
    facts = expected("mastodon")["account.rss"]["expect"]["items"]
    assert len(items) == len(facts)
    for item, fact in zip(reversed(items), facts, strict=True):
        assert item.url == item.native_keys[0] == fact["link"]
        assert item.published_at == datetime.fromisoformat(fact["dates"]["pubDate"]["utc"])
        assert item.title


def test_a_status_becomes_an_item() -> None:
    item = status_item(made(tags=[{"name": "wick"}], edited_at="2026-03-02T11:00:00Z"), "s", HOST)
    assert item.id == item_id("s", f"{BASE}/@lamp/7")
    assert item.native_keys == (f"{BASE}/@lamp/7", f"{BASE}/users/lamp/statuses/7")
    assert (item.kind, item.form, item.title, item.text) == ("mastodon", "post", "Light number 7", "Light number 7")
    assert item.author == Person("The Lamp", f"lamp@{HOST}")
    assert (item.language, item.labels) == ("en", ("wick",))
    assert item.updated_at == datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


def test_pictures_come_with_their_descriptions() -> None:
    media = [
        {"type": "image", "url": f"{BASE}/a.png", "description": 'A "tall" lamp'},
        {"type": "video", "url": f"{BASE}/b.mp4", "description": None},
        {"type": "image", "url": None},
    ]
    item = status_item(made(media_attachments=media, card={"url": "https://oil.example.org/"}), "s", HOST)
    assert f'<img src="{BASE}/a.png" alt="A &quot;tall&quot; lamp">' in item.html
    assert item.links == (f"{BASE}/b.mp4", "https://oil.example.org/", f"{BASE}/a.png")
    warned = status_item(made(media_attachments=media, sensitive=True, spoiler_text="Whales"), "s", HOST)
    assert "<img" not in warned.html
    assert 'A "tall" lamp' in warned.text
    assert (warned.title, warned.labels) == ("Whales", ("content warning",))


def test_boosts_replies_and_robots_say_what_they_are() -> None:
    other = row(3, account={"acct": "tove@oil.example", "username": "tove", "display_name": "", "bot": True})
    boost = made(reblog=other, content="", url=None)
    item = status_item(boost, "s", HOST)
    assert (sort_of(boost), item.labels, item.text) == ("boosts", ("boost", "robot"), "Light number 3")
    assert item.author == Person("tove", "tove@oil.example")
    assert (item.url, item.native_keys) == (f"{BASE}/@lamp/3", (f"{BASE}/users/lamp/statuses/7",))
    reply = made(in_reply_to_id="5", in_reply_to_account_id="2")
    assert (sort_of(reply), status_item(reply, "s", HOST).labels) == ("replies", ("reply",))
    assert sort_of(made(in_reply_to_id="5", in_reply_to_account_id="1")) == "posts"
    assert not is_public(made(visibility="private"))


def test_a_poll_is_told() -> None:
    item = status_item(made(poll={"options": [{"title": "Whale <oil>"}, {"title": "Bees"}]}), "s", HOST)
    assert item.text == "Light number 7\n\n- Whale <oil>\n- Bees"


def test_numbers_are_compared_as_numbers() -> None:
    assert age_of("9") < age_of("10") < age_of("117020598436551261")


@pytest.mark.parametrize("value", [None, True, -1, 10**400, 1.5, "x", [], {}, [[]], "\x00"])
def test_fields_of_the_wrong_sort_are_unknown(value: Any) -> None:
    names = ("content", "spoiler_text", "sensitive", "account", "media_attachments", "tags", "poll", "card", "quote")
    odd = {**row(), **dict.fromkeys((*names, "language", "reblog", "in_reply_to_id", "edited_at"), value)}
    for each in (odd, {**odd, "id": value}, {**odd, "url": value}, {**odd, "created_at": value}):
        for status in read_statuses([each])[0]:
            assert status_item(status, "s", HOST).native_keys
    assert sort_of(Status("1", "", Record({"reblog": value}))) == "posts"
