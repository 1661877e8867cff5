"""Values as they are written into feeds.yaml: plain where they can be, in quotes where they would be misread."""

import re
from collections.abc import Mapping, Sequence

from newsletter.config.scalars import CURLY, quoted
from newsletter.errors import SpliceFault

Value = str | Sequence[str] | Mapping[str, "Value"]
"""A text, a list of texts, or a block of keys with such values."""
LONGEST_LINE = 100
_FIRST = "-?:,[]{}#&*!|>'\"%@`=~<" + CURLY
_NEEDS_QUOTES = re.compile(r":(?=\s|$)|\s#|^(?:-{3}|\.{3})")
_FLOW_SIGNS = re.compile(r"[,\[\]{}:]")
_CURLY = re.compile(f"[{CURLY}]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def scalar(value: str, *, in_brackets: bool = False) -> str:
    """``value`` as it stands after a colon or a dash; ``in_brackets`` for a list between [ and ].

    Raises SpliceFault for what cannot stand on one line.
    """
    if _CONTROL.search(value):
        raise SpliceFault("A value of feeds.yaml is one line of text, without signs that cannot be seen.")
    return quoted(value) if _is_misread(value, in_brackets=in_brackets) else value


def _is_misread(value: str, *, in_brackets: bool) -> bool:
    if not value or value != value.strip() or _NEEDS_QUOTES.search(value):
        return True
    first = value[0]
    # "-5" is a number and "-x" a word; "- x" would be a list.
    if first in _FIRST and not (first == "-" and value[1:2].isalnum()):
        return True
    return value[-1] in CURLY or bool(in_brackets and _FLOW_SIGNS.search(value))


def in_brackets(value: Value) -> str:
    """``value`` as it stands inside brackets, on one line."""
    if isinstance(value, str):
        return scalar(value, in_brackets=True)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {in_brackets(each)}" for key, each in value.items()) + "}"
    return "[" + ", ".join(in_brackets(each) for each in value) + "]"


def entry_lines(entry: Mapping[str, Value]) -> tuple[str, ...]:
    """The lines of a list item with these keys, as :func:`~newsletter.config.splice.add_source` takes them.

    ``{"name": "Planet", "url": "https://…"}`` is "- name: Planet" and "  url: https://…".
    """
    lines = block_lines(entry)
    return tuple(("- " if at == 0 else "  ") + line for at, line in enumerate(lines))


def block_lines(entry: Mapping[str, Value], step: int = 2) -> list[str]:
    """The lines of a block with these keys, each block in it ``step`` spaces further in."""
    lines: list[str] = []
    for key, value in entry.items():
        head = f"{_key(key)}:"
        if isinstance(value, str):
            lines.append(f"{head} {scalar(value)}")
        elif isinstance(value, Mapping):
            lines += [head, *(" " * step + line for line in block_lines(value, step))]
        else:
            lines += _list_lines(head, value, step)
    return lines


def _list_lines(head: str, values: Sequence[str], step: int) -> list[str]:
    line = f"{head} {in_brackets(values)}"
    # What is quoted in brackets and holds a curly quote and a comma looks like a slip to whoever reads the file.
    is_odd = any("," in value and _CURLY.search(value) for value in values)
    if not values or (len(line) <= LONGEST_LINE and not is_odd):
        return [line]
    return [head, *(f"{' ' * step}- {scalar(value)}" for value in values)]


def _key(key: str) -> str:
    if not re.fullmatch(r"[^\W_][\w -]*", key):
        raise SpliceFault(f"“{key}” cannot be the name of a setting.")
    return key
