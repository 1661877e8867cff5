"""What the sample community's review server shows to people: what a search finds, and the page of one change."""

import re
from html import escape
from urllib.parse import unquote, unquote_plus

from newsletter.demo.changes import ReviewedChange, all_changes
from newsletter.demo.clock import DEMO_NOW
from newsletter.demo.gerrit import BadQuery, search
from newsletter.demo.pages import HTML, Page

_CHANGE = re.compile(r"/c/(?:[^+]+/\+/)?(\d+)/?")


def shown_page(path: str) -> Page | None:
    """The page at ``path``, as it stands in the address: /q/SEARCH or /c/PROJECT/+/NUMBER; None when there is none."""
    if path.startswith("/q/"):
        return _found(unquote_plus(path.removeprefix("/q/")))
    if number := _CHANGE.fullmatch(unquote(path)):
        return next((_page(_whole(each)) for each in all_changes() if each.number == int(number[1])), None)
    return None


def _found(query: str) -> Page:
    try:
        changes = search(query)
    except BadQuery as fault:
        return Page(f"{fault}\n".encode(), "text/plain; charset=UTF-8", DEMO_NOW, status=400)
    rows = "".join(map(_row, changes))
    return _page(
        f"<h1>{escape(query)}</h1>\n<p>{len(changes)} changes</p>\n"
        f"<table>\n<tr><th>Subject</th><th>Owner</th><th>Project</th><th>Updated</th></tr>\n{rows}</table>"
    )


def _row(change: ReviewedChange) -> str:
    return (
        f'<tr class="change"><td><a href="{_link(change)}">{escape(change.subject)}</a></td>'
        f"<td>{escape(change.owner.name)}</td><td>{change.project}</td>"
        f"<td>{change.updated_at:%Y-%m-%d %H:%M}</td></tr>\n"
    )


def _link(change: ReviewedChange) -> str:
    return f"/c/{change.project}/+/{change.number}"


def _whole(change: ReviewedChange) -> str:
    files = "".join(f'<li class="file">{escape(path)}</li>\n' for path in change.files)
    return (
        f"<h1>{escape(change.subject)}</h1>\n"
        f"<p>{change.project} {change.number}, {change.status.lower()}, by {escape(change.owner.name)}, "
        f'created <time datetime="{change.created_at:%Y-%m-%dT%H:%MZ}">{change.created_at:%Y-%m-%d}</time></p>\n'
        f"<p><ins>+{change.lines_added}</ins> <del>-{change.lines_removed}</del></p>\n<ul>\n{files}</ul>"
    )


def _page(body: str) -> Page:
    text = f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Reviews</title>\n{body}\n</html>\n'
    return Page(text.encode(), HTML, DEMO_NOW, is_living=True)
