"""What a Discourse forum answers, read into Topics, and topics made into Items. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from newsletter.errors import NotReadable
from newsletter.fetch.clean import NOTHING, Cleaned, clean_html, title_text
from newsletter.fetch.records import Odd, parted
from newsletter.fetch.rest import Record
from newsletter.model.item import Item, Person, Thread, item_id
from newsletter.text import host_of, shorten, slug

SOLVED = "solved"

_SYSTEM_USERS = (-1, -2)
"""The forum itself and its guide; people count up from 1."""
_ABOUT_A_CATEGORY = re.compile(r"About the .+ category", re.IGNORECASE)
_WELCOME = re.compile(r"Welcome to\b", re.IGNORECASE)
_DEEPEST = 5
_NO_TOPIC = "this is no topic"
_LINKS_AT_MOST = 200
_LABELS_AT_MOST = 20
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as a list or its own page tells it; ``first_post`` is HTML, in a list its beginning at best."""

    number: int
    title: str
    slug: str
    category: int | None
    tags: tuple[str, ...]
    posts_count: int
    people_count: int
    """Who wrote in it; a list names five at most."""
    created_at: datetime | None
    posted_at: datetime | None
    bumped_at: datetime | None
    author: Person | None
    is_solved: bool
    is_hidden: bool
    """Unlisted, or written by the forum itself: nobody's news."""
    first_post: str = ""

    @property
    def moved_at(self) -> datetime:
        """By what a list is ordered."""
        return self.bumped_at or self.posted_at or self.created_at or _OLDEST


@dataclass(frozen=True, slots=True)
class TopicPage:
    """One page of a list; ``is_last`` when the server names no next one."""

    topics: tuple[Topic, ...]
    next_url: str | None
    odd: tuple[Odd, ...] = ()
    """Records that are no topics."""


@dataclass(frozen=True, slots=True)
class Categories:
    """The names of categories, and the topics that only describe one."""

    names: Mapping[int, str] = field(default_factory=dict)
    slugs: Mapping[int, str] = field(default_factory=dict)
    parents: Mapping[int, int] = field(default_factory=dict)
    about: frozenset[int] = frozenset()

    def are(self, number: int | None, wanted: Iterable[str]) -> bool:
        """Whether one of ``wanted`` (names, short names or numbers) means the category ``number`` or one around it."""
        words = {word.strip().casefold() for word in wanted}
        words |= {slug(word) for word in words}
        for _ in range(_DEEPEST):
            if number is None:
                return False
            name = self.names.get(number, "")
            own = {str(number), self.slugs.get(number, "").casefold(), *((name.casefold(), slug(name)) if name else ())}
            if words & (own - {""}):
                return True
            number = self.parents.get(number)
        return False

    def and_of(self, other: "Categories") -> "Categories":
        """These and those of ``other``, which knows better."""
        return Categories(
            {**self.names, **other.names},
            {**self.slugs, **other.slugs},
            {**self.parents, **other.parents},
            self.about | other.about,
        )

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        pairs = {"names": self.names, "slugs": self.slugs, "parents": self.parents}
        return {key: {str(at): found for at, found in each.items()} for key, each in pairs.items()} | {
            "about": sorted(self.about)
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Categories":
        """The categories stored as ``value``."""
        names, slugs, parents = (
            {int(at): found for at, found in value.get(key, {}).items()} for key in ("names", "slugs", "parents")
        )
        return cls(names, slugs, parents, frozenset(value.get("about", ())))


def read_topics(value: Any, host: str) -> TopicPage:
    """The topics of an answer of ``latest.json`` and its like. Raises NotReadable when it is no such answer."""
    answer = Record(value if isinstance(value, dict) else {})
    listed = answer.record("topic_list")
    if not isinstance(listed.fields.get("topics"), list):
        raise NotReadable(f"{host}: this is not a list of topics as Discourse gives it")
    people = {each.whole("id"): each for each in answer.records("users")}
    topics, odd = parted(listed.records("topics"), lambda row: listed_topic(row, people, host), missing=_NO_TOPIC)
    alone = tuple(Odd(_with_people(each.record, people), each.reason) for each in odd)
    return TopicPage(tuple(made for _, made in topics), listed.text("more_topics_url") or None, alone)


def _with_people(row: Record, people: Mapping[int | None, Record]) -> Record:
    """The row with those who wrote in it, who stand beside the list otherwise."""
    named = [
        {**each.fields, "user": dict((people.get(each.whole("user_id")) or each.record("user")).fields)}
        for each in row.records("posters")
    ]
    return Record({**row.fields, **({"posters": named} if named else {})})


def listed_topic(row: Record, people: Mapping[int | None, Record], host: str) -> Topic | None:
    """The topic that a row of a list tells, None when it is none."""
    posters = row.records("posters")
    first = next((each for each in posters if "original poster" in each.text("description").lower()), None)
    first = first or (posters[0] if posters else Record({}))
    number = first.whole("user_id")
    author = people.get(number) or first.record("user")
    is_systems = number in _SYSTEM_USERS or author.whole("id") in _SYSTEM_USERS
    known = len({each.key("user_id") or each.key("user", "id") for each in posters} - {""})
    return _topic(row, _person(author, host), is_systems=is_systems, html=row.text("excerpt"), people=known)


def read_topic(value: Any, host: str) -> Topic | None:
    """The topic of an answer of ``/t/ID.json``, None when it is something else."""
    row = Record(value if isinstance(value, dict) else {})
    posts = row.records("post_stream", "posts")
    first = next((each for each in posts if each.whole("post_number") == 1), Record({}))
    author = first if first.line("username") else row.record("details", "created_by")
    is_systems = row.whole("user_id") in _SYSTEM_USERS or first.whole("user_id") in _SYSTEM_USERS
    return _topic(
        row,
        _person(author, host),
        is_systems=is_systems,
        html=first.text("cooked"),
        people=len({each.line("username") for each in posts} - {""}),
    )


def _topic(
    row: Record,
    author: Person | None,
    *,
    is_systems: bool,
    html: str,
    people: int,
) -> Topic | None:
    number, title = row.whole("id"), title_text(row.text("title") or row.text("fancy_title"))
    if number is None or number <= 0 or not title:
        return None
    is_plain = row.line("archetype") in ("", "regular")
    is_pinned = row.is_true("pinned") or row.is_true("pinned_globally")
    is_empty = (row.whole("posts_count") or 0) <= 1 or is_pinned
    is_seeded = bool(
        (is_systems and is_pinned)
        or (is_empty and _ABOUT_A_CATEGORY.fullmatch(title))
        or (row.is_true("pinned_globally") and _WELCOME.match(title))
    )
    return Topic(
        number=number,
        title=shorten(title, 1000),
        slug=row.line("slug"),
        category=row.whole("category_id"),
        tags=_tags(row),
        posts_count=max(1, row.whole("posts_count") or 1),
        people_count=max(1, row.whole("participant_count") or people),
        created_at=row.when("created_at"),
        posted_at=row.when("last_posted_at"),
        bumped_at=row.when("bumped_at"),
        author=author,
        is_solved=row.is_true("has_accepted_answer") or bool(row.record("accepted_answer")),
        is_hidden=row.fields.get("visible") is False or not is_plain or is_seeded,
        first_post=html,
    )


def _tags(row: Record) -> tuple[str, ...]:
    """Names in older versions, objects with a name in newer ones."""
    named = (each.line("name") or each.line("slug") for each in row.records("tags"))
    return tuple(tag for tag in (*row.texts("tags"), *named) if tag)


def _person(found: Record, host: str) -> Person | None:
    login = found.line("username")
    name = found.line("name") or login
    return Person(shorten(name, 200), f"{login}@{host}".lower() if login else "") if name else None


def read_categories(value: Any) -> Categories:
    """The categories of an answer of ``/categories.json`` (with those inside them) or ``/site.json``."""
    answer = Record(value if isinstance(value, dict) else {})
    waiting = [*answer.records("category_list", "categories"), *answer.records("categories")]
    names: dict[int, str] = {}
    slugs: dict[int, str] = {}
    parents: dict[int, int] = {}
    about: set[int] = set()
    while waiting:
        row = waiting.pop()
        number = row.whole("id")
        if number is None or number in names:
            continue
        names[number], slugs[number] = row.line("name"), row.line("slug")
        if (parent := row.whole("parent_category_id")) is not None:
            parents[number] = parent
        if found := re.search(r"/(\d{1,18})/?$", row.text("topic_url")):
            about.add(int(found[1]))
        waiting += row.records("subcategory_list")
    return Categories(names, slugs, parents, frozenset(about))


def topic_item(topic: Topic, source_id: str, base: str, *, category: str = "") -> Item:
    """The topic as one Item that grows: its text is the first post, its thread counts the answers."""
    key = f"topic/{topic.number}"
    url = f"{base}/t/{topic.slug or '-'}/{topic.number}"
    body: Cleaned = clean_html(topic.first_post, url) if topic.first_post else NOTHING
    labels = dict.fromkeys((*topic.tags[:_LABELS_AT_MOST], *((SOLVED,) if topic.is_solved else ())))
    return Item(
        id=item_id(source_id, key),
        source_id=source_id,
        kind="discourse",
        form="post",
        native_keys=(key,),
        title=topic.title,
        url=url,
        author=topic.author,
        published_at=topic.created_at,
        updated_at=topic.posted_at or topic.created_at,
        text=body.text,
        html=body.html,
        links=body.links[:_LINKS_AT_MOST],
        thread=Thread(
            root_id=f"{host_of(base)}/t/{topic.number}",
            reply_count=topic.posts_count - 1,
            people_count=topic.people_count,
            first_at=topic.created_at,
            last_at=topic.posted_at or topic.created_at,
        ),
        project=category or None,
        labels=tuple(labels),
        warnings=body.warnings,
    )


def made_items(
    value: Any, listed: Topic | None, source_id: str, base: str, categories: Mapping[int, str]
) -> tuple[Item, ...]:
    """The item of a topic's own page, or of what its list said when the page is no topic; for a worker."""
    found = read_topic(value, host_of(base))
    topic = found or listed
    if topic is None or topic.is_hidden:
        return ()
    return (topic_item(topic, source_id, base, category=categories.get(topic.category or 0, "")),)
