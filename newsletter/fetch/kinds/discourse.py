"""Topics of a Discourse forum, over its JSON."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit, urlunsplit

from newsletter.errors import BadStatus, Gone, NotReadable
from newsletter.fetch.discourse import (
    Categories,
    Topic,
    TopicPage,
    listed_topic,
    made_items,
    read_categories,
    read_topics,
)
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.records import made_again
from newsletter.fetch.rest import PAGE_REPEATED, Answer, ask_json
from newsletter.fetch.workers import in_worker
from newsletter.model.item import Item
from newsletter.model.source import FetchState
from newsletter.text import host_of

MOST_PAGES = 50
MOST_TOPICS = 100
"""So many topics are asked for themselves in one fetch; older ones are taken as their list tells them."""
_IN_A_BATCH = 20
_INLINE = 64 * 1024
_AHEAD = timedelta(days=1)
_REPLIES = re.compile(r"topics with (\d{1,4}) repl(?:y|ies)")
_PLACE = re.compile(
    r"^(?P<base>.*?)/(?:(?P<topic>t)/(?:[^/]+/)?(?P<number>\d+)(?:/\d+)?"
    r"|(?P<list>(?:c|tags?)/.+?)(?:/l/[a-z]+)?"
    r"|(?:latest|new|top|unread|hot|categories|site|posts)(?:/[a-z]+)?)(?:\.(?:json|rss))?/?$"
)


@kind("discourse")
@dataclass(frozen=True, slots=True)
class Discourse:
    """The topics of a Discourse forum. A topic is one item that grows with its answers.

    ``url`` is the forum, one of its lists (``/latest``, ``/c/name/5``, ``/tag/name``) or one topic
    (``/t/name/1148``). ``categories`` names the categories to read, by name, short name or number; all
    if left out. ``take`` says which topics are wanted: "all", "solved" (an answer was accepted) or
    "topics with N replies" (as soon as they have so many).

        - name: Forum
          url: https://discourse.example.org
          categories: [Announcements, Development]
          take: topics with 5 replies

    The text is the first post; a topic is read again only when somebody answered. Unlisted topics,
    private messages, "Welcome to…" and "About the … category" are left out; so is what needs a login.
    """

    url: str
    categories: tuple[str, ...] = ()
    take: tuple[str, ...] = ("all",)

    take_words: ClassVar[tuple[str, ...]] = ("all", "solved", "topics with N replies")
    address_shape: ClassVar[str] = (
        r"^https?://(discourse|discuss)[.-][^/]+(/(?!.*\.(rss|xml|atom)$).*)?$"
        r"|^https?://[^/]+(/[\w-]+)?/(c/(?!\d+/?$)[^/+]+(/[^/+]+)*/\d+|t/[^/+]+/\d+)(/\d+)?(\.json)?/?$"
    )

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the topics that are new or were answered since the last time, the longest unmoved first."""
        cursor = _Cursor.read(state.cursor, self.list_url)
        warnings: list[str] = []
        found = await self._moved(http, cursor, state.since, warnings)
        if found is None:
            yield Batch(cursor=dict(state.cursor), is_unchanged=True)
            return
        topics, odd, document = found
        await self._learn_categories(http, cursor, topics)
        wanted = [each.number for each in topics if self._wants(each, cursor.categories)]
        if len(wanted) > MOST_TOPICS:
            told = (
                f"{len(wanted) - MOST_TOPICS} topics at once are told by their list alone, without the text of a post"
            )
            warnings.append(told)
        asked = frozenset(wanted[-MOST_TOPICS:])
        has_news = bool(odd)
        for at in range(0, len(topics), _IN_A_BATCH):
            part = topics[at : at + _IN_A_BATCH]
            items = await self._items(http, cursor, part, state.source_id, asked=asked)
            cursor.advance(part, datetime.now(UTC))
            has_news = has_news or bool(items)
            if at + _IN_A_BATCH < len(topics):
                yield Batch(items, cursor.as_json(), tuple(warnings))
                warnings = []
            else:
                cursor.document = document
                yield Batch(items, cursor.as_json(), tuple(warnings), is_unchanged=not has_news, aside=odd)
        if not topics:
            cursor.document = document
            yield Batch((), cursor.as_json(), tuple(warnings), is_unchanged=not has_news, aside=odd)

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One topic, as its list told it."""
        topic = made_again(aside, lambda row: listed_topic(row, {}, self._host))
        categories = _Cursor.read(state.cursor, self.list_url).categories
        is_wanted = self._wants(topic, categories)
        yield Batch(made_items(None, topic, state.source_id, self.base, categories.names) if is_wanted else ())

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A page or a list of topics made by Discourse."""
        start = reply.body[:20_000].lower()
        if start.lstrip().startswith(b"{"):
            return b'"topic_list"' in start or b'"post_stream"' in start
        return b'content="discourse ' in start or b"data-discourse-setup" in start

    @property
    def base(self) -> str:
        """The address of the forum, whichever of its pages ``url`` shows."""
        return self._place()[0]

    @property
    def list_url(self) -> str:
        """The address that is asked first: a list of topics, or one topic."""
        base, kept = self._place()
        return f"{base}/{kept}.json"

    def _place(self) -> tuple[str, str]:
        parts = urlsplit(self.url.strip())
        found = _PLACE.match(parts.path)
        path = (found["base"] if found else parts.path).rstrip("/")
        base = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
        if found and found["topic"]:
            return base, f"t/{found['number']}"
        if found and found["list"]:
            return base, re.sub(r"\.(json|rss)$", "", found["list"].rstrip("/")) + "/l/latest"
        return base, "latest"

    @property
    def _host(self) -> str:
        return host_of(self.url)

    async def _moved(
        self, http: Http, cursor: "_Cursor", since: datetime | None, warnings: list[str]
    ) -> tuple[list[Topic], tuple[Aside, ...], Document] | None:
        """The topics that moved since the last time, oldest first; None when the list is what it was."""
        answer = await ask_json(http, self.list_url, known=cursor.document)
        if answer.value is None:
            return None
        after = cursor.at or since
        found: dict[int, Topic] = {}
        odd: list[Aside] = []
        seen: set[str] = set()
        first = answer
        while True:
            seen.add(answer.reply.url)
            page = self._page(answer)
            odd += [each.at(answer.reply.url) for each in page.odd]
            fresh = [each for each in page.topics if each.number not in found]
            found.update((each.number, each) for each in fresh)
            following = self._next(answer, page, fresh, after, warnings)
            if following is None:
                break
            if following in seen or len(seen) >= MOST_PAGES:
                told = PAGE_REPEATED if following in seen else f"more than {MOST_PAGES} pages of topics at once"
                warnings.append(told)
                break
            answer = await ask_json(http, following)
        moved = [each for each in found.values() if cursor.is_new(each, after)]
        moved.sort(key=lambda each: (each.moved_at, each.number))
        return moved, tuple(odd), first.reply.document

    def _page(self, answer: Answer) -> TopicPage:
        if "post_stream" in (answer.value if isinstance(answer.value, dict) else {}):
            # One topic as a source: a list of one.
            value = {**answer.value, "bumped_at": answer.value.get("last_posted_at")}
            return read_topics({"topic_list": {"topics": [value]}}, self._host)
        return read_topics(answer.value, self._host)

    def _next(
        self, answer: Answer, page: TopicPage, fresh: Sequence[Topic], after: datetime | None, warnings: list[str]
    ) -> str | None:
        """The address of the next page, None when nothing on it can be new."""
        if not page.next_url:
            return None
        if not fresh:
            warnings.append(PAGE_REPEATED)
            return None
        # What is pinned stands in front, however old it is: the last one tells how far the page reaches.
        if after and page.topics[-1].moved_at < after:
            return None
        address, _, query = page.next_url.partition("?")
        path = address if address.endswith(".json") else f"{address}.json"
        url = urljoin(answer.reply.url, f"{path}?{query}" if query else path)
        return url if host_of(url) == host_of(answer.reply.url) else None

    async def _learn_categories(self, http: Http, cursor: "_Cursor", topics: Sequence[Topic]) -> None:
        """Ask for the names of categories, when there is one that was not asked about before."""
        unknown = {each.category for each in topics if each.category is not None} - set(cursor.categories.names)
        if not unknown:
            return
        try:
            answer = await ask_json(http, f"{self.base}/categories.json?include_subcategories=true")
            known = read_categories(answer.value)
        except (BadStatus, Gone, NotReadable):
            known = Categories()
        asked = Categories(dict.fromkeys(unknown, ""))
        cursor.categories = asked.and_of(cursor.categories).and_of(known)

    def _wants(self, topic: Topic, categories: Categories) -> bool:
        if topic.is_hidden or topic.number in categories.about:
            return False
        if self.categories and not categories.are(topic.category, self.categories):
            return False
        counts = [int(found[1]) for word in self.take if (found := _REPLIES.fullmatch(word))]
        return (
            "all" in self.take
            or ("solved" in self.take and topic.is_solved)
            or any(topic.posts_count > count for count in counts)
        )

    async def _items(
        self, http: Http, cursor: "_Cursor", topics: Sequence[Topic], source_id: str, *, asked: frozenset[int]
    ) -> tuple[Item, ...]:
        """The items of those ``topics`` that are wanted; the ``asked`` ones have their own page read."""
        items: list[Item] = []
        for topic in topics:
            if self._wants(topic, cursor.categories):
                answer = await self._topic(http, topic) if topic.number in asked else None
                value = answer.value if answer else None
                call = (value, topic, source_id, self.base, cursor.categories.names)
                is_small = answer is None or len(answer.reply.body) <= _INLINE
                items += made_items(*call) if is_small else await in_worker(made_items, *call)
        return tuple(items)

    async def _topic(self, http: Http, topic: Topic) -> Answer | None:
        try:
            # Without its short name the server would only say where to go.
            return await ask_json(http, f"{self.base}/t/{f'{topic.slug}/' if topic.slug else ''}{topic.number}.json")
        except (BadStatus, Gone, NotReadable):
            # Withdrawn or hidden in the meantime: the list is what is known of it.
            return None


@dataclass(slots=True)
class _Cursor:
    """How far a list was read: the time of the last move, the topics that had it, and the names of categories."""

    url: str
    at: datetime | None = None
    numbers: frozenset[int] = frozenset()
    document: Document = field(default_factory=Document)
    categories: Categories = field(default_factory=Categories)

    @classmethod
    def read(cls, value: Mapping[str, Any], url: str) -> "_Cursor":
        """The stored cursor, unless it belongs to another list."""
        if value.get("list") != url:
            return cls(url)
        at = value.get("at")
        return cls(
            url,
            datetime.fromisoformat(at) if at else None,
            frozenset(value.get("numbers", ())),
            Document.from_json(value.get("document")),
            Categories.from_json(value.get("categories", {})),
        )

    def is_new(self, topic: Topic, after: datetime | None) -> bool:
        """Whether the topic moved after what was read."""
        if after is None:
            return True
        if topic.moved_at == self.at:
            return topic.number not in self.numbers
        return topic.moved_at >= after

    def advance(self, topics: Sequence[Topic], now: datetime) -> None:
        """Remember that ``topics`` were read; one dated ahead would hide all that follow."""
        newest = max((each.moved_at for each in topics if each.moved_at <= now + _AHEAD), default=None)
        if newest is None or (self.at and newest < self.at):
            return
        before = self.numbers if newest == self.at else frozenset[int]()
        self.at, self.numbers = newest, before | {each.number for each in topics if each.moved_at == newest}

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {
            "list": self.url,
            "at": self.at.isoformat() if self.at else None,
            "numbers": sorted(self.numbers),
            "document": self.document.as_json(),
            "categories": self.categories.as_json(),
        }
