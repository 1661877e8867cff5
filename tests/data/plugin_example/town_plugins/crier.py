"""The kind "town crier": a text file with one notice a line."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

from newsletter.fetch.dates import parse_date
from newsletter.fetch.http import Document, Http
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.model.item import Item, item_id
from newsletter.model.source import FetchState


@kind("town crier")
@dataclass(frozen=True, slots=True)
class TownCrier:
    """The notices of the file at ``url``: on each line a day, an address and the words, with tabs between them."""

    url: str
    address_shape: ClassVar[str] = r"/crier\.txt$"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield all notices when the file has changed since the last time; it has the oldest first."""
        reply = await http.get(self.url, known=Document.from_json(state.cursor.get("document")))
        lines = reply.body.decode("utf-8", "replace").splitlines()  # none at all when the file is unchanged
        read = [(line, notice_item(line, state.source_id)) for line in lines if line.strip()]
        yield Batch(
            tuple(item for _, item in read if item is not None),
            {"document": reply.document.as_json()},
            is_unchanged=reply.is_unchanged,
            aside=tuple(Aside(self.url, "no notice", line.encode()) for line, item in read if item is None),
        )


def notice_item(line: str, source_id: str) -> Item | None:
    """The item of one line; None when it is no notice."""
    day, _, rest = line.partition("\t")
    url, _, title = rest.partition("\t")
    if not title.strip():
        return None
    made = item_id(source_id, url)
    return Item(made, source_id, "town crier", "post", (url,), title.strip(), url, published_at=parse_date(day))
