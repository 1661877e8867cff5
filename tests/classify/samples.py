"""Items of an invented community for the tests of classify."""

from datetime import UTC, datetime, timedelta
from typing import Any

from newsletter.model.item import Item, Person, Review, Thread, item_id
from newsletter.model.source import Source

NOW = datetime(2026, 10, 15, 18, tzinfo=UTC)
DEV = Source("dev-list", "dev list", "mailing list", {"url": "https://lists.kiln.example/dev/"}, section="developer")
USERS = Source("users-list", "users list", "mailing list", {"url": "https://lists.kiln.example/users/"})
BLOG = Source("blog", "Kiln blog", "feed", {"url": "https://blog.kiln.example/feed"})
PLANET = Source("planet", "Planet Kiln", "feed", {"url": "https://planet.kiln.example/atom"})
PRESS = Source("press", "In the news", "feed", {"url": "https://search.example/q=kiln"}, section="news")
REVIEWS = Source("reviews", "Kiln reviews", "gerrit", {"url": "https://review.kiln.example"})
SOURCES = {source.id: source for source in (DEV, USERS, BLOG, PLANET, PRESS, REVIEWS)}


def ago(**parts: float) -> datetime:
    return NOW - timedelta(**parts)


def mail(name: str, title: str, text: str = "", *, source: str = "dev-list", **values: Any) -> Item:
    key = f"<{name}@kiln.example>"
    answers = values.pop("answers", None)
    parent = f"<{answers}@kiln.example>" if answers else None
    given = {
        "url": f"https://lists.kiln.example/{source}/{name}.html",
        "author": Person("Ada Obi", "ada@kiln.example"),
        "published_at": ago(days=3),
        "thread": Thread(values.pop("root", None) or parent or key),
        "in_reply_to": (parent,) if parent else (),
    } | values
    return Item(item_id(source, key), source, "mailing list", "mail", (key,), title, text=text, **given)


def post(name: str, title: str, text: str = "", *, source: str = "blog", **values: Any) -> Item:
    given = {
        "url": f"https://blog.kiln.example/{name}",
        "author": Person("Noor Haddad"),
        "published_at": ago(days=2),
        "form": "post",
    } | values
    form = given.pop("form")
    return Item(item_id(source, name), source, "feed", form, (name,), title, text=text, **given)


def change(number: int, title: str, **values: Any) -> Item:
    review = Review("merged", "glaze", number, ago(days=9), ago(days=values.pop("merged_days", 1)))
    given = {
        "url": f"https://review.kiln.example/c/glaze/+/{number}",
        "author": Person("Jun Park", "jun"),
        "published_at": ago(days=1),
        "review": review,
        "project": "kiln/glaze",
    } | values
    return Item(item_id("reviews", str(number)), "reviews", "gerrit", "review", (str(number),), title, **given)
