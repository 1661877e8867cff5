"""The JSON API for bots and sites: what each address answers."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from newsletter.errors import NotFound
from newsletter.model.codec import time_text
from newsletter.pipeline.api_reading import issue_lines, read_issue, read_item, read_items, read_sources
from newsletter.render.records import issue_record, item_record, source_record
from newsletter.store.archive import ArchivedIssue
from newsletter.store.listing import Wanted
from newsletter.text import shorten
from newsletter.web.api_gate import Asked, answer
from newsletter.web.api_query import item_cursor, read_item_cursor
from newsletter.web.sessions import newsletter_of

ISSUES, MOST_ISSUES = 20, 100
ITEMS, MOST_ITEMS = 50, 200
"""How many a page holds usually, and at most."""
_ID = re.compile(r"[0-9a-f]{20}")


def issues(asked: Asked) -> Response:
    """The issues, the newest first."""
    query = asked.query
    before = int(query["cursor"]) if "cursor" in query else None
    app, limit = newsletter_of(asked.request), query.get("limit", ISSUES)
    lines, last = issue_lines(app, is_trusted=asked.asker.reads_all, before=before, limit=limit)
    following = _next(asked, str(last)) if last is not None else None
    return answer(asked, {"issues": [_line(each) for each in lines], "next": following}, next_url=following)


def issue(asked: Asked) -> Response:
    """One issue whole, as issue.json has it."""
    number = asked.request.path_params.get("number")
    found = read_issue(newsletter_of(asked.request), number, is_trusted=asked.asker.reads_all)
    return answer(asked, issue_record(found.issue), changed_at=found.changed_at)


def items(asked: Asked) -> Response:
    """Items, the newest first."""
    query, app = asked.query, newsletter_of(asked.request)
    if "q" in query:
        asked.request.app.state.api_limits.search(asked.request, asked.asker)
    wanted = Wanted(
        kind=query.get("kind", ""),
        section=query.get("section", ""),
        since=query.get("since"),
        until=query.get("until"),
        words=query.get("q", ""),
        before=read_item_cursor(query["cursor"]) if "cursor" in query else None,
    )
    found, last = read_items(
        app,
        wanted,
        source=query.get("source", ""),
        is_trusted=asked.asker.reads_all,
        limit=query.get("limit", ITEMS),
    )
    records = [item_record(each.item, source_name=each.source) for each in found]
    following = _next(asked, item_cursor(*last)) if last is not None else None
    return answer(asked, {"items": records, "next": following}, next_url=following)


def item(asked: Asked) -> Response:
    """One item."""
    app, name = newsletter_of(asked.request), asked.request.path_params["id"]
    if not _ID.fullmatch(name):
        raise NotFound(f"There is no item {shorten(name, 40)}. Ids have 20 digits and letters from a to f.")
    found = read_item(app, name, is_trusted=asked.asker.reads_all)
    return answer(asked, item_record(found.item, source_name=found.source))


def sources(asked: Asked) -> Response:
    """Every source and its health."""
    found = read_sources(newsletter_of(asked.request), is_trusted=asked.asker.reads_all)
    return answer(asked, [source_record(source, state) for source, state in found])


def _line(line: ArchivedIssue) -> Mapping[str, Any]:
    return {
        "number": line.number,
        "title": line.title,
        "state": line.state,
        "publish_on": time_text(line.published_on),
        "entries_count": line.entries_count,
        "corrections_count": line.corrections_count,
        "url": f"/api/issues/{line.number}",
        "page": f"/issues/{line.number}/",
    }


def _next(asked: Asked, cursor: str) -> str:
    """The address of the next page: what was asked, from ``cursor`` on."""
    given = [(name, value) for name, value in asked.request.query_params.multi_items() if name != "cursor"]
    return f"{asked.request.url.path}?{urlencode([*given, ('cursor', cursor)])}"
