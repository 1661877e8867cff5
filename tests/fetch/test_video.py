from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.fetch.feed import parse_feed
from newsletter.fetch.feed_any import read_any_feed
from newsletter.fetch.feed_entries import chosen_picture
from newsletter.fetch.feed_items import Naming
from newsletter.fetch.feed_quick import read_quick_feed
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.kinds import find_kinds
from newsletter.fetch.video import feed_of_channel, feed_of_page, is_peertube
from newsletter.model.item import Item

DATA = (Path(__file__).parents[1] / "data" / "feed" / "videos.atom").read_bytes()
YOUTUBE = "https://www.youtube.com/feeds/videos.xml"
PEERTUBE = b'<!doctype html><html><head><meta property="og:platform" content="PeerTube" /></head>'


def items(data: bytes) -> tuple[Item, ...]:
    return parse_feed(data, Naming("s", "https://feeds.example.org/f", datetime(2026, 4, 1, tzinfo=UTC))).items


def rss(inside: str) -> bytes:
    head = (
        "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><item><guid>1</guid><title>T</title>"
    )
    return f"{head}{inside}</item></channel></rss>".encode()


@pytest.mark.parametrize(
    ("url", "feed"),
    [
        ("https://www.youtube.com/channel/UC-x_1", f"{YOUTUBE}?channel_id=UC-x_1"),
        ("https://m.youtube.com/channel/UC-x_1/videos", f"{YOUTUBE}?channel_id=UC-x_1"),
        ("https://www.youtube.com/user/lantern", f"{YOUTUBE}?user=lantern"),
        ("https://www.youtube.com/playlist?list=PL-1", f"{YOUTUBE}?playlist_id=PL-1"),
        ("https://vimeo.com/lantern", "https://vimeo.com/lantern/videos/rss"),
        ("https://vimeo.com/channels/lantern", "https://vimeo.com/channels/lantern/videos/rss"),
        ("https://vimeo.com/lantern/videos/", "https://vimeo.com/lantern/videos/rss"),
    ],
)
def test_the_address_of_a_channel_tells_its_feed(url: str, feed: str) -> None:
    assert feed_of_channel(url) == feed
    assert reader_by_shape(url, find_kinds()) == "feed"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=wick1",
        "https://www.youtube.com/playlist",
        "https://vimeo.com/12345",
        "https://vimeo.com/channels/lantern/12345",
        "https://vimeo.com/features",
        "https://youtube.com.example.org/channel/UC1",
        "https://blog.example.org/channel/UC1",
    ],
)
def test_other_addresses_do_not(url: str) -> None:
    assert feed_of_channel(url) is None


def test_the_page_of_a_channel_tells_its_feed() -> None:
    page = f'<html><head><link rel="alternate" type="application/rss+xml" href="{YOUTUBE}?channel_id=UC1">'.encode()
    assert feed_of_page(page, "https://www.youtube.com/@lantern") == f"{YOUTUBE}?channel_id=UC1"
    assert feed_of_page(page, "https://blog.example.org/") is None
    base = "https://tube.example.org"
    for path, query in (
        ("/c/lantern/videos", "?videoChannelName=lantern"),
        ("/video-channels/lantern", "?videoChannelName=lantern"),
        ("/a/mira@other.example/videos", "?accountName=mira@other.example"),
        ("/", ""),
    ):
        assert feed_of_page(PEERTUBE, f"{base}{path}") == f"{base}/feeds/videos.xml{query}"
    assert is_peertube(PEERTUBE)
    assert not is_peertube(b"<html>PeerTube")


def test_a_video_carries_its_picture_described_by_its_title() -> None:
    (item,) = items(DATA)
    assert item.native_keys == ("yt:video:wick1",)
    assert (item.url, item.title) == ("https://www.youtube.com/watch?v=wick1", 'How to trim a "wick"')
    assert item.html.startswith(
        '<p><img src="https://i1.ytimg.com/vi/wick1/hqdefault.jpg" alt="How to trim a &quot;wick&quot;"></p>'
    )
    assert item.text.startswith("Two minutes with scissors.")


@pytest.mark.parametrize(
    ("inside", "picture"),
    [
        ("<media:thumbnail url='https://a.example/x.jpg'/>", "https://a.example/x.jpg"),
        ("<media:content medium='image' url='/x.jpg'/>", "/x.jpg"),
        ("<media:content type='image/png' url='https://a.example/x'/>", "https://a.example/x"),
        (
            "<media:content type='video/mp4' url='https://a.example/x'><media:thumbnail url='t.jpg'/></media:content>",
            "t.jpg",
        ),
        ("<media:content medium='image' url='https://1.gravatar.com/avatar/1'/>", ""),
        ("<media:content type='video/mp4' url='https://a.example/x'/>", ""),
    ],
)
def test_both_readers_of_feeds_see_the_same_picture(inside: str, picture: str) -> None:
    quick, slow = read_quick_feed(rss(inside)), read_any_feed(rss(inside), "")
    assert quick is not None
    assert slow is not None
    assert [feed.entries[0].picture for feed in (quick, slow)] == [picture, picture]


def test_a_text_with_pictures_of_its_own_gets_no_other_and_no_unsafe_one() -> None:
    own = "<description>&lt;img src='https://a.example/own.png' alt='own'&gt;</description>"
    thumbnail = "<media:thumbnail url='https://a.example/x.jpg'/>"
    assert items(rss(own + thumbnail))[0].html.count("<img") == 1
    assert items(rss("<media:thumbnail url='javascript:alert(1)'/>"))[0].html == ""
    assert (
        items(rss("<media:thumbnail url='/x.jpg'/>"))[0].html
        == '<p><img src="https://feeds.example.org/x.jpg" alt="T"></p>'
    )


def test_json_feeds_have_pictures_too() -> None:
    data = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "T", "image": "https://a.example/x"}]}'
    assert 'src="https://a.example/x"' in items(data)[0].html


def test_the_first_that_is_one() -> None:
    assert chosen_picture(["", " a "], ["b"]) == "a"
    assert chosen_picture([], ["", "b"]) == "b"
    assert chosen_picture([], []) == ""
