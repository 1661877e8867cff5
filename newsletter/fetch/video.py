"""Addresses of video channels and the feeds that belong to them. Pure."""

import re
from urllib.parse import parse_qs, quote, urljoin, urlsplit

from newsletter.fetch.feed_page import announced_feed
from newsletter.text import host_of

CHANNEL_SHAPE = (
    r"^https?://(?:(?:www|m)\.)?youtube\.com/(?:channel/[\w-]+|user/[\w.-]+|c/[^/]+|@[^/]+|playlist)(?:/(?:videos|featured))?/?$"
    r"|^https?://(?:www\.)?vimeo\.com/(?!(?:\d+|features|watch|upload|search|categories|blog|help)(?:/|$))"
    r"(?:channels/|groups/)?[\w-]+(?:/videos)?/?$"
)
"""The pages of channels on YouTube and Vimeo, before "?"."""

_YOUTUBE = "https://www.youtube.com/feeds/videos.xml"
_VIMEO = re.compile(r"/((?:channels/|groups/)?[\w-]+)(?:/videos)?/?")
_PEERTUBE = re.compile(rb"""<meta\s+property=["']og:platform["']\s+content=["']PeerTube["']""", re.IGNORECASE)
_PEERTUBE_CHANNEL = re.compile(r"^/(c|video-channels|a|accounts)/([^/]+)")


def feed_of_channel(url: str) -> str | None:
    """The feed of the channel or list at ``url``, when the address alone tells it."""
    parts = urlsplit(url.strip())
    host = host_of(url).removeprefix("m.")
    if host == "vimeo.com" and (found := _VIMEO.fullmatch(parts.path)) and re.search(CHANNEL_SHAPE, url):
        return f"https://vimeo.com/{found[1]}/videos/rss"
    if host != "youtube.com":
        return None
    name, _, rest = parts.path.strip("/").partition("/")
    value = rest.partition("/")[0]
    if name == "channel" and value:
        return f"{_YOUTUBE}?channel_id={quote(value)}"
    if name == "user" and value:
        return f"{_YOUTUBE}?user={quote(value)}"
    playlist = parse_qs(parts.query).get("list", [""])[0]
    return f"{_YOUTUBE}?playlist_id={quote(playlist)}" if name == "playlist" and playlist else None


def feed_of_page(page: bytes, url: str) -> str | None:
    """The feed of the channel that ``page`` shows, on YouTube and on PeerTube servers; None for any other page."""
    if host_of(url).removeprefix("m.") == "youtube.com":
        return announced_feed(page, url)
    if not is_peertube(page):
        return None
    found = _PEERTUBE_CHANNEL.match(urlsplit(url).path)
    if found is None:
        return urljoin(url, "/feeds/videos.xml")
    key = "videoChannelName" if found[1] in ("c", "video-channels") else "accountName"
    return urljoin(url, f"/feeds/videos.xml?{key}={quote(found[2], safe='@')}")


def is_peertube(page: bytes) -> bool:
    """Whether a PeerTube server made the page."""
    return bool(_PEERTUBE.search(page[:50_000]))
