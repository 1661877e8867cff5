"""Recent changes of a MoinMoin wiki, over its RSS."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, kind
from newsletter.fetch.moinmoin import WIKI, read_moin_changes
from newsletter.fetch.wiki import new_pages_first, page_item
from newsletter.fetch.wiki_progress import TAKE_WORDS, WikiProgress
from newsletter.fetch.workers import in_worker
from newsletter.model.source import FetchState

_PAGES = re.compile(r"/(?:RecentChanges|FrontPage|FindPage|TitleIndex|HelpContents|StartSeite|AktuelleÄnderungen)/?$")


@kind("wiki", reader="moinmoin")
@dataclass(frozen=True, slots=True)
class MoinMoin:
    """What changed on the pages of a MoinMoin wiki: one item for a page and a week, revised as edits become more.

    ``url`` is the wiki, or its page of recent changes. ``take`` says what counts: "changes", "new pages", and
    "minor changes" beside them. ``summed by`` is "week" or "day".

        - name: Wiki
          kind: wiki
          url: https://wiki.example.org/RecentChanges
          summed by: day

    MoinMoin tells of the last 100 edits only, not how much a page grew and seldom that a page is new. Robots
    are left out, and the texts of pages are not read.
    """

    url: str
    take: tuple[str, ...] = ("changes",)
    summed_by: Literal["week", "day"] = "week"

    take_words: ClassVar[tuple[str, ...]] = TAKE_WORDS
    address_shape: ClassVar[str] = r"/RecentChanges$"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the pages that changed since the last time, with all that is known of their week."""
        progress = WikiProgress.read(state.cursor, self._settings)
        known = Document.from_json(state.cursor.get("document")) if progress.at else Document()
        reply = await http.get(self.feed_url, known=known)
        if reply.is_unchanged:
            yield Batch(cursor=dict(state.cursor), is_unchanged=True)
            return
        edits = await in_worker(read_moin_changes, reply.body)
        warnings: tuple[str, ...] = ()
        if progress.at and edits and edits[0].at > progress.at:
            warnings = ("more edits than the wiki tells of at once; the first of them are missing",)
        if progress.at is None and state.since:
            edits = tuple(each for each in edits if state.since <= each.at)
        changed, has_news = progress.take(edits, self.take, self.summed_by)
        items = tuple(
            page_item(each, state.source_id, url=each.url, diff=each.diff) for each in new_pages_first(changed)
        )
        cursor = {"document": reply.document.as_json(), **progress.as_json()}
        yield Batch(items, cursor, warnings, is_unchanged=not has_news, moved_to=reply.document.moved_to)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A page made by MoinMoin, or its RSS of changes."""
        start = reply.body[:50_000]
        return WIKI.encode() in start or b"/moin_static" in start or b"MoinMoin Powered" in reply.body[-20_000:]

    @property
    def feed_url(self) -> str:
        """The address of the RSS, whichever page of the wiki ``url`` shows."""
        parts = urlsplit(self.url.strip())
        if "action=rss_rc" in parts.query:
            return self.url.strip()
        path = _PAGES.sub("", parts.path).rstrip("/") + "/RecentChanges"
        query = urlencode({"action": "rss_rc", "items": "100", "unique": "0", "ddiffs": "1"})
        return urlunsplit((parts.scheme, parts.netloc, path, query, ""))

    @property
    def _settings(self) -> str:
        return f"{self.url} {sorted(self.take)} {self.summed_by}"
