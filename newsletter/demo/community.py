"""The sample community's web: every page by host and path."""

from collections.abc import Mapping
from functools import cache
from html import escape

from newsletter.demo.archive import mbox, pipermail
from newsletter.demo.clock import DEMO_NOW, WEEK
from newsletter.demo.feeds import Channel, atom, json_feed, rss
from newsletter.demo.letters import letters
from newsletter.demo.pages import HTML, Page
from newsletter.demo.posts import Post, posts

FRONT = "www.drumlin.example"
LISTS = "lists.drumlin.example"
PLANET = "planet.drumlin.example"
BLOG = "blog.drumlin.example"
NIVES = "nives.example"
TESFAYE = "tesfaye.example"
MUSEUM = "solar.obermoser.example"
REVIEW = "review.drumlin.example"
RELEASES = "code.drumlin.example"
EVENTS = "events.drumlin.example"
CAFES = "cafes.drumlin.example"
PRESS = "search.pressclips.example"
WIKI = "wiki.drumlin.example"
CHIRP = "social.chirp.example"
COOPERATIVE = "kooperativa.example"
IDEAS = "ideas.drumlin.example"
GRETA_BEFORE = "old.vandeputte.example"
GRETA = "vandeputte.example"

HOSTS = (
    *(FRONT, LISTS, PLANET, BLOG, NIVES, TESFAYE, MUSEUM, REVIEW, RELEASES, EVENTS, CAFES, PRESS),
    *(WIKI, CHIRP, COOPERATIVE, IDEAS, GRETA_BEFORE, GRETA),
)
"""Every host; each gets an address of its own where the system has more than one on loopback."""

WAIT_SECONDS = 3600
"""How long the busy host asks to be left alone."""

_PLANET_SHOWS = 30


@cache
def community_pages() -> Mapping[str, Page]:
    """Every page as "host/path", save those of the review server, which answers searches."""
    return {**_lists(), **_blogs(), **_services(), **_troubles()}


def planet_posts() -> list[Post]:
    """What the planet shows: posts of its own members and of the other blogs, the newest first."""
    found = [*_posts("planet", PLANET), *_posts("blog", BLOG), *_posts("nives", NIVES)]
    found += [*_posts("tesfaye", TESFAYE), *_posts("greta", GRETA)]
    dated = [(post.posted_at, post.key, post) for post in found if post.posted_at]
    return [post for _, _, post in sorted(dated, reverse=True, key=lambda each: each[:2])][:_PLANET_SHOWS]


def _posts(name: str, host: str) -> tuple[Post, ...]:
    return posts(name, f"https://{host}/2026/{{key}}")


def _channel(title: str, host: str, path: str) -> Channel:
    return Channel(title, f"https://{host}/", f"https://{host}/{path}")


def _lists() -> dict[str, Page]:
    """Two lists as archive pages, and one as a file."""
    made = {f"{LISTS}/mbox/drumlin-users.mbox": mbox(letters("users"))}
    for name, tag, first_number in (("dev", "[drumlin-dev] ", 4211), ("announce", "", 318)):
        archive = pipermail(f"Drumlin-{name}", tag, letters(name), first_number)
        made.update({f"{LISTS}/pipermail/drumlin-{name}/{path}": page for path, page in archive.items()})
    return made


def _blogs() -> dict[str, Page]:
    """The planet, the project's blog, two people's and the slow one of the museum."""
    museum = rss(_channel("Laundry museum Bad Ischl", MUSEUM, "feed.rss"), _posts("solar", MUSEUM), is_slow=True)
    return {
        f"{PLANET}/atom.xml": atom(_channel("Planet Drumlin", PLANET, "atom.xml"), planet_posts(), names_first=True),
        f"{BLOG}/feed.rss": rss(_channel("Drumlin blog", BLOG, "feed.rss"), _posts("blog", BLOG)),
        f"{NIVES}/atom.xml": atom(_channel("Nives, between two releases", NIVES, "atom.xml"), _posts("nives", NIVES)),
        f"{TESFAYE}/feed.json": json_feed(_channel("Sheet metal", TESFAYE, "feed.json"), _posts("tesfaye", TESFAYE)),
        f"{GRETA}/feed.atom": atom(_channel("Greta Vandeputte", GRETA, "feed.atom"), _posts("greta", GRETA)),
        f"{MUSEUM}/feed.rss": museum,
    }


def _services() -> dict[str, Page]:
    """Releases, dates, reports and press lines."""
    cafes = rss(_channel("Repair cafés", CAFES, "reports.rss"), _posts("repair-cafes", CAFES), has_entity=True)
    return {
        f"{RELEASES}/releases.atom": atom(
            _channel("Releases", RELEASES, "releases.atom"), _posts("releases", RELEASES)
        ),
        f"{EVENTS}/dates.rss": rss(_channel("Dates", EVENTS, "dates.rss"), _posts("events", EVENTS)),
        f"{CAFES}/reports.rss": cafes,
        f"{PRESS}/drumlin.rss": rss(_channel("Search: drumlin washing", PRESS, "drumlin.rss"), _posts("press", PRESS)),
        f"{COOPERATIVE}/news.rss": rss(
            _channel("Szeged cooperative", COOPERATIVE, "news.rss"), _posts("kooperativa", COOPERATIVE)
        ),
    }


def _troubles() -> dict[str, Page]:
    """What does not go well: an error, a wish to be left alone, a page for a feed, a grave and a removal."""
    return {
        f"{WIKI}/recent.atom": _message("Internal error: database is locked", 500),
        f"{CHIRP}/tags/drumlin.rss": _message("Too many requests", 429, ("Retry-After", str(WAIT_SECONDS))),
        f"{COOPERATIVE}/news": Page(_cooperative_page().encode(), HTML, WEEK.start),
        f"{IDEAS}/feed.atom": _message("The idea box is closed. Ideas go to the dev list.", 410),
        f"{GRETA_BEFORE}/feed.atom": _message("Moved", 301, ("Location", f"{{{GRETA}}}/feed.atom")),
    }


def _message(text: str, status: int, *headers: tuple[str, str]) -> Page:
    return Page(f"{text}\n".encode(), "text/plain; charset=utf-8", DEMO_NOW, status, headers)


def _cooperative_page() -> str:
    news = "".join(f"<h2>{escape(post.title)}</h2>\n{post.html}\n" for post in _posts("kooperativa", COOPERATIVE))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Szeged cooperative: news</title>\n'
        '<link rel="alternate" type="application/rss+xml" title="News" href="/news.rss">\n</head>\n'
        f"<body>\n<h1>News of the house</h1>\n{news}</body>\n</html>\n"
    )
