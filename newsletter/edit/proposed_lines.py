"""A proposed rule in words, and as the lines of feeds.yaml. Pure."""

import json
import re
from collections.abc import Collection, Sequence

_PLAIN = re.compile(r"[^\W\d_][\w .,()'&+-]*", re.ASCII)
"""Texts that YAML reads as they are; ours and no more."""
_LONGEST_NAME = 60


def sentence(field: str, values: Sequence[str], into: str, agreeing: int, total: int) -> str:
    """4 of 4 items from Summit videos went to Events."""
    did = f"went to {into}" if into else ("was dropped" if agreeing == 1 else "were dropped")
    return f"{agreeing} of {total} {'item' if total == 1 else 'items'} {_which(field, values)} {did}."


def _which(field: str, values: Sequence[str]) -> str:
    words = {
        "source": "from {0}",
        "project": "of the project {0}",
        "author": "by {0}",
        "title": "with “{0}” in the title",
        "source and title": "from {0} with “{1}” in the title",
    }
    return words[field].format(*values)


def rule_name(field: str, values: Sequence[str], into: str, taken: Collection[str]) -> str:
    """A name for the rule that no other has: "From Summit videos to Events". Without curly quotes, as files have it."""
    which = _which(field, values).replace("“", "").replace("”", "")
    name = f"{which[:1].upper()}{which[1:]} to {into}" if into else f"Nothing {which}"
    name = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"
    known = {each.casefold() for each in taken}
    found, number = name, 2
    while found.casefold() in known:
        found, number = f"{name} ({number})", number + 1
    return found


def rule_lines(name: str, field: str, values: Sequence[str], section: str | None) -> tuple[str, ...]:
    """The lines of feeds.yaml, the first one with its dash."""
    keys = field.split(" and ")
    matching = (f"    {key}: {scalar(value)}" for key, value in zip(keys, values, strict=True))
    does = f"  section: {scalar(section)}" if section else "  drop: yes"
    return (f"- name: {scalar(name)}", "  match:", *matching, does)


def scalar(text: str) -> str:
    """``text`` as YAML reads it back: in quotes where it has to be."""
    is_plain = bool(_PLAIN.fullmatch(text)) and text == text.strip() and not text.endswith(".")
    return text if is_plain else json.dumps(text, ensure_ascii=False)
