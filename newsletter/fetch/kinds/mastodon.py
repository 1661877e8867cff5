"""What an account on a Mastodon server says, over the API, or over its RSS where there is no other way."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from newsletter.errors import BadStatus, FetchError, Gone, NotReadable
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.kinds.feed import Feed
from newsletter.fetch.mastodon import Status, age_of, is_public, read_status, read_statuses, sort_of, status_items
from newsletter.fetch.records import made_again
from newsletter.fetch.rest import PAGE_REPEATED, Record, ask_json, next_link
from newsletter.fetch.workers import in_worker
from newsletter.model.source import FetchState
from newsletter.text import host_of

MOST_PAGES = 25
_TOO_MANY = f"more than {MOST_PAGES} pages of statuses at once; the older ones were left out"
_IN_A_PAGE = 40
_IN_A_BATCH = 200
_HANDLE = re.compile(r"/@([\w.-]+(?:@[\w.-]+)?)")
_NOT_THESE = r"(?!(?:[^/]+\.)?(?:youtube|medium|tiktok|threads|substack|instagram|kick|twitch|telegram)\.)"


@kind("mastodon")
@dataclass(frozen=True, slots=True)
class Mastodon:
    """What an account says, on Mastodon and on servers that speak as it does.

    ``url`` is the page of the account. ``take`` says what is wanted: "posts", "boosts" (what it passed on from
    others) and "replies" to others.

        - name: Project account
          url: https://social.example.org/@project
          take: [posts, boosts]

    Boosts, replies, robots and what stands behind a content warning have a label that says so; a warned text
    has the warning as its title, and its pictures are links. Descriptions of pictures come with them. An edit is
    noticed while the status is among the last 40. Where a server keeps its API shut, the account's RSS is read:
    posts only, without warnings, boosts and replies.
    """

    url: str
    take: tuple[str, ...] = ("posts",)

    take_words: ClassVar[tuple[str, ...]] = ("posts", "boosts", "replies")
    address_shape: ClassVar[str] = rf"^https?://{_NOT_THESE}[^/]+/(?:web/)?@[\w.-]+(?:@[\w.-]+)?/?$"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the statuses that are new or edited since the last time, oldest first."""
        cursor = _Cursor.read(state.cursor, self._settings)
        if not cursor.feed_url and not cursor.account:
            try:
                cursor.account = await self._account(http)
            except (BadStatus, NotReadable) as fault:
                cursor.feed_url = await self._find_feed(http, fault)
        reading = self._by_feed(http, cursor, state) if cursor.feed_url else self._by_api(http, cursor, state)
        async for batch in reading:
            yield batch

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One status."""
        status = made_again(aside, read_status)
        wanted = [status] if is_public(status) and sort_of(status) in self.take else []
        yield Batch(status_items(wanted, state.source_id, host_of(self.base)))

    @property
    def handle(self) -> str:
        """The name of the account on its server. Raises NotReadable when the address holds none."""
        found = _HANDLE.search(urlsplit(self.url).path)
        if found is None:
            raise NotReadable(f"{self.url} is not the page of an account. It looks like https://SERVER/@NAME.")
        return found[1]

    @property
    def base(self) -> str:
        """The address of the server."""
        parts = urlsplit(self.url.strip())
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def _settings(self) -> str:
        return f"{self.url} {sorted(self.take)}"

    async def _account(self, http: Http) -> str:
        answer = await ask_json(http, f"{self.base}/api/v1/accounts/lookup?acct={quote(self.handle)}")
        number = Record(answer.value if isinstance(answer.value, dict) else {}).key("id")
        if not number:
            raise NotReadable(f"{host_of(self.base)} does not say which account @{self.handle} is")
        return number

    async def _find_feed(self, http: Http, fault: FetchError) -> str:
        for ending in (".rss", "/feed.rss"):
            url = f"{self.base}/@{self.handle}{ending}"
            try:
                reply = await http.get(url)
            except (BadStatus, Gone):
                continue
            if Feed.recognises(reply):
                return url
        raise fault

    async def _by_feed(self, http: Http, cursor: "_Cursor", state: FetchState) -> AsyncIterator[Batch]:
        known = replace(state, cursor=cursor.feed)
        async for batch in Feed(cursor.feed_url).fetch(http, known):
            items = tuple(replace(item, kind="mastodon") for item in batch.items)
            cursor.feed = dict(batch.cursor)
            yield replace(batch, items=items, cursor=cursor.as_json())

    async def _by_api(self, http: Http, cursor: "_Cursor", state: FetchState) -> AsyncIterator[Batch]:
        answer = await ask_json(http, self._statuses_url(cursor.account), known=cursor.document)
        if answer.value is None:
            yield Batch(cursor=dict(state.cursor), is_unchanged=True)
            return
        found: dict[str, Status] = {}
        aside: list[Aside] = []
        warnings: list[str] = []
        document, first_page = answer.reply.document, None
        for count in range(1, MOST_PAGES + 1):
            page, odd = read_statuses(answer.value)
            first_page = page if first_page is None else first_page
            aside += [each.at(answer.reply.url) for each in odd]
            fresh = [each for each in page if each.number not in found]
            found.update((each.number, each) for each in fresh)
            following = next_link(answer)
            if not following or not page or cursor.reaches(page, state.since):
                break
            if not fresh or count == MOST_PAGES:
                warnings.append(_TOO_MANY if fresh else PAGE_REPEATED)
                break
            answer = await ask_json(http, following)
        new = [each for each in found.values() if is_public(each) and cursor.is_new(each, state.since)]
        new.sort(key=lambda each: each.age)
        for at in range(0, max(1, len(new)), _IN_A_BATCH):
            part = new[at : at + _IN_A_BATCH]
            wanted = [each for each in part if sort_of(each) in self.take]
            items = await in_worker(status_items, wanted, state.source_id, host_of(self.base))
            cursor.last = max((cursor.last, *(each.number for each in part)), key=age_of)
            if is_last := at + _IN_A_BATCH >= len(new):
                cursor.document = document
                cursor.edits = {each.number: each.edited_at for each in first_page or ()}
            told = tuple(aside) if is_last else ()
            is_unchanged = not (new or aside)
            yield Batch(items, cursor.as_json(), tuple(warnings), is_unchanged=is_unchanged, aside=told)
            warnings = []

    def _statuses_url(self, account: str) -> str:
        without = {"exclude_replies": "replies", "exclude_reblogs": "boosts"}
        pairs = {"limit": str(_IN_A_PAGE), **{key: "true" for key, word in without.items() if word not in self.take}}
        return f"{self.base}/api/v1/accounts/{quote(account, safe='')}/statuses?{urlencode(pairs)}"

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """The page of an account as Mastodon makes it."""
        is_account = bool(_HANDLE.search(urlsplit(reply.url).path))
        return is_account and (b'id="mastodon"' in reply.body or b"id='mastodon'" in reply.body)


@dataclass(slots=True)
class _Cursor:
    """The account, the newest status that was read, and when those of the first page were edited."""

    settings: str
    account: str = ""
    last: str = ""
    edits: dict[str, str] = field(default_factory=dict)
    document: Document = field(default_factory=Document)
    feed_url: str = ""
    feed: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, value: Mapping[str, Any], settings: str) -> "_Cursor":
        """The stored cursor, unless it belongs to other settings."""
        if value.get("settings") != settings:
            return cls(settings)
        known = {name: value[name] for name in ("account", "last", "edits", "feed_url", "feed") if name in value}
        return cls(settings, document=Document.from_json(value.get("document")), **known)

    def reaches(self, page: tuple[Status, ...], since: datetime | None) -> bool:
        """Whether nothing before ``page`` can be new."""
        oldest = min(page, key=lambda each: each.age)
        if self.last:
            return oldest.age <= age_of(self.last)
        at = oldest.row.when("created_at")
        return since is not None and at is not None and at < since

    def is_new(self, status: Status, since: datetime | None) -> bool:
        """Whether the status came after what was read, or was edited since."""
        if not self.last:
            at = status.row.when("created_at")
            return since is None or at is None or at >= since
        is_edited = status.number in self.edits and self.edits[status.number] != status.edited_at
        return status.age > age_of(self.last) or is_edited

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        values = {name: getattr(self, name) for name in self.__slots__ if name != "document"}
        return {name: value for name, value in values.items() if value} | {"document": self.document.as_json()}
