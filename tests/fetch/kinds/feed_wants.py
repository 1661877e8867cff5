"""What feedparser's own assertions say about an entry, as far as an Item can hold it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from newsletter.fetch.clean import html_to_text, title_text
from newsletter.fetch.dates import parse_date
from newsletter.model.item import Item
from newsletter.text import is_web_url, one_line


@dataclass(frozen=True)
class Want:
    """One comparison of an assertion: the way from ``entries`` to a value, and the value."""

    index: int
    path: tuple[str | int, ...]
    value: Any


def wants(expression: str) -> Iterator[Want]:
    """The parts of ``expression`` that compare something of an entry with a constant."""
    for node in ast.walk(ast.parse(expression.strip(), mode="eval")):
        if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq)):
            continue
        path = _path(node.left)
        try:
            value = ast.literal_eval(node.comparators[0])
        except ValueError:
            continue
        if path and path[0] == "entries" and len(path) > 2 and isinstance(path[1], int):
            yield Want(path[1], path[2:], value)
        elif path == ("len", "entries"):
            yield Want(-1, ("len",), value)


def _path(node: ast.expr) -> tuple[str | int, ...]:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        return (*_path(node.value), node.attr)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return (*_path(node.value), node.slice.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len" and len(node.args) == 1:
        inside = _path(node.args[0])
        return ("len", *inside) if inside == ("entries",) else ()
    return ()


def held(want: Want, item: Item, base: str) -> bool | None:
    """Whether ``item`` holds what is wanted; None when an Item has no place for it."""
    names = tuple(part for part in want.path if isinstance(part, str))
    check = CHECKS.get(names)
    return None if check is None else check(item, want.value, base)


def _letters(text: str) -> str:
    return "".join(text.split())


def _title(item: Item, value: str, base: str) -> bool:
    if not value:
        return item.title == "" or item.title in item.text or item.title == item.url
    return _letters(item.title) in (_letters(one_line(value)), _letters(title_text(value)))


def _text(item: Item, value: str, base: str) -> bool:
    letters = _letters(item.text)
    return _letters(html_to_text(value)) in letters or _letters(value) in letters


def _link(item: Item, value: str, base: str) -> bool:
    url = urljoin(base, value)
    return item.url == (url if value and is_web_url(url) else None)


def _enclosure(item: Item, value: str, base: str) -> bool:
    return urljoin(base, value) in (*item.links, item.url)


def _key(item: Item, value: str, base: str) -> bool:
    return item.native_keys[0].partition("#hash")[0] in (value, value.removeprefix(base))


def _name(item: Item, value: str, base: str) -> bool:
    return item.author is not None and (item.author.name == one_line(value) or item.author.key == value.lower())


def _email(item: Item, value: str, base: str) -> bool:
    return item.author is not None and item.author.key == value.lower()


def _author(item: Item, value: str, base: str) -> bool:
    if item.author is None:
        return False
    return value in (item.author.name, item.author.key, f"{item.author.name} ({item.author.key})")


def _date(item: Item, value: Any, base: str) -> bool:
    at = parse_date(value) if isinstance(value, str) else datetime(*value[:6], tzinfo=UTC)
    return at is not None and at in (item.published_at, item.updated_at)


def _label(item: Item, value: str, base: str) -> bool:
    return one_line(value) in item.labels


def _language(item: Item, value: str | None, base: str) -> bool:
    return item.language == (value.partition("-")[0].lower() if value else None)


DATES = ("published", "updated", "date", "modified", "issued")
CHECKS = {
    ("id",): _key,
    ("guid",): _key,
    ("title",): _title,
    ("title_detail", "value"): _title,
    ("link",): _link,
    ("enclosures", "href"): _enclosure,
    ("enclosures", "url"): _enclosure,
    ("author",): _author,
    ("author_detail", "name"): _name,
    ("author_detail", "email"): _email,
    ("authors", "name"): _name,
    ("authors", "email"): _email,
    **{(name,): _text for name in ("summary", "description")},
    **{(name, "value"): _text for name in ("summary_detail", "description_detail", "content")},
    **{
        (f"{name}{end}",): _date
        for name in ("published", "updated", "date", "modified", "issued")
        for end in ("", "_parsed")
    },
    ("tags", "term"): _label,
    ("category",): _label,
    ("content", "language"): _language,
    ("summary_detail", "language"): _language,
}
