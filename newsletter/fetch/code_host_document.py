"""One document of a code host by itself, as somebody saved it: whatever it holds becomes items."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from newsletter.errors import NotReadable
from newsletter.fetch.code_host import Place, change_item, release_item, ticket_item
from newsletter.fetch.code_host_api import CodeHost, Wishes
from newsletter.fetch.code_host_asking import Asking
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Aside, Batch
from newsletter.fetch.records import made_again, record_in
from newsletter.fetch.rest import Answer, Record
from newsletter.model.item import Item
from newsletter.model.source import FetchState

_IN_A_BATCH = 500


async def read_document(api: CodeHost, url: str, http: Http, state: FetchState) -> AsyncIterator[Batch]:
    """The releases, changes and issues in the document at ``url``, a list or a single one, in its order."""
    asking = Asking(http, api)
    answer = await asking.ask(url)
    items, aside = items_of(api, answer, Place(state.source_id, api.kind))
    if aside and not items:
        raise NotReadable("the document holds no release, change or issue")
    for at in range(0, max(1, len(items)), _IN_A_BATCH):
        yield Batch(items[at : at + _IN_A_BATCH], aside=() if at else aside)


def items_again(api: CodeHost, wishes: Wishes, aside: Aside, place: Place) -> tuple[Item, ...]:
    """The item of one record that was set aside, as far as it alone tells that it is wished for. Raises NotReadable."""
    record = record_in(aside)
    project = _project(api, record, aside.address)
    if project is None:
        raise NotReadable("neither it nor its address says of which project it is")
    release = made_again(aside, lambda each: api.read_release(each, project)) if "tag_name" in record.fields else None
    if release is not None:
        return (release_item(release, place),) if wishes.releases and not release.is_draft else ()
    ticket = made_again(aside, lambda each: api.read_ticket(each, project))
    if ticket.is_secret:
        return ()
    if ticket.is_change:
        is_wished = wishes.merged or (wishes.first and ticket.is_first)
        return (change_item(ticket, place),) if ticket.state == "merged" and is_wished else ()
    count = wishes.comment_count
    return (ticket_item(ticket, place),) if count is not None and (ticket.comment_count or 0) >= count else ()


def _project(api: CodeHost, record: Record, address: str) -> str | None:
    """The path of the project, by the address of the list, or of the record's own page."""
    found = api.api_shape.fullmatch(address.partition("?")[0])
    return unquote(found[2]) if found else api.project_in(_path(record)) or None


def _path(record: Record) -> str:
    return urlsplit(record.line("html_url") or record.line("web_url")).path


def items_of(api: CodeHost, answer: Answer, place: Place) -> tuple[tuple[Item, ...], tuple[Aside, ...]]:
    """The items in a document, whatever the editor takes, and what in it is none."""
    values = answer.value if isinstance(answer.value, list) else [answer.value]
    items, aside = [], []
    for value in values:
        item = _item(api, value, place) if isinstance(value, dict) else None
        if item:
            items.append(item)
        else:
            aside.append(Aside(answer.reply.url, "this is no release, change or issue", json.dumps(value).encode()))
    return tuple(items), tuple(aside)


def _item(api: CodeHost, value: Mapping[str, Any], place: Place) -> Item | None:
    record = Record(value)
    project = api.project_in(_path(record)) or "unknown"
    if "tag_name" in value:
        release = api.read_release(record, project)
        return release_item(release, place) if release else None
    ticket = api.read_ticket(record, project) if "title" in value else None
    if ticket is None or ticket.is_secret:
        return None
    return change_item(ticket, place) if ticket.is_change else ticket_item(ticket, place)
