"""Every address of the API in one table: its routes and its OpenAPI document are made of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.routing import Route

from newsletter.model.token import Scope
from newsletter.web import api, api_posts
from newsletter.web.api_gate import Answering, for_programs
from newsletter.web.api_query import (
    ISSUE_CURSOR,
    ITEM_CURSOR,
    KIND,
    SECTION,
    SINCE,
    SOURCE,
    UNTIL,
    WORDS,
    Parameter,
    limit,
)


@dataclass(frozen=True, slots=True)
class Place:
    """An address and what it answers; ``gives`` and ``takes`` name shapes of api_shapes.py."""

    path: str
    name: str
    said: str
    answering: Answering
    gives: str
    method: str = "GET"
    takes: str = ""
    parameters: Sequence[Parameter] = ()
    scope: Scope | None = None
    refusals: Sequence[int] = ()
    """What it may answer beside what all addresses may."""
    is_list: bool = False


PLACES = (
    Place(
        "/api/issues",
        "listIssues",
        "The issues, the newest first. Drafts need a token that reads.",
        api.issues,
        "IssueList",
        parameters=(limit(api.ISSUES, api.MOST_ISSUES), ISSUE_CURSOR),
    ),
    Place(
        "/api/issues/latest",
        "latestIssue",
        "The newest issue whole.",
        api.issue,
        "Issue",
        refusals=(404,),
    ),
    Place(
        "/api/issues/{number}",
        "issue",
        "One issue whole, as issue.json has it.",
        api.issue,
        "Issue",
        refusals=(404,),
    ),
    Place(
        "/api/items",
        "listItems",
        "Items, the newest first; without a token those of the last two weeks. A page may hold fewer than `limit` "
        "though more follow: go on while there is a `next`.",
        api.items,
        "ItemList",
        parameters=(
            limit(api.ITEMS, api.MOST_ITEMS),
            ITEM_CURSOR,
            SOURCE,
            KIND,
            SECTION,
            SINCE,
            UNTIL,
            WORDS,
        ),
        refusals=(429,),
    ),
    Place("/api/items/{id}", "item", "One item.", api.item, "Item", refusals=(404,)),
    Place(
        "/api/sources",
        "listSources",
        "Every source and its health. The words of errors need a token that reads.",
        api.sources,
        "SourceHealth",
        is_list=True,
    ),
    Place(
        "/api/tips",
        "sendTip",
        "Sends a tip to the editors; nobody else sees it until one of them takes it.",
        api_posts.send_tip,
        "Tip",
        method="POST",
        takes="TipPost",
        scope="tip",
    ),
    Place(
        "/api/tips/{id}",
        "tip",
        "What became of a tip of the last four weeks.",
        api_posts.tip,
        "Tip",
        scope="tip",
        refusals=(404,),
    ),
    Place(
        "/api/hot-items",
        "sendHotItem",
        "Puts a late item into the draft under review, as one that nobody decided about yet.",
        api_posts.send_hot,
        "HotItem",
        method="POST",
        takes="HotPost",
        scope="hot",
        refusals=(409,),
    ),
)
PATTERNS = {"number": "^[1-9][0-9]{0,8}$", "id": "^[0-9a-f]{20}$"}
"""What stands in braces, by its name."""
_CONVERTORS = {"{number}": "{number:int}", "{id}": "{id:str}"}


def route_path(path: str) -> str:
    """The path as routes have it."""
    for name, convertor in _CONVERTORS.items():
        path = path.replace(name, convertor)
    return path


def routes() -> list[Route]:
    """A route for each place; whoever asks what may be done there is answered as well."""
    return [
        Route(
            route_path(each.path),
            for_programs(each.answering, method=each.method, parameters=each.parameters, scope=each.scope),
            methods=[each.method, "OPTIONS"],
            name=each.name,
        )
        for each in PLACES
    ]
