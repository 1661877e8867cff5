"""Pages that offer no feed: what is new or changed on them."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from newsletter.errors import NotReadable
from newsletter.fetch.http import Document, Http, Reply, body_hash
from newsletter.fetch.kinds import Aside, Batch, Mistake, kind
from newsletter.fetch.on_disk import on_disk, read_file
from newsletter.fetch.permission import Permission
from newsletter.fetch.selectors import broken_selectors
from newsletter.fetch.workers import in_worker
from newsletter.model.item import Item, item_id
from newsletter.model.source import FetchState

_INLINE = 64 * 1024
_LONGEST_FILE = 20 << 20


@kind("web page")
@dataclass(frozen=True, slots=True)
class WebPage:
    """New and changed parts of the page at ``url``, or in a ``file`` beside feeds.yaml (HTML or plain text).

    ``watch`` names the parts as CSS selectors: each element that one of them names is a part, and
    when none names anything any more the source fails and says so. Without ``watch`` the parts are
    what the page marks up itself (microformats, ``<article>``), else what stands under its
    headings, else the lines that were added. Events that the page holds as data (h-event,
    schema.org as JSON-LD or microdata) become events.

        - name: Elections page
          kind: web page
          url: https://wiki.example.org/Elections
          watch: "#content h2, #content li"

    The first reading gives the page as one item, and of its parts those with a date of their own;
    of a file it gives everything. Later a new part is an item, and a changed part is one with
    the label "changed": once a week at most. The robots.txt of the host is obeyed. A page on
    which people sign in, or that offers its domain for sale, is read only for what ``watch`` names. What a page
    makes by script, and what stands in its menus and footers, is not read.
    """

    url: str | None = None
    file: str | None = None
    watch: str = ""

    replays_documents: ClassVar[bool] = True

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the parts that are new or changed since the last time."""
        cursor: Mapping[str, Any] = state.cursor
        is_known = cursor.get("watch") == self.watch
        reply, seen = await self._read(http, cursor if is_known else {**cursor, "documents": {}})
        if reply.is_unchanged and is_known:
            yield Batch(cursor={**cursor, **seen}, is_unchanged=True, moved_to=reply.document.moved_to)
            return
        self._refuse_wrong(reply)
        yield await self._news(reply, seen, state.source_id, cursor if is_known else {})

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """A page, compared with what is known of it."""
        headers = {"content-type": aside.content_type} if aside.content_type else {}
        reply = Reply(
            aside.final_url or aside.address, 200, aside.data, headers, Document(body_hash=body_hash(aside.data))
        )
        is_known = state.cursor.get("watch") == self.watch
        yield await self._news(reply, {}, state.source_id, state.cursor if is_known else {})

    async def _news(self, reply: Reply, seen: Mapping[str, Any], source_id: str, cursor: Mapping[str, Any]) -> Batch:
        """What ``reply`` holds that is new; ``cursor`` is what is known of the same parts of it."""
        # Only who reads a page needs the readers of markup.
        from newsletter.fetch.page import PageAsked, parse_page
        from newsletter.fetch.page_changes import PageMemory, find_news

        now = datetime.now(UTC)
        asked = PageAsked(reply.url, self.watch, now, reply.header("content-type"))
        if len(reply.body) <= _INLINE:
            parsed = parse_page(reply.body, asked)
        else:
            parsed = await in_worker(parse_page, reply.body, asked)
        before = PageMemory.from_json(cursor.get("page"))
        news = find_news(parsed, before, now, everything=self.file is not None)
        items = tuple(_item(piece, source_id) for piece in reversed(news.pieces))
        return Batch(
            items,
            {**seen, "watch": self.watch, "page": news.memory.as_json()},
            parsed.warnings,
            is_unchanged=not items,
            moved_to=reply.document.moved_to,
        )

    def _refuse_wrong(self, reply: Reply) -> None:
        """Refuse a page that stands where another one was: whoever names parts of it knows what it is."""
        from newsletter.fetch.wrong_page import told_of_page, wrong_page

        wrong = "" if self.watch or not self.url or self.url.startswith("file:") else wrong_page(reply.body, reply.url)
        if wrong and self.url:
            raise NotReadable(told_of_page(wrong, self.url, reply.url))

    def mistakes(self) -> Iterator[Mistake]:
        """Selectors that cannot be read."""
        for each in broken_selectors(self.watch) if self.watch else ():
            yield Mistake("watch", f'"{each}" is not a CSS selector. Write it as in a style sheet: "#content h2".')

    async def _read(self, http: Http, cursor: Mapping[str, Any]) -> tuple[Reply, dict[str, Any]]:
        """The page, and what to remember of its document."""
        documents: Mapping[str, Any] = cursor.get("documents", {})
        known = Document.from_json(documents.get(self.url or self.file or ""))
        if self.file:
            reply = await on_disk(_from_file, Path(self.file), known)
            return reply, {"documents": {self.file: reply.document.as_json()}}
        if not self.url:
            raise NotReadable('A web page needs a "url:" or a "file:".')
        if self.url.startswith("file:"):
            reply = await http.get(self.url, known=known)
            return reply, {"documents": {self.url: reply.document.as_json()}}
        asking = Permission(http, dict(cursor.get("robots", {})))
        reply = await asking.get(self.url, known=known)
        return reply, {"documents": {self.url: reply.document.as_json()}, "robots": asking.as_json()}


def _from_file(path: Path, known: Document) -> Reply:
    body = read_file(path, _LONGEST_FILE)
    found = body_hash(body)
    content_type = "text/plain" if path.suffix.lower() in (".txt", ".text", ".md") else ""
    headers = {"content-type": content_type}
    return Reply(path.absolute().as_uri(), 200, body, headers, Document(body_hash=found), found == known.body_hash)


def _item(piece: Any, source_id: str) -> Item:
    is_web = piece.url is not None and piece.url.startswith(("http://", "https://"))
    return Item(
        id=item_id(source_id, piece.key),
        source_id=source_id,
        kind="web page",
        form=piece.form,
        native_keys=(piece.key,),
        title=piece.title,
        url=piece.url if is_web else None,
        author=piece.author,
        published_at=piece.published_at,
        updated_at=piece.updated_at,
        text=piece.text,
        html=piece.html,
        links=piece.links,
        thread=replace(piece.thread) if piece.thread else None,
        event=piece.event,
        labels=piece.labels,
        language=piece.language,
        warnings=piece.warnings,
    )
