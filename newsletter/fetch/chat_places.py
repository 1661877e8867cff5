"""Where logs of chats stand: dates in names and addresses, patterns with a date, pages that list logs."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from newsletter.text import host_of, is_web_url

_TOKEN = re.compile(r"%(?P<letter>[YymdBbjHAa])(?![0-9A-Fa-f](?<=[a-dA-D][0-9A-Fa-f]))")
_NEEDED = re.compile(r"%[Yy]")
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_./]?(0[1-9]|1[0-2])[-_./]?(0[1-9]|[12]\d|3[01])(?!\d)")
_DAY_FIRST = re.compile(r"(?<!\d)(0[1-9]|[12]\d|3[01])[-_.]?(0[1-9]|1[0-2])[-_.]?((?:19|20)\d\d)(?!\d)")
_EDITED = re.compile(r"\(last edited [^)]*\)", re.IGNORECASE)
_ENDING = re.compile(r"(?:\.log)?\.(?:txt|html?|log)$|\.log$", re.IGNORECASE)
_LOG = re.compile(r"(?:\.log(?:\.txt|\.html?)?|\.txt)$", re.IGNORECASE)
_MINUTES = re.compile(r"(?:19|20)\d\d-?\d\d-?\d\d[^/]*\.html?$", re.IGNORECASE)
_YEAR_OR_MONTH = re.compile(r"^(?:19|20)\d\d(?:-\d\d)?/?$|^(?:0[1-9]|1[0-2])/?$|^(?:0[1-9]|[12]\d|3[01])/?$")
_RANKS = (".log.txt", ".log", ".txt", ".log.html", ".html", ".htm")
_MOST_LINKS = 20_000


@dataclass(frozen=True, slots=True)
class LogPlace:
    """A log that is listed: its address, the name it has in all its forms, and its day if the name tells it."""

    url: str
    key: str
    day: date | None


def day_in(name: str) -> date | None:
    """The day in a file's name, an address, or the foot of a page ("…/23032011/…")."""
    plain = _EDITED.sub("", unquote(name))
    for pattern, order in ((_ISO, (1, 2, 3)), (_DAY_FIRST, (3, 2, 1))):
        for found in reversed(list(pattern.finditer(plain))):
            try:
                return date(*(int(found[at]) for at in order))
            except ValueError:
                continue
    return None


def name_of(address: str) -> str:
    """The name of a log without what says in which form it stands: the same for text, page and minutes."""
    return _ENDING.sub("", address.partition("?")[0].partition("#")[0])


def is_pattern(url: str) -> bool:
    """Whether an address holds a date to be filled in ("%Y-%m-%d")."""
    return _NEEDED.search(url) is not None


def filled(pattern: str, day: date) -> str:
    """The address for ``day``; what only looks like a date ("%23" for "#") stays."""
    return _TOKEN.sub(lambda found: day.strftime(f"%{found['letter']}"), pattern)


def pattern_days(pattern: str, start: date, end: date) -> Iterator[tuple[str, date, date]]:
    """The addresses for the days from ``start`` to ``end``, each with its first and last day, in their order."""
    day, url, first = start, filled(pattern, start), start
    while day < end:
        day += timedelta(days=1)
        following = filled(pattern, day)
        if following != url:
            yield url, first, day - timedelta(days=1)
            url, first = following, day
    yield url, first, _last_day(pattern, url, day)


def _last_day(pattern: str, url: str, day: date) -> date:
    """The last day that has the same address: a log of a month grows until the month is over."""
    for _ in range(366):
        following = day + timedelta(days=1)
        if filled(pattern, following) != url:
            break
        day = following
    return day


def list_logs(body: bytes, base: str) -> tuple[list[LogPlace], list[str]]:
    """The logs that a page lists, the best form of each, by day; and the pages for years and months below it."""
    logs: dict[str, tuple[int, LogPlace]] = {}
    folders: dict[str, None] = {}
    for url in _links(body, base):
        path = unquote(urlsplit(url).path)
        last = path.rstrip("/").rpartition("/")[2]
        if path.endswith("/") or "." not in last:
            if _YEAR_OR_MONTH.match(last) and path.startswith(_folder(base)) and path.rstrip("/") != _folder(base)[:-1]:
                folders.setdefault(url if url.endswith("/") else f"{url}/")
        elif _LOG.search(last) or _MINUTES.search(last):
            place = LogPlace(url, name_of(url), day_in(path))
            rank = next((at for at, ending in enumerate(_RANKS) if last.casefold().endswith(ending)), len(_RANKS))
            if place.key not in logs or rank < logs[place.key][0]:
                logs[place.key] = (rank, place)
    found = [place for _, place in logs.values()]
    return sorted(found, key=lambda place: (place.day or date.min, place.key)), sorted(folders)


def _links(body: bytes, base: str) -> Iterable[str]:
    host = host_of(base)
    for number, node in enumerate(LexborHTMLParser(body).css("a[href]")):
        if number >= _MOST_LINKS:
            return
        try:
            url = urljoin(base, node.attributes.get("href") or "").partition("#")[0].partition("?")[0]
        except ValueError:
            continue
        if is_web_url(url) and host_of(url) == host:
            yield url


def _folder(base: str) -> str:
    return unquote(urlsplit(base).path).rpartition("/")[0] + "/"
