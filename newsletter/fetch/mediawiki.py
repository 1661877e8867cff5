"""What a MediaWiki's API answers about recent changes, read into Edits. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urljoin

from selectolax.lexbor import LexborHTMLParser

from newsletter.errors import NotReadable, Throttled
from newsletter.fetch.dates import parse_date
from newsletter.fetch.records import Odd, parted
from newsletter.fetch.rest import Record
from newsletter.fetch.wiki import Edit, PageEdits
from newsletter.model.robots import is_robot_name
from newsletter.text import host_of, one_line, shorten

_SECTION = re.compile(r"/\*\s*(.*?)\s*\*/\s*")
_WAITS = ("maxlag", "ratelimited", "readonly")
_LONGEST = 500_000
_NO_CHANGE = "this is no change of a page"


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Changes, how to ask for those that follow, and rows that are none."""

    edits: tuple[Edit, ...]
    following: Mapping[str, str]
    odd: tuple[Odd, ...] = ()


def read_changes(value: Any, host: str) -> ChangesPage:
    """The changes of an answer to ``list=recentchanges``. Raises NotReadable, Throttled for a wiki that is busy."""
    answer = Record(value if isinstance(value, dict) else {})
    error = answer.record("error")
    if error.line("code") in _WAITS:
        raise Throttled(f"{host}: {error.line('info') or error.line('code')}")
    if error:
        raise NotReadable(f"{host}: {shorten(error.line('info') or error.line('code'), 200)}")
    if not isinstance(answer.record("query").fields.get("recentchanges"), list):
        raise NotReadable(f"{host}: this is not an answer of MediaWiki's API: no recent changes")
    rows = answer.records("query", "recentchanges")
    # Not: uploads, moves, pages put into categories.
    edits, odd = parted((row for row in rows if row.line("type") in ("", "edit", "new")), read_edit, missing=_NO_CHANGE)
    # Before 1.21 the way to go on was told apart for each list.
    following = answer.fields.get("continue") or answer.record("query-continue").fields.get("recentchanges")
    pairs = following.items() if isinstance(following, dict) else ()
    return ChangesPage(tuple(made for _, made in edits), {str(key): str(found) for key, found in pairs}, tuple(odd))


def read_edit(row: Record) -> Edit | None:
    """The change that a row tells, None when it is none."""
    page, at = row.line("title"), parse_date(row.text("timestamp"))
    if not page or at is None:
        return None
    person = row.line("user")
    old, new = row.whole("oldlen"), row.whole("newlen")
    revision, before = row.whole("revid"), row.whole("old_revid")
    stamp = row.text("timestamp")
    return Edit(
        key=row.key("rcid") or f"{stamp} {revision or 0} {shorten(page, 100)}",
        page=shorten(page, 300),
        at=at,
        person=shorten(person, 80),
        comment=_SECTION.sub(lambda found: f"{found[1]}: " if found[1] else "", one_line(row.text("comment"))).strip(),
        size=new - old if old is not None and new is not None else None,
        is_new=row.line("type") == "new" or _is_set(row, "new"),
        is_minor=_is_set(row, "minor"),
        is_robot=_is_set(row, "bot") or is_robot_name(person),
        revision=revision or None,
        before=(before if before is not None else row.whole("oldrevid")) or None,
    )


def _is_set(row: Record, flag: str) -> bool:
    """Older forms of the answer hold the flag as an empty text, newer ones as true or false."""
    return row.fields.get(flag, False) is not False


def page_address(api: str, page: str) -> str:
    """Where a page is read, on the wiki with that ``api``."""
    return f"{_script(api)}?title={quote(page.replace(' ', '_'), safe='/:,()')}"


def diff_address(api: str, edits: PageEdits) -> str:
    """Where one sees all that changed in the span, "" for a new page or when the wiki does not say."""
    if not edits.revision or not edits.before or edits.is_new:
        return ""
    title = quote(edits.page.replace(" ", "_"), safe="/:,()")
    return f"{_script(api)}?title={title}&diff={edits.revision}&oldid={edits.before}"


def _script(api: str) -> str:
    return re.sub(r"api\.php$", "index.php", api)


def find_api(page: bytes, url: str) -> str | None:
    """The address of the API that a ``page`` of a MediaWiki names in its head, on its own host."""
    for link in LexborHTMLParser(page[:_LONGEST]).css("link[href][rel]"):
        if (link.attributes.get("rel") or "").lower() == "edituri":
            try:
                found = urljoin(url, (link.attributes.get("href") or "").partition("?")[0])
            except ValueError:
                continue
            if found.endswith("api.php") and host_of(found) == host_of(url):
                return found
    return None


def newest_of(edits: tuple[Edit, ...]) -> datetime | None:
    """When the last of ``edits`` was made."""
    return max((each.at for each in edits), default=None)
