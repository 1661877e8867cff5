"""Items as the tests of the store need them."""

from datetime import UTC, datetime
from typing import Any

from newsletter.model.item import Item, Person, Review, Thread, item_id

AT = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)


def post(key: str, title: str = "A post", *, source: str = "planet", **values: Any) -> Item:
    keys = values.pop("keys", (key,))
    url = values.pop("url", f"https://blog.example.org/{key}")
    values.setdefault("published_at", AT)
    return Item(item_id(source, key), source, "feed", "post", keys, title, url, **values)


def mail(key: str, *answers: str, root: str = "", by: str = "Ada", source: str = "list", **values: Any) -> Item:
    """A mail as a parser gives it that saw nothing but the mail itself; ``answers`` nearest first."""
    claimed = root or (answers[-1] if answers else key)
    values.setdefault("published_at", AT)
    return Item(
        item_id(source, key),
        source,
        "mbox",
        "mail",
        (key,),
        f"Re: {claimed}",
        author=Person(by, f"{by.lower()}@example.org"),
        thread=Thread(claimed),
        in_reply_to=answers,
        **values,
    )


def review(number: int, by: str, merged_at: datetime | None, *, project: str = "core") -> Item:
    return Item(
        item_id("reviews", str(number)),
        "reviews",
        "gerrit",
        "review",
        (str(number),),
        f"Change {number}",
        author=Person(by, f"{by.lower()}@review.example.org"),
        published_at=merged_at or AT,
        review=Review("merged" if merged_at else "open", project, number, merged_at=merged_at),
        project=project,
    )
