"""The feeds of the sample community: Atom, RSS 2.0 and JSON Feed from posts."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from newsletter.demo.clock import WEEK, rfc822_date
from newsletter.demo.pages import Page
from newsletter.demo.posts import Post

ATOM = "application/atom+xml; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
JSON_FEED = "application/feed+json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Channel:
    """What stands at the head of a feed."""

    title: str
    home: str
    address: str
    language: str = "en"


def atom(channel: Channel, posts: Sequence[Post], *, names_first: bool = False) -> Page:
    """An Atom feed (RFC 4287); ``names_first`` writes the author before the title, as planets do."""
    entries = "".join(_atom_entry(post, names_first) for post in posts)
    body = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f'xml:lang="{channel.language}">\n<title>{_text(channel.title)}</title>\n<id>{channel.address}</id>\n'
        f'<link rel="self" href="{channel.address}"/>\n<link rel="alternate" type="text/html" href="{channel.home}"/>\n'
        f"<updated>{_iso(newest(posts))}</updated>\n{entries}</feed>\n"
    )
    return Page(body.encode(), ATOM, newest(posts))


def rss(channel: Channel, posts: Sequence[Post], *, has_entity: bool = False, is_slow: bool = False) -> Page:
    """An RSS 2.0 feed with authors in Dublin Core, whole texts in content:encoded.

    ``has_entity`` puts in an HTML entity that XML does not know, as many hand-made feeds do.
    """
    about = _text(channel.title) + ("&nbsp;&ndash; reports" if has_entity else "")
    items = "".join(_rss_item(post) for post in posts)
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/">\n<channel>\n'
        f"<title>{_text(channel.title)}</title>\n<link>{channel.home}</link>\n"
        f"<description>{about}</description>\n<language>{channel.language}</language>\n"
        f"{items}</channel>\n</rss>\n"
    )
    return Page(body.encode(), RSS, newest(posts), is_slow=is_slow)


def json_feed(channel: Channel, posts: Iterable[Post]) -> Page:
    """A JSON Feed 1.1."""
    found = list(posts)
    record = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home,
        "feed_url": channel.address,
        "language": channel.language,
        "items": [_json_item(post) for post in found],
    }
    body = json.dumps(record, ensure_ascii=False, indent=1).encode()
    return Page(body, JSON_FEED, newest(found))


def newest(posts: Iterable[Post]) -> datetime:
    """When the newest post with a date was written."""
    return max((post.posted_at for post in posts if post.posted_at), default=WEEK.start)


def _atom_entry(post: Post, names_first: bool) -> str:
    title = f"{post.author}: {post.title}" if names_first else post.title
    times = f"<published>{_iso(post.posted_at)}</published>\n<updated>{_iso(post.posted_at)}</updated>\n"
    language = f' xml:lang="{post.language}"' if post.language else ""
    return (
        f"<entry{language}>\n<title>{_text(title)}</title>\n<id>{_text(post.url)}</id>\n"
        f'<link rel="alternate" type="text/html" href="{_text(post.url)}"/>\n'
        f"<author><name>{_text(post.author)}</name></author>\n{times if post.posted_at else ''}"
        f'<content type="html">{_text(post.html)}</content>\n</entry>\n'
    )


def _rss_item(post: Post) -> str:
    date = f"<pubDate>{rfc822_date(post.posted_at)}</pubDate>\n" if post.posted_at else ""
    return (
        f"<item>\n<title>{_text(post.title)}</title>\n<link>{_text(post.url)}</link>\n"
        f'<guid isPermaLink="false">{_text(post.url)}</guid>\n<dc:creator>{_text(post.author)}</dc:creator>\n{date}'
        f"<content:encoded>{_text(post.html)}</content:encoded>\n</item>\n"
    )


def _json_item(post: Post) -> dict[str, object]:
    item: dict[str, object] = {
        "id": post.url,
        "url": post.url,
        "title": post.title,
        "content_html": post.html,
        "authors": [{"name": post.author}],
    }
    if post.posted_at:
        item["date_published"] = _iso(post.posted_at)
    return item


def _text(text: str) -> str:
    return escape(text, quote=True)


def _iso(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""
