"""Recent changes of a MediaWiki, over its API."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Literal
from urllib.parse import urlencode

from newsletter.errors import NotReadable
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.mediawiki import diff_address, find_api, newest_of, page_address, read_changes, read_edit
from newsletter.fetch.records import made_again
from newsletter.fetch.rest import PAGE_REPEATED, ask_json
from newsletter.fetch.wiki import PageEdits, add_edits, new_pages_first, page_item
from newsletter.fetch.wiki_progress import TAKE_WORDS, WikiProgress, wanted_edits
from newsletter.model.item import Item
from newsletter.model.source import FetchState
from newsletter.text import host_of

MOST_PAGES = 20
_FIRST_LOOK = timedelta(days=30)


@kind("wiki", reader="mediawiki")
@dataclass(frozen=True, slots=True)
class MediaWiki:
    """What changed on the pages of a MediaWiki: one item for a page and a week, revised as edits become more.

    ``url`` is any page of the wiki, or its ``api.php``. ``namespaces`` are the numbers of those to read: 0 for
    articles (usual), 4 for pages about the wiki, 12 for help. ``take`` says what counts: "changes" (new pages
    and edits), "new pages", and "minor changes" beside them. ``summed by`` is "week" or "day".

        - name: Wiki
          kind: wiki
          url: https://wiki.example.org/wiki/Main_Page
          namespaces: [0, 12]
          take: [changes]

    Each item says who made how many edits, by how much the page grew, and leads to the difference. Robots are
    left out. A first look reaches 30 days back; the texts of pages, uploads and moves are not read.
    """

    url: str
    namespaces: tuple[int, ...] = (0,)
    take: tuple[str, ...] = ("changes",)
    summed_by: Literal["week", "day"] = "week"

    take_words: ClassVar[tuple[str, ...]] = TAKE_WORDS
    address_shape: ClassVar[str] = r"/api\.php$|/Special:RecentChanges$"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the pages that changed since the last time, with all that is known of their week."""
        api = state.cursor.get("api") or await self._find_api(http)
        progress = WikiProgress.read(state.cursor, self._settings)
        start = progress.at or state.since or datetime.now(UTC) - _FIRST_LOOK
        following: dict[str, str] = {}
        seen: set[str] = set()
        cursor = {"api": api, **progress.as_json()}
        for _ in range(MOST_PAGES):
            url = self._ask(api, start, following)
            if url in seen:
                yield Batch((), cursor, (PAGE_REPEATED,))
                return
            seen.add(url)
            page = read_changes((await ask_json(http, url)).value, host_of(api))
            changed, news = progress.take(page.edits, self.take, self.summed_by)
            items = self._items(changed, state.source_id, api)
            cursor = {"api": api, **progress.as_json()}
            yield Batch(items, cursor, is_unchanged=not news, aside=tuple(each.at(url) for each in page.odd))
            following = dict(page.following)
            if not following:
                return
        newest = newest_of(page.edits) or start
        text = f"more than {MOST_PAGES} pages of changes at once; what came after {newest:%Y-%m-%d} comes next time"
        yield Batch((), cursor, (text,))

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One change, added to what is known of its page and week."""
        edit = made_again(aside, read_edit)
        pages = WikiProgress.read(state.cursor, self._settings).pages
        changed = add_edits(pages, wanted_edits([edit], self.take), self.summed_by)
        yield Batch(self._items(list(changed.values()), state.source_id, aside.address.partition("?")[0]))

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A page made by MediaWiki, or an answer of its API."""
        start = reply.body[:50_000]
        return b'content="MediaWiki' in start or b"<api" in start[:500] or b'"recentchanges"' in start[:2_000]

    @property
    def _settings(self) -> str:
        return f"{self.url} {sorted(self.namespaces)} {sorted(self.take)} {self.summed_by}"

    async def _find_api(self, http: Http) -> str:
        plain = re.sub(r"[?#].*$", "", self.url.strip())
        if plain.endswith("api.php"):
            return plain
        reply = await http.get(self.url)
        found = find_api(reply.body, reply.url)
        if found is None:
            raise NotReadable(f"{self.url} names no API of a MediaWiki. Give the address of its api.php.")
        return found

    def _ask(self, api: str, start: datetime, following: dict[str, str]) -> str:
        """The changes from ``start`` on, the oldest first, so that a cut loses nothing."""
        show = "!bot" if "minor changes" in self.take else "!bot|!minor"
        pairs = {
            "action": "query",
            "list": "recentchanges",
            "format": "json",
            "formatversion": "2",
            "rcdir": "newer",
            "rcstart": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "rcprop": "title|ids|timestamp|user|comment|sizes|flags",
            "rctype": "new" if set(self.take) == {"new pages"} else "edit|new",
            "rcshow": show,
            "rcnamespace": "|".join(str(number) for number in self.namespaces),
            "rclimit": "500",
            "maxlag": "5",
            **following,
        }
        return f"{api}?{urlencode(pairs)}"

    def _items(self, changed: Sequence[PageEdits], source_id: str, api: str) -> tuple[Item, ...]:
        return tuple(
            page_item(each, source_id, url=page_address(api, each.page), diff=diff_address(api, each))
            for each in new_pages_first(changed)
        )
